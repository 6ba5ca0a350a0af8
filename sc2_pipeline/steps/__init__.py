"""The steps of the pipeline: data in, outcomes out. They never import one another."""
