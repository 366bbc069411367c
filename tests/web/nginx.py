"""A real nginx on loopback, for tests that need one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from launchready_tui.lab.certificates import Issued
from tests.mail.real_host import PATH
from tests.ports import free_ports
from tests.programs import LONG, need


@dataclass
class Site:
    """One server block. Without a certificate it is plain HTTP."""

    name: str
    port: int
    issued: Issued | None = None
    protocols: str = "TLSv1.2 TLSv1.3"
    http2: bool = True
    body: str = 'return 200 "<title>real</title>";'
    folder: Path = field(default_factory=Path)

    def block(self) -> str:
        if self.issued is None:
            return f"server {{ listen 127.0.0.1:{self.port}; server_name {self.name}; {self.body} }}"
        stem = self.folder / f"{self.name}-{self.port}"
        Path(f"{stem}.pem").write_bytes(self.issued.pem)
        Path(f"{stem}.key").write_bytes(self.issued.key_pem)
        return (
            f"server {{ listen 127.0.0.1:{self.port} ssl{' http2' if self.http2 else ''}; server_name {self.name};"
            f' ssl_protocols {self.protocols}; ssl_certificate "{stem}.pem"; ssl_certificate_key "{stem}.key";'
            f" default_type text/html; {self.body} }}"
        )


@contextlib.contextmanager
def nginx(*sites: Site) -> Iterator[None]:
    """Run nginx with these sites. Ports come from `free_ports`; it listens when the block begins."""
    need("nginx")
    program = shutil.which("nginx", path=PATH) or "nginx"
    with tempfile.TemporaryDirectory(prefix="launchready-nginx-") as name:
        folder = Path(name)
        for site in sites:
            site.folder = folder
        temporary = " ".join(
            f'{kind}_temp_path "{folder}";' for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        blocks = "\n".join(site.block() for site in sites)
        (folder / "nginx.conf").write_text(
            f"{'user root;' if os.geteuid() == 0 else ''} worker_processes 1;"
            f' pid "{folder}/pid"; error_log "{folder}/error";'
            "events { worker_connections 128; }\n"
            f"http {{ access_log off; {temporary} ssl_ciphers ALL:@SECLEVEL=0;\n{blocks}\n}}\n"
        )
        command = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error")]
        # As a daemon it returns once every port is bound.
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=LONG)
        try:
            yield
        finally:
            subprocess.run([*command, "-s", "stop"], check=False, stderr=subprocess.DEVNULL, timeout=LONG)


__all__ = ["Site", "free_ports", "nginx"]
