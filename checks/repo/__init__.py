"""Checks of the repo room."""
