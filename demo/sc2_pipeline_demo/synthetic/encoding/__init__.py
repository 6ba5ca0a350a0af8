"""Encoding of replays: the archive, the two value encodings, and event streams."""
