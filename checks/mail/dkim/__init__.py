"""DKIM: the keys that a domain publishes, and the signatures that a message carries."""
