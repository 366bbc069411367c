"""What stays on while other work comes and goes: the watch's probes, and alerts whose codes are waited for."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from textual.worker import Worker, WorkerError

if TYPE_CHECKING:
    from checks.secret import Secret
    from launchready_tui.app import LaunchReady
    from launchready_tui.fieldwork import Fieldwork
    from launchready_tui.watch.live import LiveWatch


class Driller(Protocol):
    """Sends test alerts and takes their codes: `launchready_tui.drill.AlertDrill`."""

    async def fire(self, name: str, *, announced: bool) -> str: ...

    async def answer(self, typed: str) -> str: ...

    def waiting(self) -> Mapping[tuple[str, str], float]: ...

    async def run_out(self) -> None: ...

    async def judge(self) -> None: ...

    def close(self) -> None: ...


class Lookout:
    """Works on the app's open sprint, beside its checks; what it comes to is in the sprint."""

    def __init__(self, app: LaunchReady, work: Fieldwork) -> None:
        self._app = app
        self._work = work
        self._watch: LiveWatch | None = None
        self._watch_work: Worker[None] | None = None
        self.driller: Driller | None = None

    def begin(self) -> None:
        """Give up the codes that an earlier run of the app knew."""
        from launchready_tui.alerts.standing import give_up_waiting

        give_up_waiting(self._app.sprint)
        self.driller = None

    async def end(self) -> None:
        """Stop it all; the figures are in the sprint, which closes next."""
        await self._end_watch()
        self._end_drill()

    # ---------------------------------------------------------------- the watch

    @property
    def watching(self) -> bool:
        """Whether probes run."""
        return self._watch_work is not None and not self._watch_work.is_finished

    def samples(self, url: str) -> Sequence[float | None]:
        """Seconds of the last hour's probes of an address, oldest first; None for a failure."""
        return self._watch.last_hour(url) if self._watch else ()

    def toggle_watch(self) -> None:
        """Start the probes, or stop them."""
        if self._watch_work is not None and self.watching:
            self._watch_work.cancel()
        elif self._work.offline:
            self._app.notify("Offline: probes need the network.", severity="warning", markup=False)
        else:
            self._watch_work = self._app.run_worker(self._probe(), group="watch", exclusive=True, exit_on_error=False)

    async def _probe(self) -> None:
        module = await asyncio.to_thread(importlib.import_module, "launchready_tui.watch.live")
        self._watch = module.LiveWatch(self._app.sprint, self._work.network, self._probed, token=self._globalping)
        try:
            await self._watch.run()
        finally:
            self._watch = None
            self._app.touch()

    async def _globalping(self) -> Secret | None:
        """The token of the probe network, which also works without."""
        from launchready_tui.vault import VaultError

        try:
            return await (await self._work.vault()).get("globalping")
        except VaultError:
            return None

    @property
    def regions_word(self) -> str:
        """How measurements from other regions go; empty where there are none."""
        return self._watch.regions_word if self._watch else ""

    def _probed(self, problem: str) -> None:
        """A probe was taken, or something of it could not be kept."""
        if problem:
            self._app.notify(problem, severity="warning", markup=False)
        self._app.touch()

    async def _end_watch(self) -> None:
        """Stop the probes and wait until their figures are in the sprint, which closes next."""
        if self._watch_work is not None and self.watching:
            self._watch_work.cancel()
            with contextlib.suppress(WorkerError):
                await self._watch_work.wait()

    # ---------------------------------------------------------------- the drill

    async def drill(self) -> Driller:
        """What fires the open sprint's alerts; it knows their codes until the sprint is closed."""
        if self.driller is None:
            module = await asyncio.to_thread(importlib.import_module, "launchready_tui.drill")
            self.driller = module.AlertDrill(self._app.sprint, self._work.network, self._work.vault)
        return self.driller

    async def fire_alert(self, destination: str, *, announced: bool) -> str:
        """Send a test alert with a code of its own, and say what became of it. Raises what `AlertDrill.fire` does."""
        driller = await self.drill()
        told = await driller.fire(destination, announced=announced)
        self._app.run_worker(driller.run_out(), group="drill-clock", exclusive=True, exit_on_error=False)
        return told

    async def answer_alert(self, code: str) -> str:
        """Take the code that a person read, and say what it means."""
        return await (await self.drill()).answer(code)

    def alerts_waiting(self) -> Mapping[tuple[str, str], float]:
        """Seconds that each alert has waited for its code, by destination and when it was fired."""
        return self.driller.waiting() if self.driller else {}

    def _end_drill(self) -> None:
        """Forget the codes of the sprint, which closes next."""
        self._app.workers.cancel_group(self._app, "drill-clock")
        if self.driller is not None:
            self.driller.close()
            self.driller = None
