"""Environment variables: what is read, what is written down, what each environment has."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.repo.env.dotenv import is_secret, parse_dotenv
from checks.repo.env.lists import names_in
from checks.repo.env.reads import reads_in
from checks.repo.project import fits
from checks.subject import Environment
from tests.repo.conftest import Judge, Repository


def read(path: str, text: str) -> dict[str, bool]:
    """Names that a file reads, each with whether it can do without."""
    found: dict[str, bool] = {}
    for item in reads_in(path, text, fits):
        found[item.name] = found.get(item.name, True) and item.optional
    return found


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "os.environ['A']\nos.getenv('B')\nos.environ.get('C', 1)\nos.environ['D'] = 'x'", {"A": False, "B": False, "C": True}),
        ("settings.py", "env('KEY')\nenv.bool('ON', default=False)\nconfig('X')", {"KEY": False, "ON": True, "X": False}),
        ("s.py", "class S(BaseSettings):\n    api_key: str\n    debug: bool = False\n    x: str | None = None\n",
         {"API_KEY": False, "DEBUG": True, "X": True}),
        ("a.ts", "process.env.A\nprocess.env.B ?? 'x'\nprocess.env['C']\nimport.meta.env.VITE_D || 1\nprocess.env.E = '1'",
         {"A": False, "B": True, "C": False, "VITE_D": True}),
        ("a.js", "const { A, B = 'x' } = process.env", {"A": False, "B": True}),
        ("env.ts", "createEnv({ server: {\n  DB_URL: z.string().url(),\n  OPT: z.string().optional(),\n} })", {"DB_URL": False, "OPT": True}),
        ("a.rb", "ENV['A']\nENV.fetch('B')\nENV.fetch('C', 'x')\nENV.fetch('D') { 1 }\nENV['E'] || 'x'",
         {"A": False, "B": False, "C": True, "D": True, "E": True}),
        ("a.php", "env('A'); env('B', 1); getenv('C'); $_ENV['D'];", {"A": False, "B": True, "C": False, "D": False}),
        ("a.go", 'os.Getenv("A")\nos.LookupEnv("B")', {"A": False, "B": False}),
        ("A.java", 'System.getenv("A")', {"A": False}),
        ("application.yml", "url: ${DB_URL}\nport: ${P:80}", {"DB_URL": False, "P": True}),
        ("a.rs", 'env::var("A")\nstd::env::var("B").unwrap_or_default()\noption_env!("C")', {"A": False, "B": True, "C": True}),
        ("run.sh", "X=1\necho $X ${A} ${B:-1} ${C:?needed}", {"A": False, "B": True, "C": False}),
        ("compose.yaml", "services:\n  a:\n    image: x:${TAG}\n    environment:\n      - KEY\n      - SET=1\n", {"TAG": False, "KEY": False}),
        (".github/workflows/a.yml", "env:\n  K: ${{ secrets.DEPLOY_KEY }}", {"DEPLOY_KEY": False}),
        ("a.py", "# os.environ['NOT']", {}),
        ("notes.md", "process.env.NOT", {}),
    ],
)  # fmt: skip
def test_reads_by_language(path: str, text: str, expected: dict[str, bool]) -> None:
    assert read(path, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A=1\nexport B=2\n",
        '[{"name": "A"}, {"name": "B"}]',
        '{"A": "1", "B": "2"}',
        "NAME   DIGEST   CREATED AT\nA1\tx\ty\n".replace("A1", "AA") + "BB\tx\ty\n",
        " name       value        environments   created\n AA   Encrypted   Production   2d ago\n BB   Encrypted  Production  2d\n",
        "=== app Config Vars\nAA:  x\nBB:  y\n",
        "│ AA │ x │\n│ BB │ y │\n",
    ],
)
def test_names_in_every_platforms_list(text: str) -> None:
    assert names_in(text) in ({"A", "B"}, {"AA", "BB"})


def test_an_env_file_with_quotes_comments_and_lines() -> None:
    text = "A=1 # one\n#B=2\nexport C='x # y'\nD=\"two\nlines\"\nE=\nF=changeme\n"
    assert [(i.name, i.value, i.line, i.is_real) for i in parse_dotenv(text)] == [
        ("A", "1", 1, True),
        ("C", "x # y", 3, True),
        ("D", "two\nlines", 4, True),
        ("E", "", 6, False),
        ("F", "changeme", 7, False),
    ]


@given(st.text(max_size=2000))
def test_parsers_never_fail(text: str) -> None:
    parse_dotenv(text)
    names_in(text)
    for path in ("a.py", "a.ts", "compose.yaml", "run.sh", "application.yml"):
        reads_in(path, text, fits)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("STRIPE_SECRET_KEY", "x", True),
        ("DATABASE_URL", "postgres://u:p@h/d", True),
        ("DATABASE_URL", "postgres://h/d", False),
        ("NEXT_PUBLIC_KEY", "x", False),
        ("NODE_ENV", "x", False),
    ],
)
def test_which_variables_are_secrets(name: str, value: str, secret: bool) -> None:
    assert is_secret(name, value) is secret


CODE = {"app.py": "import os\nos.environ['DB_URL']\nos.environ.get('LEVEL', 'info')\nos.environ['PORT']\n"}


async def test_missing_variables_are_told_by_name(repository: Repository, judge: Judge) -> None:
    repository.commit(CODE | {".env.example": "DB_URL=\nMAIL_KEY=\n"})
    production = Environment("production", names=("DB_URL",))
    finding = (await judge("deploy.env-missing", environments=(production,)))["deploy.env-missing"][0]
    assert (finding.status, finding.target) == ("fail", "production")
    assert "MAIL_KEY" in finding.summary
    assert "LEVEL" not in finding.summary
    whole = Environment("production", names=("DB_URL", "MAIL_KEY"))
    assert (await judge("deploy.env-missing", environments=(whole,)))["deploy.env-missing"][0].status == "pass"


async def test_no_environment_is_skipped_and_an_unreadable_one_is_an_error(
    repository: Repository, judge: Judge
) -> None:
    repository.commit(CODE)
    assert (await judge("deploy.env-missing"))["deploy.env-missing"][0].status == "skipped"
    gone = Environment("production", files=("gone.env",))
    assert (await judge("deploy.env-missing", environments=(gone,)))["deploy.env-missing"][0].status == "error"


async def test_undocumented_variables(repository: Repository, judge: Judge) -> None:
    repository.commit(
        CODE | {"tests/test_a.py": "os.environ['ONLY_TEST']", "examples/a/main.py": "os.environ['ONLY_SHOWN']"}
    )
    finding = (await judge("deploy.env-undocumented"))["deploy.env-undocumented"][0]
    assert finding.status == "warn"
    assert finding.fix.endswith("DB_URL=\nLEVEL=")
    repository.commit({".env.example": "DB_URL=\nLEVEL=\n"})
    assert (await judge("deploy.env-undocumented"))["deploy.env-undocumented"][0].status == "pass"


async def test_committed_values(repository: Repository, judge: Judge) -> None:
    repository.commit({".env.example": "A=real", "config/.env.production": "A=real\nB=\n", ".env": "A=\nB=changeme\n"})
    findings = (await judge("deploy.env-committed"))["deploy.env-committed"]
    assert [(f.status, f.target) for f in findings] == [("fail", "config/.env.production")]
    assert "real" not in findings[0].evidence[0].replace("real value", "")


async def test_values_that_are_sealed_or_kept_elsewhere_are_not_committed(repository: Repository, judge: Judge) -> None:
    repository.commit({
        ".env.vault": "DOTENV_VAULT='x1'\nDOTENV_VAULT_PRODUCTION='abc'\n",
        ".env.production": "DOTENV_PUBLIC_KEY_PRODUCTION='03'\nKEY='encrypted:BD'\nOTHER=ENC[AES256_GCM,data:x]\n",
        ".envrc": 'export KEY="$(op read op://vault/key)"\nexport B=op://vault/b\n',
        ".dev.vars.example": "KEY=x\n",
    })  # fmt: skip
    assert [f.status for f in (await judge("deploy.env-committed"))["deploy.env-committed"]] == ["pass"]
    repository.commit({".env-prod": "KEY=value\n", ".dev.vars.production": "KEY=value\n"})
    found = (await judge("deploy.env-committed"))["deploy.env-committed"]
    assert {f.target for f in found} == {".env-prod", ".dev.vars.production"}


async def test_ignored_values_pass_and_a_plain_folder_is_skipped(
    repository: Repository, judge: Judge, tmp_path: Path
) -> None:
    repository.commit({".gitignore": ".env\n", "a.py": ""})
    repository.write({".env": "A=real\n"})
    repository.git("rm", "-q", "--cached", "-r", "--ignore-unmatch", ".env")
    assert (await judge("deploy.env-committed"))["deploy.env-committed"][0].status == "pass"
    (tmp_path / "plain").mkdir()
    found = await judge("deploy.env-committed", repo=tmp_path / "plain")
    assert found["deploy.env-committed"][0].status == "skipped"


async def test_shared_secrets(repository: Repository, judge: Judge) -> None:
    repository.write(
        {"a.env": "API_KEY=same\nNODE_ENV=x\n", "b.env": "API_KEY=same\nNODE_ENV=x\n", "c.env": "API_KEY=other\n"}
    )
    both = (Environment("production", files=("a.env",)), Environment("staging", files=("b.env",)))
    finding = (await judge("deploy.env-shared", environments=both))["deploy.env-shared"][0]
    assert (finding.status, finding.triage, finding.target) == ("warn", "now", "API_KEY")
    assert "same" not in " ".join(finding.evidence).replace("the same", "")
    apart = (both[0], Environment("staging", files=("c.env",)))
    assert (await judge("deploy.env-shared", environments=apart))["deploy.env-shared"][0].status == "pass"
    assert (await judge("deploy.env-shared"))["deploy.env-shared"][0].status == "skipped"
