"""The warehouse's SQL as data: models, tests, build order, versions and lineage. Does not run SQL."""

from sc2_pipeline.sql_models.audit_checks import audit_markdown, chosen_audit_checks, read_audit_checks
from sc2_pipeline.sql_models.column_texts import ColumnTexts, column_texts
from sc2_pipeline.sql_models.inputs import input_tables, input_versions
from sc2_pipeline.sql_models.lineage import ColumnLineage, column_lineage
from sc2_pipeline.sql_models.macros import MACROS, Macro
from sc2_pipeline.sql_models.model import (
    LAYERS,
    REPLAY_ID,
    AuditCheck,
    ColumnTest,
    ColumnText,
    Model,
    ModelColumn,
    SingularTest,
)
from sc2_pipeline.sql_models.read import batch_models, read_models, read_tests, sql_folder

__all__ = [
    "LAYERS",
    "MACROS",
    "REPLAY_ID",
    "AuditCheck",
    "ColumnLineage",
    "ColumnTest",
    "ColumnText",
    "ColumnTexts",
    "Macro",
    "Model",
    "ModelColumn",
    "SingularTest",
    "audit_markdown",
    "batch_models",
    "chosen_audit_checks",
    "column_lineage",
    "column_texts",
    "input_tables",
    "input_versions",
    "read_audit_checks",
    "read_models",
    "read_tests",
    "sql_folder",
]
