"""The command line: parse, call, print. What is computed is computed below."""
