"""What a lock file lacks of its manifest, for the formats that name what was asked for."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable

import yaml

LONGEST = 900_000
"""Characters of a lock file that is compared; of a much longer one only the beginning was read."""
_NODE_KINDS = ("dependencies", "devDependencies", "optionalDependencies")


def unlocked(manifest: str, lock: str, name: str) -> list[str]:
    """Dependencies of a manifest that its lock file lacks or has by another version; none where either is unreadable.

    Args:
        name: the lock file's name, which tells its format.
    """
    reader = _READERS.get(name)
    if reader is None or len(lock) > LONGEST:
        return []
    try:
        return sorted(reader(manifest, lock))
    except (ValueError, AttributeError, KeyError, TypeError, yaml.YAMLError, RecursionError):
        return []


def _node(manifest: str) -> dict[str, str]:
    wanted = json.loads(manifest)
    return {name: version for kind in _NODE_KINDS for name, version in (wanted.get(kind) or {}).items()}


def _npm(manifest: str, lock: str) -> set[str]:
    root = json.loads(lock)["packages"][""]
    locked = {name: version for kind in _NODE_KINDS for name, version in (root.get(kind) or {}).items()}
    return {name for name, version in _node(manifest).items() if locked.get(name) != version}


def _pnpm(manifest: str, lock: str) -> set[str]:
    data = yaml.safe_load(lock.partition("\npackages:")[0])  # the rest is most of it, and no concern here
    root = data["importers"]["."] if "importers" in data else data
    locked = {name: given for kind in _NODE_KINDS for name, given in (root.get(kind) or {}).items()}
    # Before version 6 of the format, the version that was asked for stands elsewhere.
    asked = {name: given.get("specifier") for name, given in locked.items() if isinstance(given, dict)}
    return {n for n, version in _node(manifest).items() if n not in locked or asked.get(n, version) != version}


def _yarn(manifest: str, lock: str) -> set[str]:
    if "yarn lockfile v1" not in lock:
        return set()
    heads = {part.strip().strip('"') for line in re.findall(r"^(\S.*):$", lock, re.M) for part in line.split(",")}
    own = re.compile(r"(?:file|link|workspace|portal):")
    return {n for n, version in _node(manifest).items() if f"{n}@{version}" not in heads and not own.match(version)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _python(manifest: str, lock: str) -> set[str]:
    listed = tomllib.loads(manifest).get("project", {}).get("dependencies", [])
    locked = {_plain(package["name"]) for package in tomllib.loads(lock).get("package", [])}
    names = (re.match(r"[\w.-]+", str(each)) for each in listed)
    return {match[0] for match in names if match and locked and _plain(match[0]) not in locked}


def _composer(manifest: str, lock: str) -> set[str]:
    wanted, data = json.loads(manifest), json.loads(lock)
    locked = {package["name"].lower() for kind in ("packages", "packages-dev") for package in data[kind]}
    asked = {name for kind in ("require", "require-dev") for name in wanted.get(kind) or {}}
    return {name for name in asked if "/" in name and name.lower() not in locked}


def _bundler(manifest: str, lock: str) -> set[str]:
    told = re.search(r"^DEPENDENCIES\n((?:[ \t]+\S.*\n?)*)", lock, re.M)
    locked = set(re.findall(r"^\s+([\w.-]+)", told[1], re.M)) if told is not None else set()
    asked = set(re.findall(r"^\s*gem[ (]+['\"]([\w.-]+)['\"]", manifest, re.M))
    return asked - locked if locked else set()


_READERS: dict[str, Callable[[str, str], set[str]]] = {
    "package-lock.json": _npm,
    "npm-shrinkwrap.json": _npm,
    "pnpm-lock.yaml": _pnpm,
    "yarn.lock": _yarn,
    "uv.lock": _python,
    "poetry.lock": _python,
    "pdm.lock": _python,
    "composer.lock": _composer,
    "Gemfile.lock": _bundler,
}


def unpinned(requirements: str) -> list[str]:
    """Lines of a requirements file that leave the version open; none where hashes make it a lock file."""
    if "--hash=" in requirements:
        return []
    lines = (re.sub(r"\s+#.*", "", line).strip() for line in requirements.splitlines())
    asked = [line for line in lines if re.match(r"[A-Za-z0-9]", line)]
    is_fixed = re.compile(r"={2,3}\s*[\w.!+-]+(?![\w.*])|@\s*\S")
    return [re.split(r"[\s<>=!~;\[@]", line)[0] for line in asked if not is_fixed.search(line)]
