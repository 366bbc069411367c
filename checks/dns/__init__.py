"""Checks of the dns room."""
