"""The session file: read whole or not at all, never written over, the last good one kept."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from launchready_tui.session import store
from launchready_tui.session.errors import AlreadyThere, Damaged, NotSaved, NotThere, SessionError
from launchready_tui.session.model import Run, StatusChange, Step
from launchready_tui.session.store import Store, backup_of, load, restore
from launchready_tui.session.toml import dumps
from tests.core.make import session

FRESH = 'schema = 1\n\n[site]\ndomain = "example.com"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "example.launch.toml"


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_schema_and_site_alone_are_a_fresh_session(path: Path) -> None:
    opened = load(written(path, FRESH))
    assert opened.session.site.domain == "example.com"
    assert opened.session.site.receives_mail
    assert not opened.read_only and opened.word == ""
    assert dumps(opened.session).decode() == FRESH


def test_a_missing_file_is_told_as_such(path: Path) -> None:
    with pytest.raises(NotThere, match="There is no file"):
        load(path)


def test_unknown_keys_survive_at_every_depth(path: Path) -> None:
    text = (
        'future = "top"\nschema = 1\n[site]\ndomain = "example.com"\ncolour = "blue"\n'
        '[site.new]\nx = [1, 2]\n[[site.routes]]\nurl = "https://example.com/"\nweight = 3\n'
        '[[step]]\nid = "S1.1"\nstate = "done"\nmood = "good"\n[[later]]\na = 1\n[sprint.blocks.H1]\nopened = "x"\nextra = true\n'
        '[monitor.errors]\nsince = 2026-11-24T09:00:00Z\n[deploy.environments.production]\nregion = { name = "eu" }\n'
    )
    opened = load(written(path, text))
    opened.session.step.insert(0, Step(id="S1.2", state="blocked"))
    Store(path, opened.raw).save(opened.session)
    again = load(path).session
    assert again.unknown == {"future": "top", "later": [{"a": 1}]}
    assert again.site.unknown == {"colour": "blue", "new": {"x": [1, 2]}}
    assert again.site.routes[0].unknown == {"weight": 3}
    assert [row.unknown for row in again.step] == [{}, {"mood": "good"}]
    assert again.sprint.blocks["H1"].unknown == {"extra": True}
    assert isinstance(again.monitor.errors, dict) and again.monitor.errors["since"].year == 2026
    assert again.deploy.environments == {"production": {"region": {"name": "eu"}}}


def test_every_row_stands_under_its_own_header(path: Path) -> None:
    made = session(step=[Step(id="S1.1", state="done")], run=[Run(number=1, started="x", counts={"pass": 1})])
    made.run[0].before = [StatusChange(check="a.b", target="c", now="pass")]
    text = dumps(made).decode()
    assert "[[step]]\n" in text and "[[run]]\n" in text and "[run.counts]\n" in text
    path.write_text(text)
    assert load(path).session == made


def test_a_date_without_quotes_is_read(path: Path) -> None:
    opened = load(written(path, FRESH + "[sprint]\nstarted = 2026-11-24T10:00:00+01:00\n"))
    assert opened.session.sprint.started == "2026-11-24T09:00:00Z"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('schema = 1\n[site]\ndomain = "example.com\n', 3, "line 3"),
        ("schema = 1\n[site\n", 2, "line 2"),
        ("schema = 1\n[site]\ndomain = 5\n", 3, "site, domain, line 3: expected `str`, got `int`"),
        (
            '[site]\ndomain = "a.b"\n[[step]]\nid = "S1.1"\n[[step]]\nid = "S1.2"\nstate = "perhaps"\n',
            7,
            "step 2, state, line 7",
        ),
        ('schema = "two"\n[site]\ndomain = "a.b"\n', 1, "schema must be a number"),
        ("schema = 1\n", 0, "missing required field `site`"),
        ("schema = 0\n[site]\n", 1, "schema must be"),
    ],
)
def test_damage_is_named_by_its_place_and_left_as_it_is(path: Path, text: str, line: int, words: str) -> None:
    written(path, text)
    with pytest.raises(Damaged) as caught:
        load(path)
    assert caught.value.line == line
    assert words in caught.value.reason
    assert caught.value.backup is None
    assert path.read_text() == text


def test_bytes_that_are_no_text_are_damage(path: Path) -> None:
    path.write_bytes(b'schema = 1\n[site]\ndomain = "\xff"\n')
    with pytest.raises(Damaged, match="not UTF-8") as caught:
        load(path)
    assert caught.value.line == 3


def test_the_backup_is_offered_and_takes_the_damaged_ones_place(path: Path) -> None:
    keeper = Store(path, None)
    keeper.save(session())
    keeper.save(session(step=[Step(id="S1.1", state="done")]))
    path.write_text("schema = \n")
    with pytest.raises(Damaged) as caught:
        load(path)
    assert caught.value.backup == backup_of(path)
    assert backup_of(path).name in caught.value.reason
    opened = restore(path)
    assert opened.recovered and opened.session == session()
    assert load(path).session == session()
    assert path.with_name(f"{path.name}.damaged").read_text() == "schema = \n"


def test_a_damaged_backup_is_not_offered(path: Path) -> None:
    written(path, "x")
    written(backup_of(path), "y")
    with pytest.raises(Damaged) as caught:
        load(path)
    assert caught.value.backup is None
    with pytest.raises(Damaged):
        restore(path)
    assert path.read_text() == "x"


def test_a_later_schema_is_for_looking_only(path: Path) -> None:
    text = 'schema = 2\n[site]\ndomain = "example.com"\n[mail]\nsenders = 5\n[sprint]\nclient = "Harbor"\n'
    opened = load(written(path, text))
    assert opened.read_only and "later version" in opened.word and "update" in opened.word
    assert opened.session.sprint.client == "Harbor"
    assert opened.session.mail.senders == []


def test_the_last_good_version_is_kept(path: Path) -> None:
    keeper = Store(path, None)
    keeper.save(session())
    assert not backup_of(path).exists()
    keeper.save(session(step=[Step(id="S1.1", state="done")]))
    assert load(backup_of(path)).session == session()
    assert sorted(entry.name for entry in path.parent.iterdir()) == [path.name, f"{path.name}.bak"]


def test_what_is_alike_is_not_written_again(path: Path) -> None:
    keeper = Store(path, None)
    keeper.save(session())
    before = path.stat().st_ino
    keeper.save(session())
    assert path.stat().st_ino == before


def test_a_new_file_takes_nobodys_place(path: Path) -> None:
    written(path, FRESH)
    with pytest.raises(AlreadyThere):
        Store(path, None).save(session())
    assert path.read_text() == FRESH


def test_what_another_program_wrote_is_not_written_over(path: Path) -> None:
    opened = load(written(path, FRESH))
    theirs = FRESH + "# my note\n"
    path.write_text(theirs)
    changed = session(step=[Step(id="S1.1", state="done")])
    with pytest.raises(NotSaved) as caught:
        Store(path, opened.raw).save(changed)
    assert path.read_text() == theirs
    assert caught.value.kept is not None
    assert load(caught.value.kept).session == changed
    assert caught.value.kept.name in caught.value.reason


def test_a_full_disk_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = Store(path, None)
    keeper.save(session())
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(store.os, "fsync", full)
        with pytest.raises(NotSaved, match="the disk is full"):
            keeper.save(session(step=[Step(id="S1.1", state="done")]))
    assert path.read_bytes() == before
    assert not [entry for entry in path.parent.iterdir() if entry.name.endswith(".tmp")]
    keeper.save(session(step=[Step(id="S1.1", state="done")]))
    assert load(path).session.step


def test_a_folder_without_permission_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = Store(path, None)
    keeper.save(session())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(store.tempfile, "mkstemp", refuse)
    with pytest.raises(NotSaved, match="no permission"):
        keeper.save(session(step=[Step(id="S1.1", state="done")]))
    assert load(path).session == session()


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotSaved, match="does not exist"):
        Store(tmp_path / "gone" / "x.launch.toml", None).save(session())


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links and modes of POSIX")
def test_a_link_and_the_files_mode_are_kept(path: Path) -> None:
    Store(path, None).save(session())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    link = path.with_name("link.launch.toml")
    link.symlink_to(path)
    opened = load(link)
    Store(link, opened.raw).save(session(step=[Step(id="S1.1", state="done")]))
    assert link.is_symlink() and load(path).session.step
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_lone_surrogates_do_not_stop_a_save(path: Path) -> None:
    Store(path, None).save(session(step=[Step(id="S1.1", note="a\ud800b")]))
    assert load(path).session.step[0].note == "a?b"
