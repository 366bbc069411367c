"""Hosted services whose unclaimed names strangers can claim: where a CNAME leads, and the "no such site" pages."""

from __future__ import annotations

import functools
import html
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files

_QUOTES = str.maketrans("\u2018\u2019", "''")


@dataclass(frozen=True, slots=True)
class HostedService:
    """One service of hosted_services.toml; see there for the words."""

    name: str
    suffixes: tuple[tuple[str, ...], ...]
    """As labels."""
    texts: tuple[str, ...]
    status: int | None
    by_name: bool
    """Whether a target that does not exist can be claimed."""

    def leads_here(self, target: str) -> bool:
        labels = target.lower().rstrip(".").split(".")[::-1]
        return any(
            len(labels) >= len(suffix)
            and all(
                label == part or ("*" in part and fnmatchcase(label, part))
                for label, part in zip(labels, reversed(suffix), strict=False)
            )
            for suffix in self.suffixes
        )

    @property
    def by_page(self) -> bool:
        """Whether the page under the name shows that nobody claims it."""
        return bool(self.texts) or self.status is not None

    def unclaimed_sign(self, status: int, page: str, *, leads_away: bool) -> str:
        """What on the page says that nobody claims it; empty where nothing does.

        Args:
            leads_away: whether the answer redirects to another name.
        """
        if self.status is not None and status != self.status:
            return ""
        if not self.texts:
            return f"status {status}" if leads_away or not 300 <= status < 400 else ""
        seen = _plain(page)
        return next((f"the text: {text}" for text in self.texts if _plain(text) in seen), "")


def _plain(text: str) -> str:
    return html.unescape(text).translate(_QUOTES).casefold()


@functools.lru_cache(maxsize=1)
def _services() -> tuple[HostedService, ...]:
    data = tomllib.loads(files(__package__).joinpath("hosted_services.toml").read_text("utf-8"))
    return tuple(
        HostedService(
            row["name"],
            tuple(tuple(suffix.split(".")) for suffix in row["suffixes"]),
            tuple(row.get("texts", ())),
            row.get("status"),
            row.get("unclaimed", "name") == "name",
        )
        for row in data["service"]
    )


def service_of(target: str) -> HostedService | None:
    """The service that a CNAME to `target` leads to; None where it is none of the list."""
    return next((service for service in _services() if service.leads_here(target)), None)
