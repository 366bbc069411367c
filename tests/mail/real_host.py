"""A mail provider of real programs on loopback: postfix takes in, opendkim signs and verifies, dovecot keeps."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from launchready_tui.lab.certificates import Authority
from tests.ports import free_ports
from tests.programs import LONG, need, need_root

PATH = os.pathsep.join(("/usr/sbin", "/sbin", os.environ.get("PATH", "")))


@dataclass
class MailHost:
    """Where everything listens, all on 127.0.0.1."""

    folder: Path
    submission: int
    """STARTTLS and AUTH; signs for launch.test with s1, relaxed/relaxed."""
    mx: int
    """A public exchanger with STARTTLS."""
    mx_plain: int
    """One without."""
    imaps: int
    imap: int
    introspection: int
    """Where dovecot asks whether a token is good."""
    public_key: str
    """The key record of s1._domainkey.launch.test."""


@contextlib.contextmanager
def program(folder: Path, *command: str) -> Iterator[None]:
    """Run a daemon in the foreground; what it says goes to a file, and it ends with the block."""
    log = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env={"PATH": PATH}, start_new_session=True
        )
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait(10)


def wait_for(*places: int | Path, folder: Path) -> None:
    """Until every port answers and every socket stands there."""
    end = time.monotonic() + LONG
    for place in places:
        while True:
            if isinstance(place, Path):
                if place.exists():
                    break
            else:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", place), 1):
                    break
            if time.monotonic() > end:
                logs = "\n".join(f"{log.name}: {log.read_text('utf-8', 'replace')}" for log in folder.glob("*.log"))
                pytest.fail(f"{place} does not come up\n{logs}")
            time.sleep(0.02)


@contextlib.contextmanager
def mail_host(authority: Authority, *also: str) -> Iterator[MailHost]:
    """Start all of it for the names mx.inbox.test, imap.inbox.test and submit.launch.test, and `also` these."""
    need("postfix", "dovecot", "opendkim", "opendkim-genkey")
    need_root("postfix, dovecot and opendkim change users")
    folder = Path(tempfile.mkdtemp(prefix="launchready-mail-"))
    folder.chmod(0o755)
    submission, verify, lmtp, mx, plain, imaps, imap, introspection = free_ports(8)
    try:
        _write_keys(folder, authority, *also)
        public_key = _dkim_key(folder)
        _write_opendkim(folder, public_key)
        _write_postfix(folder, submission, verify, lmtp, mx, plain)
        _write_dovecot(folder, lmtp, imaps, imap, introspection)
        with contextlib.ExitStack() as running:
            run = folder / "run"
            running.enter_context(program(folder, "opendkim", "-f", "-x", f"{folder}/sign.conf"))
            running.enter_context(program(folder, "opendkim", "-f", "-x", f"{folder}/verify.conf"))
            running.enter_context(program(folder, "dovecot", "-F", "-c", f"{folder}/dovecot.conf"))
            wait_for(run / "sign.sock", run / "verify.sock", run / "auth", imaps, imap, lmtp, folder=folder)
            running.enter_context(program(folder, "postfix", "-c", f"{folder}/pf", "start-fg"))
            # Its master leads a session of its own, which the end of start-fg does not reach.
            running.callback(_stop_postfix, folder)
            wait_for(submission, verify, mx, plain, folder=folder)
            yield MailHost(folder, submission, mx, plain, imaps, imap, introspection, public_key)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop_postfix(folder: Path) -> None:
    command = ["postfix", "-c", f"{folder}/pf", "stop"]
    subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL, env={"PATH": PATH})


def _write_keys(folder: Path, authority: Authority, *also: str) -> None:
    issued = authority.issue("mx.inbox.test", "imap.inbox.test", "submit.launch.test", *also)
    (folder / "chain.pem").write_bytes(issued.pem)
    (folder / "key.pem").write_bytes(issued.key_pem)


def _dkim_key(folder: Path) -> str:
    keys, run = folder / "dkim", folder / "run"
    keys.mkdir()
    run.mkdir()
    run.chmod(0o777)
    subprocess.run(
        ["opendkim-genkey", "-b", "2048", "-d", "launch.test", "-s", "s1", "-D", str(keys)],
        check=True,
        capture_output=True,
        env={"PATH": PATH},
    )
    shutil.chown(keys / "s1.private", "opendkim")
    text = (keys / "s1.txt").read_text()
    return "".join(text.split('"')[1::2])


def _write_opendkim(folder: Path, public_key: str) -> None:
    (folder / "dns.txt").write_text(f"s1._domainkey.launch.test {public_key}\n")
    shared = "UMask 0\nUserID opendkim\nBackground No\nRequireSafeKeys no\n"
    (folder / "sign.conf").write_text(
        f"Mode s\nDomain launch.test\nSelector s1\nKeyFile {folder}/dkim/s1.private\nSocket local:{folder}/run/sign.sock\n"
        f"InternalHosts 127.0.0.1\nCanonicalization relaxed/relaxed\n{shared}"
    )
    (folder / "verify.conf").write_text(
        f"Mode v\nSocket local:{folder}/run/verify.sock\nAuthservID mx.inbox.test\nAlwaysAddARHeader yes\n"
        f"TestDNSData file:{folder}/dns.txt\n{shared}"
    )


def _write_postfix(folder: Path, submission: int, verify: int, lmtp: int, mx: int, plain: int) -> None:
    config = folder / "pf"
    for name in ("queue", "data"):
        (config / name).mkdir(parents=True)
    shutil.chown(config / "data", "postfix")
    for name in ("postfix-script", "post-install", "postfix-files"):
        shutil.copy(f"/etc/postfix/{name}", config / name)
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": config / "queue",
        "data_directory": config / "data",
        "command_directory": "/usr/sbin",
        "daemon_directory": "/usr/lib/postfix/sbin",
        "mail_owner": "postfix",
        "myhostname": "mx.inbox.test",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "inet_interfaces": "loopback-only",
        "inet_protocols": "ipv4",
        "virtual_mailbox_domains": "inbox.test",
        "virtual_mailbox_maps": "static:ok",
        "virtual_alias_maps": "inline:{ spam@inbox.test=seed+Werbung@inbox.test }",
        "transport_maps": "inline:{ lost@inbox.test=discard: }",
        "virtual_transport": f"lmtp:inet:127.0.0.1:{lmtp}",
        "recipient_delimiter": "+",
        "default_transport": "error:no outbound mail from the lab",
        "relay_transport": "error:no outbound mail from the lab",
        "local_transport": "error:no local mail",
        "smtp_dns_support_level": "disabled",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "smtpd_tls_cert_file": folder / "chain.pem",
        "smtpd_tls_key_file": folder / "key.pem",
        "maillog_file": "/dev/stdout",
        "maillog_file_prefixes": f"/dev/stdout, /var, {folder}",
    }
    (config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    smtpd = "inet n - n - - smtpd"
    services = [
        f"127.0.0.1:{submission} {smtpd} -o smtpd_milters=unix:{folder}/run/sign.sock"
        f" -o content_filter=smtp:[127.0.0.1]:{verify} -o smtpd_tls_security_level=may -o smtpd_sasl_auth_enable=yes"
        f" -o smtpd_sasl_type=dovecot -o smtpd_sasl_path={folder}/run/auth -o smtpd_tls_auth_only=yes"
        f" -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
        f"127.0.0.1:{verify} {smtpd} -o smtpd_milters=unix:{folder}/run/verify.sock -o content_filter=",
        f"127.0.0.1:{mx} {smtpd} -o smtpd_tls_security_level=may",
        f"127.0.0.1:{plain} {smtpd} -o smtpd_tls_security_level=none",
        "pickup unix n - n 60 1 pickup",
        "qmgr unix n - n 300 1 qmgr",
        "cleanup unix n - n - 0 cleanup",
        "postlog unix-dgram n - n - 1 postlogd",
        "rewrite unix - - n - - trivial-rewrite",
        "retry unix - - n - - error",
        *(f"{name} unix - - n - - bounce" for name in ("bounce", "defer", "trace")),
        *(f"{name} unix - - n - - {name}" for name in "flush smtp lmtp error discard proxymap".split()),
        *(f"{name} unix - - n - 1 {name}" for name in "verify anvil scache tlsmgr".split()),
    ]
    (config / "master.cf").write_text("".join(f"{service}\n" for service in services))


def _write_dovecot(folder: Path, lmtp: int, imaps: int, imap: int, introspection: int) -> None:
    base = folder / "dov"
    base.mkdir()
    (base / "mail").mkdir()
    shutil.chown(base / "mail", "mail", "mail")
    (folder / "oauth2.conf").write_text(
        f"introspection_url = http://127.0.0.1:{introspection}/i?token=\nintrospection_mode = get\n"
        "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
    )
    # Whoever logs in sees the one mailbox of this lab.
    (folder / "dovecot.conf").write_text(f"""
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {base}/run
log_path = {base}/log
ssl = yes
ssl_cert = <{folder}/chain.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{base}/mail/one
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
auth_username_format = %Lu
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password=seedpass
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={base}/mail/one allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Werbung {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener {folder}/run/auth {{
    mode = 0666
  }}
}}
""")
