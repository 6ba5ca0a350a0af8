"""The SQL models and tests as this process read them, once: assets, checks and their results must speak of the same."""

from sc2_pipeline.sql_models import read_models, read_tests

MODELS = read_models()
TESTS = read_tests()
