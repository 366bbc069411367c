"""The sprint: its plan, the session file, the vault, the watch, the handover, the lab, the command line, the app."""

from checks.version import VERSION as __version__

__all__ = ["__version__"]
