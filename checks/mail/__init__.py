"""Checks of the mail room."""
