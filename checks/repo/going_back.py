"""Where a repository says how to go back to the release before."""

from __future__ import annotations

import re

from checks.repo.project import Project

_ROLLBACK_FILE = re.compile(
    r"(?:^|/)(?:rollback|roll-back|release|releasing|runbook|deploy(?:ment)?)[\w-]*\.(?:md|txt|rst|adoc)$", re.I
)
_ROLLBACK_WORD = re.compile(r"\broll(?:ing)?[ -]?back\b", re.I)


def rollback_documents(found: Project) -> list[str]:
    """Files of a project that say how to go back: a document, a heading of the README, a script or a target."""
    documents = []
    for path in found.files:
        if path.count("/") > 2:
            continue
        name = path.rpartition("/")[2].lower()
        if _ROLLBACK_FILE.search(path):
            if name.startswith("roll") or _ROLLBACK_WORD.search(found.read(path)):
                documents.append(path)
        elif name in ("readme.md", "readme.rst", "readme.txt", "contributing.md"):
            if re.search(r"^(?:#+\s*.*roll[ -]?back|.*roll[ -]?back.*\n[=~-]{3,})", found.read(path), re.I | re.M):
                documents.append(path)
        elif name in ("makefile", "justfile") and re.search(r"^rollback\b.*:", found.read(path), re.M):
            documents.append(f"{path} (rollback)")
        elif name == "package.json" and re.search(r'"[\w:-]*rollback"\s*:', found.read(path)):
            documents.append(f"{path} (rollback)")
        elif re.fullmatch(r"roll[_-]?back[\w-]*\.(?:sh|py|js|mjs|rb)", name):
            documents.append(path)
    return documents
