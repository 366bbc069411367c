"""The verdict on pasted headers where no DNS is asked: names alone tell what is aligned."""

from __future__ import annotations

from checks.finding import Verdict
from checks.mail.auth_results import MethodResult
from checks.mail.message import parse_message
from checks.mail.seeds.judge import judge
from checks.mail.seeds.receivers import recipient


def judge_pasted(text: str, author: str) -> Verdict:
    """The verdict of mail.seed-auth on a message of `author`."""

    def aligned(result: MethodResult) -> bool:
        return result.domain == author or result.domain.endswith(f".{author}")

    message = parse_message(text.encode())
    return judge(message, author, "pasted headers", mailbox=recipient(message), aligned=aligned, more=[])
