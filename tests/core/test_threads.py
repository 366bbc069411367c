"""A session file is read in several threads at once: the list of sprints and the one that is being opened."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.programs import LONG

SCRIPT = """
import sys, threading
from launchready_tui.session.toml import loads

RAW = b'schema = 1\\n[site]\\ndomain = "example.com"\\n[[finding]]\\ncheck = "a.b"\\ntarget = "x"\\nstatus = "fail"\\n'
other = threading.Thread(target=loads, args=[RAW])
left = int(sys.argv[1])

def interrupt(frame, event, value):
    # In the midst of msgspec's first look at the model a second thread begins. It must not get that far.
    global left
    if event == "call" and frame.f_code.co_name == "get_class_annotations":
        left -= 1
        if not left:
            sys.setprofile(None)
            other.start()
            other.join(0.2)

sys.setprofile(interrupt)
loads(RAW)
other.join()
print("read twice", left)
"""


@pytest.mark.parametrize("class_of_the_model", [1, 2, 5, 12])
def test_two_threads_may_read_their_first_session_at_once(class_of_the_model: int) -> None:
    command = [sys.executable, "-c", SCRIPT, str(class_of_the_model)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, check=False)
    assert (done.returncode, done.stdout) == (0, "read twice 0\n"), done.stderr
