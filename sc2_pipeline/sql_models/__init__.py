"""The warehouse's SQL as data: models, tests, build order, versions and lineage. Does not run SQL."""

from sc2_pipeline.sql_models.column_texts import ColumnTexts, column_texts
from sc2_pipeline.sql_models.inputs import input_tables, input_versions
from sc2_pipeline.sql_models.lineage import ColumnLineage, column_lineage
from sc2_pipeline.sql_models.macros import MACROS, Macro
from sc2_pipeline.sql_models.model import LAYERS, REPLAY_ID, ColumnTest, ColumnText, Model, ModelColumn, SingularTest
from sc2_pipeline.sql_models.read import batch_models, read_models, read_tests, sql_folder

__all__ = [
    "LAYERS",
    "MACROS",
    "REPLAY_ID",
    "ColumnLineage",
    "ColumnTest",
    "ColumnText",
    "ColumnTexts",
    "Macro",
    "Model",
    "ModelColumn",
    "SingularTest",
    "batch_models",
    "column_lineage",
    "column_texts",
    "input_tables",
    "input_versions",
    "read_models",
    "read_tests",
    "sql_folder",
]
