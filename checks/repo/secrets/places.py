"""From secrets and where they stand to what is reported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from checks.repo.secrets.allow import Allowed
from checks.repo.secrets.exposure import Exposure, lowered, rule_of
from checks.repo.secrets.history import Named
from checks.repo.secrets.tally import Found

UNNAMED = "(unnamed object)"


def exposures(
    founds: Iterable[Found],
    names: Mapping[str, Mapping[str, Named]],
    ignored: Collection[str],
    allowed: Allowed,
    *,
    public: bool,
    where: str = "tree",
    blobs: Mapping[str, str] | None = None,
) -> tuple[list[Exposure], int]:
    """Return what is to be reported, and how many secrets are allowed.

    A secret is reported once for each path that it stands in, with the first commit that brought it there.

    Args:
        names: of the objects, by id and by path.
        ignored: files that git ignores.
        where: "tree" or "staged", of what stands in files.
        blobs: ids of the files' objects, where they are known.
    """
    wanted = [found for found in founds if public or not found.public]
    waved = {found.fingerprint for found in wanted if found.allowed and (found.files or _staged(found, names))}
    in_tree = {found.fingerprint for found in wanted if found.files}
    hidden: set[str] = set()
    told: dict[tuple[str, str], Exposure] = {}
    for found in wanted:
        if found.allowed or found.fingerprint in waved:
            hidden.add(found.fingerprint)
            continue
        first = _first_by_path(found, names)
        for path, line in found.files.items():
            if allowed.covers(found.rule, path, found.fingerprint):
                hidden.add(found.fingerprint)
                continue
            blob, named = first.pop(path, ("", None))
            exposure = _exposure(
                found, path, line, named, blob or (blobs or {}).get(path, ""), where, True, path in ignored
            )
            _keep(told, exposure)
        for path, (blob, named) in first.items():
            if allowed.covers(found.rule, path, found.fingerprint):
                hidden.add(found.fingerprint)
                continue
            place = "staged" if named is not None and named.staged else "history"
            line = max(0, found.blobs[bytes.fromhex(blob)] - (named.above if named is not None else 0))
            _keep(told, _exposure(found, path, line, named, blob, place, found.fingerprint in in_tree, False))
    every = sorted(told.values(), key=lambda each: (each.status, each.where != "tree", each.path, each.line, each.rule))
    return every, len(hidden - {each.fingerprint for each in every})


def _staged(found: Found, names: Mapping[str, Mapping[str, Named]]) -> bool:
    return any(named.staged for blob in found.blobs for named in names.get(blob.hex(), {}).values())


def _keep(told: dict[tuple[str, str], Exposure], exposure: Exposure) -> None:
    """Of several rules' words on the same secret in the same path keep the most particular."""
    key = (exposure.fingerprint, exposure.path)
    known = told.get(key)
    if known is None or _weight(exposure) > _weight(known):
        told[key] = exposure


def _weight(exposure: Exposure) -> tuple[int, bool]:
    return rule_of(exposure.rule).rank, exposure.status == "fail"


def _first_by_path(found: Found, names: Mapping[str, Mapping[str, Named]]) -> dict[str, tuple[str, Named | None]]:
    """For each path that an object with the secret ever had, the object of the earliest commit."""
    first: dict[str, tuple[str, Named | None]] = {}
    for blob in found.blobs:
        name = blob.hex()
        by_path: Mapping[str, Named | None] = names.get(name) or {UNNAMED: None}
        for path, named in by_path.items():
            known = first.get(path)
            if known is None or _earlier(named, known[1]):
                first[path] = (name, named)
    return first


def _earlier(named: Named | None, other: Named | None) -> bool:
    if named is None or other is None:
        return named is not None
    return (not named.reachable, named.order) < (not other.reachable, other.order)


def _exposure(
    found: Found, path: str, line: int, named: Named | None, blob: str, where: str, in_tree: bool, ignored: bool
) -> Exposure:
    rule = rule_of(found.rule)
    return Exposure(
        rule=found.rule,
        title=rule.name,
        path=path,
        line=line,
        commit=named.commit if named else "",
        blob=blob,
        date=named.date if named and named.commit else "",
        masked=found.masked,
        status=lowered(found.status, rule, path),
        fingerprint=found.fingerprint,
        where=where,
        in_tree=in_tree,
        reachable=bool(named and named.reachable) or where != "history",
        ignored=ignored,
        public=found.public,
        layer=found.layer,
        rotate=rule.rotate,
    )
