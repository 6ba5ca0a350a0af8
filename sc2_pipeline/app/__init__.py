"""A web app over a home's published warehouse: pages, and the HTTP API that they use. Nothing here writes to a home's data."""
