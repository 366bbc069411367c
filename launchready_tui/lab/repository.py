"""The lab business's repository: small, real, and with what a hurried launch leaves in it."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

_MAIN = """import { createServer } from "node:http";

const port = process.env.PORT ?? 3000;
const mailer = process.env.SENDGRID_API_KEY;
const database = process.env.DATABASE_URL;

createServer((request, response) => response.end("tea")).listen(port);
"""
_PACKAGE = '{"name": "harbor-tea", "private": true, "scripts": {"build": "node --check server.mjs"}}\n'
_WORKFLOW = """on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npm run build
      - run: npm test
"""
_MIGRATION = 'ALTER TABLE "orders" DROP COLUMN "note";\n'
_SAFE_MIGRATION = 'ALTER TABLE "orders" ADD COLUMN "note_v2" text;\n'


def fake_live_key(seed: str) -> str:
    """A made-up key in the shape of a payment provider's live key; it opens nothing."""
    body = base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode().rstrip("=")
    return "_".join(("sk", "live", body[:24] + body[24:48].lower()))


def build_repository(folder: Path, *, clean: bool) -> bool:
    """Write the repository into `folder`, anew. Returns False where git is not installed.

    Without `clean` it holds a committed env file, a live-looking key, a destructive migration, and lacks its
    lock file and CI; with it, all of that is in order, and the history holds nothing else.
    """
    if folder.exists():
        shutil.rmtree(folder)
    files = {"server.mjs": _MAIN, "package.json": _PACKAGE, "README.md": "# Harbor Tea\n"}
    if clean:
        files |= {
            "package-lock.json": '{"name": "harbor-tea", "lockfileVersion": 3, "packages": {}}\n',
            ".github/workflows/ci.yml": _WORKFLOW,
            ".env.example": "PORT=\nSENDGRID_API_KEY=\nDATABASE_URL=\n",
            ".gitignore": ".env\n",
            "prisma/migrations/20261101_note/migration.sql": _SAFE_MIGRATION,
            "ROLLBACK.md": "# Rollback\n\nvercel rollback; the database stays as it is.\n",
        }
    else:
        files |= {
            ".env": "SENDGRID_API_KEY=changeme\nNODE_ENV=production\n",
            "pay.mjs": f'export const key = "{fake_live_key("harbor")}";\n',
            "prisma/migrations/20261101_note/migration.sql": _MIGRATION,
        }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return _commit_all(folder)


def _commit_all(folder: Path) -> bool:
    git = shutil.which("git")
    if git is None:
        return False
    names = {"GIT_AUTHOR_NAME": "Harbor Tea", "GIT_AUTHOR_EMAIL": "dev@harbor-tea.example"}
    names |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in names.items()}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    for words in (["init", "-q", "-b", "main"], ["add", "-A", "-f"], ["commit", "-q", "-m", "First version"]):
        subprocess.run(  # noqa: S603 - fixed words, our own folder
            [git, *words], cwd=folder, env=os.environ | names | alone, check=True, capture_output=True
        )
    return True
