"""The session file: its model, its store."""
