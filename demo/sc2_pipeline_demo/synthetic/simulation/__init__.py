"""Simulation of plausible games: players who expand and fight, and the resulting events."""
