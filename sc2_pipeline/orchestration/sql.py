"""The SQL models and tests, read once per process, so that assets, checks and check results use the same ones."""

from sc2_pipeline.sql_models import read_models, read_tests

MODELS = read_models()
TESTS = read_tests()
