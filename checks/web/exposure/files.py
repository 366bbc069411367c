"""Whether files that hold the site's secrets can be fetched by anybody."""

from __future__ import annotations

import re

from checks.catalogue import check
from checks.facts import Facts
from checks.finding import Verdict, failed, passed
from checks.network import Response
from checks.text import decoded
from checks.web.exposure.probes import answers_of, no_such_page, probed, site
from checks.web.site.answers import the_canonical_page

ENV_FILES = (".env", ".env.production", ".env.local", ".env.backup", ".env.bak")
_REFUSE_DOTS = (
    "let the server refuse names that begin with a dot, .well-known aside, by which certificates are renewed "
    "(nginx: location ~ /\\.(?!well-known) { deny all; }  Apache: RedirectMatch 404 /\\.(?!well-known))"
)
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=")
_LEAST_SHARE = 0.3
"""Of lines that are assignments; the rest may be comments and values of several lines."""
_HEAD = re.compile(rb"\s*(?:ref:\s*refs/\S+|[0-9a-f]{40}|[0-9a-f]{64})\s*\Z")
_LONGEST_HEAD = 1000


def env_names(text: str) -> tuple[str, ...]:
    """The names that a file of NAME=value lines sets; empty where the text is no such file."""
    text = text.removeprefix("\ufeff")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))]
    matches = [_ASSIGNMENT.match(line) for line in lines]
    names = tuple(dict.fromkeys(match[1] for match in matches if match))
    if not names or matches[0] is None or text.lstrip().startswith(("<", "{")) or "\x00" in text:
        return ()
    return names if sum(1 for match in matches if match) >= _LEAST_SHARE * len(lines) else ()


@check(
    "exposure.env-file",
    title="The file with the passwords is public",
    when="/.env, or a common sibling of it (.env.production, .env.local, .env.backup, .env.bak), answers 200 with "
    "lines of NAME=value (and the site's 'no such page' answer looks different)",
    status="fail",
    triage="now",
    risk="data",
    item=("B10", "S1.5"),
    source="roadmap",
    cost="Anybody can read the database's password and the payment keys, and robots look for exactly this file.",
    each=the_canonical_page,
)
async def env_file(facts: Facts, url: str) -> Verdict | list[Verdict]:
    base = await site(facts)
    asked = await probed(facts, (f"{base}/{name}" for name in ENV_FILES))
    found = []
    for answer in asked:
        if isinstance(answer, Response) and (names := await _env_of(facts, answer)):
            found.append(
                failed(
                    answer.url,
                    f"{answer.url} is public and sets {len(names)} name(s)",
                    evidence=[answer.describe(), *(f"{name}=(not shown)" for name in names)],
                    fix=f"Take the file out of the folder that the web server serves, {_REFUSE_DOTS}, and replace "
                    "every secret in it.",
                )
            )
    if found:
        return found
    evidence = [answer.describe() for answer in answers_of(asked)]
    return passed(url, "no environment file is public", evidence=evidence)


async def _env_of(facts: Facts, answer: Response) -> tuple[str, ...]:
    if answer.status != 200:
        return ()
    names = env_names(decoded(answer.body))
    # What answers everything with the same names is no file, though their values may change.
    return names if names and names != env_names(decoded((await no_such_page(facts)).body)) else ()


def is_head(answer: Response) -> bool:
    """Whether an answer is the file HEAD of a repository: a ref or an object id, and nothing else."""
    return answer.status == 200 and len(answer.body) <= _LONGEST_HEAD and _HEAD.match(answer.body) is not None


@check(
    "exposure.git",
    title="The source code's repository is public",
    when="/.git/HEAD answers 200 with a ref or an object id",
    status="fail",
    triage="now",
    risk="data",
    item=("B10",),
    source="roadmap",
    cost="Anybody can download all code and every secret that was ever committed.",
    each=the_canonical_page,
)
async def git(facts: Facts, url: str) -> Verdict:
    (answer,) = answers_of(await probed(facts, [f"{await site(facts)}/.git/HEAD"]))
    if not is_head(answer) or is_head(await no_such_page(facts)):
        return passed(url, "the repository is not public", evidence=[answer.describe()])
    return failed(
        answer.url,
        f"{answer.url} is public",
        evidence=[answer.describe(), decoded(answer.body).strip()],
        fix=f"Delete the folder .git from what the web server serves, {_REFUSE_DOTS}, and replace every secret that "
        "was ever committed.",
    )
