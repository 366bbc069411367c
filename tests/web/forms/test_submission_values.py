"""What is filled into a form: what people see, nothing that only programs see, within every limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.web.forms.submission_answer import names_error
from checks.web.forms.submission_fields import controls
from checks.web.forms.submission_values import CannotFill, fill
from checks.web.html import parse

NONCE = "lrabcdefghijklmn"
ADDRESS = "check@example.com"


def filled(fields: str, *, styles: tuple[str, ...] = ()) -> dict[str, str]:
    return dict(fill(controls(f"<form>{fields}</form>", styles)[0], NONCE, ADDRESS).pairs)


@pytest.mark.parametrize(
    "trap",
    [
        '<input name=x style="display:none">',
        '<input name=x style="position:absolute;left:-9999px">',
        "<div style='visibility: hidden'><p><input name=x></p></div>",
        "<div aria-hidden=true><label>Leave<input name=x></label></div>",
        "<div hidden><input name=x></div>",
        "<input name=x tabindex=-1 autocomplete=off>",
        "<p class=hp><input name=x></p>",
        "<p class=trap><input name=x></p>",
        "<input name=x class='honeypot'>",
        "<input name=x id=user_hp_field class=hp_field>",
    ],
)
def test_traps_stay_empty(trap: str) -> None:
    sent = filled(f"<textarea name=t></textarea>{trap}", styles=(".a{color:red} .trap , b {display:none}",))
    assert sent["x"] == "" and NONCE in sent["t"]


def test_what_is_required_or_all_hidden_is_no_trap() -> None:
    assert filled("<textarea name=t></textarea><div hidden><input name=x required></div>")["x"]
    assert filled("<div style='display:none'><input name=x><textarea name=t></textarea></div>")["x"]


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ("<input type=hidden name=a value=' k '>", "a", " k "),
        ("<input name=a disabled>", "a", None),
        ("<input type=checkbox name=a required>", "a", "on"),
        ("<input type=checkbox name=a value=1>", "a", None),
        ("<input type=checkbox name=privacy value=1>", "privacy", "1"),
        ("<input type=radio name=a value=1><input type=radio name=a value=2 checked>", "a", "2"),
        ("<input type=radio name=a value=1><input type=radio name=a value=2>", "a", "1"),
        ("<select name=a><option value=''>Choose<option value=b>B</select>", "a", "b"),
        ("<select name=a><option disabled>Choose<option>Tea  room</select>", "a", "Tea room"),
        ("<input type=number name=a min=5>", "a", "5"),
        ("<input type=email name=a>", "a", ADDRESS),
        ("<input name=your_email>", "your_email", ADDRESS),
        ("<input type=tel name=a pattern='[0-9]{10}'>", "a", "2025550123"),
        ("<input name=website>", "website", ""),
        ("<input name=first_name>", "first_name", "Launch"),
        ("<button name=a value=1>x</button><button name=b>y</button>", "b", None),
        ("<button>x</button><button name=a value=2>y</button>", "a", None),
        ("<input type=image name=a>", "a.x", "1"),
        ("<input name=a maxlength=5>", "a", "Launc"),
    ],
)
def test_values(fields: str, name: str, value: str | None) -> None:
    assert filled(f"<textarea name=t></textarea>{fields}").get(name) == value


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("<input name=name><input type=email name=m><textarea name=t></textarea>", "t"),
        ("<input name=name><input name=subject>", "subject"),
        ("<input name=name><input type=email name=m>", "name"),
        ("<input type=email name=m>", "m"),
        ("<textarea name=t maxlength=9></textarea><input name=name>", "name"),
    ],
)
def test_the_mark_stands_where_it_fits(fields: str, name: str) -> None:
    assert NONCE in filled(fields)[name]


@pytest.mark.parametrize("fields", ["<button name=a>x</button>", "<input type=file name=f required><input name=t>"])
def test_a_person_fills_in_the_rest(fields: str) -> None:
    with pytest.raises(CannotFill):
        filled(fields)


@pytest.mark.parametrize(
    "path", ["/error", "/error.html", "/a/500", "/?error", "/?error=x", "/?form_error=1", "/?success=false"]
)
def test_addresses_of_errors(path: str) -> None:
    assert names_error(f"https://example.com{path}")


@pytest.mark.parametrize(
    "path", ["/", "/thanks", "/terror", "/no-error-here", "/?success=1", "/?error=0", "/?errors=false"]
)
def test_addresses_of_none(path: str) -> None:
    assert not names_error(f"https://example.com{path}")


PIECES = st.sampled_from(
    [
        "<form>",
        "</form>",
        "<input name=a>",
        "<select name=s>",
        "<option>",
        "</select>",
        "<textarea name=t>",
        "</textarea>",
        "<div hidden>",
        "</div>",
        "<template>",
        "</template>",
        "<p>x",
        "<input form=f name=z>",
        "<form id=f>",
        "<",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_forms_are_counted_as_the_page_is_read(page: str) -> None:
    assert len(controls(page)) == len(parse(page).forms)
    names = [[c.name for c in found if c.name] for found in controls(page)]
    assert names == [[f.get("name") for f in form.fields if f.get("name")] for form in parse(page).forms]


@given(st.text(), st.text())
def test_nothing_is_refused(page: str, style: str) -> None:
    for found in controls(page, [style]):
        try:
            fill(found, NONCE, ADDRESS)
        except CannotFill:
            continue
    names_error(page)
