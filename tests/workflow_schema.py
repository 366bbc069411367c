"""Whether a text is a GitHub Actions workflow: by the published schema, as check-jsonschema brings it along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def problems_of_workflow(file: Path) -> str:
    """What is wrong with a workflow file; empty where nothing is."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr
