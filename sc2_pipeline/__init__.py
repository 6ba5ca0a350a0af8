"""StarCraft II replays into a DuckDB warehouse that people trust."""

__version__ = "0.1.0"
