"""What looks like a credential and is none, or is made for everybody to see: its shape or its name tells it apart."""

from __future__ import annotations

import base64
import random
import string

import pytest

from checks.repo.secrets import find_in_text
from tests.repo.secrets import fakes

RNG = random.Random("no secrets")
LETTERS = string.ascii_letters + string.digits


def _urlsafe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _hex(length: int = 32) -> str:
    return "".join(RNG.choices("0123456789abcdef", k=length))


def _text(length: int) -> str:
    return "".join(RNG.choices(LETTERS, k=length))


POINT = _urlsafe(b"\x04" + RNG.randbytes(64))
RSA_PUBLIC = base64.b64encode(bytes.fromhex("305c300d06092a864886f70d0101010500034b00") + RNG.randbytes(70)).decode()
SSH = b"\0\0\0\x0bssh-ed25519\0\0\0 " + RNG.randbytes(32)
GOOGLE = fakes.of("google-api-key", 3).value
DATA = base64.b64encode(RNG.randbytes(900)).decode()


@pytest.mark.parametrize(
    "text",
    [
        f'const applicationServerKey = "{POINT}";', f'export const VAPID_KEY = "{POINT}";', f'signingKey: "{RSA_PUBLIC}"',
        f'algoliaSearchApiKey = "{_hex()}"', f'AMPLITUDE_API_KEY="{_hex()}"', f"MIXPANEL_TOKEN={_hex()}",
        f"GOOGLE_MAPS_API_KEY={GOOGLE}", f'"current_key": "{GOOGLE}"', f"<script src='//maps.googleapis.com/?key={GOOGLE}'>",
        f'<meta-data android:name="geo.API_KEY"\n android:value="{GOOGLE}"/>', f'RECAPTCHA_V3_KEY="6L{_text(38)}"',
        f"algolia: {{\n  appId: 'R2',\n  apiKey: '{_hex()}',\n  indexName: 'acme',", f"PUSHER_APP_KEY={_hex(20)}",
        f"TYPESENSE_SEARCH_ONLY_API_KEY={_text(32)}", f"PADDLE_CLIENT_TOKEN={'live'}_{_hex(27)}", f'set {{\n name = "a-site-key"\n value = "{_hex()}"',
        f"configure({{ apiKey: 'appl_{fakes.of('huggingface-token', 1).value[3:30]}' }})", f'"SigningKeyCertificateChain":\n  "{_text(60)}"',
        f"https://b.s3.amazonaws.com/x?X-Amz-Credential={fakes.of('aws-access-key-id', 1).value}%2F20190814%2Fus-west-2",
        f'src="data:font/woff;base64,{DATA[:300]}/EAAM{_text(90)}{DATA[300:600]}+AKC{_text(70)}/{DATA[600:]}"',
        f"sha256=kb{'BBDC'}-{_text(38)},1882", f'"CiphertextBlob": "AQ{"EDAH"}{_text(150)}"', f'key = "{_text(150)}+{_text(90)}"',
        "type Start = CodeRequiredStateV2 | PasswordRequiredStateV2 | AttributesRequiredStateV2", "ftp://anonymous:flabada@a.io/",
        '"password": "Palavra-passe"', '"cloud_password": "Cloud-adgangskode"', '{token:"keyword.tag-$1"}',
        'tokenized("tweets.20150430-223406.json")', "Enter your login and password below:\0Entity\0Equal",
        "postgresql://usuario:contraseña@base_de_datos/x", "https://user:p%40ss%3Aword@x.com/", "private_key: x9.X9PrivateKey",
        '"AWS::Route53::KeySigningKey": "aws-cdk-lib/aws-route53.CfnKeySigningKey"', "exports.Pass=exports.Result=void 0;",
        'a.TWITTER="Twitter",IdentityPoolProviderType2.OPEN_ID="x"', 'Bitbucket:convertCfnIntegrationBitbucketInputTo('
        'c="PuTTY-User-Key-File-2: ssh-rsa\\r\\n";c+="Encryption: "', "`sha256_salted`, `sha512_symfony`), password",
        f'const searchApiKey = "{_hex()}"', f"NEXT_PUBLIC_SEARCH_KEY={_hex()}", f"key: 'FLW{'PUBK'}-{_hex()}-X'",
        f"LANGFUSE_KEY=pk-{'lf'}-{_hex(8)}-{_hex(4)}-{_hex(4)}-{_hex(4)}-{_hex(12)}", f"lob('{'test'}_pub_{_hex(31)}')",
        f"https://o1.ingest.acme.io/api/2/envelope/?sentry_key={_hex()}&sentry_version=7", f"Sec-WebSocket-Key: {_text(22)}==",
        'SESSION_TOKEN_PARAM = "X-Amz-S3session-Token"', '"apiUpdateEmailPassword","_linkUser"],"mappings"',
        "class AnsibleVaultPasswordError(AnsibleVaultError):", 'c=9,tokenData:"$%h_R!XOX$nXY5gYZ6iZ]$n]^5g^p$npq5gqr7Xrs9cst",t=1',
        f'key = "{base64.b64encode(SSH).decode()}"', "$0.008 per 1k tokens with tokens = h*w*seconds*24/1024; rates", "the token is 20 characters long and the key is base64-encoded",
        "apiKey,encryptionKeyVersion2,tokenSigningAlgorithm", "curl -s https://api-url.acme.io:8000/hook/build",
        'mnemonic = "test test test test test test test test test test test junk"', 'password: "some text goes here"',
    ],
)  # fmt: skip
def test_no_alarm(text: str) -> None:
    assert [hit.rule for hit in find_in_text(f"# settings\n{text}\nend = 1\n")] == []


@pytest.mark.parametrize("beside", [f"GOOGLE_MAPS_API_KEY={GOOGLE}", "FIREBASE_PROJECT_ID=acme", "sourceMaps=1"])
@pytest.mark.parametrize("order", [1, -1])
def test_no_neighbour_makes_a_secret_public(beside: str, order: int) -> None:
    own = f"GEMINI_API_KEY={fakes.of('google-api-key', 4).value}"
    text = "\n".join([beside, own][::order])
    (hit,) = find_in_text(text)
    assert text[hit.offset :].startswith(own.partition("=")[2])


@pytest.mark.parametrize(
    "text",
    [
        f"NEXT_PUBLIC_INFURA_KEY={_hex()}", f"VITE_RPC=https://mainnet.infura.io/v3/{_hex()}", f"SEARCH_API_KEY={_hex()}",
        f"REACT_APP_ALGOLIA_API_KEY={_hex()}", f"CONTENTFUL_ACCESS_TOKEN={_text(43)}",
        f"contentful.createClient({{ space: 'a1', accessToken: '{_text(43)}' }})",
    ],
)  # fmt: skip
def test_what_is_meant_for_pages_is_a_doubtful_one(text: str) -> None:
    assert [hit.status for hit in find_in_text(text)] == ["warn"]


@pytest.mark.parametrize(
    "text",
    [
        f"INFURA_KEY={_hex()}", f"ALGOLIA_API_KEY={_hex()}", f"CONTENTFUL_PREVIEW_TOKEN={_text(43)}",
        f"REACT_APP_ALGOLIA_ADMIN_KEY={_hex()}", f"NEXT_PUBLIC_OPENAI_API_KEY={_text(40)}", f"AZURE_SEARCH_KEY={_text(40)}",
    ],
)  # fmt: skip
def test_what_a_page_must_not_show_is_none(text: str) -> None:
    assert [hit.status for hit in find_in_text(text)] == ["fail"]


def test_what_a_name_calls_made_up_is_a_doubtful_one() -> None:
    (hit,) = find_in_text(f'DUMMY_SECRET = "{_text(20)}7"')
    assert hit.status == "warn"
