"""TLS-RPT: the record that asks for reports about TLS between mail servers (RFC 8460)."""

from __future__ import annotations

import re

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.mail.asking import texts
from checks.mail.dmarc.record import parse_report_uri
from checks.mail.taglist import parse_tags, split_list

_MEANT = re.compile(r"\bv\s*=\s*tls-?rpt|\A\s*rua\s*=", re.IGNORECASE)
_VERSION = re.compile(r"v=TLSRPTv1[ \t]*(;|\Z)")
_HTTPS = re.compile(r"https://[^/?#]", re.IGNORECASE)
_RUA_FIELD = re.compile(r";[ \t]*rua=")


def record_errors(text: str) -> tuple[str, ...]:
    """What is wrong with a TLS-RPT record (RFC 8460 s3). Never raises."""
    tags = parse_tags(text)
    errors = list(tags.errors)
    # The grammar has version and rua to the letter, without a space around the sign.
    if not _VERSION.match(text):
        errors.append("it does not begin with v=TLSRPTv1;")
    if not _RUA_FIELD.search(text):
        errors.append("rua= is missing")
    else:
        for item in split_list(tags.get("rua") or "", ","):
            if not _takes_reports(item):
                errors.append(f"rua= holds {item[:80]!r}, which is no mailto: or https: URI")
    return tuple(errors)


def _takes_reports(item: str) -> bool:
    """Whether an item of rua= is a mailto: or https: URI; a comma, semicolon or "!" must be percent-encoded."""
    uri = parse_report_uri(item)
    if uri is None or "!" in item:
        return False
    return uri.scheme == "mailto" or _HTTPS.match(item) is not None


@check(
    "tls-rpt.syntax",
    title="The TLS-RPT record is wrong",
    when="a TLS-RPT record exists and is not valid, or is given twice",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.D1",),
    source="RFC 8460",
    cost="You do not learn when other mail servers fail to reach yours over TLS.",
)
async def tls_rpt_syntax(facts: Facts, domain: str) -> Verdict:
    name = f"_smtp._tls.{domain}"
    found = await texts(facts, name)
    # Senders discard what does not begin right (RFC 8460 s3): it harms only where nothing else is there.
    records = [text for text in found if _VERSION.match(text)] or [text for text in found if _MEANT.search(text)]
    seen = [f'{name} TXT "{text}"' for text in records]
    fix = f'Publish one record: {name} TXT "v=TLSRPTv1; rua=mailto:tls-reports@{domain}".'
    if not records:
        return passed(name, "TLS-RPT is not used", evidence=[f"to learn when senders fail to reach you by TLS: {fix}"])
    if len(records) > 1:
        return warned(name, "the record is given more than once, so senders ignore it", evidence=seen, fix=fix)
    if errors := record_errors(records[0]):
        return warned(name, f"the record is not valid: {'; '.join(errors)}", evidence=seen, fix=fix)
    return passed(name, "a valid record", evidence=seen)
