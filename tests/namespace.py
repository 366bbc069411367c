"""Run one of the tests' programs in a namespace of its own: its network, with every real port, or its disks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.programs import need


def told_in_namespace(module: str, argument: Path | str, kind: str = "net") -> Any:
    """What the module, run with the argument, prints as JSON. Skips where no namespace may be made.

    Args:
        kind: "net", or "mount" for disks that nobody else sees.
    """
    need("ip", "unshare")
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    # Its processes are a family of their own too: should the program be killed, no server of it stays behind.
    family = ["--pid", "--fork", "--kill-child", "--mount-proc"]
    namespace = ["unshare", *rights, f"--{kind}", *family]
    env = os.environ | {"PATH": os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))}
    if subprocess.run([*namespace, "true"], capture_output=True, env=env).returncode:
        need(f"a namespace of its own kind: {kind} (the right to make one)")
    done = subprocess.run(
        [*namespace, sys.executable, "-m", module, str(argument)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env=env,
        timeout=540,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
