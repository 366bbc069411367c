"""What the large receivers ask of everybody who sends to them, and what only of bulk senders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReceiverRule:
    """What a large receiver asks of senders."""

    receiver: str
    rule: str
    bulk_only: bool
    """Whether it is required only of bulk senders, which a young business is not."""
    since: str = ""

    @property
    def word(self) -> str:
        return "required only for bulk" if self.bulk_only else "required"


BULK_A_DAY = 5000
"""Messages a day to one receiver's mailboxes from which Google and Microsoft call a sender bulk; Yahoo names none."""

RECEIVER_RULES = (
    ReceiverRule("Google", "SPF or DKIM passes", False, "2024-02"),
    ReceiverRule("Google", "the sending address has a PTR name that leads back to it", False, "2024-02"),
    ReceiverRule("Google", "mail is sent over TLS", False, "2024-02"),
    ReceiverRule("Google", "spam complaints stay under 0.1 %, and never reach 0.3 %", False, "2024-02"),
    ReceiverRule("Google", "SPF and DKIM both pass, and one is aligned with the From domain", True, "2024-02"),
    ReceiverRule("Google", "a DMARC record (p=none is enough)", True, "2024-02"),
    ReceiverRule("Google", "one-click unsubscribe in marketing mail (RFC 8058)", True, "2024-02"),
    ReceiverRule("Yahoo", "SPF or DKIM passes", False, "2024-02"),
    ReceiverRule("Yahoo", "spam complaints stay under 0.3 %", False, "2024-02"),
    ReceiverRule("Yahoo", "SPF and DKIM both pass, with DMARC aligned (p=none is enough)", True, "2024-02"),
    ReceiverRule("Yahoo", "one-click unsubscribe, honoured within 2 days", True, "2024-06"),
    ReceiverRule("Microsoft", "SPF and DKIM both pass, with DMARC aligned (p=none is enough)", True, "2025-05"),
)


def receiver_rules(*, bulk: bool) -> tuple[ReceiverRule, ...]:
    """The rules that a sender must keep: those for all, and with `bulk` the others too."""
    return tuple(rule for rule in RECEIVER_RULES if bulk or not rule.bulk_only)
