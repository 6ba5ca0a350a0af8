"""Questions that come ready-made."""
