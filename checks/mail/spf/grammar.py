"""The grammar of an SPF record (RFC 7208 s12): text to typed terms and every error in it."""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass

from checks.mail.spf.macro import EXPLANATION_LETTERS, BadMacro, MacroString, read_domain, read_macros

VERSION = "v=spf1"
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
"""The result that a matching mechanism gives, by its qualifier."""
MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
QUERYING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
"""Terms that count against the limit of look-ups (RFC 7208 s4.6.4)."""
ASKED_LIMIT = 64
"""Terms of one record that are looked up, however many it has."""

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=")
_PREFIX4 = re.compile(r"/(0|[1-9][0-9]?)\Z")
_PREFIX6 = re.compile(r"//(0|[1-9][0-9]{0,2})\Z")
MISSPELT = {
    "ipv4": "ip4",
    "ipv6": "ip6",
    "ip": "ip4",
    "inlcude": "include",
    "incude": "include",
    "includes": "include",
    "al": "all",
    "alll": "all",
    "exist": "exists",
}
"""Wrong names of mechanisms that are met, and what is meant."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A mechanism with its qualifier."""

    text: str
    """As written."""
    qualifier: str
    """"+", "-", "~" or "?"."""
    mechanism: str
    """Lower case, one of `MECHANISMS`."""
    domain: MacroString | None = None
    """None where the record's own domain is meant, and of all, ip4 and ip6."""
    network: IPNetwork | None = None
    """Of ip4 and ip6."""
    prefix4: int = 32
    prefix6: int = 128

    @property
    def kind(self) -> str:
        return self.mechanism

    @property
    def result(self) -> str:
        """What a match means: "pass", "fail", "softfail" or "neutral"."""
        return RESULTS[self.qualifier]


@dataclass(frozen=True, slots=True)
class Modifier:
    """A modifier: redirect=, exp=, or one that this version does not know, which changes nothing."""

    text: str
    name: str
    """Lower case."""
    value: MacroString

    @property
    def kind(self) -> str:
        return self.name

    @property
    def domain(self) -> MacroString:
        return self.value


@dataclass(frozen=True, slots=True)
class Problem:
    """A term that does not follow the grammar, and why."""

    term: str
    reason: str

    def __str__(self) -> str:
        return f"{self.term!r}: {self.reason}" if self.term else self.reason


Term = Directive | Modifier


@dataclass(frozen=True)
class Record:
    """One SPF record. With `problems` it is a permanent error for every receiver, whatever else it says."""

    text: str
    terms: tuple[Term, ...]
    """The terms that can be read, in order."""
    problems: tuple[Problem, ...] = ()

    @functools.cached_property
    def directives(self) -> tuple[Directive, ...]:
        """The mechanisms that are ever tried: up to and with the first "all" (RFC 7208 s5.1)."""
        tried = []
        for term in self.terms:
            if isinstance(term, Directive):
                tried.append(term)
                if term.mechanism == "all":
                    break
        return tuple(tried)

    @functools.cached_property
    def all(self) -> Directive | None:
        """The mechanism that ends it, where there is one."""
        return self.directives[-1] if self.directives and self.directives[-1].mechanism == "all" else None

    @functools.cached_property
    def redirect(self) -> Modifier | None:
        """The redirect that is followed: none beside an "all" (RFC 7208 s6.1)."""
        return None if self.all else self._modifier("redirect")

    @functools.cached_property
    def exp(self) -> Modifier | None:
        return self._modifier("exp")

    @functools.cached_property
    def followed(self) -> tuple[Term, ...]:
        """Every term that can come into play: `directives`, then `redirect`."""
        return (*self.directives, self.redirect) if self.redirect else self.directives

    @functools.cached_property
    def querying(self) -> tuple[Term, ...]:
        """The terms among `followed` that cost a look-up."""
        return tuple(term for term in self.followed if term.kind in QUERYING)

    @functools.cached_property
    def beyond(self) -> frozenset[str]:
        """Texts of terms that are not looked up here: so far past every limit that no receiver comes to them."""
        return frozenset(term.text for term in self.querying[ASKED_LIMIT:])

    def _modifier(self, name: str) -> Modifier | None:
        return next((term for term in self.terms if isinstance(term, Modifier) and term.name == name), None)


def network_term(network: IPNetwork) -> str:
    """The term that authorises a network: "ip4:192.0.2.1", "ip6:2001:db8::/32"."""
    single = network.prefixlen == network.max_prefixlen
    return f"ip{network.version}:{network.network_address if single else network}"


def is_spf(text: str) -> bool:
    """Whether a TXT record is an SPF record: the version, then a space or the end (RFC 7208 s4.5)."""
    return text[: len(VERSION)].lower() == VERSION and text[len(VERSION) : len(VERSION) + 1] in ("", " ")


@functools.lru_cache(maxsize=32)
def parse(text: str) -> Record:
    """Read an SPF record, all of it, whatever it holds.

    Args:
        text: the strings of the TXT record joined; each byte one character, so that what is not ASCII shows.
    """
    terms: list[Term] = []
    problems: list[Problem] = []
    if not is_spf(text):
        problems.append(Problem("", f"it does not begin with {VERSION} and a space"))
    for word in text[len(VERSION) :].split(" "):
        if not word:
            continue
        try:
            term = _term(word)
        except BadMacro as problem:
            problems.append(Problem(word, str(problem)))
            continue
        terms.append(term)
    for name in ("redirect", "exp"):
        given = [term for term in terms if isinstance(term, Modifier) and term.name == name]
        if len(given) > 1:
            problems.append(Problem(given[1].text, f"{name}= may stand only once"))
    return Record(text, tuple(terms), tuple(problems))


def parse_explanation(text: str) -> MacroString | None:
    """Read the text that exp= points at (RFC 7208 s6.2); None where it has an error, and so is not used."""
    try:
        return read_macros(text, letters=EXPLANATION_LETTERS, spaces=True)
    except BadMacro:
        return None


def _term(word: str) -> Term:
    modifier = _MODIFIER.match(word)
    if modifier is None:
        return _directive(word)
    name, value = modifier[1].lower(), word[modifier.end() :]
    return Modifier(word, name, read_domain(value) if name in ("redirect", "exp") else read_macros(value))


def _directive(word: str) -> Directive:
    qualifier = word[0] if word[0] in RESULTS else "+"
    body = word[1:] if word[0] in RESULTS else word
    end = next((place for place, character in enumerate(body) if character in ":/"), len(body))
    name, rest = body[:end].lower(), body[end:]
    if name not in MECHANISMS:
        raise BadMacro(_unknown(name, rest))
    if name == "all":
        if rest:
            raise BadMacro("nothing may follow all")
        return Directive(word, qualifier, name)
    if name in ("ip4", "ip6"):
        return Directive(word, qualifier, name, network=_network(name, rest))
    if name in ("a", "mx"):
        rest, prefix4, prefix6 = _prefixes(rest)
        return Directive(word, qualifier, name, _target(rest), prefix4=prefix4, prefix6=prefix6)
    if name != "ptr" and not rest.startswith(":"):
        raise BadMacro(f"{name} needs a domain: {name}:example.com")
    return Directive(word, qualifier, name, _target(rest))


def _unknown(name: str, rest: str) -> str:
    if not name.isascii() or not name.isprintable():
        return "it holds a character that is not allowed; terms are separated by spaces alone"
    if name in ("redirect", "exp"):
        return f"{name} is followed by =, as in {name}=example.com"
    meant = MISSPELT.get(name)
    if meant is None and name.endswith((",", ";")):
        return "terms are separated by spaces alone"
    return f"there is no mechanism {name[:40]!r}" + (f"; {meant}{rest[:60]} may be meant" if meant else "")


def _target(rest: str) -> MacroString | None:
    """The domain after the colon; None where nothing follows the mechanism's name."""
    if not rest:
        return None
    if not rest.startswith(":"):
        raise BadMacro(f"{rest[:40]} may not stand here")
    address = _address(rest[1:])
    if address is not None:
        raise BadMacro(f"{address} is an address, not a name: ip{address.version}:{address} may be meant")
    return read_domain(rest[1:])


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if ":" not in text and not text.replace(".", "").isdigit():
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _prefixes(rest: str) -> tuple[str, int, int]:
    """Take the dual-cidr-length off the end: what is left, and the two lengths."""
    prefix4, prefix6 = 32, 128
    if match := _PREFIX6.search(rest):
        prefix6 = int(match[1])
        rest = rest[: match.start()]
    if match := _PREFIX4.search(rest):
        prefix4 = int(match[1])
        rest = rest[: match.start()]
    if prefix4 > 32 or prefix6 > 128:
        raise BadMacro("a prefix length is at most 32 for IPv4 and 128 for IPv6")
    return rest, prefix4, prefix6


def _network(name: str, rest: str) -> IPNetwork:
    """The network after ip4: or ip6:."""
    if not rest.startswith(":"):
        raise BadMacro(f"{name} needs an address: {name}:{'192.0.2.1' if name == 'ip4' else '2001:db8::1'}")
    text, slash, length = rest[1:].partition("/")
    bits = 32 if name == "ip4" else 128
    if slash and re.fullmatch(r"0|[1-9][0-9]{0,2}", length) is None:
        raise BadMacro(f"/{length[:20]} is no prefix length")
    if slash and int(length) > bits:
        raise BadMacro(f"a prefix length of {name} is at most {bits}")
    # A zone ("%eth0") belongs to an address of one machine and to no grammar of SPF.
    address = None if "%" in text else _address(text)
    if address is None:
        raise BadMacro(f"{text[:60]} is no {'IPv4' if name == 'ip4' else 'IPv6'} address")
    if f"ip{address.version}" != name:
        raise BadMacro(f"{text} is an IPv{address.version} address: write ip{address.version}:{rest[1:]}")
    return ipaddress.ip_network((address, int(length) if slash else bits), strict=False)
