"""`launchready watch`: the uptime probes without a screen, for a minute or for 48 hours."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launchready_tui.commands.network_options import (
    BadOption,
    NetworkOptions,
    add_network_arguments,
    complain,
    network_options,
)

if TYPE_CHECKING:
    from checks.secret import Secret
    from checks.subject import Route, Subject
    from launchready_tui.sprint import Sprint
    from launchready_tui.watch.keeping import Keeper
    from launchready_tui.watch.regions import RegionSeen
    from launchready_tui.watch.samples import Figures
    from launchready_tui.watch.schedule import Sample

OK, TO_FIX, USAGE, NOT_RUN = 0, 1, 2, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a session file (NAME.launch.toml)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a probe, and one of sums at the end")
    parser.add_argument("--interval", type=_seconds, default=60.0, metavar="SECONDS", help="between two probes (60)")
    parser.add_argument("--for", type=_seconds, dest="length", metavar="SECONDS", help="how long (until stopped)")
    parser.add_argument(
        "--url", action="append", default=[], metavar="URL", help="probe this address beside the file's (repeatable)"
    )
    add_network_arguments(parser, offline=False)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError("more than 0")
    return seconds


def run(args: argparse.Namespace) -> int:
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    # Listened to before anything slow is imported, so that a signal always ends in sums.
    stop = asyncio.Event()
    with _stopped_by_signals(stop.set):
        from checks.subject import BadName
        from launchready_tui.session.errors import SessionError
        from launchready_tui.watch.routes import left_out, watched_routes

        try:
            options = network_options(args)
            sprint = _opened(args.file)
        except (BadOption, SessionError) as problem:
            return complain(str(problem))
        with sprint:
            try:
                subject = sprint.subject()
                routes = watched_routes(subject, args.url)
            except BadName as problem:
                return complain(str(problem))
            if word := left_out(subject, routes):
                _warn(word)
            return await _watch(sprint, subject, routes, args, options, stop)


def _opened(path: Path) -> Sprint:
    """The session, for reading only where another program has it. Raises SessionError."""
    from launchready_tui.session.errors import Held
    from launchready_tui.sprint import Sprint

    try:
        sprint = Sprint.open(path)
    except Held as problem:
        _warn(f"{problem.reason} The figures of this watch will not be in it.")
        return Sprint.open(path, read_only=True)
    if sprint.read_only:
        _warn(f"{sprint.word} The figures of this watch will not be in it.")
    return sprint


async def _watch(
    sprint: Sprint,
    subject: Subject,
    routes: list[Route],
    args: argparse.Namespace,
    options: NetworkOptions,
    stop: asyncio.Event,
) -> int:
    from launchready_tui.watch.clock import SystemClock
    from launchready_tui.watch.keeping import Keeper
    from launchready_tui.watch.probe import NetworkProber
    from launchready_tui.watch.region_keeping import RegionKeeper
    from launchready_tui.watch.regions import region_watch, together
    from launchready_tui.watch.samples import Samples, beside
    from launchready_tui.watch.schedule import Schedule

    clock = SystemClock()
    samples = Samples(None if sprint.read_only else beside(args.file))
    keeper = Keeper(samples, None if sprint.read_only else sprint, _warn, clock.elapsed)

    def took(sample: Sample) -> None:
        keeper.took(sample)
        _print(_line(sample) if args.json else _words(sample))

    schedule = Schedule(
        routes,
        NetworkProber(options.network),
        took,
        keeper.missed,
        interval=args.interval,
        length=args.length,
        clock=clock,
    )
    regions = RegionKeeper(keeper, subject.monitor.regions, clock)

    def saw(seen: RegionSeen) -> None:
        regions.took(seen)
        _print(_region_line(seen) if args.json else _region_words(seen))

    async def elsewhere() -> None:
        if subject.monitor.regions:
            token = partial(_token, subject.domain)
            more = await region_watch(
                routes, subject, options.network, saw, _warn,
                clock=clock, token=token, interval=args.interval, length=args.length,
            )  # fmt: skip
            await more.run()

    try:
        await _until(together(schedule.run(), elsewhere()), stop)
        return _sum_up(keeper, routes, as_json=args.json)
    finally:
        samples.close()


async def _token(domain: str) -> Secret | None:
    """Globalping's token of the vault; it also works without."""
    from launchready_tui.vault import Vault, VaultError

    try:
        return await Vault(domain).get("globalping")
    except VaultError:
        return None


async def _until(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Await `work`, or cancel it when `stop` is set."""
    running, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def _sum_up(keeper: Keeper, routes: list[Route], *, as_json: bool) -> int:
    """Save and print the sums of this run, and give the exit status."""
    from checks.ops.watch import TARGET

    keeper.save([route.url for route in routes])
    rows = [keeper.samples.figures(route.url, run=keeper.samples.run) for route in routes]
    if as_json:
        _print(json.dumps({"summary": [row.as_dict() for row in rows]}))
    else:
        for row in rows:
            _print(_sums(row))
    shares = [row.uptime for row in rows if row.uptime is not None]
    if not shares:
        return NOT_RUN
    return TO_FIX if min(shares) < TARGET or any(keeper.is_down(route.url) for route in routes) else OK


def _line(sample: Sample) -> str:
    from checks.finding import timestamp
    from launchready_tui.watch.probe import as_dict

    outcome = sample.outcome
    return json.dumps(
        {
            "at": timestamp(sample.at),
            "url": sample.url,
            "ok": outcome.ok,
            "status": outcome.status,
            "reason": outcome.reason or None,
            "attempts": outcome.attempts,
            "seconds": as_dict(outcome.seconds),
        }
    )


def _region_line(seen: RegionSeen) -> str:
    """As of a probe, with the region; `ok` is null where no measurement came about."""
    from checks.finding import timestamp
    from launchready_tui.watch.probe import as_dict

    line: dict[str, Any] = {"at": timestamp(seen.at), "url": seen.url, "region": seen.region, "probe": seen.seen.probe}
    line |= {"ok": seen.seen.ok, "status": seen.seen.status, "reason": seen.seen.reason or None}
    return json.dumps(line | {"seconds": as_dict(seen.seen.seconds)})


def _region_words(seen: RegionSeen) -> str:
    from checks.finding import timestamp

    o = seen.seen
    ended = (
        f"up    {o.status} in {o.seconds.total:.3f} s" if o.ok else f"{'?' if o.ok is None else 'down':<6}{o.reason}"
    )
    return f"{timestamp(seen.at)}  {seen.url}  {ended}  (from {seen.region})"


def _words(sample: Sample) -> str:
    from checks.finding import timestamp

    outcome = sample.outcome
    ended = f"up    {outcome.status} in {outcome.seconds.total:.3f} s" if outcome.ok else f"down  {outcome.reason}"
    return f"{timestamp(sample.at)}  {sample.url}  {ended}"


def _sums(row: Figures) -> str:
    from checks.ops.watch import share_observed

    if row.uptime is None:
        return f"{row.url}: no probe was taken, {row.missed:,} missed"
    speed = f"; p50 {row.p50:.3f} s, p95 {row.p95:.3f} s, p99 {row.p99:.3f} s" if row.p50 is not None else ""
    return f"{row.url}: {share_observed(row.taken, row.failed)}; {row.missed:,} of {row.scheduled:,} missed{speed}"


def _print(line: str) -> None:
    """One line on standard output, at once. Where the disk behind it is full, the watch goes on."""
    try:
        os.write(sys.stdout.fileno(), f"{line}\n".encode())
    except OSError as problem:
        _warn(f"standard output cannot be written, the watch goes on: {problem.strerror}")


def _warn(message: str) -> None:
    from checks.text import one_line

    try:
        print(f"launchready watch: {one_line(message, limit=400)}", file=sys.stderr, flush=True)
    except OSError:
        return  # its disk may be the full one


@contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at SIGINT and SIGTERM."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
