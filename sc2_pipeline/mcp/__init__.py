"""A Model Context Protocol server over the published warehouse: what assistants may ask, in answers that are small."""
