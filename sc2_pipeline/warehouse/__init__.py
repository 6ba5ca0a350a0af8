"""Everything that touches a DuckDB warehouse; it knows no manifest and no run, and whoever has one passes plain values.

``connect`` opens the writer's file. ``batch`` stages, builds, tests and merges replays; ``remove`` takes them out. ``rebuild``
brings models to a release, ``mirror`` the manifest's rows up to date. ``publish`` makes the file that ``reading`` is about.
"""
