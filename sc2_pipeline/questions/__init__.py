"""The questions that people ask of a warehouse: each one a select, with its parameters, columns and traps in words."""

from sc2_pipeline.questions.answer import bound_values, statement_of, why_empty
from sc2_pipeline.questions.question import ANSWERED_FROM, GROUPS, Parameter, Question
from sc2_pipeline.questions.read import find_question, read_questions

__all__ = [
    "ANSWERED_FROM",
    "GROUPS",
    "Parameter",
    "Question",
    "bound_values",
    "find_question",
    "read_questions",
    "statement_of",
    "why_empty",
]
