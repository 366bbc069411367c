"""The two secret checks."""

from __future__ import annotations

from pathlib import Path

from checks.finding import Finding
from checks.network import Network
from checks.runner import collect
from checks.subject import DeployPlan, Subject
from tests.repo.conftest import Repository
from tests.repo.secrets import fakes

LIVE = fakes.of("stripe-secret-key", 9).line
TEST = fakes.of("stripe-test-key", 9).line


async def _judged(root: Path | None) -> dict[str, list[Finding]]:
    async with Network() as network:
        subject = Subject.of("example.com", deploy=DeployPlan(repo=root))
        found = await collect(subject, network, only={"secrets"})
    return {name: [each for each in found if each.check == name] for name in ("secrets.in-tree", "secrets.in-history")}


def _statuses(found: dict[str, list[Finding]]) -> tuple[list[str], list[str]]:
    first, second = ([str(each.status) for each in found[name]] for name in ("secrets.in-tree", "secrets.in-history"))
    return first, second


async def test_a_clean_repository_passes(repository: Repository) -> None:
    repository.commit({"a.py": "x = 1\n"})
    assert _statuses(await _judged(repository.root)) == (["pass"], ["pass"])


async def test_a_live_key_in_a_file_fails(repository: Repository) -> None:
    repository.commit({"a.py": f"\n{LIVE}\n"})
    found = await _judged(repository.root)
    assert _statuses(found) == (["fail"], ["pass"])
    (finding,) = found["secrets.in-tree"]
    assert finding.target == "a.py:2" and "Rotate it" in finding.fix and "filter-repo" in finding.fix
    assert fakes.of("stripe-secret-key", 9).value not in str(finding)


async def test_a_key_that_only_the_history_holds_fails(repository: Repository) -> None:
    repository.commit({"a.py": LIVE}).commit({"a.py": "x"})
    found = await _judged(repository.root)
    assert _statuses(found) == (["pass"], ["fail"])
    assert found["secrets.in-history"][0].target.startswith("a.py:1 in ")


async def test_stash_and_reflog_belong_to_the_history(repository: Repository) -> None:
    repository.commit({"a.py": "x"}).write({"a.py": LIVE}).git("stash")
    repository.git("checkout", "-q", "-b", "doomed")
    repository.commit({"b.py": fakes.of("sendgrid-key", 9).line}).git("checkout", "-q", "main")
    repository.git("branch", "-D", "doomed")
    assert _statuses(await _judged(repository.root)) == (["pass"], ["fail", "fail"])


async def test_what_nothing_leads_to_is_only_noted(repository: Repository) -> None:
    repository.commit({"a.py": "x"}).write({"b.py": LIVE}).git("add", "b.py")
    repository.write({"b.py": "clean"}).git("add", "b.py")
    assert _statuses(await _judged(repository.root)) == (["pass"], ["info"])


async def test_a_test_key_is_a_warning(repository: Repository) -> None:
    repository.commit({"a.py": TEST})
    found = await _judged(repository.root)
    assert _statuses(found) == (["warn"], ["pass"])


async def test_an_ignored_env_file_is_only_noted(repository: Repository) -> None:
    repository.commit({".gitignore": ".env\n"}).write({".env": LIVE})
    assert _statuses(await _judged(repository.root)) == (["info"], ["pass"])


async def test_a_shallow_clone_is_no_pass(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.py": LIVE}).commit({"a.py": "x"})
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(tmp_path / "c"))
    assert _statuses(await _judged(tmp_path / "c")) == (["pass"], ["error"])


async def test_without_a_repository_nothing_is_judged(tmp_path: Path) -> None:
    assert _statuses(await _judged(None)) == (["skipped"], ["skipped"])
    assert _statuses(await _judged(tmp_path)) == (["pass"], ["skipped"])
    assert _statuses(await _judged(tmp_path / "absent")) == (["error"], ["error"])
