"""What to say of a password that a mail server refuses: most mailbox services want one of another kind."""

from __future__ import annotations

_APP_PASSWORDS = {
    "gmail.com": "Gmail",
    "mail.me.com": "iCloud",
    "yahoo.com": "Yahoo",
    "aol.com": "AOL",
    "fastmail.com": "Fastmail",
    "zoho.com": "Zoho",
    "zoho.eu": "Zoho",
}
"""Services whose servers for programs take an app password, by the domain of those servers."""
_NO_PASSWORDS = ("outlook.com", "office365.com")


def hint(host: str) -> str:
    """What may be wrong with a password that `host` refused, beginning with a semicolon; empty where nobody knows."""

    def below(domain: str) -> bool:
        return host == domain or host.endswith(f".{domain}")

    name = next((name for domain, name in _APP_PASSWORDS.items() if below(domain)), "")
    if name:
        return f"; {name} wants an app password from the account's security settings here, not the account's own"
    if any(below(domain) for domain in _NO_PASSWORDS):
        return "; Microsoft takes no passwords here: sign in on the mail screen"
    return ""
