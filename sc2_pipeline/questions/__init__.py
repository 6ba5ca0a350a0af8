"""Ready-made questions for a warehouse: each is a select with documented parameters, columns and traps."""

from sc2_pipeline.questions.answer import asked_of, bound_values, statement_of, why_empty
from sc2_pipeline.questions.question import ANSWERED_FROM, GROUPS, Parameter, Question
from sc2_pipeline.questions.read import find_question, read_questions

__all__ = [
    "ANSWERED_FROM",
    "GROUPS",
    "Parameter",
    "Question",
    "asked_of",
    "bound_values",
    "find_question",
    "read_questions",
    "statement_of",
    "why_empty",
]
