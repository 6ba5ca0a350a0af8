"""Replay bytes in, events and facts out. Knows no tables."""
