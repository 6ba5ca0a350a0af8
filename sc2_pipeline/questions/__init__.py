"""Ready-made questions: each is a select, with a description of its parameters, columns and traps."""

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
