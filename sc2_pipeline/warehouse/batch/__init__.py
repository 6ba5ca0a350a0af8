"""A batch: replays loaded together in one transaction. Its contents are collected, staged, built and merged."""
