"""The two logs that an owner can let us read: what reached the sink, and which tools the product called."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks.errors import CannotTell
from checks.facts import Facts


class NoLog(Exception):
    """A log that cannot be read; the reason names its host alone, since its address may hold a key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Log:
    """A log as it stood at one moment."""

    url: str
    text: str = ""

    @property
    def place(self) -> str:
        return urlsplit(self.url).hostname or "the log"

    async def read(self, facts: Facts) -> Log:
        """The log as it stands now. Raises NoLog, Offline."""
        try:
            response = await facts.network.http("GET", self.url, headers={"cache-control": "no-cache"}, verify=True)
        except CannotTell as problem:
            raise NoLog(f"{self.place}: {problem.reason.replace(self.url, self.place)}") from None
        if not response.ok or response.truncated:
            trouble = "it is longer than can be read" if response.truncated else f"it answers {response.status}"
            raise NoLog(f"{self.place}: {trouble}")
        return Log(self.url, response.text)

    def since(self, before: Log) -> str:
        """What is in it now and was not before, whether it grows at its end, at its beginning, or in the midst."""
        if self.text.startswith(before.text):
            return self.text[len(before.text) :]
        known = Counter(before.text.splitlines())
        new: list[str] = []
        for line in self.text.splitlines():
            if known[line] > 0:
                known[line] -= 1
            else:
                new.append(line)
        return "\n".join(new)
