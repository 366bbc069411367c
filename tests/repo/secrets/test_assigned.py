"""Secrets that only the name before them tells, in every form in which files and commands assign."""

from __future__ import annotations

import base64
import random
import string

import pytest

from checks.repo.secrets import find_in_text
from tests.repo.secrets import fakes

NAMES = ("acmeToken", "clientSecret", "api_key", "authToken", "APP_SECRET", "acme_key", "ACMEKEY", "x-api-key")
PASSWORDS = ("password", "db_password", "adminPassword", "DBPASSWORD")
FORMS = (
    '{name} = "{value}"', "{name}={value}", "export {name}='{value}'", "  {name}: {value}", '    "{name}": "{value}",',
    "app.{name}={value}", "{name} = {value}", "'{name}' => '{value}',", "<{name}>{value}</{name}>",
    '<add key="{name}" value="{value}" />', '{name} := "{value}"', "{name} ?= {value}", "ENV {name}={value}",
    "      - {name}={value}", "acme --{name}={value} run", '- name: {name}\n  value: "{value}"',
    "docker run -e '{name}={value}' acme", 'val {name}: String = "{value}"', 'connect(host="db", {name}="{value}")',
    'private static final String {name} = "{value}";', "level=info {name}={value} pid=42",
    "FROM acme\nENV {name} {value}", "<key>{name}</key>\n<string>{value}</string>", '#define {name} "{value}"',
    'proxy_set_header {name} "{value}";', '{{"name": "{name}", "value": "{value}"}}', "| {name} | {value} |",
    '<string name="{name}">{value}</string>', "Set `{name}` to `{value}`.", "set -x {name} {value}",
    '{name} <- "{value}"', "{name}:\n    '{value}'", 'const {name} =\n  "{value}";', "{name}: >-\n  {value}", ':{name} "{value}"',
    "  {name}:\n    Type: String\n    Default: {value}", "* **{name}**: `{value}`", 's:9:\\"{name}\\";s:32:\\"{value}\\";',
    '{name}="${{{name}:-{value}}}"', "  {name}: ${{{name}:{value}}}", '["%env {name}={value}"]', "ENV['{name}'] ||= '{value}'",
    "docker run -d -e {name}={value} -p 80:80 acme", '{{"k":"{name}","v":"{value}"}},{name}="{value}"',
    "INSERT INTO s VALUES (1,'a','b'),(2,'{name}','{value}'),(3,'c','d');", "https://acme.io/cb#{name}={value}&state=1",
    "{name}={value}; export {name}", "I set `{name}={value}` but it fails", "Cookie: a=1; {name}={value}; path=/",
    '{{"all": "{{\\"{name}\\":\\"{value}\\"}}"}}', "https://api.acme.io/v1?page=2&{name}={value}",
)  # fmt: skip
CONNECTIONS = (
    "jdbc:postgresql://db.acme.io:5432/shop?user=shop&password={value}", "PGPASSWORD={value} psql -h db.acme.io",
    'dsn = "host=db.acme.io user=shop password={value} dbname=shop"', "mysqldump --user=root --password={value} shop",
    "CREATE USER 'shop'@'%' IDENTIFIED BY '{value}';", "podman login --password={value} -u shop registry.acme.io",
    "jdbc:mysql://db.acme.io/shop?user=shop&password={value}!&useSSL=true", "https://shop:{value}*7@npm.acme.io/simple",
    "ansible_become_password: {value}", "//npm.acme.io/:_authToken={value}", "//npm.acme.io/:_password={value}", "<password>{value}</password>",
    "curl -H 'X-Api-Key: {value}' https://api.acme.io", 'curl -H "Authorization: Bearer {value}" https://api.acme.io',
)  # fmt: skip

TOLD = (
    "Hi! Here is our {name}: {value}\nThanks", "the {name} is {value}, please rotate it later", "acme prod {name} = {value}",
    "acme {name} -> {value}", '"text": "our {name} for prod is {value} :lock:"', "new {name}: `{value}` works for me",
    "id,name,value\n7,{name},{value}\n", "7,{name},{value},2024-05-01\n",
    "Here is the {name}:\n{value}\nbye", "Our {name}:\n```\n{value}\n```\n",
)  # fmt: skip
HEADERS = (
    'curl -H "Authorization: Bearer {value}" https://api.acme.io', 'curl -H "Authorization: {value}" https://api.acme.io',
    "curl --header 'api-key: {value}' --url https://api.acme.io", 'curl -X POST -H "X-Auth-Token: {value}" https://api.acme.io',
    "curl -s -H 'X-Acme-Secret: {value}' https://api.acme.io", '{{"run": "curl -H \\"X-Api-Key: {value}\\" https://api.acme.io"}}',
    'wget --header="Authorization: Bearer {value}" https://api.acme.io',
)  # fmt: skip

PROSE = base64.b64encode(b"shop:not my real password").decode()


def _key(seed: str) -> str:
    rng = random.Random(seed)
    return "".join(rng.choices(string.ascii_lowercase, k=24)) + "".join(rng.choices(string.digits, k=8))


def _found(line: str) -> bool:
    return any(hit.status == "fail" for hit in find_in_text(f"# settings\n{line}\nend = 1\n"))


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_found_however_it_is_assigned(form: str) -> None:
    lines = [form.format(name=name, value=_key(name)) for name in NAMES]
    assert [line for line in lines if not _found(line)] == []


@pytest.mark.parametrize("form", FORMS)
def test_a_password_is_found_however_it_is_assigned(form: str) -> None:
    lines = [form.format(name=name, value=fakes.password(random.Random(name))) for name in PASSWORDS]
    assert [line for line in lines if not _found(line)] == []


@pytest.mark.parametrize("form", CONNECTIONS)
def test_a_connection_and_a_command_show_theirs(form: str) -> None:
    assert _found(form.format(value=fakes.password(random.Random(form))))


@pytest.mark.parametrize("form", TOLD)
def test_a_key_is_found_where_somebody_tells_it_or_a_table_has_it(form: str) -> None:
    names = ("acme api key", "client_secret", "access token") if "," not in form[:9] else ("acme_api_key", "authToken")
    lines = [form.format(name=name, value=_key(name)) for name in names]
    assert [line for line in lines if not _found(line)] == []


@pytest.mark.parametrize("form", HEADERS)
@pytest.mark.parametrize("length", [12, 16, 20, 37, 80])
def test_what_a_command_sends_in_a_header_is_found(form: str, length: int) -> None:
    rng = random.Random(f"{form} {length}")
    value = "7f" + "".join(rng.choices("0123456789abcdef", k=length - 4)) + "c2"
    assert _found(form.format(value=value))
    for harmless in ("$ACME_TOKEN", "YOUR_API_KEY", "<token>", "my-token-1234", "application/json"):
        assert find_in_text(form.format(value=harmless)) == []


def test_a_longer_run_of_data_is_a_secret_only_where_the_name_says_so() -> None:
    value = base64.b64encode(random.Random(3).randbytes(280)).decode()
    assert _found(f'{{"acme": {{"apiKey": "{value}"}}}}')
    assert not _found(f'key = "{value}"')


def test_a_comment_allows_what_is_decoded_or_spelled_in_another_way() -> None:
    value = base64.b64encode(_key("allowed").encode()).decode()
    for line in (f"  ACME_KEY: {value}", f"ENV ACME_KEY {value}"):
        assert [hit.allowed for hit in find_in_text(f"x\n{line}  # launchready:allow\n")] == [True]


@pytest.mark.parametrize("line", ['os.environ.get("{name}", "{value}")', "INSERT INTO s VALUES ('{name}', '{value}');"])
def test_a_name_and_a_value_that_make_a_pair_are_an_assignment(line: str) -> None:
    assert _found(line.format(name="ACME_KEY", value=_key(line)))


def test_a_kubernetes_secret_has_its_name_in_the_clear_and_its_value_in_base_64() -> None:
    value = base64.b64encode(_key("k8s").encode()).decode()
    (hit,) = find_in_text(f"kind: Secret\ndata:\n  ACME_KEY: {value}\n")
    assert (hit.line, hit.layer) == (3, "base64")


@pytest.mark.parametrize(
    "line",
    [
        "EMAIL_HOST_PASSWORD={password}", "COOKIE_SECRET={key}", "FAL_API_KEY={uuid}:{hex}", 'falKey: "{uuid}:{hex}"',
        "S3_SECRET_KEY={slashed}", 'encryptionKey: "/{slashed}"', 'adminPassword = "{dotted}"',
        'cfApiKey = "{hex}0a1f3"', "GMAIL_APP_PASSWORD={groups}", "dropboxToken=OwT49YsAEFB{run}{mixed}", "AUTHRESS_KEY=sc_ZAzKmKEGcK.zpUS.acc_RW2jdAGql9aa.{mixed}", "smtpPassword: 'bmohlgft{letters}'",
        'mnemonic: "{phrase}"', "MAILTRAP_PASSWORD={turns}", "paddleVendorAuthCode = '{hex}{hex18}'", 'APP_KEYS="{padded}"',
    ],
)  # fmt: skip
def test_a_secret_is_found_under_the_name_that_its_vendor_or_framework_gives_it(line: str) -> None:
    rng = random.Random(line)
    digits = f"{rng.getrandbits(128):032x}"
    uuid = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    raw = base64.b64encode(rng.randbytes(16)).decode()
    slashed = f"{fakes.password(rng, 20)}/{fakes.password(rng, 20)}"
    values = {
        "run": "A" * 10, "mixed": fakes.password(rng, 43),
        "password": fakes.password(rng), "key": fakes.password(rng, 40), "uuid": uuid, "hex": digits, "hex18": digits[:18],
        "slashed": slashed, "dotted": f"Du09CIk.{fakes.password(rng)}", "letters": "oaigwerb", "turns": "c58".join(("", "11fc", "f2d9")), "padded": raw, "groups": " ".join(("swqj", "bntd") * 2),
        "phrase": " ".join(("acid wool actor zebra", "velvet turtle window about", "umbrella accident able vivid")),
    }  # fmt: skip
    assert _found(line.format(**values))


@pytest.mark.parametrize("value", ["Admin12345", "Shop@123", "s00pers3cretly", "Secr3tP4ssw0rd!12", "md5{hash}"])
def test_a_password_of_a_manual_is_a_doubtful_one(value: str) -> None:
    digest = f"{random.Random(1).getrandbits(128):032x}"
    (hit,) = find_in_text(f'db_password = "{value.format(hash=digest)}"')
    assert hit.status == "warn"


@pytest.mark.parametrize("name", ["clientSecret", "API_KEY", "db_password", "access_token"])
def test_a_uuid_is_a_secret_where_the_name_leaves_no_doubt(name: str) -> None:
    digits = f"{random.Random(name).getrandbits(128):032x}"
    value = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    assert _found(f'{name} = "{value}"')
    assert not _found(f'{name}_id = "{value}"')
    assert not _found(f'requestToken = "{value}"')


@pytest.mark.parametrize(
    "line",
    [
        "password_prompt = PKCS11_DEFAULT_PROMPT", "    verdaccio-htpasswd: 13.0.0-next-8.29", 'mapKey: string = "{key}"',
        '("auth", "0002_alter_permission_name_max_length"),', '<a href="passrole.html">iam:PassRole2</a>', 'author = "{key}"',
        'LocalPassword = "PassWordMustBeAtLeast6Chars."', 'ActivationKey = "29AV1-3OFV9-VVIUB-NKT0I-LRO6V"',
        "- Release GPG key: F3{key}", f'password: "{PROSE}"', f'auth: "{PROSE}"', "mappings: AAAA,EAAA{key}/CAAC,EAAE",
        'addToken("apiKey", "addApiKeyWithHTTPInfo", apiKey);', '"nextToken": "{key}"', 'pass: "Letter-spacing2 is set"',
        "* - sign('', 'test_secret') => '{key}'", '"password": "Contraseña"',
        'tokens.encoding_for_model("{key}")', 'TOKEN_VERSION = get("TOKEN_VERSION", "counting-2024-11-01")',
        "a_tokens=ttl_30m_tokens, ephemeral_12h_input_tokens=ttl_12h_tokens", 'getNames("api-key", "Ocp-Apim-Subscription-Key")',
        "password = make_password(1)", "password: userPassword1", "const [key, value] = {key}", "{key}: key",
    ],
)  # fmt: skip
def test_what_only_looks_assigned_raises_no_alarm(line: str) -> None:
    assert find_in_text(f"# settings\n{line.replace('{key}', _key(line))}\nend = 1\n") == []


@pytest.mark.parametrize("joint", ['" + "', "' . '", '" +\n    "'])
def test_a_secret_in_parts_is_put_together(joint: str) -> None:
    value = fakes.of("stripe-secret-key", 4).value
    (hit,) = find_in_text(f"x = 1\nstripeKey = {joint[0]}{value[:9]}{joint}{value[9:]}{joint[0]};\n")
    assert (hit.rule, hit.line) == ("stripe-secret-key", 2)
