"""Whether the forms of the site send what is filled in safely, and to whom it is meant for."""

from __future__ import annotations

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.web.forms.inventory import form_inventory
from checks.web.forms.pages import pages_with_forms
from checks.web.forms.reading import Sending, driven_by_script, is_declared, private_fields, sendings
from checks.web.html import Document
from checks.web.pages import canonical
from checks.web.url import first_party, host


async def _pages(facts: Facts) -> tuple[str, ...]:
    return tuple(url for url, _ in await pages_with_forms(facts))


@check(
    "form.insecure",
    title="A form sends what customers type the wrong way",
    when="a form posts over http, to another organisation than declared, or by GET with a password or mail field",
    status="fail",
    triage="now",
    risk="data",
    item=("S1.6", "S2.F2"),
    source="roadmap",
    cost="Passwords and addresses of customers can be read by others, or end up where nobody looks.",
    each=_pages,
    nothing="no page that was looked at has a form",
)
async def insecure(facts: Facts, url: str) -> Verdict:
    document = dict(await pages_with_forms(facts))[url]
    site = await canonical(facts)
    found = sendings(document, url)
    faults = [(sending, fault) for sending in found if (fault := _fault(facts, sending, document, site))]
    evidence = [form.describe() for form in await form_inventory(facts) if form.page == url]
    if not faults:
        return passed(url, f"{len(document.forms)} form(s) send safely and to where they should", evidence=evidence)
    what, fix = faults[0][1]
    return failed(
        url,
        f"a form on {url} {what}",
        evidence=[f"a form {fault[0]}: {sending.method.upper()} to {sending.url}" for sending, fault in faults]
        + evidence,
        fix=fix,
    )


def _fault(facts: Facts, sending: Sending, document: Document, site: str) -> tuple[str, str] | None:
    """What is wrong with a sending, and how to mend it."""
    if sending.method == "dialog" or not sending.url.startswith(("http:", "https:")):
        return None
    place = host(sending.url)
    if sending.url.startswith("http:"):
        return "sends over http", f'Write action="{sending.url.replace("http:", "https:", 1)}".'
    if sending.method == "post" and not first_party(sending.url, facts.subject, site):
        if not is_declared(place, facts.subject):
            return (
                f"sends to {place}, which is not declared",
                f"If {place} is meant to receive it, declare it in the session file (site.forms: action_hosts); else "
                "let the form send to the site's own server.",
            )
    fields = private_fields(sending.form)
    if sending.method == "get" and fields and not driven_by_script(sending.form, document):
        return (
            f"sends {', '.join(fields)} by GET, in the address, where it stays in logs and histories",
            'Write method="post" in the form.',
        )
    return None
