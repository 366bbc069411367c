"""Whether the site's own source code can be read from its scripts' source maps."""

from __future__ import annotations

import re

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, passed, warned
from checks.network import Response
from checks.web.exposure.probes import MAPS, answers_of, is_no_such_page, probed, site
from checks.web.pages import Script, first_party_scripts
from checks.web.site.answers import the_canonical_page
from checks.web.site.dev_hosts import kind_of_host
from checks.web.url import host, resolve

_MARK = "sourceMappingURL="
_POINTER = re.compile(r"(?://|/\*)[#@][ \t]*sourceMappingURL=([^\s'\"*]+)[ \t]*(?:\*/)?(?:\s|//[^\n]*+)*+\Z")


def source_map_of(script: str) -> str:
    """The URL that a script names as its source map at its end (ECMA-426); empty where it names none.

    Other comments may follow, such as the debug id of an error tracker. Code that builds such a line, as bundlers
    carry it, is passed over.
    """
    at = script.rfind(_MARK)
    match = _POINTER.match(script, max(script.rfind("//", 0, at), script.rfind("/*", 0, at))) if at >= 0 else None
    return match[1] if match else ""


def is_source_map(response: Response) -> bool:
    """Whether an answer is a source map, whole or cut."""
    body = response.body.lstrip()
    if body.startswith(b")]}"):
        body = body.partition(b"\n")[2].lstrip()
    has_part = any(key in body for key in (b'"mappings"', b'"sources"', b'"sections"'))
    return response.status == 200 and body.startswith(b"{") and b'"version"' in body and has_part


@check(
    "exposure.source-map",
    title="The source code of the site can be read",
    when="a first-party script's source map is public",
    status="warn",
    triage="later",
    risk="data",
    item=("B10",),
    source="roadmap",
    cost="Competitors and attackers read the program as it was written, comments included.",
    each=the_canonical_page,
)
async def source_map(facts: Facts, url: str) -> Verdict | list[Verdict]:
    await site(facts)
    scripts = await first_party_scripts(facts)
    if not scripts:
        return passed(url, "the homepage loads no script of the site's own")
    named = {script: _named_map(script) for script in scripts}
    inline = [script for script, target in named.items() if target.startswith("data:")]
    # Those that a script names first; where it names none, the usual place may still have one.
    ordered = sorted((s for s in scripts if s not in inline), key=lambda script: not named[script])
    asked = {script: named[script] or f"{script.url.partition('?')[0]}.map" for script in ordered[:MAPS]}
    answers = await probed(facts, asked.values())
    public = {script.url: "the map is within the script itself" for script in inline}
    for script, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Response) and is_source_map(answer) and not await is_no_such_page(facts, answer):
            with_source = ", with the whole source" if b'"sourcesContent"' in answer.body else ""
            public[script.url] = f"{answer.describe()}{with_source}"
    if not public:
        evidence = [answer.describe() for answer in answers_of(answers)]
        return passed(url, f"no source map of {len(asked)} script(s) is public", evidence=evidence)
    return [
        warned(
            script,
            f"the source map of {script} is public",
            evidence=[seen],
            fix="Build without source maps for production, or keep the .map files out of what is served (upload them "
            "to the error tracker instead).",
        )
        for script, seen in public.items()
    ]


def _named_map(script: Script) -> str:
    """The map that a script names, absolute; empty where it names none, or none that could be public."""
    headers = script.response.headers
    written = headers.get("sourcemap") or headers.get("x-sourcemap") or source_map_of(script.text)
    target = resolve(written, script.url) if written else ""
    return "" if kind_of_host(host(target)) else target
