"""Production errors: whether a tracker takes them, and what a log tells and should not tell."""
