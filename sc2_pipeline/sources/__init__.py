"""Sources of extraction, which read one replay at a time; the interface is in :mod:`sc2_pipeline.sources.base`."""
