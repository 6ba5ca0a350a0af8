"""The command line: parses arguments, calls the pipeline, prints results. Contains no computation."""
