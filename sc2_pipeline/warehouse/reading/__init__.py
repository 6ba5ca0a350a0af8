"""Read-only access to a warehouse."""
