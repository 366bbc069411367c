"""The process in which Apprise runs: one message in as JSON, one answer out, and one place to connect to."""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import Any

SAID_LIMIT = 400


def keep_to(port: int, strayed: list[str]) -> None:
    """From now on let this process connect to this port of loopback and nowhere else; it cannot be undone."""

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            place = given[1]
            if not isinstance(place, tuple) or place[:2] != ("127.0.0.1", port):
                strayed.append(event)
                raise PermissionError("this process speaks to its gate alone")
        elif event == "socket.getaddrinfo" and given[0] not in ("127.0.0.1", b"127.0.0.1"):
            strayed.append(event)
            raise PermissionError("this process asks no name server")

    sys.addaudithook(hook)


def answer(question: dict[str, str], port: int) -> dict[str, Any]:
    """Send the message by Apprise."""
    import apprise

    strayed: list[str] = []
    keep_to(port, strayed)
    said = io.StringIO()
    log = logging.getLogger("apprise")
    log.addHandler(logging.StreamHandler(said))
    log.setLevel(logging.WARNING)
    messenger = apprise.Apprise()
    if not messenger.add(question["address"]):
        return {"outcome": "unknown"}
    service = str(messenger[0].service_name or "the service")
    taken = messenger.notify(body=question["text"], title=question["subject"])
    if taken:
        return {"outcome": "taken", "service": service}
    words = " ".join(said.getvalue().split())[:SAID_LIMIT]
    return {"outcome": "refused", "service": service, "said": words, "elsewhere": bool(strayed)}


def main() -> None:
    try:
        told = answer(json.load(sys.stdin), int(sys.argv[1]))
    except Exception as problem:
        # Its kind alone: its text may quote the address.
        told = {"outcome": "broken", "said": type(problem).__name__}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
