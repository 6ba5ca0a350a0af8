"""Decodes the bytes of a replay file into events and facts; knows nothing of our tables."""

DECODER_VERSION = 3
"""Increased by hand when the same bytes decode to other facts or events; replays are then extracted again."""
