"""The sprint: its plan, the session file, the vault, the watch, the handover, the lab, the command line, the app."""

__version__ = "0.1.0"
