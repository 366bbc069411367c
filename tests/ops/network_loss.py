"""Runs inside a network namespace of its own: a watch over a network that goes away, comes back, and loses one host.

Prints the lines of the watch and its sums, as JSON. The site is 192.0.2.1; what leads to the Internet ends at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.programs import LONG

SITE = "192.0.2.1"
PORT = 8080


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *words: Any) -> None:
        """Silent."""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def network(up: bool) -> None:
    """Have a way to the site and to the Internet, or none at all."""
    if up:
        ip("address", "add", f"{SITE}/32", "dev", "lo")
        ip("route", "add", "default", "dev", "lo")
    else:
        ip("route", "del", "default")
        ip("address", "del", f"{SITE}/32", "dev", "lo")


def main(folder: Path) -> None:
    ip("link", "set", "lo", "up")
    network(up=True)
    file = folder / "site.launch.toml"
    file.write_text(f'schema = 1\n[site]\ndomain = "example.com"\n[monitor]\nurls = ["http://{SITE}:{PORT}/"]\n')
    with ThreadingHTTPServer(("0.0.0.0", PORT), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        words = ["watch", str(file), "--json", "--interval", "0.2"]
        process = subprocess.Popen(
            [sys.executable, "-m", "launchready_tui", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stderr is not None
        lines: list[dict[str, Any]] = []

        def until(ok: bool) -> None:
            while True:
                assert process.stdout is not None
                lines.append(json.loads(process.stdout.readline()))
                if lines[-1]["ok"] is ok:
                    return

        until(ok=True)
        network(up=False)
        while "missed" not in process.stderr.readline():
            pass
        network(up=True)
        until(ok=True)
        before = sum(not line["ok"] for line in lines)
        # The Internet is there, the site alone is not.
        ip("address", "del", f"{SITE}/32", "dev", "lo")
        ip("route", "add", "unreachable", SITE)
        until(ok=False)
        ip("route", "del", "unreachable", SITE)
        ip("address", "add", f"{SITE}/32", "dev", "lo")
        until(ok=True)
        process.terminate()
        rest, _ = process.communicate(timeout=LONG)
        *probes, last = map(json.loads, rest.splitlines())
        server.shutdown()
    print(json.dumps({"lines": [*lines, *probes], "sums": last["summary"][0], "failed_without_network": before}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
