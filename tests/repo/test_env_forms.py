"""Variables read by code as people write it, language by language, and lists of them as platforms print them."""

from __future__ import annotations

import pytest

from checks.repo.env.lists import names_in
from checks.repo.env.reads import reads_in
from checks.repo.project import fits


def read(path: str, text: str) -> dict[str, bool]:
    """Names that a file reads, each with whether it can do without."""
    found: dict[str, bool] = {}
    for item in reads_in(path, text, fits):
        found[item.name] = found.get(item.name, True) and item.optional
    return found


READS = [
    (
        "a.py",
        'import os as o\nfrom os import getenv as g\nfrom dotenv import dotenv_values\no.environ["A"]; g("B")\n'
        'c = {**dotenv_values(".env"), **o.environ}\nc["C"]\nfor k in ("D",): g(k)\nfor k in ("E",): g(k)',
        {"A": False, "B": False, "C": False, "D": False, "E": False},
    ),
    (
        "a.ts",
        'const env = process.env;\nconst { A } = env; env["B"] ?? "x"; ["C", "D"].forEach(k => { env[k] })\n'
        'configService.getOrThrow<string>("E"); this.configService.get("F", 3); config.get("G.h")',
        {"": True, "A": False, "B": True, "C": False, "D": False, "E": False, "F": True},
    ),
    ("schema.prisma", 'url = env("A") // env("N")', {"A": False}),
    (
        "A.cs",
        'Environment.GetEnvironmentVariable("A"); Environment.GetEnvironmentVariable("B") ?? "x"',
        {"A": False, "B": True},
    ),
    (
        "runtime.exs",
        'System.fetch_env!("A")\nSystem.get_env("B", "x")\nSystem.get_env("C") || raise "no"',
        {"A": False, "B": True, "C": False},
    ),
    ("run.sh", ': "${A:=x}" "${B:?}"\necho $A', {"A": True, "B": False}),
    ("m.rs", 'match env::var("A") { Ok(v) => v, Err(_) => panic!("no") }', {"A": False}),
    ("a.php", '<?php if (!isset($_ENV["A"])) { die("x"); }', {"A": False}),
    (
        "a.py",
        'os.environ["A"]; os.environ.get("B"); os.environ[\'C\']; os.getenv("D", "x"); environ.get(key="E")',
        {"A": False, "C": False, "B": False, "E": False, "D": True},
    ),
    (
        "a.py",
        'x = os.environ.get("B") or "d"\ny = os.getenv("C") or 5\nif "D" in os.environ: pass\ndel os.environ["E"]\nos.environb[b"F"]\nos.environ.get(\n    "G",\n    "x")\nos.environ[\n  "H"]\ngetenv("I")\nos.environ.pop("J", None)\nos.environ.setdefault("K","v")',
        {"B": True, "C": True, "D": True, "F": False, "G": True, "H": False, "I": False, "J": True, "K": True},
    ),
    (
        "s.py",
        'class Settings(BaseSettings):\n    """x"""\n    model_config = SettingsConfigDict(env_prefix="APP_")\n    db_url: str\n    key: SecretStr = Field(..., alias="STRIPE_KEY")\n    other: str = Field(default="x")\n    nope: str = Field(validation_alias="NN")\n',
        {"APP_DB_URL": False, "STRIPE_KEY": False, "APP_OTHER": True, "NN": False},
    ),
    (
        "a.ts",
        'const { A, B: bb, C = "x", ...rest } = process.env\nconst {\n  D,\n  E = 1, // comment\n} = process.env;\nprocess.env["F"]; process.env[\'G\']; process.env?.H; process.env.I!; import.meta.env["VITE_J"]; env.K',
        {
            "H": False,
            "I": False,
            "F": False,
            "G": False,
            "VITE_J": False,
            "A": False,
            "B": False,
            "C": True,
            "D": False,
            "E": True,
        },
    ),
    (
        "a.ts",
        'if (process.env.A === "x") {}\nprocess.env.B == 1\nprocess.env.C || process.env.D\nprocess.env.E ? 1 : 2\ndelete process.env.F\nprocess.env.G = "x"\nprocess.env.H ||= "x"\nprocess.env.J ??= "y"\nconst { env: {K, L = 2} } = process;\nconst M = process.env.M as string\n({NN} = process.env)',
        {
            "A": True,
            "B": True,
            "C": True,
            "D": False,
            "E": True,
            "H": True,
            "J": True,
            "M": False,
            "K": False,
            "L": True,
            "NN": False,
        },
    ),
    (
        "a.ts",
        'import { A_KEY, B } from "$env/static/private";\nimport { PUBLIC_C } from "$env/static/public"\nimport { env } from "$env/dynamic/private"\nenv.DD',
        {"A_KEY": False, "B": False, "PUBLIC_C": False, "DD": False},
    ),
    (
        "a.js",
        '// process.env.NO\nconst u = "http://x"; process.env.YES // process.env.NO2\n/* process.env.NO3 */',
        {"YES": False},
    ),
    (
        "a.rb",
        'ENV["A"]; ENV.fetch("B"); ENV.fetch("C", nil); ENV.fetch("D") { "x" }; ENV["E"] ||= "x"; ENV.fetch(\'F\'){1}; ENV.key?("G"); ENV["H"] || "x"; ENV.dig("I"); ENV.values_at("J","K")',
        {
            "A": False,
            "E": True,
            "H": True,
            "B": False,
            "D": True,
            "F": True,
            "C": True,
            "G": True,
            "J": False,
            "K": False,
        },
    ),
    ("database.yml", 'password: <%= ENV["DBPW"] %>\nurl: <%= ENV.fetch("U") { "x" } %>', {"DBPW": False, "U": True}),
    (
        "a.php",
        'getenv("A"); $_ENV["B"]; $_SERVER["C"]; env("D"); env("E","x"); $_ENV["F"] ?? "x"; getenv("G") ?: "x"; Env::get("H"); $_SERVER["REQUEST_URI"]; $_SERVER["HTTP_HOST"]',
        {"A": False, "D": False, "G": True, "H": False, "B": False, "F": True, "C": False, "E": True},
    ),
    ("services.yaml", 'dsn: "%env(DB_URL)%"\nx: "%env(resolve:MAILER)%"', {"DB_URL": False, "MAILER": False}),
    (
        "a.go",
        'os.Getenv("A"); os.LookupEnv("B"); v, ok := os.LookupEnv(`C`); viper.BindEnv("x", "D"); syscall.Getenv("E")\n type T struct { X string `env:"F,required"`\n Y string `envconfig:"G" default:"x"`\n Z string `env:"H" envDefault:"1"` }',
        {"A": False, "B": False, "C": True, "E": False, "D": False, "F": False, "G": True, "H": True},
    ),
    (
        "A.java",
        'System.getenv("A"); System.getenv().get("B"); System.getenv().getOrDefault("C","x"); @Value("${DD}") String d; @Value("${EE:x}") String e; Optional.ofNullable(System.getenv("F")).orElse("x")',
        {"A": False, "F": True, "B": False, "DD": False, "C": True, "EE": True},
    ),
    (
        "A.kt",
        'System.getenv("A") ?: "x"; System.getenv()["B"]; System.getenv("C")!!',
        {"A": True, "C": False, "B": False},
    ),
    (
        "A.scala",
        'sys.env("A"); sys.env.get("B"); sys.env.getOrElse("C","x"); scala.util.Properties.envOrElse("D","x")',
        {"A": False, "B": True, "C": True, "D": True},
    ),
    (
        "a.rs",
        'std::env::var("A").unwrap(); env::var("B").unwrap_or("x".into()); env!("C"); option_env!("D"); env::var_os("E"); env::var("F").ok(); dotenvy::var("G"); env::var("H").unwrap_or_else(|_| "x".into()); var("I")?\n #[arg(long, env = "J")]',
        {
            "A": False,
            "B": True,
            "E": False,
            "F": True,
            "G": False,
            "H": True,
            "I": False,
            "C": False,
            "D": True,
            "J": False,
        },
    ),
    (
        "a.sh",
        'echo ${A:-d} ${B-d} $C "${D}" ${E:?x} ${F:+x} ${G:=x} ${#H} ${I%/} ${J//a/b} ${K,,} $$L \'$M\'\n: "${N:?need}"',
        {
            "D": False,
            "E": False,
            "H": False,
            "I": False,
            "J": False,
            "K": False,
            "C": False,
            "A": True,
            "B": True,
            "F": True,
            "G": True,
            "N": False,
        },
    ),
    (
        "Dockerfile",
        "ARG V=1\nARG TOKEN\nENV X=$V Y=${Z}\nRUN echo $TOKEN ${W:-1}\nCMD node $APP",
        {"Z": False, "W": True, "APP": False, "TOKEN": False},
    ),
    (
        "compose.yml",
        'services:\n  a:\n    image: x:${TAG:-1}\n    environment:\n      A: ${A}\n      B: "$B"\n      C: ${C:?err}\n      D:\n      E: "$${NOT}"\n',
        {"TAG": True, "A": False, "B": False, "C": False, "D": False},
    ),
    (
        ".github/workflows/x.yml",
        'env:\n  A: ${{ secrets.SA }}\n  B: ${{ vars.VB }}\n  C: ${{ vars.VC || "x" }}\n  D: ${{ env.ED }}\n  E: ${{ secrets.GITHUB_TOKEN }}\n  F: ${{ secrets["SF"] }}\n  G: ${{ format("{0}", secrets.SG) }}\n  H: ${{ secrets.SH != \'\' }}',
        {"SA": False, "VB": False, "VC": True, "GITHUB_TOKEN": False, "SF": False, "SG": False, "SH": True},
    ),
    (
        ".gitlab-ci.yml",
        "variables:\n  OWN: x\njob:\n  script:\n    - echo $DEPLOY_KEY ${HOST_X} $OWN $CI_COMMIT_SHA",
        {"HOST_X": False, "DEPLOY_KEY": False, "CI_COMMIT_SHA": False},
    ),
]


@pytest.mark.parametrize(("path", "text", "expected"), READS)
def test_every_way_to_read_a_variable(path: str, text: str, expected: dict[str, bool]) -> None:
    assert read(path, text) == expected


def test_a_place_is_told_by_its_line() -> None:
    text = "import os\n\nos.environ.get(\n    'A',\n)\n# os.environ['B']\nos.environ['C']\n"
    assert [(each.name, each.line) for each in reads_in("a.py", text, fits)] == [("A", 4), ("C", 7)]


@pytest.mark.parametrize(
    "piece", ["/*", "\n", " \n", "`", '"', "'''", "${{ secrets", "const {", "os.environ.get(", "$", "{\n[\n"]
)
@pytest.mark.parametrize(
    "path", ["a.py", "a.ts", "run.sh", "a.go", "A.java", "a.rs", "a.php", "a.rb", ".gitlab-ci.yml"]
)
def test_no_text_takes_time_that_grows_faster_than_it(piece: str, path: str) -> None:
    """Were it quadratic, this would take minutes."""
    hostile = piece * 100_000
    assert not read(path, hostile)
    assert not names_in(hostile) or piece == "'''"


LISTS = {
    "heroku-mixed-case": (
        "=== shop Config Vars\n\nDATABASE_URL: x\nlower_name:   a=b\n",
        {"DATABASE_URL", "lower_name"},
    ),
    "wrangler-pretty": ("Secret Name: A_KEY\nSecret Name: B_KEY\n", {"A_KEY", "B_KEY"}),
    "kubectl-set-env-list": ("# Deployment web\nA_KEY=x\n# B_KEY from secret web, key B\n", {"A_KEY", "B_KEY"}),
    "aws-table": ("+---+\n|  A_KEY      |\n|  prod/B_KEY |\n+---+\n", {"A_KEY", "B_KEY"}),
    "export-p": ('declare -x A_KEY="x"\ndeclare -x B_KEY="y=z"\n', {"A_KEY", "B_KEY"}),
    "vercel": (
        "Vercel CLI 37.4.0\n> Environment Variables found for acme/shop [120ms]\n\n name                          value               environments                        created    \n DATABASE_URL                  Encrypted           Production, Preview                 12d ago    \n STRIPE_SECRET_KEY             Encrypted           Production                          3h ago     \n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "heroku": (
        "=== shop Config Vars\n\nDATABASE_URL:      postgres://h/d\nSTRIPE_SECRET_KEY: sk\nRACK_ENV:          production\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY", "RACK_ENV"},
    ),
    "heroku-s": ("DATABASE_URL='postgres://x'\nA_B=c\n", {"A_B", "DATABASE_URL"}),
    "fly": (
        "NAME               DIGEST            CREATED AT        \nDATABASE_URL       2c1b0e            1h ago            \nSTRIPE_SECRET_KEY  a94f              Oct 12 2024 10:11   \n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "fly2": (
        "NAME                    │ DIGEST            │ STATUS\n DATABASE_URL            │ 2c1b0e            │ Deployed\n* STRIPE_SECRET_KEY       │ a94f         │ Staged\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "netlify": (
        "\n3 environment variables for site shop in the all context\n.-----------------------------------------------------.\n|              Environment variables                  |\n|-----------------------------------------------------|\n|        Key         |        Value         |  Scope  |\n|--------------------|----------------------|---------|\n| DATABASE_URL       | ******************** | All     |\n| STRIPE_SECRET_KEY  | ******************** | Builds  |\n'-----------------------------------------------------'\n? Show values? (y/N)\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "netlify-json": ('{"DATABASE_URL":"x","STRIPE_SECRET_KEY":"y"}', {"DATABASE_URL", "STRIPE_SECRET_KEY"}),
    "railway": (
        "╔═══════════════ Variables for web ═══════════════╗\n║ DATABASE_URL        │ postgresql://c/d       ║\n║                     │ continued                  ║\n║──────────────────────────────────────────────────║\n║ STRIPE_SECRET_KEY   │ sk=abc                   ║\n╚═════════════════════════════════════════════════╝\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "railway-kv": ("DATABASE_URL=x\nSTRIPE_SECRET_KEY=y\n", {"DATABASE_URL", "STRIPE_SECRET_KEY"}),
    "doppler": (
        "┌────────────────────┬──────────────┬──────┐\n│ NAME               │ VALUE        │ NOTE │\n├────────────────────┼──────────────┼──────┤\n│ DATABASE_URL       │ postgres://x=1 │      │\n│ DOPPLER_CONFIG     │ prd          │      │\n│ STRIPE_SECRET_KEY  │ line1        │      │\n│                    │ LINE2        │      │\n└────────────────────┴──────────────┴──────┘\n",
        {"STRIPE_SECRET_KEY", "DATABASE_URL", "DOPPLER_CONFIG"},
    ),
    "doppler-json": (
        '{"DATABASE_URL":{"computed":"x","note":""},"STRIPE_SECRET_KEY":{"computed":"y"}}',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "render": (
        '[{"envVar":{"key":"DATABASE_URL","value":"x"},"cursor":"c"},{"envVar":{"key":"STRIPE_SECRET_KEY","value":"y"},"cursor":"d"}]',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "gh": (
        "DATABASE_URL\t2024-01-01T00:00:00Z\nSTRIPE_SECRET_KEY\t2024-01-01T00:00:00Z\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "gh2": (
        "NAME          UPDATED          \nDATABASE_URL  about 1 day ago\nSTRIPE_SECRET_KEY  about 2 days ago\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "wrangler": (
        '[\n  {\n    "name": "DATABASE_URL",\n    "type": "secret_text"\n  },\n {"name":"STRIPE_SECRET_KEY","type":"secret_text"}]',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "wrangler-pages": (
        'The "production" environment of your Pages project "shop" has access to the following secrets:\n  - DATABASE_URL: Value Encrypted\n  - STRIPE_SECRET_KEY: Value Encrypted\n',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "wrangler-banner": (
        ' ⛅️ wrangler 3.80.0\n-------------------\n\n[\n  {\n    "name": "DATABASE_URL",\n    "type": "secret_text"\n  }\n]\n',
        {"DATABASE_URL"},
    ),
    "aws-ssm": (
        '{"Parameters":[{"Name":"/shop/prod/DATABASE_URL","Type":"SecureString"},{"Name":"/shop/prod/STRIPE_SECRET_KEY"}]}',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "eb": (
        " Environment Variables:\n     DATABASE_URL = x\n     STRIPE_SECRET_KEY = y\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "azure": (
        '[{"name":"DATABASE_URL","slotSetting":false,"value":"x"},{"name":"STRIPE_SECRET_KEY","slotSetting":true,"value":null}]',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "azure-table": (
        "Name               SlotSetting    Value\n-----------------  -------------  -------\nDATABASE_URL       False          x\nSTRIPE_SECRET_KEY  False          y\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "gcloud": (
        "NAME               CREATED              REPLICATION_POLICY  LOCATIONS\nDATABASE_URL       2024-01-01T00:00:00  automatic           -\nSTRIPE_SECRET_KEY  2024-01-01T00:00:00  automatic           -\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "doctl": (
        "name: shop\nservices:\n- envs:\n  - key: DATABASE_URL\n    scope: RUN_TIME\n    type: SECRET\n    value: EV[1:x:y]\n  - key: STRIPE_SECRET_KEY\n    value: x\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "k8s-yaml": (
        "apiVersion: v1\nkind: Secret\ndata:\n  DATABASE_URL: cG9z\n  STRIPE_SECRET_KEY: c2s=\nmetadata:\n  name: x\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "k8s-json": (
        '{"apiVersion":"v1","data":{"DATABASE_URL":"cG9z","STRIPE_SECRET_KEY":"c2s="},"kind":"Secret","metadata":{"name":"x"}}',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "k8s-describe": (
        "Name:         x\nNamespace:    default\n\nData\n====\nDATABASE_URL:       12 bytes\nSTRIPE_SECRET_KEY:  5 bytes\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "supabase": (
        "\n  NAME              | DIGEST\n  ------------------|--------\n  DATABASE_URL      | 2c1b\n  STRIPE_SECRET_KEY | a94f\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "heroku-json": ('{\n "DATABASE_URL": "x",\n "STRIPE_SECRET_KEY": "y"\n}', {"DATABASE_URL", "STRIPE_SECRET_KEY"}),
    "gitlab-api": (
        '[{"variable_type":"env_var","key":"DATABASE_URL","value":"x"},{"key":"STRIPE_SECRET_KEY"}]',
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "eas": ("DATABASE_URL=*****\nSTRIPE_SECRET_KEY=*****\n", {"DATABASE_URL", "STRIPE_SECRET_KEY"}),
    "convex": ("DATABASE_URL=x\n", {"DATABASE_URL"}),
    "infisical": (
        "┌───────────────────┬──────────────┬─────────────┐\n│ SECRET NAME       │ SECRET VALUE │ SECRET TYPE │\n├───────────────────┼──────────────┼─────────────┤\n│ DATABASE_URL      │ x            │ shared      │\n│ STRIPE_SECRET_KEY │ y            │ shared      │\n└───────────────────┴──────────────┴─────────────┘\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "bare-lower": ("database_url\nstripe_secret_key\n", {"stripe_secret_key", "database_url"}),
    "bare-comma": ("DATABASE_URL, STRIPE_SECRET_KEY", {"DATABASE_URL", "STRIPE_SECRET_KEY"}),
    "bullets": ("- DATABASE_URL\n- STRIPE_SECRET_KEY", {"DATABASE_URL", "STRIPE_SECRET_KEY"}),
    "ansi": (
        "\x1b[1m=== shop Config Vars\x1b[22m\n\x1b[32mDATABASE_URL\x1b[39m:  x\n\x1b[32mSTRIPE_SECRET_KEY\x1b[39m: y",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "table-with-assign-in-value": (
        "NAME    VALUE\nDATABASE_URL  x\nexport  y\nNODE_OPTIONS   --max=1\n",
        {"DATABASE_URL", "NODE_OPTIONS"},
    ),
    "prompted": (
        "$ heroku config -a shop\n=== shop Config Vars\nDATABASE_URL: x?sslmode=require\nSTRIPE_SECRET_KEY: y",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
    "powershell": (
        "Name                           Value\n----                           -----\nDATABASE_URL                   x\nSTRIPE_SECRET_KEY              y=z\n",
        {"DATABASE_URL", "STRIPE_SECRET_KEY"},
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_what_a_platform_prints_is_read_as_names(name: str) -> None:
    text, expected = LISTS[name]
    assert names_in(text) == expected
