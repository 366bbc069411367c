"""What a browser's user sees of a form's controls: options, texts, defaults, and which ones people never see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from checks.web.html import FIELD_TAGS
from checks.web.markup import EndTag, StartTag, Text, Token, tokens

_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?(?![.\d])|"
    r"(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}|"
    r"clip\s*:\s*rect\(\s*[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s*\)|"
    r"clip-path\s*:\s*inset\(\s*(?:50|100)%|transform\s*:\s*scale\(\s*0\s*\)|"
    r"(?<![\w-])(?:height|width)\s*:\s*[01](?:px)?\s*(?:[;!}\"']|\Z)",
    re.IGNORECASE,
)
_UNSEEN_WORDS = frozenset({"honeypot", "honey", "hp", "hpot", "sr-only", "visually-hidden", "visuallyhidden"})
_BAIT = re.compile(
    r"honey|gotcha|bot-?_?field|\bhp[_-]|[_-]hp\b|leave.?(?:this|blank|empty)|do.?not.?fill", re.IGNORECASE
)
"""Names by which libraries call the field that only programs fill in."""
_SELECTOR = re.compile(r"(?:[a-z]+\s*[>\s]\s*)*[a-z]*([.#][\w-]+|\[name\s*=\s*[\"']?[\w-]+[\"']?\])\Z", re.IGNORECASE)
"""A class, an id or a name, alone or behind element names."""
_NOT_ON_SCREEN = re.compile(r"@media\s+(?:only\s+)?print\b|@supports\s+not\b|@container\b", re.IGNORECASE)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select element."""

    value: str
    selected: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """A control of a form that has a name, as written."""

    tag: str
    attributes: Mapping[str, str]
    options: tuple[Option, ...] = ()
    text: str = ""
    """What stands in a textarea."""
    unseen: bool = False
    """Whether people do not see it though it is of a kind that they fill in: a trap for programs."""

    def get(self, name: str) -> str:
        return self.attributes.get(name, "").strip()

    @property
    def name(self) -> str:
        return self.get("name")

    @property
    def kind(self) -> str:
        """The type of an input or button in lower case ("text" where none is given), else the tag."""
        if self.tag == "input":
            return self.get("type").lower() or "text"
        return (self.get("type").lower() or "submit") if self.tag == "button" else self.tag

    @property
    def required(self) -> bool:
        return "required" in self.attributes or self.get("aria-required").lower() == "true"


@dataclass(slots=True)
class _Open:
    """A control that is being read."""

    tag: StartTag
    hidden: bool
    form: list[Control] | str | None
    options: list[Option] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    hiding: frozenset[str]
    forms: list[tuple[str, list[Control]]] = field(default_factory=list)
    strays: list[tuple[str, Control]] = field(default_factory=list)
    current: list[Control] | None = None
    ancestors: list[tuple[str, bool]] = field(default_factory=list)
    """Open elements within the form, and whether each hides what it holds."""
    open: _Open | None = None
    inert: int = 0

    def take(self, token: Token) -> None:
        if isinstance(token, StartTag):
            self.start(token)
        elif isinstance(token, EndTag):
            self.end(token.name)
        elif isinstance(token, Text) and self.open is not None:
            self.open.text.append(token.text)

    def start(self, tag: StartTag) -> None:
        if tag.name == "template" and (self.inert or "shadowrootmode" not in tag.attributes):
            self.inert += 1
        if self.inert:
            return
        if tag.name == "form" and self.current is None:
            self.current, self.ancestors = [], []
            self.forms.append((tag.attributes.get("id", "").strip(), self.current))
        elif tag.name == "option":
            self.option(tag)
        elif tag.name in FIELD_TAGS:
            self.control(tag)
        elif self.current is not None and tag.name not in _VOID and len(self.ancestors) < _DEEPEST:
            self.ancestors.append((tag.name, _hides(tag, self.hiding)))

    def option(self, tag: StartTag) -> None:
        if self.open is not None and self.open.tag.name == "select":
            self.settle_option()
            self.open.text.clear()
            given = tag.attributes
            self.open.options.append(Option(given.get("value", "\0"), "selected" in given, "disabled" in given))

    def settle_option(self) -> None:
        """An option without a value is worth its text."""
        if self.open is not None and self.open.options and self.open.options[-1].value == "\0":
            last = self.open.options[-1]
            said = " ".join("".join(self.open.text).split())
            self.open.options[-1] = Option(said, last.selected, last.disabled)

    def control(self, tag: StartTag) -> None:
        self.close()
        stray = tag.attributes.get("form", "").strip()
        hidden = any(hides for _, hides in self.ancestors) or _hides(tag, self.hiding)
        self.open = _Open(tag, hidden, stray or self.current)
        if tag.name in ("input", "button"):
            self.close()

    def end(self, name: str) -> None:
        if name == "template":
            self.inert = max(0, self.inert - 1)
        if self.inert:
            return
        if name in ("select", "textarea"):
            self.close()
        elif name == "form":
            self.close()
            self.current = None
        elif any(name == tag for tag, _ in self.ancestors):
            while self.ancestors and self.ancestors.pop()[0] != name:
                pass

    def close(self) -> None:
        """The open control has ended."""
        self.settle_option()
        opened, self.open = self.open, None
        if opened is None or opened.form is None:
            return
        tag = opened.tag
        text = "".join(opened.text).removeprefix("\n") if tag.name == "textarea" else ""
        made = Control(tag.name, tag.attributes, tuple(opened.options), text)
        made = Control(tag.name, tag.attributes, made.options, text, _is_trap(made, hidden=opened.hidden))
        if isinstance(opened.form, str):
            self.strays.append((opened.form, made))
        else:
            opened.form.append(made)


def controls(page: str, styles: Iterable[str] = ()) -> tuple[tuple[Control, ...], ...]:
    """The controls of each form of a page, in the order of `Document.forms`; never raises.

    Args:
        styles: texts of style sheets, of which rules that hide a class or an id count.
    """
    reader = _Reader(hiding_selectors(styles))
    for token in tokens(page):
        reader.take(token)
    reader.close()
    by_id: dict[str, list[Control]] = {}
    for owner, control in reader.strays:
        by_id.setdefault(owner, []).append(control)
    # Of several forms with one id, the first is meant.
    return tuple(_seen((*found, *by_id.pop(name, ())) if name else tuple(found)) for name, found in reader.forms)


def _seen(found: tuple[Control, ...]) -> tuple[Control, ...]:
    """A form that is hidden as a whole until it opens has no traps that could be told apart."""
    filled = [control for control in found if control.kind not in ("hidden", "submit", "button", "image", "reset")]
    if filled and all(control.unseen for control in filled):
        return tuple(Control(c.tag, c.attributes, c.options, c.text) for c in found)
    return found


def hiding_selectors(styles: Iterable[str]) -> frozenset[str]:
    """Single classes, ids and names (".hp", "#website", "[name=url]") that a style sheet hides."""
    return frozenset(name for text in styles for name in _hidden_in(text))


def _hidden_in(text: str) -> Iterator[str]:
    for rule in _for_screens(text).split("}"):
        selectors, mark, declarations = rule.rpartition("{")
        if not mark or not _UNSEEN_STYLE.search(declarations):
            continue
        for part in selectors.rpartition("{")[2].split(","):
            if match := _SELECTOR.match(part.strip()):
                yield re.sub(r"[\s\"']", "", match[1])


def _for_screens(text: str) -> str:
    """A style sheet without its comments and without what holds in print alone."""
    text = re.sub(r"/\*.*?(?:\*/|\Z)", " ", text, flags=re.DOTALL)
    pieces, start = [], 0
    while found := _NOT_ON_SCREEN.search(text, start):
        pieces.append(text[start : found.start()])
        depth, start = 0, len(text)
        for brace in re.finditer(r"[{}]", text[found.end() :]):
            depth += 1 if brace[0] == "{" else -1
            if depth <= 0:
                start = found.end() + brace.end()
                break
    return "".join([*pieces, text[start:]])


def _hides(tag: StartTag, hiding: frozenset[str]) -> bool:
    attributes = tag.attributes
    classes = attributes.get("class", "").split()
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden", "").lower() == "true"
        or bool(_UNSEEN_STYLE.search(attributes.get("style", "")))
        or any(word.lower() in _UNSEEN_WORDS or f".{word}" in hiding for word in classes)
        or f"#{attributes.get('id', '').strip()}" in hiding
        or f"[name={attributes.get('name', '').strip()}]" in hiding
    )


def _is_trap(control: Control, *, hidden: bool) -> bool:
    """Whether only a program would fill the control in. What a form requires is none."""
    if control.required or control.kind in ("hidden", "submit", "button", "image", "reset"):
        return False
    unreachable = control.get("tabindex") == "-1" and control.get("autocomplete").lower() in ("off", "false", "nope")
    return hidden or unreachable or bool(_BAIT.search(f"{control.name} {control.get('id')} {control.get('class')}"))
