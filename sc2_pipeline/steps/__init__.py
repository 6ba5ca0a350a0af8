"""The steps of the pipeline: data in, outcomes out. Steps never import one another."""
