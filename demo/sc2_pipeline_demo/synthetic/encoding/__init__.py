"""How a replay is put into bytes: the archive, the two encodings of values, and streams of events."""
