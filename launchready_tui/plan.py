"""The sprint's plan: blocks, stages, steps and the rest of the roadmap, read from `sprint.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any, Literal, Protocol, TypeVar

Kind = Literal["item", "deliverable", "target", "signal"]
How = Literal["live", "guided", "both"]


class Named(Protocol):
    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to settle in the sprint. Its id is the roadmap's."""

    id: str
    kind: Kind
    stage: str
    block: str
    how: How
    """"live": checks tell; "guided": a person tells; "both": checks tell what they can, a person the rest."""
    title: str
    why: str
    """What it means for the business, in a founder's words."""
    ask: str = ""
    """What a person is asked; empty where only checks tell."""
    risk: str = ""
    checks: tuple[str, ...] = ()
    """Ids of the checks that feed it."""
    shows: str = ""
    """Part of the session that is the proof (see `documented`); empty: none."""
    bars: tuple[str, ...] = ()
    """Minimum bars that it helps to meet."""
    only_where: Literal["", "uses_ai"] = ""
    """What must be true of the site for it to be a step at all; empty: it always is."""


@dataclass(frozen=True, slots=True)
class Stage:
    id: str
    block: str
    title: str
    goal: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the 48 hours."""

    id: str
    title: str
    short: str
    """The title in at most nine letters, for the line of hours."""
    hours: tuple[int, int]
    outcome: str
    stages: tuple[Stage, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for stage in self.stages for step in stage.steps)


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the minimum bar: below it nobody launches."""

    id: str
    how: How
    risk: str
    title: str
    checks: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    """Steps in which a person confirms what no check can see."""
    shows: str = ""


@dataclass(frozen=True, slots=True)
class Automation:
    """Checks that belong together and run without a person."""

    id: str
    title: str
    how: str
    """How to run them outside the sprint."""
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restraint:
    """What the sprint leaves alone, so that the week goes into what matters."""

    id: str
    title: str
    why: str
    never_now: tuple[str, ...] = ()
    """Checks that touch on it: never "must fix now" by rule."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to work with the app."""

    id: str
    title: str
    how: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family of checks, named for a founder."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Plan:
    blocks: tuple[Block, ...]
    bars: tuple[Bar, ...]
    automations: tuple[Automation, ...]
    restraints: tuple[Restraint, ...]
    ways: tuple[Way, ...]
    families: tuple[Family, ...]
    sometimes: tuple[Step, ...] = ()
    """Steps of some sprints alone: automations that are worth a step where the site has what they look at."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(stage for block in self.blocks for stage in block.stages)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for block in self.blocks for step in block.steps)

    @property
    def checks(self) -> tuple[str, ...]:
        """Ids of all checks that the plan names, in its order."""
        parts: tuple[Step | Bar | Automation, ...] = (*self.steps, *self.bars, *self.automations)
        return tuple(dict.fromkeys(check for part in parts for check in part.checks))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id of the roadmap."""
        parts = (self.blocks, self.bars, self.stages, self.steps, self.automations, self.restraints, self.ways)
        return tuple(entry.id for part in parts for entry in part)

    def block(self, block_id: str) -> Block:
        """Raises KeyError for an unknown id."""
        return _by_id(self.blocks, block_id)

    @property
    def every_step(self) -> tuple[Step, ...]:
        """The steps of all sprints, then those of some alone."""
        return (*self.steps, *self.sometimes)

    def step(self, step_id: str) -> Step:
        """Raises KeyError for an unknown id."""
        return _by_id(self.every_step, step_id)

    def bar(self, bar_id: str) -> Bar:
        """Raises KeyError for an unknown id."""
        return _by_id(self.bars, bar_id)

    def steps_of(self, check: str) -> tuple[Step, ...]:
        """The steps that a check feeds."""
        return tuple(step for step in self.every_step if check in step.checks)

    def bars_of(self, check: str) -> tuple[Bar, ...]:
        """The minimum bars that a check feeds."""
        return tuple(bar for bar in self.bars if check in bar.checks)

    def family_title(self, family_id: str) -> str:
        """The founder's name of a family of checks; the id itself where none is given."""
        return next((family.title for family in self.families if family.id == family_id), family_id)

    def scope(self, only: Collection[str] | None) -> frozenset[str]:
        """The checks that a run of `only` (families or ids; None: all) takes in."""
        return frozenset(c for c in self.checks if only is None or c in only or c.partition(".")[0] in only)

    def as_dict(self) -> dict[str, Any]:
        """The form of `launchready plan --json`."""
        return asdict(self)


def _by_id(entries: Iterable[N], wanted: str) -> N:
    for entry in entries:
        if entry.id == wanted:
            return entry
    raise KeyError(wanted)


@functools.cache
def plan() -> Plan:
    """The plan that this version of Launch Ready walks through."""
    return read_plan(resources.files("launchready_tui").joinpath("sprint.toml").read_text("utf-8"))


def read_plan(text: str) -> Plan:
    """Read a plan from the text of a `sprint.toml`."""
    data = tomllib.loads(text)
    bars = tuple(Bar(**_tuples(bar)) for bar in data["bar"])
    return Plan(
        blocks=tuple(_block(block, bars) for block in data["block"]),
        bars=bars,
        automations=tuple(
            Automation(**_tuples({key: value for key, value in row.items() if key != "step"}))
            for row in data["automation"]
        ),
        restraints=tuple(Restraint(**_tuples(row)) for row in data["restraint"]),
        ways=tuple(Way(**row) for row in data["user"]),
        families=tuple(Family(id=name, title=title) for name, title in data["family"].items()),
        sometimes=tuple(
            Step(**row["step"], id=row["id"], checks=tuple(row["checks"]))
            for row in data["automation"]
            if "step" in row
        ),
    )


def _block(data: Mapping[str, Any], bars: tuple[Bar, ...]) -> Block:
    rest = {key: value for key, value in data.items() if key != "stage"}
    stages = tuple(_stage(stage, data["id"], bars) for stage in data["stage"])
    return Block(**{**rest, "hours": tuple(data["hours"])}, stages=stages)


def _stage(data: Mapping[str, Any], block: str, bars: tuple[Bar, ...]) -> Stage:
    steps = []
    for row in data["step"]:
        feeds = set(row.get("checks", ()))
        helped = tuple(bar.id for bar in bars if row["id"] in bar.steps or feeds & set(bar.checks))
        steps.append(Step(**_tuples(row), stage=data["id"], block=block, bars=helped))
    return Stage(id=data["id"], block=block, title=data["title"], goal=data["goal"], steps=tuple(steps))


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
