"""Signals sent to the real program at moments of its work: what it says, what it leaves, and what the next run makes of it."""
