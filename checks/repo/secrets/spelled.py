"""Other spellings of an assignment: what neither `name = value` nor `"name": value` is, read as if it were."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_NAME = r"[A-Za-z_][\w.\-]{1,80}"
_SAYS = r"[\w\-]{0,40}(?i:token|key|secret|password|passwd)[\w\-]{0,24}"
"""A name that says that it is one, where a spelling alone says too little."""
_SAID = rf"(?:[A-Za-z][\w\-]{{1,24}} ){{1,4}}{_SAYS}"
"""The same in so many words."""
_NEXT = r"[ \t]{0,4}\r?\n[ \t]{1,32}"
_JOIN = r"[ ]?(?:\r?\n[ \t]{0,24})?"
_CHARACTER = r"[^\s\"\x27`<>=|,;{}()]"
_LONGEST = 400
_FORMS = (
    # literal in all of them, in lower case; how it is spelled
    ("env ", r'\nENV NAME[ \t]{1,4}["\x27]?VALUE'),  # of a Dockerfile
    ("set", r'\bset(?:env| -\w{1,3}) NAME[ ]{1,4}["\x27]?VALUE'),  # of shells
    ("</key>", r"<key>NAME</key>\s{0,24}<string>VALUE</string>"),  # of Apple
    ("<string name=", r'<string name="NAME"[^>\n]{0,40}>VALUE</string>'),  # of Android
    ("buildconfigfield", r'buildConfigField[( ]{1,2}"String", ?"NAME", ?["\x27\\]{1,4}VALUE'),  # of Gradle
    ("content=", r'name=["\x27]NAME["\x27] content=["\x27]VALUE["\x27]'),  # of HTML
    ("_header ", r'_header NAME[ ]{1,4}["\x27]?VALUE'),  # of nginx
    ("_param ", r'_param NAME[ ]{1,8}["\x27]?VALUE'),
    ("#define ", r'#define NAME[ \t]{1,8}"VALUE"'),  # of C
    ("--", r'--SAYS["\x27]?,? ["\x27]?VALUE'),  # of a command line
    # of Terraform
    ("variable ", r'variable "NAME" ?\{(?:[^{}\n]{0,120}\n){1,2}[ \t]{0,8}default[ \t]{0,12}=[ ]{0,4}"VALUE"'),
    ("value", r'"(?i:name|key)" ?: ?"NAME" ?, ?"(?i:value)" ?: ?"VALUE"'),  # of the definition of a task
    # in the next line
    ("\n", rf'SAYS["\x27]?\]?(?:[ ]?:[ ]?[Ss]tring)?[ ]?(?:=|:|:=|=>)[ ]?\(?\\?{_NEXT}[bfr]?["\x27`]VALUE'),
    ("\n", r'SAID:[ ]{0,2}\r?\n(?:```[a-z]{0,8}\r?\n)?["\x27`]?VALUE["\x27`]?[ ]{0,4}[\r\n]'),  # of a message
    ("\n", rf'SAYS["\x27]?:[ ](?:!!str )?[>|][+\-]?{_NEXT}VALUE'),  # of a block in YAML
    # of CloudFormation
    (
        "default",
        rf"SAYS:(?:{_NEXT}(?i:type|description|noecho): [^\n]{{0,60}}){{0,2}}{_NEXT}(?i:default): [\"\x27]?VALUE",
    ),
    ("s:", r's:\d{1,3}:\\?"NAME\\?";s:\d{1,3}:\\?"VALUE'),  # of PHP's serialize, in a dump of WordPress
    (":", r':SAYS "VALUE'),  # of Clojure
    *(
        (sign, rf'NAME["\x27]?[ ]?[:=]=?[ ]?["\x27]VALUE["\x27][ ]?[{sign}]{_JOIN}["\x27]VALUE') for sign in "+."
    ),  # in parts
    ("**", r"\*\*SAYS:?\*\*:? [`\"]?VALUE"),  # of Markdown
    ("|", r"\|[ ]?`?SAYS`? ?\| ?`?VALUE`?"),  # of its table
    ("`", r"`SAYS`(?: to| is|:| =) `VALUE`"),  # of its text
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to say what a name is set to."""

    literal: str
    """Lower case, in every match of the gate."""
    gate: str
    """What hyperscan reads: the spelling to the eighth character of the value, or what joins two parts of one."""
    whole: str
    """The whole spelling; its first group is the name, the others are the value."""


def _spelling(literal: str, form: str) -> Spelling:
    before, _, after = form.partition("VALUE")
    joined = after.partition("VALUE")[0] if "VALUE" in after else before
    gate = joined.replace("NAME", _NAME).replace("SAYS", _SAYS).replace("SAID", f" {_SAYS}") + f"{_CHARACTER}{{8}}"
    whole = form.replace("NAME", f"({_NAME})").replace("SAYS", f"({_SAYS})").replace("SAID", f"({_SAID})")
    whole = whole.replace("VALUE", f"({_CHARACTER}{{8,{_LONGEST}}}={{0,2}})")
    return Spelling(literal, gate, whole)


SPELLINGS = tuple(_spelling(literal, form) for literal, form in _FORMS)


@functools.cache
def _pattern(number: int) -> re.Pattern[bytes]:
    return re.compile(SPELLINGS[number].whole.encode())  # only now: most texts need none of them


def respelled(number: int, data: bytes, end: int) -> tuple[bytes, int, int, int, int] | None:
    """What passed the gate of a spelling, as `name = "value"` with the rest of its line.

    Returns:
        the text, how many of its bytes stand before the value, where the name begins in `data`, and where the value
        begins and ends; None where it is none after all.
    """
    low = max(0, end - _LONGEST)
    for match in _pattern(number).finditer(data, low, min(len(data), end + _LONGEST)):
        if match.start() < end <= match.end():
            name, *parts = match.groups()
            rest = data[match.end() : match.end() + _LONGEST].split(b"\n", 1)[0]
            text = b'%s = "%s" %s' % (name, b"".join(parts), rest)
            return text, len(name) + 4, match.start(1), match.start(2), match.end(match.re.groups)
    return None
