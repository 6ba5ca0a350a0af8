"""The SQL of the warehouse as data: models, tests, order, versions and lineage. Nothing here runs SQL."""

from sc2_pipeline.sql_models.inputs import input_tables, input_versions
from sc2_pipeline.sql_models.lineage import ColumnLineage, column_lineage
from sc2_pipeline.sql_models.macros import MACROS, Macro
from sc2_pipeline.sql_models.model import LAYERS, REPLAY_ID, ColumnTest, Model, ModelColumn, SingularTest
from sc2_pipeline.sql_models.read import batch_models, read_models, read_tests, sql_folder

__all__ = [
    "LAYERS",
    "MACROS",
    "REPLAY_ID",
    "ColumnLineage",
    "ColumnTest",
    "Macro",
    "Model",
    "ModelColumn",
    "SingularTest",
    "batch_models",
    "column_lineage",
    "input_tables",
    "input_versions",
    "read_models",
    "read_tests",
    "sql_folder",
]
