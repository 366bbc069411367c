"""Every rule finds what a generator makes of its own shape, and nothing that only resembles it."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.repo.secrets import find_in_text
from checks.repo.secrets.finder import Finder
from checks.repo.secrets.rule import count, rules
from tests.repo.secrets import fakes
from tests.repo.secrets.conftest import COMPILED
from tests.repo.secrets.worlds import FORMS, MORE_FORMS

SEEDS = 4


def _found(text: str | bytes) -> set[str]:
    return {hit.rule for hit in find_in_text(text, public=True)}


def test_there_are_rules_for_at_least_250_kinds() -> None:
    names = [rule.id for rule in rules()]
    assert len(names) >= 250
    assert len(names) == count()
    assert len(set(names)) == len(names)
    assert all(rule.rotate and rule.title and rule.vendor for rule in rules())


def test_every_rule_finds_its_fakes() -> None:
    missed = []
    for name in fakes.rows():
        for seed in range(SEEDS):
            fake = fakes.of(name, seed)
            if name not in _found(f"{fake.line}\n"):
                missed.append((name, seed))
    # A made-up value may look like a word by chance; a rule that fails twice does not work.
    assert len(missed) <= len(fakes.rows()) * SEEDS // 500, missed
    assert len({name for name, _ in missed}) == len(missed), missed


@pytest.mark.parametrize("form", [*FORMS, *MORE_FORMS])
def test_every_rule_finds_its_fake_in_every_form(form: str) -> None:
    write = MORE_FORMS[form] if form in MORE_FORMS else FORMS[form][1]
    ids, finder = [rule.id for rule in rules()], Finder(store=COMPILED)
    fakes_of_all = [fakes.of(name, 1) for name in fakes.rows()]
    found = {fake.rule: {ids[match.rule] for match in finder.find(write(fake))} for fake in fakes_of_all}
    assert [name for name, told in found.items() if name not in told] == []


def test_no_hit_shows_its_value() -> None:
    made = [fakes.of(name, 0) for name in fakes.rows()]
    hits = [(fake, hit) for fake in made for hit in find_in_text(f"{fake.line}\n", public=True)]
    assert len({fake.rule for fake, _ in hits}) > len(made) * 0.9
    for fake, hit in hits:
        assert fake.value not in repr(hit)
        assert len(hit.masked) <= 9


def test_both_matchers_find_the_same() -> None:
    text = "\n".join(fakes.of(name, 1).line for name in fakes.rows()).encode()
    fast = Finder(store=COMPILED).find(text)
    slow = Finder(stdlib=True).find(text)
    assert fast == slow
    assert len(fast) > len(fakes.rows()) * 0.9


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("stripe-secret-key", "fail"), ("stripe-test-key", "warn"), ("plaid-test-token", "warn"),
        ("github-pat", "fail"), ("square-sandbox-secret", "warn"), ("supabase-service-role", "fail"),
    ],
)  # fmt: skip
def test_test_mode_is_a_warning(rule: str, status: str) -> None:
    (hit,) = [each for each in find_in_text(fakes.of(rule, 3).line) if each.rule == rule]
    assert hit.status == status


def test_wrong_check_digits_are_a_warning() -> None:
    fake = fakes.of("github-pat", 5)
    changed = fake.value[:-1] + ("a" if fake.value[-1] != "a" else "b")
    (hit,) = find_in_text(f'token = "{changed}"')
    assert (hit.rule, hit.status) == ("github-pat", "warn")


def test_what_is_public_by_design_is_left_out_unless_asked_for() -> None:
    rng = fakes.random.Random(1)
    anon = fakes.jwt({"iss": "supabase", "role": "anon", "ref": "k7rtw2mq"}, rng)
    firebase = fakes.of("google-api-key", 1).value
    texts = (
        f'createClient(url, "{anon}")',
        f'{{ apiKey: "{firebase}",\n  authDomain: "shop.firebaseapp.com" }}',
        fakes.of("stripe-publishable-key", 1).line,
        fakes.of("sentry-dsn", 1).line,
    )
    for text in texts:
        assert find_in_text(text) == []
        assert all(hit.public for hit in find_in_text(text, public=True))
    assert [hit.rule for hit in find_in_text(f'key = "{firebase}"')] == ["google-api-key"]


@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme"', 'API_KEY = "your-api-key-here"', "SECRET_KEY = os.environ['SECRET_KEY']",
        "token: ${{ secrets.DEPLOY_TOKEN }}", 'apiKey: process.env.API_KEY || ""', 'password: "********"',
        "DATABASE_URL=postgres://user:password@localhost:5432/app", "postgres://${USER}:${PASS}@db/app",
        'integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8KuxYyDDdFsuMJ9gdlqDsNlT1jfOPG4tBn"',
        'id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"', 'commit = "9b74c9897bac770ffc029102a200c5de9b74c989"',
        '"tokenKey": "settings.session.tokenKeyName2"', 'const key = "ArrowDown"', "secret: vault:secret/data/app#key",
        'password_hint = "Your first pet 2"', "https://user:pass@example.com/", 'cacheKey = "a8f5f167f44f4964e6c998de"',
        'aws_secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"', "AKIAIOSFODNN7EXAMPLE",
        f">>> client_secret = '{'8f7d6s5a' + '4f3d2s1a0q9w'}'",
        f">>> check('x', 'password', '{'k7Rw2' + 'mQ9x1q'}')", '"PasswordLastUsed": "2016-09-08T21:47:36Z"',
        '"pagesDir","encryptionKey","generateEncryptionKeyBase64","isBuild"',
        '"PannerNode","PasswordCredential","Path2D","PaymentAddress"',
        '* would be assigned the same token in the following format: Console-CreateStack-7f59c3cf-00d2-40c7-b2ff-e75db0987002.',
        'fields = ["old_password", "new_password1", "new_password2"]', '"pwd": "shop.core.magics.osm:OSMagics"',
        "from keys import (\n    Ed25519PrivateKey, Ed25519PublicKey, Ed448PrivateKey, Ed448PublicKey", "token = BOM_UTF8_STRING",
        '"max_tokens_per_1_minute": max_tokens_per_1_minute,\n', "mssql+pyodbc://scott:tiger^5HHH@mssql2017:1433/test",
    ],
)  # fmt: skip
def test_no_alarm(text: str) -> None:
    assert find_in_text(text) == []


def test_layers_are_opened() -> None:
    line = fakes.of("stripe-secret-key", 2).line
    inner = f"# settings of the shop\n{line}\n".encode()
    twice = base64.b64encode(b"payload: " + base64.b64encode(inner))
    forms = {
        "base64": b"x: " + base64.b64encode(inner),
        "base64, base64": b"x: " + twice,
        "utf-16": f"[a]\r\n{line}\r\n".encode("utf-16"),
        "": json.dumps({"source": [line]}).encode(),
    }
    for layer, data in forms.items():
        (hit,) = [each for each in find_in_text(data) if each.rule == "stripe-secret-key"]
        assert hit.layer == layer


def test_an_inline_comment_allows() -> None:
    line = fakes.of("stripe-secret-key", 2).line
    assert next(hit.allowed for hit in find_in_text(f"{line}  # launchready:allow\n{line[:-6]}x"))


@pytest.mark.parametrize(
    ("after", "allowed"),
    [
        ("  # launchready:allow\n", True), ('"""  # launchready:allow\n', True), ("\n# launchready:allow\n", True),
        ("\n", False), ("\n\n# launchready:allow\n", False), ("\nx = 1  # launchready:allow\n", False),
    ],
)  # fmt: skip
def test_a_comment_after_the_last_line_of_a_block_allows_its_key(after: str, allowed: bool) -> None:
    text = f'KEY = """{fakes.pem(fakes.random.Random(after))}{after}'
    (hit,) = find_in_text(text)
    assert (hit.rule, hit.line, hit.allowed) == ("private-key", 1, allowed)


def test_a_comment_after_a_block_allows_that_block_alone() -> None:
    first, second = (fakes.pem(fakes.random.Random(seed)) for seed in (1, 2))
    assert [hit.allowed for hit in find_in_text(f"{first}\n{second}  # launchready:allow\n")] == [False, True]


@pytest.mark.parametrize(
    "call",
    ['new Twilio("{id}", "{token}")', "twilio('{id}',\n    '{token}')", 'Client(username="{id}", password="{token}")'],
)
def test_twilio_is_called_with_its_token(call: str) -> None:
    rng = fakes.random.Random(call)
    digits = [f"{rng.getrandbits(128):032x}" for _ in range(2)]
    text = call.format(id=f"AC{digits[0]}", token=digits[1])
    (hit,) = [each for each in find_in_text(text) if each.rule == "twilio-auth-token-call"]
    assert (text[hit.offset :][:32], hit.status) == (digits[1], "fail")


def test_a_token_is_found_as_the_user_of_an_address() -> None:
    for name in ("easypost-key", "artifactory-reference-token", "clickhouse-cloud-secret"):
        assert name in _found(f"https://{fakes.of(name, 2).value}@api.acme.io/v1")


def test_a_secret_is_none_of_the_public_keys_of_its_vendor() -> None:
    (hit,) = find_in_text(f"AMPLITUDE_SECRET_KEY={fakes.of('amplitude-secret', 1).value}")
    assert (hit.rule, hit.status) == ("amplitude-secret", "fail")


def test_an_organisation_token_with_a_damaged_middle_is_a_doubtful_one() -> None:
    value = fakes.of("sentry-org-token", 1).value
    (hit,) = find_in_text(f'auth = "{value[:24]}Q{value[25:]}"')
    assert (hit.rule, hit.status) == ("sentry-org-token", "warn")


@given(st.binary(max_size=3000))
def test_any_bytes_are_read(data: bytes) -> None:
    find_in_text(data)
