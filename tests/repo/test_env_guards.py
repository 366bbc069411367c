"""Whether code can do without a variable, as people write it; what a string says is no code, what is unknown is said."""

from __future__ import annotations

import pytest

from checks.repo.env.lists import names_in
from checks.repo.env.reads import reads_in
from checks.repo.project import fits
from checks.subject import Environment
from tests.repo.conftest import Judge, Repository

CASES = [
    # Python: what falls back, asks, stops, or goes through a function of the project's own.
    ("s.py", "DSN = os.environ.get('A')\nif DSN:\n    init(DSN)\n", {"A": True}),
    ("s.py", "KEY = os.environ.get('A')\nif not KEY:\n    raise RuntimeError('x')\n", {"A": False}),
    ("s.py", "try:\n    K = os.environ['A']\nexcept KeyError:\n    K = 'dev'\n", {"A": True}),
    ("s.py", "try:\n    K = os.environ['A']\nexcept KeyError as e:\n    raise Wrong('A') from e\n", {"A": False}),
    ("s.py", "if os.getenv('A') is None or not os.getenv('B'):\n    sys.exit(1)\n", {"A": False, "B": False}),
    ("s.py", "def need(name):\n    return os.environ[name]\nA = need('A')\n", {"A": False}),
    ("s.py", "NAMES = ['A', 'B']\nfor n in NAMES:\n    os.environ[n]\n", {"A": False, "B": False}),
    ("s.py", "help = \"os.environ['A']\"\nprint(f\"{os.environ['B']}\")\n", {"B": False}),
    ("s.py", "env = environ.Env(DEBUG=(bool, False))\nenv('DEBUG')\nenv.db()\nenv.cache('C', default='x')\n",
     {"DEBUG": True, "DATABASE_URL": False, "C": True}),
    ("s.py", "A = config('A', cast=lambda v: v.split(','))\nB = config('B', default='', cast=Csv())\n", {"A": False, "B": True}),
    ("s.py", "class B(BaseSettings):\n    model_config = {'env_prefix': 'P_'}\n    a: str\nclass C(B):\n    b: str = Field(\n"
     "        ...,\n        alias='Q',\n    )\n    c: int = Field(\n        default=3,\n    )\n", {"P_A": False, "Q": False, "P_C": True}),
    # JavaScript and TypeScript.
    ("a.ts", "if (process.env.A) {\n  init({ dsn: process.env.A });\n}\n", {"A": True}),
    ("a.ts", "const key = process.env.A;\nif (!key) {\n  throw new Error('A');\n}\n", {"A": False}),
    ("a.ts", "const { A, B } = process.env;\nif (!A) throw new Error('x');\nif (B) use(B);\n", {"A": False, "B": True}),
    ("a.ts", "const a = process.env.A ?? (() => { throw new Error('x') })();\nconst b = process.env.B?.trim();", {"A": False, "B": True}),
    ("a.ts", "say('process.env.A');\nconst b = `${process.env.B}/x`;\ns.replace(/'/g, '') + process.env.C + 'x';", {"B": False, "C": False}),
    ("a.ts", "const required = ['A_A', 'B_B'];\nfor (const k of required) { if (!process.env[k]) throw 1 }", {"A_A": False, "B_B": False}),
    ("env.mjs", "createEnv({\n server: {\n  A: z\n    .string()\n    .optional(),\n  B: process.env.NODE_ENV === 'production'"
     " ? z.string() : z.string().optional(),\n },\n runtimeEnv: {\n  A: process.env.A,\n  B: process.env.B,\n },\n});\n", {"A": True, "B": False, "NODE_ENV": True}),
    # Go, Ruby, PHP, Java and Kotlin, Rust, shell, Docker.
    ("m.go", "v, ok := os.LookupEnv(\"A\")\nif !ok {\n\tv = \"x\"\n}\nw, ok := os.LookupEnv(\"B\")\nif !ok {\n\tlog.Fatal(\"B\")\n}\n", {"A": True, "B": False}),
    ("m.go", "p := getEnv(\"A\", \"8080\")\nq := mustGetenv(\"B\")\n// os.Getenv(\"C\")\nr := `os.Getenv(\"D\")`\n", {"A": True, "B": False}),
    ("m.go", "type C struct {\n\tY string `required:\"true\" envconfig:\"A\"`\n\tZ string `env:\"B, default=5\"`\n}\n", {"A": False, "B": True}),
    ("a.rb", "raise 'no' unless ENV['A']\nputs \"set ENV['B']\"\nif ENV['C'].present?\n  x(ENV['C'])\nend\n", {"A": False, "C": True}),
    ("a.php", "<?php if (empty($_ENV['A'])) { throw new X(); } $c = isset($_ENV['B']) ? $_ENV['B'] : 'x'; $d = getenv('C') ?: die('x');",
     {"A": False, "B": True, "C": False}),
    ("A.kt", "val a = System.getenv(\"A\") ?: error(\"x\")\nval b = System.getenv(\"B\") ?: \"x\"\n", {"A": False, "B": True}),
    ("a.rs", "let a = env::var(\"A\").unwrap_or_else(|_| panic!(\"x\"));\nlet b = env::var(\"B\")?;\n"
     "#[arg(long, env, default_value = \"x\")]\nlevel: String,\n", {"A": False, "B": False, "LEVEL": True}),
    ("run.sh", "if [ -n \"$A\" ]; then\n  run $A\nfi\n[ -z \"$B\" ] && { echo no; exit 1; }\nC=\"${C:?}\"\ncat <<'END'\n$D\nEND\n", {"A": True, "B": False, "C": False}),
    ("Dockerfile", "ARG NODE=20\nARG TOKEN\nARG GIT_SHA\nARG TARGETARCH\nFROM node:$NODE\nARG NODE\n", {"TOKEN": False, "GIT_SHA": True}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), CASES)
def test_what_code_can_do_without(path: str, text: str, expected: dict[str, bool]) -> None:
    found: dict[str, bool] = {}
    for item in reads_in(path, text, fits):
        if item.name:
            found[item.name] = found.get(item.name, True) and item.optional
    assert found == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "x = 1\nos.environ[f'{kind}_URL']\n"),
        ("a.ts", "let x\nprocess.env[`X_${name}`]\n"),
        ("a.go", "// x\nos.Getenv(name)\n"),
        ("a.rb", "x = 1\nENV.fetch(name)\n"),
        ("a.php", "<?php\ngetenv($name);\n"),
        ("a.rs", "// x\nenv::var(name)\n"),
        ("A.java", "// x\nSystem.getenv(name);\n"),
        ("x.sh", "#!/bin/sh\necho ${!name}\n"),
    ],
)
def test_a_name_worked_out_at_run_time_is_unknown(path: str, text: str) -> None:
    assert [(read.name, read.line) for read in reads_in(path, text, fits)] == [("", 2)]


async def test_what_is_unknown_and_what_the_repository_sets_is_said(repository: Repository, judge: Judge) -> None:
    code = "os.environ['KEY']\nos.environ['WORKERS']\nos.environ['REGION']\nos.environ[f'{x}_URL']\n"
    repository.commit(
        {"app.py": code, "broken.py": "print os.environ['X']\n", "fly.toml": "[env]\nREGION = 'ams'\n"}
        | {"Dockerfile": "FROM x\nENV WORKERS=2\n", ".env.example": "KEY=\n"}
    )
    production = Environment("production", names=("KEY",))
    found = await judge("deploy.env-missing", "deploy.env-undocumented", environments=(production,))
    for finding in (found["deploy.env-missing"][0], found["deploy.env-undocumented"][0]):
        assert finding.status == "pass"
        assert "REGION is set by fly.toml" in finding.evidence
        assert "app.py:4, broken.py:1" in finding.evidence[-1]


KEY_LINES = "-----BEGIN {0} KEY-----\nMIIE\nABCDEF=\n-----END {0} KEY-----".format("PRIVATE")
PRINTED = {
    "ecs": '{"taskDefinition": {"containerDefinitions": [{"environment": [{"name": "AA", "value": "x"}],'
    ' "secrets": [{"name": "BB", "valueFrom": "arn:x"}]}], "family": "f"}}',
    "gcloud": "spec:\n  containers:\n  - env:\n    - name: AA\n      value: x\n    - name: BB\n      valueFrom:\n"
    "        secretKeyRef: {key: latest, name: cc}\n",
    "secretsmanager": '{"ARN": "arn:x", "Name": "prod", "SecretString": "{\\"AA\\": \\"x\\", \\"BB\\": \\"y\\"}"}',
    "ssm": "PARAMETERS\tarn:x\ttext\t2024\t/shop/AA\tString\tx\t1\nPARAMETERS\tarn:x\ttext\t2024\t/shop/BB\tString\tx\t1\n",
    "beanstalk": '[{"Namespace": "aws:elasticbeanstalk:application:environment", "OptionName": "AA"}, {"Namespace":'
    ' "aws:elasticbeanstalk:application:environment", "OptionName": "BB"}, {"Namespace": "aws:ec2:vpc", "OptionName": "C"}]',
    "doctl": '{"name": "shop", "services": [{"name": "web", "envs": [{"key": "AA"}]}], "envs": [{"key": "BB"}]}',
    "docker": '[{"Id": "x", "Config": {"Env": ["AA=x", "BB=y"], "Cmd": ["a"]}}]',
    "systemctl": "Environment=AA=x BB=y\n",
    "heroku with a key": f"=== shop Config Vars\n\nAA: postgres://x\nBB: {KEY_LINES}\n",
}


@pytest.mark.parametrize("name", PRINTED)
def test_names_are_kept_and_values_are_not(name: str) -> None:
    assert names_in(PRINTED[name]) == {"AA", "BB"}
