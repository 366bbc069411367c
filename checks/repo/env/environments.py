"""The environments that the user named: which variables they have, and which secrets they share."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import defaultdict
from pathlib import Path

from checks.errors import CannotTell
from checks.repo.env.dotenv import is_secret, parse_dotenv
from checks.repo.env.lists import names_in
from checks.repo.project import READ_LIMIT
from checks.subject import Environment
from checks.text import decoded


def _file_of(root: Path | None, name: str) -> Path:
    path = Path(name).expanduser()
    return path if path.is_absolute() or root is None else root / path


def _read_environment_file(root: Path | None, name: str) -> str:
    try:
        with _file_of(root, name).open("rb") as file:
            return decoded(file.read(READ_LIMIT))
    except OSError as error:
        raise CannotTell(f"the environment file {Path(name).name} cannot be read: {error.strerror}") from error


def environment_names(root: Path | None, environment: Environment) -> set[str]:
    """The variables that an environment has. Blocking. Raises CannotTell."""
    names = set(environment.names)
    for file in environment.files:
        names |= names_in(_read_environment_file(root, file))
    return names


def shared_secrets(root: Path | None, environments: tuple[Environment, ...]) -> list[tuple[str, list[str]]]:
    """Secret variables with one value in several environments, with their names. Blocking. Raises CannotTell.

    Values are compared as HMACs under a key that lives as long as this call.
    """
    key = secrets.token_bytes(32)
    holders: dict[tuple[str, bytes], list[str]] = defaultdict(list)
    for environment in environments:
        for file in environment.files:
            for item in parse_dotenv(_read_environment_file(root, file)):
                if item.is_real and is_secret(item.name, item.value):
                    digest = hmac.new(key, item.value.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
                    if environment.name not in holders[(item.name, digest)]:
                        holders[(item.name, digest)].append(environment.name)
    return sorted((name, places) for (name, _), places in holders.items() if len(places) > 1)
