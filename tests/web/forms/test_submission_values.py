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
        "<div style='opacity:0.0;z-index:-1'><input name=x></div>",
        "<div style='height:0;overflow:hidden'><input name=x></div>",
        "<div style='clip: rect(0 0 0 0)'><input name=x></div>",
        "<div style='transform:scale(0)'><input name=x></div>",
        "<div style='margin-left:-5000px'><input name=x></div>",
        "<input name=x class=away>",
        "<input name=x id=url2>",
        "<input name=x data-a>",
    ],
)
def test_traps_stay_empty(trap: str) -> None:
    rules = ".a{color:red} .trap , b {display:none} form > p .away{left:-9999em} input#url2{visibility:hidden}"
    rules += "input[name='x'][data-a]{opacity:0} form [data-a]{opacity:0} @media (min-width:1px){.none{color:red}}"
    if "data-a" in trap:
        rules += "input[name='x']{display:none}"
    sent = filled(f"<textarea name=t></textarea>{trap}", styles=(rules,))
    assert sent["x"] == "" and NONCE in sent["t"]


def test_what_is_required_or_all_hidden_is_no_trap() -> None:
    assert filled("<textarea name=t></textarea><div hidden><input name=x required></div>")["x"]
    assert filled("<div style='display:none'><input name=x><textarea name=t></textarea></div>")["x"]


@pytest.mark.parametrize(
    "style",
    [
        "@media print { .field { display: none } .other { color: red } .field { visibility: hidden } }",
        "/* .field{display:none} */",
        ".modal .field:not(.on){display:none}",
        ".field::before{display:none}",
        "@media print { .field {display:none}",
    ],
)
def test_what_a_style_sheet_hides_elsewhere_is_no_trap(style: str) -> None:
    assert filled("<textarea name=t></textarea><input name=subject class=field>", styles=(style,))["subject"]


def test_of_two_forms_with_one_id_the_first_owns_what_names_it() -> None:
    page = "<form id=f><input name=a></form><form id=f><input name=b></form><input name=c form=f>"
    assert [[c.name for c in form] for form in controls(page)] == [["a", "c"], ["b"]]
    assert [[f.get("name") for f in form.fields] for form in parse(page).forms] == [["a", "c"], ["b"]]


@pytest.mark.parametrize(
    "buttons",
    [
        "<button name=go value=1>Send</button><button name=draft value=1>Save</button>",
        "<button name=draft value=1 formaction=/draft>Save</button><button name=go value=1>Send</button>",
        "<input type=submit name=preview value=Preview><input type=submit name=go value=1>",
        "<input type=submit name=go value=1 ><input type=submit name=cancel value=Cancel>",
    ],
)
def test_of_several_buttons_the_one_that_sends_is_pressed(buttons: str) -> None:
    sent = filled(f"<textarea name=t></textarea>{buttons}")
    assert sent["go"] == "1" and not {"draft", "preview", "cancel"} & set(sent)


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
    "path",
    [
        "/error",
        "/error.html",
        "/a/500",
        "/contact-error",
        "/form_failed.php",
        "/oops",
        "/something-went-wrong",
        "/?error",
        "/?error=x",
        "/?form_error=1",
        "/?success=false",
    ],
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
