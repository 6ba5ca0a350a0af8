"""Synthetic replays and a stand-in for the game, to demonstrate and test sc2_pipeline without real replays or the
game."""
