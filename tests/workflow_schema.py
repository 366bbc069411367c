"""Whether a CI configuration is what the service accepts: judged by the service's own schema, off the network."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path


def check_github_workflow(text: str) -> None:
    """Raise AssertionError where a GitHub Actions workflow does not fit its schema."""
    _check(text, "--builtin-schema", "vendor.github-workflows")


def check_gitlab_ci(text: str) -> None:
    """Raise AssertionError where a `.gitlab-ci.yml` does not fit GitLab's schema."""
    _check(text, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")


def _check(text: str, *schema: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.yml"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "check_jsonschema", *schema, str(path)], capture_output=True, text=True
        )
    if done.returncode:
        raise AssertionError(f"{done.stdout}{done.stderr}".strip())
