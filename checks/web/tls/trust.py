"""Whom a certificate convinces: paths to a trusted root, found offline, with expiry told apart from trust."""

from __future__ import annotations

import itertools
import ssl
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from OpenSSL import crypto

from checks.network.tls import system_roots
from checks.once import made_once
from checks.web.tls.certificate import Certificate, now, read_certificate

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME, which pyOpenSSL does not name."""

_ISSUER_MISSING = frozenset({2, 7, 19, 20, 21})
"""X509_V_ERR_* that another intermediate can mend: no issuer found, one of the same name with another key, or a root
that is not trusted, which a trusted one may have signed across."""

MOST_SENT = 12
"""Among so many certificates other ways up are looked for."""
WAYS = 16
"""So many ways up are tried at most where issuers of one name were sent several times."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way from the leaf up."""

    certificates: tuple[Certificate, ...]
    """The leaf first. Where `trusted`, the last is the trusted root; else it is as far as one can get."""
    trusted: bool
    """Whether it ends at a trusted root, dates left aside."""
    reason: str = ""
    """OpenSSL's words for why it is not trusted."""
    issuer_missing: bool = False
    """Whether it is not trusted for want of an issuer, so that one more certificate may mend it."""

    @property
    def leaf(self) -> Certificate:
        return self.certificates[0]

    @property
    def needed(self) -> tuple[Certificate, ...]:
        """The certificates that have to be right: all of it, the trusted root aside."""
        return self.certificates[:-1] if self.trusted and len(self.certificates) > 1 else self.certificates

    @property
    def out_of_date(self) -> tuple[Certificate, ...]:
        """Those on the way that are past their end or not yet valid, a root on it included."""
        moment = now()
        return tuple(c for c in self.certificates if not c.valid_at(moment))


class TrustStore:
    """The roots to trust: the system's, and those of `ca_file`.

    What is trusted ends a path even where it is no root (as for curl and browsers).
    """

    def __init__(self, ca_file: str | None = None) -> None:
        self._timely = self._store(ca_file, crypto.X509StoreFlags.PARTIAL_CHAIN)
        self._timeless = self._store(ca_file, crypto.X509StoreFlags.PARTIAL_CHAIN | _NO_CHECK_TIME)

    @staticmethod
    def _store(ca_file: str | None, flags: int) -> crypto.X509Store:
        store = crypto.X509Store()
        store.set_flags(flags)
        file, folder = system_roots()
        store.load_locations(file, folder)
        if sys.platform == "win32":
            for der, encoding, trust in ssl.enum_certificates("ROOT"):
                if encoding == "x509_asn" and trust is True:
                    store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
        if ca_file:
            store.load_locations(ca_file)
        return store

    def path(self, leaf: Certificate, others: Iterable[Certificate]) -> Path:
        """Find the best path from `leaf` through `others`: one that is valid now, else one whatever its dates."""
        moment = now()
        # OpenSSL takes the first issuer that fits, so those that are valid now stand first.
        pool = sorted(dict.fromkeys(others), key=lambda c: not c.valid_at(moment))
        verified = self._verified(self._timely, leaf, pool)
        if isinstance(verified, Path):
            return verified
        ways = tuple(itertools.islice(_ways(leaf, pool[:MOST_SENT]), WAYS))
        tries = (*((self._timely, way) for way in ways), *((self._timeless, way) for way in (pool, *ways)))
        problems = []
        for store, way in tries:
            verified = self._verified(store, leaf, way)
            if isinstance(verified, Path):
                return verified
            problems.append(verified)
        _, _, words = problems[len(ways)].errors
        missing = any(problem.errors[0] in _ISSUER_MISSING for problem in problems)
        return Path(linked(leaf, pool), False, words, issuer_missing=missing)

    @staticmethod
    def _verified(
        store: crypto.X509Store, leaf: Certificate, pool: Sequence[Certificate]
    ) -> Path | crypto.X509StoreContextError:
        """The path that OpenSSL finds, or why it finds none."""
        context = crypto.X509StoreContext(store, leaf.native, [c.native for c in pool])
        try:
            ders = [crypto.dump_certificate(crypto.FILETYPE_ASN1, c) for c in context.get_verified_chain()]
        except crypto.X509StoreContextError as problem:
            return problem
        known = {c.der: c for c in (leaf, *pool)}
        path = Path(tuple(known.get(der) or read_certificate(der) for der in ders), True)
        if not leaf.serves:
            return Path(path.certificates, False, "its extended key usage does not allow a TLS server")
        return path


@made_once
def trust_store(ca_file: str | None) -> TrustStore:
    """The store of this process for these roots; the first call reads them all, so let a thread make it.

    Raises OpenSSL.crypto.Error where `ca_file` cannot be read.
    """
    return TrustStore(ca_file)


def _ways(leaf: Certificate, pool: Sequence[Certificate]) -> Iterator[tuple[Certificate, ...]]:
    """Every way up from `leaf` through `pool`, where there is more than one.

    OpenSSL follows the first issuer that fits and never goes back, as browsers do: of two cross-signed ones, it may
    take that of the root that nobody trusts.
    """
    above = {c: tuple(other for other in pool if other != c and c.issued_by(other)) for c in (leaf, *pool)}
    if all(len(issuers) < 2 for issuers in above.values()):
        return
    waiting: list[tuple[Certificate, ...]] = [(leaf,)]
    while waiting:
        way = waiting.pop()
        further = [issuer for issuer in above[way[-1]] if issuer not in way]
        if further:
            waiting += [(*way, issuer) for issuer in reversed(further)]
        else:
            yield way[1:]


def linked(leaf: Certificate, others: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Follow issuers by name from `leaf` through `others` as far as they lead."""
    chain, left = [leaf], list(dict.fromkeys(others))
    while not chain[-1].self_issued:
        following = next((c for c in left if c not in chain and chain[-1].issued_by(c)), None)
        if following is None:
            break
        chain.append(following)
    return tuple(chain)


def misordered(sent: Sequence[Certificate]) -> bool:
    """Whether some certificate that was sent does not issue the one before it (RFC 5246 s7.4.2)."""
    return any(not below.issued_by(above) for below, above in itertools.pairwise(sent))
