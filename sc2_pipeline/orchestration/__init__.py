"""Dagster assets, checks, jobs, sensors and schedules over :mod:`sc2_pipeline.pipeline`. No other package imports
Dagster."""
