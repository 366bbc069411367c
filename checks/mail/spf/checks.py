"""The checks of whether an SPF record can be used at all, and what it comes to."""

from __future__ import annotations

from checks.catalogue import check
from checks.errors import CannotTell
from checks.facts import Facts
from checks.finding import Verdict, failed, passed, skipped, warned
from checks.mail.spf.check_host import LOOKUP_LIMIT, VOID_LIMIT
from checks.mail.spf.fix import publish, repaired
from checks.mail.spf.grammar import Directive
from checks.mail.spf.reach import crowded_terms, void_lookups
from checks.mail.spf.tree import Branch, Node, Trouble, draw, ending, is_permissive, published, the_tree


def _is_own(facts: Facts, node: Node) -> bool:
    """Whether the owner of the domain can change this record."""
    return facts.subject.under(node.domain)


@check(
    "spf.missing",
    title="No list of who may send mail (SPF)",
    when="no TXT record at the domain begins with v=spf1",
    status="fail",
    triage="now",
    risk="mail",
    item=("B08", "S5.1", "A3"),
    source="RFC 7208 s4.5",
    cost="Anybody can send in your name, and receivers distrust the mail that you send yourself.",
)
async def spf_missing(facts: Facts, domain: str) -> Verdict:
    found = await published(facts, domain)
    if found.records:
        return passed(domain, "an SPF record is published", evidence=[f"TXT: {r.text}" for r in found.records])
    if not found.exists:
        return skipped(domain, "the domain itself does not exist in DNS: see dns.name-missing")
    seen = [f"{domain} TXT: {'no record' if found.void else 'no record of SPF'}"]
    seen += [f"not taken for SPF, since it does not begin with 'v=spf1 ': {text}" for text in found.near]
    return failed(
        domain,
        f"{domain} publishes no SPF record" + ("; one that was meant as such is not written right" * bool(found.near)),
        evidence=seen,
        fix=await publish(facts, why="publish this SPF record"),
    )


@check(
    "spf.multiple",
    title="Several SPF records cancel each other",
    when="more than one v=spf1 record at one name",
    status="fail",
    triage="now",
    risk="mail",
    item=("B08", "S5.1", "A3"),
    source="RFC 7208 s4.5",
    cost="Receivers treat two SPF records as an error, so none of your mail passes.",
)
async def spf_multiple(facts: Facts, domain: str) -> Verdict:
    found = await published(facts, domain)
    if not found.records:
        return skipped(domain, "there is no SPF record: see spf.missing")
    seen = [f"{domain} TXT: {record.text}" for record in found.records]
    if len(found.records) == 1:
        return passed(domain, "exactly one SPF record is published", evidence=seen)
    return failed(
        domain,
        f"{domain} publishes {len(found.records)} SPF records; only one is allowed",
        evidence=seen,
        fix=await publish(facts),
    )


@check(
    "spf.syntax",
    title="The SPF record cannot be read",
    when="the record, or one that it includes or redirects to, does not follow the grammar",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.1", "A3"),
    source="RFC 7208 s4.6, s12",
    cost="One slip makes the whole record void, so none of your mail passes SPF.",
)
async def spf_syntax(facts: Facts, domain: str) -> list[Verdict]:
    root = await the_tree(facts, domain)
    wrong = [node for node in root.walk() if node.record.problems]
    if not wrong:
        _all_read(root)
        return [passed(domain, "the record and all that it includes follow the grammar", evidence=[root.evidence])]
    return [await _syntax(facts, node, root) for node in wrong]


async def _syntax(facts: Facts, node: Node, root: Node) -> Verdict:
    count = len(node.record.problems)
    if node is root:
        fix = await publish(facts)
    elif _is_own(facts, node):
        fix = f'{node.domain} TXT "{repaired(node.record)}"'
    else:
        fix = f"Ask the operator of {node.domain} to mend its record; until then it must leave yours. " + await publish(
            facts
        )
    return failed(
        node.domain,
        f"the SPF record of {node.domain} has {count} error{'s' * (count > 1)}: {node.record.problems[0]}",
        evidence=[node.evidence, *(str(problem) for problem in node.record.problems)],
        fix=fix,
    )


def _all_read(root: Node) -> None:
    """Raise CannotTell where a part of the tree could not be read."""
    if (branch := root.unread) is not None:
        raise CannotTell(f"{branch.term.text} could not be read: {branch.reason}")


@check(
    "spf.lookup-limit",
    title="The SPF record needs too many DNS look-ups",
    when="evaluating every term needs more than 10 DNS-querying terms (include, a, mx, ptr, exists, redirect), includes"
    " counted through",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.1", "A3"),
    source="RFC 7208 s4.6.4",
    cost="Past ten look-ups receivers give up with an error, and mail of the services listed last fails.",
)
async def spf_lookup_limit(facts: Facts, domain: str) -> Verdict:
    root = await the_tree(facts, domain)
    if root.lookups > LOOKUP_LIMIT:
        return failed(
            domain,
            f"the record needs {root.lookups} look-ups at worst; {LOOKUP_LIMIT} are allowed",
            evidence=[root.evidence, *draw(root)],
            fix=await publish(facts),
        )
    if crowded := await crowded_terms(facts, domain):
        # RFC 7208 s4.6.4: the eleventh exchanger of one mx term is an error like the eleventh look-up.
        return failed(
            domain,
            f"{crowded[0]} names more than {LOOKUP_LIMIT} mail exchangers, which receivers do not look up",
            evidence=[root.evidence, *crowded],
            fix=f"At {crowded[0].partition(': ')[0]}, put the addresses of those servers (ip4:, ip6:) or the include of"
            " the service that runs them, in the place of that term.",
        )
    _all_read(root)
    return passed(domain, f"{root.lookups} of {LOOKUP_LIMIT} look-ups at worst", evidence=draw(root))


@check(
    "spf.void-lookups",
    title="The SPF record asks for names that lead nowhere",
    when="more than 2 of its look-ups come back empty",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.1",),
    source="RFC 7208 s4.6.4",
    cost="Receivers give up with an error at the third empty look-up, and mail that should pass fails.",
)
async def spf_void_lookups(facts: Facts, domain: str) -> Verdict:
    root = await the_tree(facts, domain)
    voids = await void_lookups(facts, domain)
    seen = [root.evidence, *(f"nothing there: {term}" for term in voids.terms)]
    if voids.count > VOID_LIMIT:
        return failed(
            domain,
            f"{voids.count} look-ups of the record come back empty; {VOID_LIMIT} are allowed",
            evidence=seen,
            fix=await publish(facts),
        )
    if voids.problem is not None:
        raise voids.problem
    return passed(domain, f"{voids.count} of {VOID_LIMIT} empty look-ups", evidence=seen)


@check(
    "spf.include-broken",
    title="The SPF record includes a record that is not there",
    when="an include or redirect names a domain with no SPF record, with several, or itself",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.1", "A3"),
    source="RFC 7208 s5.2",
    cost="An include that leads nowhere makes the whole record void, so mail that should pass fails.",
)
async def spf_include_broken(facts: Facts, domain: str) -> list[Verdict]:
    root = await the_tree(facts, domain)
    verdicts = []
    for node in root.walk():
        broken = [branch for branch in node.branches if branch.trouble and branch.trouble.is_broken]
        if broken:
            verdicts.append(await _broken(facts, node, broken))
    if verdicts:
        return verdicts
    _all_read(root)
    return [passed(domain, "every include and redirect leads to exactly one SPF record", evidence=draw(root))]


async def _broken(facts: Facts, node: Node, broken: list[Branch]) -> Verdict:
    said = [f"{branch.term.text}: {_lead(branch)}" for branch in broken]
    if node.domain == facts.subject.domain:
        fix = await publish(facts)
    else:
        terms = ", ".join(branch.term.text for branch in broken)
        fix = f"Take {terms} out of the SPF record at {node.domain}"
        fix += "." if _is_own(facts, node) else ", or ask its operator to."
    return failed(node.domain, f"in the record of {node.domain}, {said[0]}", evidence=[node.evidence, *said], fix=fix)


def _lead(branch: Branch) -> str:
    if branch.trouble is Trouble.ITSELF:
        return f"leads back to {branch.target}, which stands above it"
    return f"{branch.target} publishes {branch.trouble.value if branch.trouble else ''}"


@check(
    "spf.all-permissive",
    title="The SPF record lets everybody send",
    when="the record ends in +all or ?all, or has neither all nor redirect",
    status="fail",
    triage="now",
    risk="mail",
    item=("S5.1",),
    source="RFC 7208 s5.1",
    cost="Whoever forges mail in your name is not refused; the record protects nobody.",
)
async def spf_all_permissive(facts: Facts, domain: str) -> Verdict:
    root = await the_tree(facts, domain)
    last, end = ending(root)
    seen = [root.evidence, *([last.evidence] if last is not root else [])]
    if last.record.redirect is not None:
        branch = last.branch(last.record.redirect)
        if branch.trouble is Trouble.UNREAD:
            raise CannotTell(f"{branch.term.text}: {branch.reason}")
        return skipped(domain, f"{branch.term.text}: {branch.trouble}, so where it ends is not known", evidence=seen)
    if end is None and _ends_in_error(last):
        return skipped(domain, "how the record ends cannot be read: see spf.syntax", evidence=seen)
    if not is_permissive(end):
        assert end is not None  # noqa: S101 - no end at all is permissive
        return passed(domain, f"the record ends in {end.text}: everybody else gets {end.result}", evidence=seen)
    said = f"ends in {end.text}" if end else "has neither all nor redirect"
    whose = "the record" if last is root else f"the record of {last.domain}, which decides,"
    return failed(domain, f"{whose} {said}", evidence=seen, fix=await publish(facts))


def _ends_in_error(node: Node) -> bool:
    """Whether the last term is a wrong one, which may well have been meant as the end."""
    words = node.record.text.split()
    return bool(node.record.problems) and words[-1] in {problem.term for problem in node.record.problems}


@check(
    "spf.ptr",
    title="The SPF record relies on reverse DNS (ptr)",
    when="the ptr mechanism is used",
    status="warn",
    triage="later",
    risk="mail",
    item=("S5.1",),
    source="RFC 7208 s5.5",
    cost="Reverse look-ups are slow and not reliable, and large receivers skip them, so mail fails now and then.",
)
async def spf_ptr(facts: Facts, domain: str) -> Verdict:
    root = await the_tree(facts, domain)
    users = [
        (node, term)
        for node in root.walk()
        for term in node.record.terms
        if isinstance(term, Directive) and term.mechanism == "ptr"
    ]
    if not users:
        _all_read(root)
        return passed(domain, "ptr is not used", evidence=[root.evidence])
    return warned(
        domain,
        f"the record of {users[0][0].domain} uses {users[0][1].text}, which must not be used any more",
        evidence=[f"{node.domain}: {term.text}" for node, term in users],
        fix=await publish(facts)
        if users[0][0] is root
        else f"Take ptr out of the SPF record of {users[0][0].domain}, or ask its operator to.",
    )
