"""Seed deliveries: a test message to mailboxes of the user's own, where it lands, and what the receiver says of it."""
