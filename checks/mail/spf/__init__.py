"""SPF (RFC 7208): the grammar, check_host(), the tree of includes, and the checks on them."""

from __future__ import annotations

from checks.mail.spf.check_host import Outcome, evaluate
from checks.mail.spf.grammar import Directive, Modifier, Problem, Record, is_spf, parse

__all__ = ["Directive", "Modifier", "Outcome", "Problem", "Record", "evaluate", "is_spf", "parse"]
