"""Replay bytes in, events and facts out. Knows no tables."""

DECODER_VERSION = 1
"""Raised by hand when the same bytes give other facts or events; replays are then extracted again."""
