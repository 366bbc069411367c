"""`python -m launchready_tui` is the `launchready` command."""

import sys

from launchready_tui.cli import main

sys.exit(main())
