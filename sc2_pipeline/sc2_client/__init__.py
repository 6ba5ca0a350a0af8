"""StarCraft II as a child process: found, launched, asked, read, and never left behind."""
