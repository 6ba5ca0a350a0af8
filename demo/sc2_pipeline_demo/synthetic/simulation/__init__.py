"""Plausible games, played out: players who grow and fight, and the events that tell of it."""
