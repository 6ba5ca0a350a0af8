"""Dagster: names and wiring over :mod:`sc2_pipeline.pipeline`; the only room that imports it."""
