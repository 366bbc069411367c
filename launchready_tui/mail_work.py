"""What the app does for mail beside the checks: it judges pasted messages and signs in to Outlook mailboxes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from launchready_tui.live import facts_of, load_checks, record_verdict

if TYPE_CHECKING:
    from checks.mail.seeds.oauth import DeviceLogin
    from launchready_tui.fieldwork import Fieldwork
    from launchready_tui.session.model import ByHand
    from launchready_tui.sprint import Sprint

MESSAGE_LIMIT = 2_000_000
"""Bytes of a message file that are read."""


async def read_by_hand(
    sprint: Sprint, fieldwork: Fieldwork, *, text: str = "", path: Path | None = None, where: str = ""
) -> ByHand:
    """Judge a message that a person pasted or saved, and keep what it comes to.

    Raises CannotTell (no such message, DNS does not answer), Offline, OSError (the file), ReadOnly.
    """
    raw = await asyncio.to_thread(_read, path) if path else text.encode("utf-8", "surrogateescape")
    async with facts_of(sprint, fieldwork.network) as facts:
        from checks.mail.seeds.by_hand import read_by_hand as judge
        from launchready_tui.session.model import ByHand

        told = await judge(facts, raw, where=where)
    row = ByHand(
        mailbox=told.mailbox,
        at=told.at,
        where=told.where,
        status=told.status,  # type: ignore[arg-type] # one of the same words
        summary=told.summary,
        evidence=list(told.evidence),
        fix=told.fix,
    )
    sprint.put(row)
    _record(sprint, row)
    return row


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MESSAGE_LIMIT)


def _record(sprint: Sprint, row: ByHand) -> None:
    """Put the findings that every later run will tell again into the session now."""
    from checks.mail.seeds.by_hand import arrived, placed, trusted

    told = next(told for told in sprint.subject().mail.by_hand if told.mailbox == row.mailbox)
    for check, say in (("mail.seed-lost", arrived), ("mail.seed-spam", placed), ("mail.seed-auth", trusted)):
        record_verdict(sprint, check, say(told))


# ---------------------------------------------------------------------- Outlook


async def sign_in(
    fieldwork: Fieldwork,
    purpose: str,
    client_id: str,
    tenant: str,
    on_code: Callable[[DeviceLogin], None],
) -> str:
    """Sign in to an Outlook mailbox on another screen (RFC 8628), and keep the grant in the vault.

    Args:
        purpose: the vault's entry: the mailbox's address, or "smtp".
        on_code: told the address to open and the code to type there, before the wait begins.

    Returns where the grant is kept, in words. Raises CannotTell where nobody agreed in time, Offline, VaultError.
    """
    await asyncio.to_thread(load_checks)
    from checks.mail.seeds.oauth import begin_device_login, finish_device_login
    from launchready_tui.vault import NoVault

    async with fieldwork.network() as network:
        login = await begin_device_login(network, client_id, tenant=tenant)
        on_code(login)
        grant = await finish_device_login(network, login)
    vault = await fieldwork.vault()
    try:
        await vault.set(purpose, grant.to_secret())
    except NoVault as problem:
        await vault.set(purpose, grant.to_secret(), this_run_only=True)
        return f"for this run only: {problem.reason}"
    return "in the keyring"


def outlook_seeds(sprint: Sprint) -> list[str]:
    """Addresses of the declared seed mailboxes that Microsoft holds."""
    from checks.mail.seeds.mailbox import provider_of

    return [seed.address for seed in sprint.subject().mail.seeds if provider_of(seed) == "outlook"]


def keep_sign_in(sprint: Sprint, address: str, client_id: str, tenant: str) -> None:
    """Note the app registration, and the mailbox as a seed where it is not declared yet. Raises ReadOnly, BadName."""
    sprint.edit("mail", oauth_client_id=client_id, oauth_tenant=tenant)
    if address != "smtp" and address not in [seed.address for seed in sprint.subject().mail.seeds]:
        sprint.edit("mail", seeds=[*sprint.session.mail.seeds, {"address": address, "provider": "outlook"}])
