"""A DKIM signer of the tests' own, written from RFC 6376 apart from the verifier that it tests."""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public(key: Key, form: str = "spki") -> str:
    """p= of a key: "spki", "pkcs1" (bare RSAPublicKey), or the raw 32 bytes of Ed25519."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return base64.b64encode(key.public_key().public_bytes_raw()).decode()
    formats = {"spki": serialization.PublicFormat.SubjectPublicKeyInfo, "pkcs1": serialization.PublicFormat.PKCS1}
    return base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, formats[form])).decode()


def public_of_bits(bits: int) -> str:
    """p= of a made-up RSA key of any size, such as no library makes any more."""
    modulus = (1 << (bits - 1)) | 0xD0E3139797E2F5A73BEB35
    der = (
        rsa.RSAPublicNumbers(65537, modulus)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode()


def record(key: Key, extra: str = "", form: str = "spki") -> str:
    kind = "ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "rsa"
    return f"v=DKIM1; k={kind}; {extra}p={public(key, form)}"


def zone_txt(text: str) -> str:
    """A record as a zone line, cut into strings of 255 bytes."""
    escaped = [text[at : at + 255].replace("\\", "\\\\").replace('"', '\\"') for at in range(0, len(text), 255)]
    return "TXT " + " ".join(f'"{part}"' for part in escaped or [""])


def _relaxed_header(line: str) -> str:
    name, _, value = line.partition(":")
    folded = re.sub(r"[ \t\r\n]+", " ", value).strip()
    return f"{name.strip().lower()}:{folded}"


def _body(text: str, how: str) -> str:
    lines = text.split("\r\n")
    if how == "relaxed":
        lines = [re.sub(r"[ \t]+", " ", line).rstrip(" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return "" if how == "relaxed" else "\r\n"
    return "".join(f"{line}\r\n" for line in lines)


def sign(
    message: str,
    key: Key,
    *,
    domain: str = "example.com",
    selector: str = "s1",
    c: str = "relaxed/relaxed",
    h: str = "from:to:subject:from",
    extra: str = "",
    algorithm: str = "",
    length: int | None = None,
) -> bytes:
    """The message with a DKIM-Signature on top. Line breaks of `message` are CRLF."""
    head, _, text = message.partition("\r\n\r\n")
    fields = re.split(r"\r\n(?![ \t])", head)
    how_head, how_body = c.split("/")
    content = _body(text, how_body).encode()
    if length is not None:
        content = content[:length]
        extra = f"{extra}l={length}; "
    kind = "ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "rsa"
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    signature = (
        f"DKIM-Signature: v=1; a={algorithm or kind + '-sha256'}; c={c}; d={domain}; s={selector};\r\n"
        f"\t{extra}h={h};\r\n\tbh={digest};\r\n\tb="
    )
    left = list(fields)
    signed = []
    for wanted in h.split(":"):
        for at in range(len(left) - 1, -1, -1):
            if left[at].partition(":")[0].strip().lower() == wanted.strip().lower():
                signed.append(left.pop(at))
                break
    canon = _relaxed_header if how_head == "relaxed" else str
    data = ("".join(f"{canon(line)}\r\n" for line in signed) + canon(signature)).encode()
    if isinstance(key, ed25519.Ed25519PrivateKey):
        value = key.sign(hashlib.sha256(data).digest())
    else:
        value = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    encoded = base64.b64encode(value).decode()
    folded = "\r\n\t".join(encoded[at : at + 70] for at in range(0, len(encoded), 70))
    return f"{signature}{folded}\r\n{message}".encode()
