"""What the app does out on the network, in the background: runs of checks, a look at mail, the lab's mending."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Collection, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from checks.route import has_route

if TYPE_CHECKING:
    from checks.network import Network
    from checks.secret import Secret
    from checks.web.edge.cloudflare.records import Applied
    from launchready_tui.app import LaunchReady
    from launchready_tui.cloudflare import Plan, TokenWord
    from launchready_tui.commands.network_options import NetworkOptions
    from launchready_tui.detect import Detected
    from launchready_tui.events import Event
    from launchready_tui.fix_record import FixRecord
    from launchready_tui.lab.phone import Phone
    from launchready_tui.session.mail_seen import MailSeen
    from launchready_tui.vault import Vault

GROUP = "checks"
"""At most one piece of such work runs at a time; it belongs to the app and outlives every screen."""


class Lab(Protocol):
    """The demo's lab, as far as the app needs it."""

    faults: list[Any]
    """Each with `id`, `title`, `how`, `undo` and `fixed`."""

    async def mend(self, fault_id: str) -> Any: ...

    def network(self, **options: Any) -> Network: ...

    phone: Phone
    """Shows what the lab's people are alerted of."""

    def credentials(self) -> Mapping[str, Secret]: ...


class Fieldwork:
    """Works on the app's open sprint; what it comes to is in the sprint, and announced by the app."""

    def __init__(self, app: LaunchReady, options: NetworkOptions | None, lab: Lab | None) -> None:
        self._app = app
        self._options = options
        self.lab = lab
        self.mail_seen: MailSeen | None = None
        """What the last look at mail in this session showed; the sprint keeps it for later ones."""
        self.mail_word = ""
        """What the look at mail does, or why the last one came to nothing."""
        self._vault: Vault | None = None
        self._reported: set[str] = set()
        self._reached: bool | None = None
        self._network: Network | None = None

    def begin(self) -> None:
        """Forget what was known of the sprint before."""
        self.mail_seen, self.mail_word, self._vault, self._reported, self._reached = None, "", None, set(), None

    # ---------------------------------------------------------------- how it stands

    @property
    def offline(self) -> bool:
        """Whether live checks cannot run: told so, or there is no way out, or the last run reached nothing."""
        if self._options is not None and self._options.offline:
            return True
        return self._reached is False or not self._has_way_out()

    def _has_way_out(self) -> bool:
        """Asked each time, since a cable can be pulled; the lab and mapped places need none."""
        mapped = self._options is not None and (self._options.nameservers or self._options.connect_to)
        return bool(self.lab or mapped) or has_route()

    @property
    def network_word(self) -> str:
        """For the first line of a screen; with a question mark until something has answered."""
        if self.offline:
            return "offline"
        return "lab" if self.lab else "online" if self._reached else "online?"

    @property
    def running(self) -> bool:
        return self._app.has_sprint and bool(self._app.sprint.running)

    @property
    def progress(self) -> str:
        """ "34 of 129" while checks run."""
        return f"{len(self._reported)} of {len(self._app.sprint.running)}" if self.running else ""

    @property
    def requests_sent(self) -> int:
        """HTTP requests of the work under way, or of the last."""
        return self._network.counters.http_requests if self._network else 0

    def note(self, event: Event) -> None:
        """Count what has reported."""
        from launchready_tui.events import FindingRecorded, RunStarted

        if isinstance(event, RunStarted):
            self._reported = set()
        elif isinstance(event, FindingRecorded):
            self._reported.add(event.finding.check)

    # ---------------------------------------------------------------- work

    def run_checks(self, only: Collection[str] | None) -> None:
        """Run the checks of `only` (families or ids; None: all)."""
        if self.running:
            self._app.notify("Checks run already; s stops them.", markup=False)
            return
        if self.offline:
            words = "Offline: live checks need the network. What was seen stays."
            self._app.notify(words, severity="warning", markup=False)
        self._start(self._check(only, told=self.offline))

    def look_at_mail(self) -> None:
        """Ask which services send for the domain."""
        if self.running:
            self.mail_word = "Checks run; r looks once they have ended."
        else:
            self.mail_word = "Asking DNS which services send for this domain ..."
            self._start(self._look_at_mail())

    def verify(self) -> None:
        """Try key pages, forms and APIs in one run, and keep the table of it."""
        if self.running:
            self._app.notify("Checks run already; s stops them.", markup=False)
        elif self.offline:
            self._app.notify("Offline: this needs the network. What was seen stays.", severity="warning", markup=False)
        else:
            self._start(self._verify())

    def look_for_sent(self, target: str) -> None:
        """Look for the test that a person has sent through a form by hand."""
        if not self.running:
            self._start(self._look_for_sent(target))

    def stop(self) -> None:
        """Stop what runs; what it has found stays."""
        self._app.workers.cancel_group(self._app, GROUP)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._app.run_worker(work, group=GROUP, exclusive=True, exit_on_error=False)

    async def _check(self, only: Collection[str] | None, *, told: bool = False) -> None:
        """Run checks. `told`: the person knows already that there may be no network."""
        from launchready_tui.live import check

        vault = await self.vault()
        result = await check(self._app.sprint, self.network, only=only, secrets=await vault.reveal_all())
        for purpose, secret in result.renewed.items():
            await vault.renew(purpose, secret)
        if result.reached is not self._reached:
            self._reached = result.reached
            if not result.reached and not told:
                words = "No network answered. What was seen before stays as it was."
                self._app.notify(words, severity="warning", markup=False)
        self._app.touch()

    async def _verify(self) -> None:
        module = await asyncio.to_thread(importlib.import_module, "launchready_tui.verify")
        await module.verify(self._app.sprint, self.network, secrets=await (await self.vault()).reveal_all())
        self._app.touch()

    async def _look_for_sent(self, target: str) -> None:
        module = await asyncio.to_thread(importlib.import_module, "launchready_tui.witness")
        secrets = await (await self.vault()).reveal_all()
        await module.look_for_it(self._app.sprint, self.network, target, secrets=secrets)
        self._app.touch()

    async def _look_at_mail(self) -> None:
        from launchready_tui.live import facts_of

        view = await asyncio.to_thread(importlib.import_module, "launchready_tui.mail_view")
        sprint = self._app.sprint
        try:
            async with facts_of(sprint, self.network) as facts:
                seen = await view.look_at_mail(facts)
        except asyncio.CancelledError:
            self.mail_word = "Stopped before all was asked."
            raise
        except Exception as problem:
            self.mail_word = getattr(problem, "reason", type(problem).__name__)
            raise
        finally:
            self._app.touch()
        self.mail_seen, self.mail_word = seen, ""
        self._app.keep(lambda: sprint.edit("mail", seen=seen))
        self._app.touch()

    async def detect(self, domain: str) -> Detected:
        """What can be told of a domain that has no sprint yet. Raises BadName."""
        module = await asyncio.to_thread(importlib.import_module, "launchready_tui.detect")
        async with self.network() as network:
            found: Detected = await module.detect(domain, network)
            return found

    # ---------------------------------------------------------------- the lab

    def mend_and_check(self, fault_id: str) -> None:
        """Put a fault of the lab right and run its check again."""
        if self.running:
            self._app.notify("Checks run; s stops them.", markup=False)
        else:
            self._start(self._mend_and_check(fault_id))

    async def _mend_and_check(self, fault_id: str) -> None:
        from launchready_tui.session.model import Change

        if self.lab is None:
            return
        fault = await self.lab.mend(fault_id)
        # Noted among the changes, as the consultant would.
        change = Change(what=fault.title, by=self._app.person, after=fault.how, undo=fault.undo)
        self._app.keep(lambda: self._app.sprint.put(change))
        self._app.notify(f"Mended: {fault.title}", markup=False)
        await self._check([fault_id])

    # ---------------------------------------------------------------- Cloudflare

    async def try_cloudflare(self) -> TokenWord:
        """Ask Cloudflare whether the token in the vault is good. Raises VaultError."""
        told: TokenWord = await self._with_token("try_token")
        return told

    async def plan_record(self, wanted: FixRecord) -> Plan:
        """What putting a record in place would change. Raises CannotTell, Offline, VaultError."""
        planned: Plan = await self._with_token("plan", wanted)
        return planned

    async def put_record(self, agreed: Plan, check: str) -> None:
        """Do what was agreed to, and note it among the changes. Raises CannotTell, Offline, VaultError."""
        from launchready_tui.cloudflare import change_of

        applied: Applied = await self._with_token("carry_out", agreed)
        if applied.changed:
            change = change_of(applied, by=self._app.person, check=check)
            self._app.keep(lambda: self._app.sprint.put(change))

    async def _with_token(self, deed: str, *words: Any) -> Any:
        module = await asyncio.to_thread(importlib.import_module, "launchready_tui.cloudflare")
        vaults = await asyncio.to_thread(importlib.import_module, "launchready_tui.vault")
        vault = await self.vault()
        token = await vault.get("cloudflare")
        if token is None:
            raise vaults.NotKept("There is no Cloudflare token in the vault.", "Keep one there: v, then cloudflare.")
        async with self.network() as network:
            return await getattr(module, deed)(network, token, vault.domain, *words)

    # ---------------------------------------------------------------- what it works with

    def network(self) -> Network:
        """A new network: the lab's in the demo. Import `checks.network` in a thread before."""
        if self.lab is not None:
            self._network = self.lab.network()
        else:
            from launchready_tui.commands.network_options import NetworkOptions

            self._network = (self._options or NetworkOptions()).network()
        return self._network

    async def vault(self) -> Vault:
        """The credentials of the open sprint's domain; those of this run only live as long as it is open."""
        if self._vault is None:
            module = await asyncio.to_thread(importlib.import_module, "launchready_tui.vault")
            self._vault = module.Vault(self._app.sprint.session.site.domain)
            for purpose, value in (self.lab.credentials() if self.lab else {}).items():
                await self._vault.set(purpose, value, this_run_only=True)
        return self._vault
