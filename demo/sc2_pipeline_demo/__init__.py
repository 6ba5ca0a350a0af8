"""Made-up replays and a stand-in for the game: what shows and tests sc2_pipeline without real replays or the game."""
