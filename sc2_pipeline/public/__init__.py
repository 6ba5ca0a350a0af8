"""The Python API behind ``import sc2_pipeline``: read one replay, or query a home of many."""
