"""Any other service, by Apprise: in a process of its own whose only way out is the gate."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launchready_tui.alerts.errors import NotSent, NotTaken, Unsure
from launchready_tui.alerts.gate import Gate
from launchready_tui.alerts.post import explained

if TYPE_CHECKING:
    from checks.network import Network
    from checks.secret import Secret
    from launchready_tui.alerts.message import Message

INSTALL = "Apprise is not installed: pip install 'launchready[alerts]'"
SECONDS = 40.0
ANSWER_LIMIT = 20_000


def installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("apprise") is not None


async def send(network: Network, message: Message, address: Secret) -> str:
    """Let Apprise hand the message over. Returns which service took it. Raises Untaken."""
    if not installed():
        raise NotSent(INSTALL)
    asked = {"address": address.reveal(), "subject": message.subject, "text": message.text.reveal()}
    async with Gate(network) as gate:
        with _roots(network.ca_file) as roots:
            told = await _ask(json.dumps(asked).encode(), gate, roots)
    service = str(told.get("service") or "the service")
    match told.get("outcome"):
        case "taken":
            return f"taken by {service}"
        case "unknown":
            raise NotTaken("what the vault holds is no address that Apprise knows: see its list of services")
        case "refused" if gate.problem:
            host, problem = gate.problem
            raise await explained(network, problem, host, service)
        case "refused" if told.get("elsewhere") or gate.in_clear:
            raise NotTaken(f"{service} would be reached in another way than https, which the app does not go")
        case "refused":
            said = str(told.get("said") or "no reason given")
            raise NotTaken(f"{service} does not take the message: {said}")
    raise Unsure("Apprise broke off, so the message may have been taken or not")


async def _ask(question: bytes, gate: Gate, roots: dict[str, str]) -> dict[str, Any]:
    """Ask the process. What it must know comes by its standard input: arguments are seen by every user."""
    way = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), gate.address)
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "launchready_tui.alerts.apprise_process", str(gate.port),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=kept | way | roots,
        )  # fmt: skip
    except OSError:
        raise NotSent("Apprise's process could not be started") from None
    try:
        async with asyncio.timeout(SECONDS):
            answer, _ = await process.communicate(question)
        told = json.loads(answer[:ANSWER_LIMIT])
        return told if isinstance(told, dict) else {}
    except (TimeoutError, ValueError):
        return {}
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@contextlib.contextmanager
def _roots(ca_file: str | None) -> Any:
    """The environment by which its HTTP client trusts the roots that the seam trusts."""
    if ca_file is None:
        yield {}
        return
    import certifi

    with tempfile.TemporaryDirectory(prefix="launchready-roots-") as folder:
        bundle = Path(folder, "roots.pem")
        bundle.write_bytes(Path(certifi.where()).read_bytes() + b"\n" + Path(ca_file).read_bytes())
        yield {"REQUESTS_CA_BUNDLE": str(bundle), "SSL_CERT_FILE": str(bundle)}
