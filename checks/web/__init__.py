"""Checks of the web room."""
