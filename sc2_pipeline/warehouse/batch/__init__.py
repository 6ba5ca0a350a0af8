"""A batch: replays loaded together in one transaction. Its contents are gathered, staged and built, and merged."""
