"""The DKIM-Signature header field: its grammar (RFC 6376 s3.5)."""

from __future__ import annotations

from dataclasses import dataclass

from checks.mail.message import address_domain
from checks.mail.taglist import TagList, base64_of, parse_tags, split_list

ALGORITHMS = ("rsa-sha256", "ed25519-sha256")
"""rsa-sha1 may no longer be verified (RFC 8301 s3.1)."""
_METHODS = ("simple", "relaxed")
_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM-Signature as read; of one with errors the fields hold what could be read."""

    algorithm: str
    value: bytes
    """b="""
    body_hash: bytes
    header_method: str
    body_method: str
    domain: str
    """d=, in lower case."""
    selector: str
    identity: str
    """The domain of i=; d= where it is not given."""
    headers: tuple[str, ...]
    """h=, in lower case."""
    length: int | None
    """l=: how many bytes of the canonical body are signed; None for all."""
    time: int | None
    expires: int | None
    errors: tuple[str, ...] = ()

    @property
    def key_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


def parse_signature(text: str) -> Signature:
    """Read the value of a DKIM-Signature field. Never raises; see `Signature.errors`."""
    tags = parse_tags(text)
    errors = list(tags.errors)
    errors += [f"{name}= is missing" for name in _REQUIRED if not tags.get(name)]
    if tags.get("v") not in (None, "1"):
        errors.append("v= is not 1")
    algorithm = (tags.get("a") or "").lower()
    if algorithm and algorithm not in ALGORITHMS:
        obsolete = " (obsolete: receivers must not accept it, RFC 8301)" if algorithm == "rsa-sha1" else ""
        errors.append(f"a={algorithm[:40]} is not accepted{obsolete}")
    header_method, _, body_method = (tags.get("c") or "simple/simple").lower().partition("/")
    body_method = body_method or "simple"
    if header_method not in _METHODS or body_method not in _METHODS:
        errors.append(f"c={(tags.get('c') or '')[:40]} is no canonicalization")
    headers = tuple(name.lower() for name in split_list(tags.get("h") or ""))
    if headers != ("",) and "from" not in headers:
        errors.append("h= leaves the From field unsigned")
    domain = (tags.get("d") or "").rstrip(".").lower()
    identity = address_domain(tags.get("i") or f"@{domain}")
    if identity != domain and not identity.endswith(f".{domain}"):
        errors.append("i= lies outside d=")
    if "dns/txt" not in split_list((tags.get("q") or "dns/txt").lower()):
        errors.append("q= names no way to the key that is known")
    time, expires = _number(tags, "t", errors), _number(tags, "x", errors)
    if time is not None and expires is not None and expires <= time:
        errors.append("x= is not after t=")
    return Signature(
        algorithm=algorithm,
        value=_base64(tags, "b", errors),
        body_hash=_base64(tags, "bh", errors),
        header_method=header_method,
        body_method=body_method,
        domain=domain,
        selector=(tags.get("s") or "").lower(),
        identity=identity,
        headers=headers,
        length=_number(tags, "l", errors),
        time=time,
        expires=expires,
        errors=tuple(dict.fromkeys(errors)),
    )


def _number(tags: TagList, name: str, errors: list[str]) -> int | None:
    text = tags.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 76):
        errors.append(f"{name}= is no number")
        return None
    return int(text)


def _base64(tags: TagList, name: str, errors: list[str]) -> bytes:
    data = base64_of(tags.get(name) or "")
    if data is None:
        errors.append(f"{name}= is not valid base64")
    return data or b""
