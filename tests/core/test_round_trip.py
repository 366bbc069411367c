"""Whatever a session holds comes back; whatever a file holds beside it stays; no damage is ever written over."""

from __future__ import annotations

import random
import tempfile
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from launchready_tui.session import model
from launchready_tui.session.errors import Damaged
from launchready_tui.session.store import Store, load
from launchready_tui.session.toml import Unreadable, dumps, loads

LETTERS = "aé漢\U0001f600 \t\n\r\"'\\#=[]{}.,\x00\x1b\x7f\u202e$0"
KEYS = ("plain", "two words", "Ä", "", "a.b", 'quote"d', "new\nline", "future")


class Maker:
    """Random values of the model's types, from a seed that hypothesis chooses and reports."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        return "".join(self.random.choices(LETTERS, k=self.random.randrange(6)))

    def free(self, depth: int = 3) -> Any:
        """Anything that TOML can hold."""
        kinds = 8 if depth else 6
        match self.random.randrange(kinds):
            case 0 | 1:
                return self.text()
            case 2:
                return self.random.randrange(-(2**70), 2**70)
            case 3:
                return self.random.choice([0.1, -1e300, 5e-324, float("inf"), 1.0])
            case 4:
                return self.random.random() < 0.5
            case 5:
                return self.random.choice([date(2026, 11, 24), datetime(2026, 11, 24, 9, tzinfo=UTC), time(9, 30)])
            case 6:
                return [self.free(depth - 1) for _ in range(self.random.randrange(3))]
        return self.unknown(depth - 1)

    def unknown(self, depth: int = 3) -> dict[str, Any]:
        return {key: self.free(depth) for key in self.random.sample(KEYS, self.random.randrange(3))}

    def table(self, cls: type[model.Table]) -> Any:
        inspected = msgspec.inspect.type_info(cls)
        assert isinstance(inspected, msgspec.inspect.StructType)
        given = {
            entry.name: self.field(entry.type)
            for entry in inspected.fields
            if entry.encode_name != model.UNKNOWN and (entry.required or self.random.random() < 0.6)
        }
        if cls is model.Session:
            given["schema"] = model.SCHEMA
        known = {entry.encode_name for entry in inspected.fields}
        return cls(unknown={key: value for key, value in self.unknown().items() if key not in known}, **given)

    def field(self, kind: msgspec.inspect.Type) -> Any:
        match kind:
            case msgspec.inspect.StrType():
                return self.text()
            case msgspec.inspect.IntType():
                return self.random.randrange(-(2**62), 2**62)
            case msgspec.inspect.FloatType():
                return self.random.choice([0.0, 0.25, -1.5e10, 12.0])
            case msgspec.inspect.BoolType():
                return self.random.random() < 0.5
            case msgspec.inspect.NoneType():
                return None
            case msgspec.inspect.AnyType():
                return self.free()
            case msgspec.inspect.LiteralType(values=values):
                return self.random.choice(values)
            case msgspec.inspect.ListType(item_type=item):
                return [self.field(item) for _ in range(self.random.randrange(3))]
            case msgspec.inspect.DictType(key_type=key, value_type=value):
                return {self.field(key): self.field(value) for _ in range(self.random.randrange(3))}
            case msgspec.inspect.UnionType(types=types):
                return self.field(self.random.choice(types))
            case msgspec.inspect.StructType(cls=cls):
                return self.table(cls)
        raise AssertionError(f"the model has a new kind of field: {kind}")


@settings(max_examples=150)
@given(st.integers(0, 2**32))
def test_a_session_comes_back_as_it_was(seed: int) -> None:
    session = Maker(seed).table(model.Session)
    text = dumps(session)
    again = loads(text)
    assert dumps(again) == text
    # At the top of a file an empty table or list says nothing, and is left out.
    session.unknown = {key: value for key, value in session.unknown.items() if value not in ({}, [])}
    assert again == session


@settings(max_examples=100)
@given(st.integers(0, 2**32), st.sampled_from(["", "site", "mail", "sprint", "consent"]))
def test_unknown_keys_of_a_file_survive_a_load_and_a_save(seed: int, place: str) -> None:
    data: dict[str, Any] = {"schema": 1, "site": {"domain": "example.com"}}
    added = {f"x-{key}": value for key, value in Maker(seed).unknown().items() if place or value not in ({}, [])}
    (data.setdefault(place, {}) if place else data).update(added)
    again = tomllib.loads(dumps(loads(tomli_w.dumps(data).encode())).decode())
    kept = again.get(place, {}) if place else again
    assert {key: kept.get(key) for key in added} == added


@settings(max_examples=80)
@given(st.data())
def test_damage_is_told_and_never_written_over(data: st.DataObject) -> None:
    whole = dumps(model.Session(site=model.Site(domain="example.com"), step=[model.Step(id="S1.1", note='Ä\n"x"')]))
    cut = data.draw(st.integers(0, len(whole) - 1))
    noise = data.draw(st.binary(max_size=6))
    raw = whole[:cut] + noise + whole[data.draw(st.integers(cut, len(whole))) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.launch.toml")
        path.write_bytes(raw)
        try:
            opened = load(path)
        except Damaged as damage:
            assert damage.line >= 0 and damage.reason
            with pytest.raises(Exception, match="already there"):
                Store(path, None).save(model.Session(site=model.Site(domain="a.b")))
        else:
            assert opened.raw == raw
        assert path.read_bytes() == raw


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    try:
        loads(raw)
    except Unreadable as problem:
        assert problem.reason
