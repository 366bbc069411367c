"""`launchready watch` as a process of its own, against the lab and against a real nginx."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from launchready_tui.lab.world import World
from launchready_tui.session.store import load
from tests.cli.conftest import lab_options, launchready
from tests.ops.globalping.fake import FakeGlobalping, finished, publish
from tests.ports import free_ports
from tests.programs import LONG, need

URL = "https://example.com/"
PHASES = ["dns", "connect", "tls", "first_byte", "total"]
SUMS = ["url", "scheduled", "taken", "missed", "failed", "uptime", "p50", "p95", "p99"]


def session(folder: Path, monitor: str = "") -> Path:
    file = folder / "site.launch.toml"
    file.write_text(f'schema = 1\n[site]\ndomain = "example.com"\n[monitor]\n{monitor}\n')
    return file


class Watching:
    """A watch under way."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, *words: str) -> Watching:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "launchready_tui",
                "watch",
                *words,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(os.environ),
            )
        )

    async def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), LONG)
        read: dict[str, Any] = json.loads(line)
        return read

    async def until(self, ok: bool) -> list[dict[str, Any]]:
        """The probes up to the first that ends so."""
        lines = [await self.line()]
        while lines[-1]["ok"] is not ok:
            lines.append(await self.line())
        return lines

    async def end(self, number: signal.Signals) -> tuple[list[dict[str, Any]], dict[str, Any], int]:
        """Stop it; the probes that were left, the sums of the one address, and the exit status."""
        self.process.send_signal(number)
        out, err = await asyncio.wait_for(self.process.communicate(), LONG)
        *probes, last = map(json.loads, out.decode().splitlines())
        assert "Traceback" not in err.decode()
        assert self.process.returncode is not None
        return probes, last["summary"][0], self.process.returncode


async def test_lines_and_sums(site: list[str], tmp_path: Path) -> None:
    file = session(tmp_path, f'urls = ["{URL}"]')
    done = await launchready(
        "watch", str(file), "--json", "--interval", "0.5", "--for", "1.5", "--url", "https://www.example.com/", *site
    )
    assert (done.code, done.err) == (0, "")
    *probes, last = map(json.loads, done.out.splitlines())
    # A probe whose time passes while a busy machine does not let the watch run is missed, as it has to be.
    taken = Counter(probe["url"] for probe in probes)
    for probe in probes:
        assert list(probe) == ["at", "url", "ok", "status", "reason", "attempts", "seconds"]
        assert list(probe["seconds"]) == PHASES
        assert (probe["ok"], probe["reason"], probe["attempts"]) == (True, None, 1)
    assert [list(row) for row in last["summary"]] == [SUMS, SUMS]
    for row in last["summary"]:
        assert (row["scheduled"], row["taken"], row["failed"], row["uptime"]) == (3, taken[row["url"]], 0, 1.0)
        assert row["taken"] >= 1 and row["missed"] == 3 - row["taken"]
        assert 0 < row["p50"] <= row["p95"] <= row["p99"]
    kept = {(row.url, row.taken, row.last_ok) for row in load(file).session.watch}
    assert kept == {(row["url"], row["taken"], True) for row in last["summary"]}
    with sqlite3.connect(tmp_path / "site.watch.sqlite") as db:
        assert db.execute("SELECT count(*) FROM sample").fetchone() == (len(probes),)
    db.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_with_sums(site: list[str], tmp_path: Path, number: signal.Signals) -> None:
    watch = await Watching.start(str(session(tmp_path)), "--json", *site)
    first = await watch.line()
    assert first["url"] == URL
    probes, sums, code = await watch.end(number)
    assert (probes, sums["taken"], code) == ([], 1, 0)


async def test_what_is_not_as_expected_is_a_failure(site: list[str], tmp_path: Path) -> None:
    file = session(tmp_path, f'urls = [{{url = "{URL}", contains = "no such words"}}]')
    done = await launchready("watch", str(file), "--json", "--interval", "1", "--for", "1", *site)
    probe, last = map(json.loads, done.out.splitlines())
    assert (probe["ok"], probe["status"], probe["attempts"], done.code) == (False, 200, 2, 1)
    assert "no such words" in probe["reason"]
    assert (last["summary"][0]["uptime"], last["summary"][0]["p50"]) == (0.0, None)
    row = load(file).session.watch[0]
    assert (row.last_ok, row.incidents[0]["end"]) == (False, "")


async def test_other_regions_measure_too(world: World, site: list[str], tmp_path: Path) -> None:
    service = FakeGlobalping(result=lambda magic, asked: finished(503 if "us" in magic else 200))
    await publish(world, service)
    site = lab_options(world)
    file = session(tmp_path, 'regions = ["aws-eu-central-1", "aws-us-east-1"]')
    done = await launchready("watch", str(file), "--json", "--interval", "30", "--for", "0.1", *site)
    *probes, last = map(json.loads, done.out.splitlines())
    seen = {probe["region"]: probe for probe in probes if "region" in probe}
    assert {region: (probe["ok"], probe["status"]) for region, probe in seen.items()} == {
        "aws-eu-central-1": (True, 200),
        "aws-us-east-1": (False, 503),
    }
    assert list(seen["aws-us-east-1"]["seconds"]) == PHASES
    assert len(service.posted) == 3  # a failure is measured once more
    assert last["summary"][0]["taken"] == 1
    rows = load(file).session.watch[0].regions
    assert {row["region"]: row["ok"] for row in rows} == {"aws-eu-central-1": True, "aws-us-east-1": False}
    found = (await launchready("audit", str(file), "--only", "watch", "--offline", "--json")).json["findings"]
    assert [f["status"] for f in found if f["check"] == "watch.region"] == ["warn"]
    done = await launchready("watch", str(file), "--for", "0.1", *site)
    assert "(from aws-us-east-1)" in done.out


async def test_words_for_a_person(site: list[str], tmp_path: Path) -> None:
    done = await launchready("watch", str(session(tmp_path)), "--for", "0.1", *site)
    assert done.code == 0
    assert "100.00 % observed, 0 failures of 1" in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
async def test_a_full_disk_behind_standard_output(site: list[str], tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "launchready_tui", "watch", str(session(tmp_path)), "--json", "--for", "0.1", *site,
            stdout=full, stderr=subprocess.PIPE,
        )  # fmt: skip
        _, err = await asyncio.wait_for(process.communicate(), LONG)
    finally:
        os.close(full)
    assert process.returncode == 0
    assert b"the watch goes on" in err
    assert b"Traceback" not in err


async def test_another_writer_keeps_the_session_and_the_watch_goes_on(site: list[str], tmp_path: Path) -> None:
    from launchready_tui.sprint import Sprint

    file = session(tmp_path)
    with Sprint.open(file):
        done = await launchready("watch", str(file), "--json", "--for", "0.1", *site)
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    assert "will not be in it" in done.err


@pytest.mark.parametrize("words", [["--interval", "0"], ["--for", "-1"], ["--url", "ftp://example.com/"]])
async def test_a_wrong_command_line(tmp_path: Path, words: list[str]) -> None:
    done = await launchready("watch", str(session(tmp_path)), *words)
    assert (done.code, done.out) == (2, "")


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert (await launchready("watch", str(tmp_path / "gone.launch.toml"))).code == 2


# ---------------------------------------------------------------- a real server


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[None]:
    """Run nginx from a folder of its own, and wait until it listens."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None
    (folder / "nginx.conf").write_text(
        "daemon off; pid pid; error_log error.log; events {}\n"
        "http { access_log access.log; client_body_temp_path b; proxy_temp_path p;"
        " fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;"
        f" server {{ listen 127.0.0.1:{port}; location / {{ return 200 'up and well'; }} }} }}\n"
    )
    process = subprocess.Popen([program, "-p", str(folder), "-c", "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except ConnectionRefusedError:
                assert process.poll() is None
        yield
    finally:
        process.terminate()
        process.wait(LONG)


@pytest.mark.real
async def test_nginx_goes_down_and_comes_back(tmp_path: Path) -> None:
    need("nginx")
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/"
    file = session(tmp_path, f'urls = [{{url = "{url}", status = 200, contains = "up and well"}}]')
    with nginx(tmp_path, port):
        watch = await Watching.start(str(file), "--json", "--interval", "0.1")
        seen = await watch.until(True)
        assert [probe["ok"] for probe in seen] == [True]
    seen += await watch.until(False)
    assert (seen[-1]["attempts"], seen[-1]["status"]) == (2, None)
    seen += [await watch.line() for _ in range(3)]
    assert {probe["ok"] for probe in seen[-3:]} == {False}
    with nginx(tmp_path, port):
        seen += await watch.until(True)
        rest, sums, code = await watch.end(signal.SIGTERM)
    seen += rest
    failed = sum(not probe["ok"] for probe in seen)
    assert (sums["taken"], sums["failed"], code) == (len(seen), failed, 1)
    assert sums["scheduled"] == sums["taken"] + sums["missed"]
    assert sums["uptime"] == (len(seen) - failed) / len(seen)
    row = load(file).session.watch[0]
    assert (row.taken, row.failed, row.last_ok, len(row.incidents)) == (len(seen), failed, True, 1)
    assert row.incidents[0]["end"]
