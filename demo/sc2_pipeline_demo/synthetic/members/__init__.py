"""Writers of the replay members that describe the lobby, one or a few members per module."""
