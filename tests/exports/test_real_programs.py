"""The exports under the real programs: they are read, their alerts fire, and they judge as our own prober does."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from checks.network import Network
from launchready_tui.exports import EXPORTS
from launchready_tui.exports.github_actions import WORKFLOW
from launchready_tui.exports.targets import plan
from launchready_tui.exports.writing import write_files
from launchready_tui.session.model import Monitor, Session, Site
from launchready_tui.watch.probe import NetworkProber
from tests.exports.sessions import HOSTILE, hostile, ordinary
from tests.exports.test_exports import evaluated
from tests.ports import free_ports
from tests.programs import LONG, need
from tests.workflow_schema import check_github_workflow

pytestmark = pytest.mark.real
SESSIONS = {
    "ordinary": ordinary(),
    "hostile": hostile(),
    "bare": Session(site=Site(domain="example.com")),
}
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def run(*words: str, folder: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=LONG, env=env)


@pytest.fixture(params=SESSIONS)
def prometheus(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write_files(tmp_path, EXPORTS["prometheus"].files(SESSIONS[request.param]))
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("promtool", "check", "config", "prometheus.yml"),
        ("promtool", "check", "rules", "rules.yml"),
        ("promtool", "test", "rules", "rules_test.yml"),
        ("prometheus-blackbox-exporter", "--config.check", "--config.file=blackbox.yml"),
        ("amtool", "check-config", "alertmanager.yml"),
    ],
)
def test_the_program_reads_its_file(prometheus: Path, words: tuple[str, ...]) -> None:
    need(words[0])
    done = run(*words, folder=prometheus)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_test_of_the_rules_can_fail(tmp_path: Path) -> None:
    need("promtool")
    write_files(tmp_path, EXPORTS["prometheus"].files(ordinary()))
    rules = tmp_path / "rules.yml"
    rules.write_text(rules.read_text().replace("== 0", "== 7"))
    assert run("promtool", "test", "rules", "rules_test.yml", folder=tmp_path).returncode != 0


def test_prometheus_asks_the_exporter_for_each_address(prometheus: Path) -> None:
    need("promtool")
    done = run(
        "promtool", "check", "service-discovery", "--timeout=1s", "prometheus.yml", "launch-ready", folder=prometheus
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout[done.stdout.index("[") :])
    config = yaml.safe_load((prometheus / "prometheus.yml").read_text())["scrape_configs"][0]["static_configs"]
    asked = {(row["labels"]["__param_target"], row["labels"]["__param_module"]) for row in found}
    assert asked == {(row["targets"][0], row["labels"]["module"]) for row in config}
    assert {row["labels"]["__address__"] for row in found} == {"127.0.0.1:9115"}
    assert all(row["labels"]["instance"] == row["labels"]["__param_target"] for row in found)


@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_the_workflow_is_one(session: Session, tmp_path: Path) -> None:
    write_files(tmp_path, EXPORTS["github-actions"].files(session))
    workflow = (tmp_path / WORKFLOW).read_text()
    check_github_workflow(workflow)
    with pytest.raises(AssertionError, match="runs-of"):
        check_github_workflow(workflow.replace("runs-on:", "runs-of:"))


# ---------------------------------------------------------------- the same verdict everywhere


class Shop(BaseHTTPRequestHandler):
    """A site with a page of every kind."""

    def do_GET(self) -> None:
        number = int(self.path.split("/")[1] or 0) if self.path.split("/")[1].isdigit() else -1
        if self.path == "/broken":
            self._say(503, "sorry")
        elif self.path == "/moved":
            self._say(302, "", location="/")
        else:
            self._say(200, f"<p>{HOSTILE[number]}</p>" if number >= 0 else "Welcome")

    def do_HEAD(self) -> None:
        self._say(200, "")

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        if self.path.startswith("/api/order"):
            good = json.loads(sent or "null") == {"probe": True} and "json" in self.headers["content-type"]
            self._say(200 if good else 400, '{"ok": true}')
        else:
            number = int(self.path.split("/")[1])
            self._say(200 if sent == HOSTILE[number] else 400, f"<p>{HOSTILE[number]}</p>")

    def _say(self, status: int, text: str, **headers: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-type", "text/html; charset=utf-8")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Silent."""


@pytest.fixture
def shop() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def many_ways(base: str) -> Session:
    """Addresses that are up and addresses that are down, by every kind of expectation."""
    urls: list[str | dict[str, Any]] = [
        f"{base}/",
        f"{base}/moved",
        f"{base}/broken",
        {"url": f"{base}/broken#", "method": "HEAD", "status": 200},
        {"url": f"{base}/text", "contains": "Welcome"},
        {"url": f"{base}/no-text", "contains": "Goodbye"},
        {"url": f"{base}/wrong", "status": 201},
        {
            "url": f"{base}/api/order",
            "method": "POST",
            "status": 200,
            "contains": '"ok": true',
            "body": {"probe": True},
        },
        {"url": f"{base}/api/order?twice", "method": "POST", "status": 200, "body": {"probe": False}},
    ]
    urls += hostile(base).monitor.urls
    return Session(site=Site(domain="example.com", canonical=f"{base}/"), monitor=Monitor(urls=urls))


async def our_verdicts(session: Session) -> dict[str, bool]:
    """By the name of the target."""
    from dataclasses import replace

    prober = NetworkProber(Network)
    return {
        target.name: bool((await prober(replace(target.route, url=target.url))).ok) for target in plan(session).targets
    }


@contextmanager
def exporter(folder: Path) -> Iterator[str]:
    """A real blackbox_exporter on loopback."""
    (number,) = free_ports(1)
    address = f"127.0.0.1:{number}"
    program = shutil.which("prometheus-blackbox-exporter", path=PATH)
    assert program is not None
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, f"--web.listen-address={address}", "--config.file=blackbox.yml"], cwd=folder, stderr=log
        )
    host, _, port = address.partition(":")
    try:
        while True:
            try:
                socket.create_connection((host, int(port)), 1).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None, (folder / "log").read_text()
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(LONG)


def probe_success(exporter: str, target: str, module: str) -> bool:
    lines = httpx.get(f"{exporter}/probe", params={"target": target, "module": module}).text.splitlines()
    return next(line for line in lines if line.startswith("probe_success ")).split()[1] == "1"


async def test_blackbox_exporter_judges_as_we_do(shop: str, tmp_path: Path) -> None:
    need("prometheus-blackbox-exporter")
    session = many_ways(shop)
    write_files(tmp_path, EXPORTS["prometheus"].files(session))
    with exporter(tmp_path) as address:
        theirs = {target.name: probe_success(address, target.url, target.name) for target in plan(session).targets}
    assert theirs == await our_verdicts(session)
    assert sum(theirs.values()) == 5 + len(HOSTILE)
    assert len(theirs) - sum(theirs.values()) == 4


async def test_the_smoke_job_judges_as_we_do(shop: str, tmp_path: Path) -> None:
    need("bash", "curl")
    session = many_ways(shop)
    workflow = yaml.safe_load(EXPORTS["github-actions"].files(session)[WORKFLOW])
    theirs = {}
    for target, step in zip(plan(session).targets, workflow["jobs"]["smoke"]["steps"], strict=True):
        env = {name: evaluated(value) for name, value in step["env"].items()} | {"PATH": PATH, "TMPDIR": str(tmp_path)}
        script = step["run"].replace("--retry 1 --retry-all-errors", "--noproxy '*'")
        theirs[target.name] = run("bash", "-e", "-c", script, folder=tmp_path, env=env).returncode == 0
    assert theirs == await our_verdicts(session)
