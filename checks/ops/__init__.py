"""Checks of the ops room."""
