"""The checks of a domain's DKIM keys."""

from __future__ import annotations

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Triage, Verdict, failed, noted, passed, skipped, warned
from checks.mail.asking import uses_no_mail
from checks.mail.dkim.key import RSA_GOOD, RSA_LEAST
from checks.mail.dkim.selectors import DkimKeys, Place, dkim_keys
from checks.mail.providers import Provider

SELECTOR_HINT = (
    "Send yourself a mail from the service, look at its source, and give the s= of its DKIM-Signature as a selector."
)
NEW_KEY = "make a new 2048-bit key pair at the service that signs and publish the record that it shows"
NO_KEY = "no DKIM key record is known for this domain"


@check(
    "dkim.missing",
    title="Mail is not signed (no DKIM key)",
    when="no key record is found at any declared selector, nor at the known selectors of the providers in use (a"
    " revoked or unusable key is reported as such, not as missing; one declared selector of several without a key is"
    " told in the evidence)",
    status="fail",
    triage="now",
    risk="mail",
    item=("B08", "S5.2", "A3"),
    source="RFC 6376",
    cost="Gmail and Outlook trust unsigned mail less, so replies to leads and password resets land in spam.",
)
async def dkim_missing(facts: Facts, domain: str) -> Verdict:
    keys = await dkim_keys(facts)
    seen = [place.describe for place in keys.places]
    if keys.looked_for:
        empty = [place.selector for place in keys.places if place.declared and not place.keys]
        lacking = f"; declared, but without a key: {', '.join(empty)}" if empty else ""
        return passed(domain, f"{len(keys.looked_for)} DKIM key record(s) found{lacking}", evidence=seen)
    if problem := next((place.problem for place in keys.places if place.expected and place.problem), None):
        raise problem
    declared = [place.selector for place in keys.places if place.declared]
    seen += _signs(keys)
    if not declared:
        if await uses_no_mail(facts):
            return skipped(domain, "the domain says that it sends no mail (null MX, v=spf1 -all)", evidence=seen)
        if keys.any_exists is not False and (reason := _unknown(keys)):
            return skipped(domain, reason, evidence=seen)
    at = f"the selector {', '.join(declared)}" if declared else "any selector of the services in use"
    fix = how_to_publish(keys, domain)
    if keys.any_exists and not declared:
        fix += f" If it is on already under another selector: {SELECTOR_HINT}"
    elif keys.found:
        others = " and ".join(place.selector for place in keys.found)
        fix += f" A key stands at {others}: if that is what your mail is signed with, give it as the selector."
    return failed(domain, f"{domain} publishes no DKIM key at {at}", evidence=seen, fix=fix)


def _unknown(keys: DkimKeys) -> str:
    """Why a key may exist that cannot be found; empty where all that could be was looked at. Raises CannotTell."""
    if keys.problems:
        raise keys.problems[0]
    hidden = [service.name for service in keys.in_use if not service.guessable and service not in keys.derived]
    if hidden and keys.any_exists is not False:
        return f"{hidden[0]} signs with selectors that cannot be guessed. {SELECTOR_HINT}"
    if any(service.dkim and service.kind != "forwarding" for service in keys.in_use):
        return ""
    if keys.any_exists:
        return f"some DKIM selector exists, but its name is not known here. {SELECTOR_HINT}"
    return f"no selector is declared, and which service signs is not known. {SELECTOR_HINT}"


def _signs(keys: DkimKeys) -> list[str]:
    """What the bare _domainkey names say."""
    said = {
        True: "exists, so some selector does",
        False: "does not exist, so no selector does",
        None: "whether any selector exists cannot be told from DNS here",
    }
    return [f"_domainkey.{base}: {said[exists]}" for base, exists in keys.exists.items()]


def how_to_publish(keys: DkimKeys, domain: str) -> str:
    """What is to be done at every service in use that has no key yet; in general where no service is known."""
    lacking = [service for service in keys.in_use if service.signs and not keys.has_key(service)]
    if lacking:
        return " ".join(_at_service(keys, service, domain) for service in lacking)
    if keys.looked_for:
        return ""
    declared = [place.selector for place in keys.places if place.declared]
    selector = declared[0] if declared else "s1"
    return (
        f"Turn DKIM on at the service that sends your mail and publish the key that it shows:"
        f' {selector}._domainkey.{domain} TXT "v=DKIM1; k=rsa; p=...".'
    )


def _at_service(keys: DkimKeys, service: Provider, domain: str) -> str:
    """One service's part."""
    begin = f"Turn DKIM on in the settings of {service.name} and publish"
    rdtype, selectors = service.to_publish
    selectors = keys.derived.get(service, selectors)
    unless = "" if keys.any_exists is False else " (unless it signs with another selector already)"
    if not selectors:
        return f"{begin} the records that it shows{unless or ', whose names it makes up'}."
    names = " and ".join(f"{selector}._domainkey.{domain}" for selector in selectors)
    if rdtype == "CNAME":
        what = "the CNAME, with the target" if len(selectors) == 1 else "the CNAMEs, with the targets"
        return f"{begin} at {names} {what} that it shows."
    return f"{begin} at {names} the TXT record that it shows{unless}."


async def _known(facts: Facts) -> list[str]:
    """Names with a record, and expected ones that could not be asked, so that these say why."""
    return [place.name for place in (await dkim_keys(facts)).places if place.keys or (place.problem and place.expected)]


async def _place(facts: Facts, name: str) -> Place:
    """Raises CannotTell where it could not be asked."""
    place = (await dkim_keys(facts)).at(name)
    if place.problem:
        raise place.problem
    return place


@check(
    "dkim.syntax",
    title="A DKIM key cannot be used",
    when="a key record cannot be used: bad tags, bad base64, a key that is not of its stated kind, an unknown k=, or a"
    " v= that is not first or not DKIM1",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.2",),
    source="RFC 6376 s3.6.1",
    cost="Every mail signed with this key fails its check, as if it were not signed at all.",
    each=_known,
    nothing=NO_KEY,
)
async def dkim_syntax(facts: Facts, name: str) -> Verdict:
    place = await _place(facts, name)
    seen = [place.describe, *(f"also there: {text}" for text in place.foreign)]
    if len(place.keys) > 1:
        return failed(
            name,
            f"{len(place.keys)} key records stand at one selector, and a receiver may take either",
            evidence=seen,
            fix=f"Keep the one record that your service shows for {name} and delete the other.",
        )
    (key,) = place.keys
    if not key.errors and place.foreign:
        return noted(
            name,
            f"a valid key record ({key.summary}), but another TXT record stands beside it, and some receivers then"
            " read neither (RFC 6376 s3.6.2.2)",
            evidence=seen,
            fix=f"Delete what is no key at {name}.",
        )
    if not key.errors:
        return passed(name, f"a valid key record ({key.summary})", evidence=seen)
    fix = f"At {name}, {NEW_KEY}; check that no character is lost when it is pasted."
    if "\\" in key.text:
        fix = f"At {name}, publish the record without backslashes: they belong to zone files, not to records."
    return failed(name, f"the key cannot be used: {'; '.join(key.errors)}", evidence=seen, fix=fix)


async def _readable(facts: Facts) -> list[str]:
    """Names whose key can be read, and those that could not be asked."""
    keys = await dkim_keys(facts)
    return [name for name in await _known(facts) if (at := keys.at(name)).problem or any(k.public for k in at.keys)]


@check(
    "dkim.key-weak",
    title="A DKIM key is too small",
    when="an RSA key is below 1024 bits (fail, triage now), or below 2048 (warn, triage later); a small key is weak,"
    " never bad syntax",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.2",),
    source="RFC 8301 s3.2",
    cost="A small key can be broken, and then strangers sign mail in your name.",
    each=_readable,
    nothing="no DKIM key that can be read is known for this domain",
)
async def dkim_key_weak(facts: Facts, name: str) -> Verdict:
    place = await _place(facts, name)
    sizes = [key.bits for key in place.keys if key.bits is not None]
    seen = [place.describe]
    fix = f"At {name}, {NEW_KEY}; sign with the new one and then delete the old."
    if sizes and min(sizes) < RSA_LEAST:
        return failed(
            name,
            f"the RSA key has only {min(sizes)} bits; receivers must refuse fewer than {RSA_LEAST}",
            evidence=seen,
            fix=fix,
            triage=Triage.NOW,
            cost="Receivers do not accept signatures of this key, so mail counts as unsigned.",
        )
    if sizes and min(sizes) < RSA_GOOD:
        return warned(name, f"the RSA key has {min(sizes)} bits; {RSA_GOOD} are advised", evidence=seen, fix=fix)
    if not sizes and not any(key.bits for other in (await dkim_keys(facts)).found for key in other.keys):
        return noted(
            name,
            "the only keys are Ed25519, which many receivers cannot verify yet",
            evidence=seen,
            fix="Sign with an RSA key of 2048 bits as well, under a selector of its own.",
        )
    return passed(name, f"strong enough ({place.keys[0].summary})", evidence=seen)


@check(
    "dkim.revoked",
    title="A DKIM key is revoked",
    when="a declared selector's p= is empty",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.2",),
    source="RFC 6376 s3.6.1",
    cost="Mail that is still signed with this selector fails its check.",
    each=_known,
    nothing=NO_KEY,
)
async def dkim_revoked(facts: Facts, name: str) -> Verdict:
    place = await _place(facts, name)
    if not any(key.revoked for key in place.keys):
        return passed(name, "the key is not revoked")
    if not place.declared:
        return noted(
            name, "the key is revoked (p= is empty); nobody declared this selector as in use", evidence=[place.describe]
        )
    return failed(
        name,
        "the selector is declared as in use, but its key is revoked (p= is empty)",
        evidence=[place.describe],
        fix=f"At {name}, {NEW_KEY}; or stop signing with {place.selector} and delete the record.",
    )


async def _in_force(facts: Facts) -> list[str]:
    keys = await dkim_keys(facts)
    return [
        name for name in await _known(facts) if (at := keys.at(name)).problem or not all(k.revoked for k in at.keys)
    ]


@check(
    "dkim.testing",
    title="A DKIM key is marked as a test",
    when="a key carries t=y",
    status="warn",
    triage="now",
    risk="mail",
    item=("S5.2",),
    source="RFC 6376 s3.6.1",
    cost="Receivers may treat the mail as if it were not signed.",
    each=_in_force,
    nothing=NO_KEY,
)
async def dkim_testing(facts: Facts, name: str) -> Verdict:
    place = await _place(facts, name)
    testing = next((key for key in place.keys if key.testing), None)
    if testing is None:
        return passed(name, "the key is not marked as a test")
    return warned(
        name,
        "the key says t=y: the domain only tests DKIM",
        evidence=[place.describe],
        fix=f"Take the y out of t= in the record at {name}, and the whole tag where nothing else stands in it.",
    )
