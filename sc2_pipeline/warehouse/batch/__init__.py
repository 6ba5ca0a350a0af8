"""A batch: replays loaded together in one transaction, staged and built beside the warehouse, then merged into it."""
