"""Questions and SQL, their answers, and the tables that they are about."""

from typing import Any

from pydantic import Field

from sc2_pipeline.app.shapes.base import Shape


class Option(Shape):
    """An option of a question."""

    name: str
    type: str
    default: str | int | float | None
    description: str


class Column(Shape):
    """A column and what it means."""

    name: str
    description: str


class Question(Shape):
    """A ready-made question."""

    name: str
    group: str
    question: str
    answered_from: str
    options: list[Option] = Field(description="Its own; those of every question are shared.")
    columns: list[Column]
    traps: list[str]


class Questions(Shape):
    """All questions, and the options that each of them has."""

    shared: list[Option]
    questions: list[Question]


class Table(Shape):
    """Rows as lists, in the order of ``columns``."""

    columns: list[str]
    rows: list[list[Any]]
    is_cut: bool = Field(description="There are more rows than these.")


class Answer(Table):
    """The answer to a question."""

    question: str
    asked: str = Field(description="Which games it is about, and how many were left out and why.")
    sql: str


class Relation(Shape):
    """A table or view of the warehouse."""

    relation: str
    description: str
    columns: list[dict[str, str]] = Field(description="Of each: name, type and description.")


class Relations(Shape):
    """The data dictionary."""

    relations: list[Relation]
