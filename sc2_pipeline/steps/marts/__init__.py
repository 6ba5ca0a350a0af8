"""The SQL of ``dbt_like_sql`` runs in a warehouse: models are built, rebuilt when their code changed, and tested."""

from sc2_pipeline.sql_models import batch_models, column_lineage, read_models, read_tests, sql_folder
from sc2_pipeline.steps.marts.build import build_models, rebuild, stale_models
from sc2_pipeline.steps.marts.data_tests import TestOutcome, run_tests

__all__ = [
    "TestOutcome",
    "batch_models",
    "build_models",
    "column_lineage",
    "read_models",
    "read_tests",
    "rebuild",
    "run_tests",
    "sql_folder",
    "stale_models",
]
