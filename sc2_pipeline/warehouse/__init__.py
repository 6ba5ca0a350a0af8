"""All access to a DuckDB warehouse. Knows neither manifest nor runs: callers pass plain values.

``connect`` opens the writer's file. ``batch`` stages, builds, tests and merges replays; ``remove`` removes them.
``rebuild`` updates models to a release, ``mirror`` the copies of manifest rows. ``publish`` makes the file that
``reading`` reads.
"""
