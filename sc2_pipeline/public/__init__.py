"""What ``import sc2_pipeline`` gives to other people's programs: one replay, or a home of many, as tables."""
