"""StarCraft II as a child process: finding, launching, querying and reliably ending it."""
