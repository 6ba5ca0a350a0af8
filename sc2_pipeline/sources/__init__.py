"""Readers of one replay at a time, behind one promise: see :mod:`sc2_pipeline.sources.base`."""
