"""Data types of SQL models: a select that defines a relation, with its documentation and tests."""

from dataclasses import dataclass
from typing import Literal

from sc2_pipeline.sql_models.macros import Macro

Materialized = Literal["view", "table", "incremental"]
Severity = Literal["error", "warn"]
TestKind = Literal["not_null", "unique", "accepted_values", "relationships", "range"]

MATERIALIZED: tuple[Materialized, ...] = ("view", "table", "incremental")
SEVERITIES: tuple[Severity, ...] = ("error", "warn")
LAYERS = ("staging", "intermediate", "marts")
"""Folders of models, each a schema, in the order of data flow."""

REPLAY_ID = "replay_id"
"""Key column for replacing rows of incremental models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnTest:
    """A test on columns of one relation.

    ``values`` belong to accepted_values; ``to`` and ``to_columns`` to relationships; the bounds to range.
    """

    kind: TestKind
    columns: tuple[str, ...]
    severity: Severity = "error"
    values: tuple[str | int | float | bool, ...] = ()
    to: str | None = None
    to_columns: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def name(self) -> str:
        """Test name of letters, digits and underscores: ``unique_replay_id_unit_tag``."""
        return "_".join((self.kind, *self.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelColumn:
    """One column of a model as written in its yml; omitted values are None."""

    name: str
    description: str | None = None
    unit: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnText:
    """Description, unit and origin of one column."""

    description: str
    unit: str | None
    origin: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One select with its documentation.

    ``depends_on`` names the relations it reads, ``calls`` the macros it calls. ``version`` is a sha256 that changes
    with its text, its materialization and the versions of what it reads or calls; ``words_version`` changes with its
    yml and the texts of what it reads. ``path`` is the file, relative to the SQL folder.
    """

    schema: str
    name: str
    sql: str
    path: str
    materialized: Materialized
    description: str
    grain: str
    columns: tuple[ModelColumn, ...]
    tests: tuple[ColumnTest, ...]
    depends_on: tuple[str, ...]
    calls: tuple[Macro, ...]
    version: str
    words_version: str

    @property
    def relation(self) -> str:
        """Schema and name, as in SQL."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SingularTest:
    """A select of rows that violate a rule; its column ``replay_id``, if any, identifies the replay at fault."""

    name: str
    sql: str
    path: str
    severity: Severity
    description: str
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """A select over the whole warehouse with a row for each thing it looks at.

    Its columns: ``replay_id`` (an example of the thing), ``finding`` (what is odd about it, NULL where nothing is) and
    ``is_explained`` (the finding is an understood fact of the data, which the section ``explained_in`` of the
    documentation describes; else it is a defect).
    """

    name: str
    sql: str
    path: str
    looks_at: str
    holds: str
    why: str
    reading: str
    explained_in: str
    depends_on: tuple[str, ...]
