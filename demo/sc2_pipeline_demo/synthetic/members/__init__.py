"""The members of a replay that tell of the lobby: one module writes one or a few of them."""
