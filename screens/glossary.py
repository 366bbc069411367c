"""The words that a founder may not know, each with its plain meaning."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources


@functools.cache
def glossary() -> dict[str, str]:
    """Word to meaning, in alphabetical order whatever the letters' case."""
    text = resources.files("screens").joinpath("glossary.toml").read_text("utf-8")
    words: dict[str, str] = tomllib.loads(text)["words"]
    return dict(sorted(words.items(), key=lambda pair: pair[0].casefold()))
