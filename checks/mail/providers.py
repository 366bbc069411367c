"""Which mail service a host name, an SPF include or a DKIM target belongs to, by providers.toml."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

Bounce = Literal["domain", "subdomain", "optional", "service"]
"""Whose name the return path bears; the words are explained in providers.toml."""


MOST_SELECTORS = 2
"""Of one service in an instruction: it shows the others itself."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A host pattern: whole labels from the right, the longest that fits wins."""

    text: str

    @property
    def labels(self) -> int:
        """How many labels it fixes; more is more specific."""
        return len(self.text.strip(".").split("."))

    def matches(self, host: str, domain: str = "") -> bool:
        """Whether `host` is, or lies below, what the pattern stands for. `domain` is what {d} stands for."""
        host = host.lower().rstrip(".")
        if "{" not in self.text:
            plain = self.text.lstrip(".")
            above = not self.text.startswith(".") and host == plain
            return above or (host.endswith(f".{plain}") and not host.startswith("."))
        return _compiled(self.text, domain if "{d" in self.text else "").fullmatch(host) is not None


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str, domain: str) -> re.Pattern[str]:
    stands_for = {
        "{d}": re.escape(domain),
        "{dash}": re.escape(domain.replace(".", "-")),
        "{n}": r"\d+",
        "{r}": r"[a-z0-9-]+",
        "{t}": r"[a-z0-9_-]+",
    }
    pieces = re.split(r"(\{[a-z]+\})", pattern.lstrip("."))
    body = "".join(stands_for.get(piece, re.escape(piece)) for piece in pieces)
    # Further labels may stand before it; a pattern with a leading dot wants at least one.
    return re.compile(rf"(?:\S+\.){'' if pattern.startswith('.') else '?'}{body}", re.ASCII)


@dataclass(frozen=True, slots=True)
class DkimSign:
    """A selector that a service uses, and where its record leads."""

    selector: str
    """May hold {n} or {t}, which cannot be guessed."""
    rdtype: str
    """"TXT" or "CNAME"."""
    target: Pattern | None
    """What the CNAME names; None where the table does not say."""

    @property
    def can_be_asked(self) -> bool:
        return "{" not in self.selector


@dataclass(frozen=True, slots=True)
class Provider:
    """One mail service."""

    name: str
    aliases: tuple[str, ...]
    kind: str
    """"mailbox", "transactional", "marketing", "support", "forwarding" or "gateway"."""
    known: str
    """How well the facts are known: "vendor", "several" or "one"."""
    guessable: bool
    """Whether its DKIM selectors can be found without having seen a signed message."""
    spf: tuple[Pattern, ...]
    mx: tuple[Pattern, ...]
    dkim: tuple[DkimSign, ...]
    bounce: Bounce
    names: tuple[str, ...]
    """Usual labels of its return-path name, below the domain."""
    return_path: tuple[Pattern, ...]
    verify: tuple[str, ...]
    builds_on: str
    """Name of the service whose servers it uses; empty where it has its own."""

    @property
    def include(self) -> str:
        """The domain to include in SPF; empty where it is made per customer or not known."""
        return next((p.text for p in self.spf if "{" not in p.text and not p.text.startswith(".")), "")

    @property
    def signs(self) -> bool:
        """Whether it sends mail that it signs for the domain, as far as is known."""
        return bool(self.dkim) and self.kind not in ("forwarding", "gateway")

    @property
    def to_publish(self) -> tuple[str, tuple[str, ...]]:
        """The type of the key records that it shows, and their selectors; none where these cannot be foretold."""
        known = self.dkim if self.guessable else ()
        cnames = [sign.selector for sign in known if sign.rdtype == "CNAME" and sign.can_be_asked]
        if cnames:
            return "CNAME", tuple(dict.fromkeys(cnames))[:MOST_SELECTORS]
        texts = tuple(sign.selector for sign in known if sign.can_be_asked)[:1]
        return "TXT" if texts or not self.dkim else self.dkim[0].rdtype, texts

    def derived(self, include: str) -> tuple[str, ...]:
        """The selectors that follow from the customer's number in an SPF include of this service; none usually."""
        pattern = next((p for p in self.spf if p.text.startswith("{n}.") and p.matches(include)), None)
        number = include.split(".")[-pattern.labels] if pattern else ""
        wanted = (sign.selector for sign in self.dkim if "{n}" in sign.selector) if number else ()
        return tuple(dict.fromkeys(selector.replace("{n}", number) for selector in wanted))


def _provider(row: Mapping[str, Any]) -> Provider:
    def patterns(key: str) -> tuple[Pattern, ...]:
        return tuple(Pattern(text) for text in row.get(key, ()))

    return Provider(
        name=row["name"],
        aliases=tuple(row.get("aliases", ())),
        kind=row["kind"],
        known=row["known"],
        guessable=row.get("guessable", True),
        spf=patterns("spf"),
        mx=patterns("mx"),
        dkim=tuple(
            DkimSign(selector, rdtype, Pattern(target) if target else None)
            for selector, rdtype, target in row.get("dkim", ())
        ),
        bounce=row["bounce"],
        names=tuple(row.get("names", ())),
        return_path=patterns("return_path"),
        verify=tuple(row.get("verify", ())),
        builds_on=row.get("builds_on", ""),
    )


@functools.lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("providers.toml").read_text("utf-8"))


@functools.lru_cache(maxsize=1)
def providers() -> tuple[Provider, ...]:
    """Every service of the table."""
    return tuple(_provider(row) for row in _table()["provider"])


def _plain(name: str) -> str:
    """A service's name without case, spaces and punctuation, so that "G-Suite" and "g suite" are one."""
    return re.sub(r"[^a-z0-9+]", "", name.lower())


@functools.lru_cache(maxsize=1)
def _by_name() -> dict[str, Provider]:
    return {_plain(name): provider for provider in providers() for name in (*provider.aliases, provider.name)}


def provider_named(name: str) -> Provider | None:
    """The service that a person means by `name`: its own name or a usual other one, in any case."""
    return _by_name().get(_plain(name))


def _best(host: str, domain: str, patterns: Callable[[Provider], Iterable[Pattern | None]]) -> tuple[Provider, ...]:
    """The services of the most specific patterns that match; several share one where they build on each other."""
    found: dict[int, list[Provider]] = {}
    for provider in providers():
        fits = [p.labels for p in patterns(provider) if p is not None and p.matches(host, domain)]
        if fits:
            found.setdefault(max(fits), []).append(provider)
    return tuple(found[max(found)]) if found else ()


def by_spf(name: str) -> tuple[Provider, ...]:
    """Services that send from what the SPF record at `name` lists: "amazonses.com" is Resend and Amazon SES."""
    return _best(name, "", lambda provider: provider.spf)


def by_mx(host: str) -> Provider | None:
    """The service that an MX host belongs to."""
    return next(iter(_best(host, "", lambda provider: provider.mx)), None)


def by_dkim_target(host: str, domain: str = "") -> Provider | None:
    """The service that a DKIM CNAME leads to: the strongest sign there is."""
    return next(iter(_best(host, domain, lambda provider: (sign.target for sign in provider.dkim))), None)


def by_return_path(host: str) -> tuple[Provider, ...]:
    """Services that the CNAME or MX of a return-path name leads to."""
    return _best(host, "", lambda provider: provider.return_path)


def by_verification(text: str) -> tuple[Provider, ...]:
    """Services whose ownership TXT record this is."""
    low = text.lower()
    return tuple(p for p in providers() if any(low.startswith(sign.lower()) for sign in p.verify))
