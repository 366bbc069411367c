"""The commands that a CI configuration runs, service by service; what is switched off, or may fail, is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

_STEP_KEYS = frozenset(
    "run script scripts command commands before_script after_success uses steps args task goals bash pwsh powershell "
    "template component".split()
)
"""Keys whose text, or list of texts, is what runs."""
_OFF = (False, "false", "${{ false }}", "${{false}}", "never")
_IGNORED = ("continue-on-error", "continueOnError", "allow_failure", "soft_fail")
_JENKINS_SAYS = re.compile(r"\b(?:stage|label|name|description|echo|agent)\b\s*\(?\s*(?:'[^'\n]*'|\"[^\"\n]*\")\)?")
_NO_DEFAULT = ("generic", "minimal", "shell", "bash", "sh")
"""Languages for which Travis runs nothing of its own."""


class _Loader(yaml.SafeLoader):
    """YAML whose own tags (GitLab's !reference) are read as what they stand on."""


def _any_tag(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else node.value


_Loader.add_multi_constructor("!", _any_tag)


def ci_commands(path: str, text: str) -> list[str]:
    """The commands and actions that a CI configuration runs; lines without comments where it is no YAML."""
    if not path.endswith((".yml", ".yaml")):
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        lines = (_JENKINS_SAYS.sub("", line).strip() if "Jenkinsfile" in path else line.strip() for line in _said(code))
        return [line for line in lines if line]
    try:
        documents = list(yaml.load_all(text, Loader=_Loader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return []
    return [
        command
        for document in documents
        for command in (*_commands(_without_hidden(document), set()), *_of_travis(path, document))
    ]


def local_includes(text: str) -> list[str]:
    """Files of the repository that a GitLab configuration takes in."""
    head = re.search(r"^include:(.*(?:\n(?:[ \t-].*|[ \t]*))*)", text, re.MULTILINE)
    return re.findall(r"(?<![\w/:.])/?([\w.-]+(?:/[\w.-]+)*\.ya?ml)", head[1]) if head is not None else []


def _said(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if not line.lstrip().startswith(("#", "//", "*")))


def _without_hidden(document: Any) -> Any:
    """A GitLab configuration without the jobs that are only patterns for others, and that no other takes up."""
    if not isinstance(document, dict):
        return document
    shown = {key: value for key, value in document.items() if not str(key).startswith(".")}
    taken = set(_texts(shown, set()))
    return {key: value for key, value in document.items() if key in shown or key in taken}


def _of_travis(path: str, document: Any) -> Iterator[str]:
    if path.endswith(".travis.yml") and isinstance(document, dict) and "script" not in document:
        if (language := document.get("language")) and language not in _NO_DEFAULT:
            yield f"build and test, the default of Travis for {language}"


def _is_off(node: dict[Any, Any]) -> bool:
    """Whether a job or a step never runs, or may fail unnoticed."""
    never = any(key in node and node[key] in _OFF for key in ("if", "condition", "when"))
    return never or any(node.get(key) in (True, "true") for key in _IGNORED)


def _commands(node: Any, seen: set[int], matrix: tuple[str, ...] = ()) -> Iterator[str]:
    """What runs below a node. An alias may stand in many places; each node is read once, however often it is named."""
    if not isinstance(node, dict | list) or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, list):
        for child in node:
            yield from _commands(child, seen, matrix)
        return
    if _is_off(node):
        return
    if isinstance(strategy := node.get("strategy"), dict):
        matrix = tuple(_texts(strategy.get("matrix"), set()))
    for key, child in node.items():
        if key == "strategy":
            continue
        if key == "jobs" and isinstance(child, list):
            # CircleCI: a job of an orb bears the orb's name; the project's own are read where they stand.
            yield from (name for job in child for name in (job if isinstance(job, dict) else [job]) if "/" in str(name))
        if key in _STEP_KEYS:
            yield from _run_by(child, matrix, f"{node.get('name')} " if key == "args" else "")
        yield from _commands(child, seen, matrix)


def _run_by(value: Any, matrix: tuple[str, ...], program: str) -> Iterator[str]:
    """The commands that the value of such a key is: its lines, or those of its list."""
    listed = value if isinstance(value, list) else [value]
    texts = [text for text in listed if isinstance(text, str)]
    if program and texts:
        texts = [program + " ".join(texts)]
    for text in texts:
        yield from (line for line in text.replace("\\\n", " ").splitlines() if not line.lstrip().startswith("#"))
        if "matrix." in text:
            yield from matrix


def _texts(node: Any, seen: set[int]) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list) and id(node) not in seen:
        seen.add(id(node))
        for child in node.values() if isinstance(node, dict) else node:
            yield from _texts(child, seen)
