"""Variables that files of the platforms give a value to, or only name for a person to give."""

from __future__ import annotations

import pytest

from checks.subject import Environment
from tests.repo.conftest import Judge, Repository

CODE = {"app.py": "import os\nos.environ['REGION']\nos.environ['API_KEY']\n"}
DEPLOYMENT = """apiVersion: v1
kind: Service
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
      - name: web
        env:
        - name: REGION
          value: eu
        - name: API_KEY
          valueFrom: {secretKeyRef: {name: shop, key: api}}
        - name: EMPTY
"""
TASK = '{"containerDefinitions": [{"name": "web", "environment": [{"name": "REGION", "value": "x"}], "secrets": [{"name": "API_KEY", "valueFrom": "arn:x"}]}]}'


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        ({"k8s/web.yaml": DEPLOYMENT}, ""),
        ({"deploy/k8s/web.yaml": "{{ if .Values.x }}\n" + DEPLOYMENT}, "API_KEY, REGION"),
        ({"task-definition.json": TASK}, ""),
        ({"config/deploy.yml": "service: x\nenv:\n  clear:\n    REGION: eu\n  secret:\n    - API_KEY\n"}, "API_KEY"),
        ({"compose.yaml": "services:\n  web:\n    env_file:\n      - path: web.env\n        required: true\n", "web.env": "REGION=eu\nAPI_KEY=\n"}, "API_KEY"),
        ({"compose.yaml": "services:\n  web:\n    env_file: gone.env\n"}, "API_KEY, REGION"),
    ],
)  # fmt: skip
async def test_what_the_repository_gives_is_not_missing(
    repository: Repository, judge: Judge, files: dict[str, str], missing: str
) -> None:
    repository.commit(CODE | files)
    production = Environment("production", names=("OTHER",))
    finding = (await judge("deploy.env-missing", environments=(production,)))["deploy.env-missing"][0]
    assert (finding.status, finding.summary.rpartition(": ")[2] if missing else "") == (
        "fail" if missing else "pass",
        missing,
    )


@pytest.mark.parametrize(
    ("files", "unwritten"),
    [
        ({"app.json": '{"env": {"REGION": {"description": "x"}, "API_KEY": {"required": true}}}'}, 0),
        ({"render.yaml": "services:\n- envVars:\n  - key: REGION\n    sync: false\n  - key: API_KEY\n    sync: false\n"}, 0),
        ({"turbo.json": '{"globalEnv": ["REGION", "!NO"], "tasks": {"build": {"passThroughEnv": ["API_KEY", "*"]}}}'}, 0),
        ({"config/deploy.yml": "env:\n  clear: {REGION: eu}\n  secret: [API_KEY:OTHER_NAME]\n"}, 0),
        ({"netlify.toml": '[template.environment]\nREGION = "where"\n'}, 1),
        ({"app.json": "[]", "turbo.json": '{"tasks": {"a": 1}}', "render.yaml": "- x"}, 2),
    ],
)  # fmt: skip
async def test_what_a_platforms_file_names_is_written_down(
    repository: Repository, judge: Judge, files: dict[str, str], unwritten: int
) -> None:
    repository.commit(CODE | files)
    finding = (await judge("deploy.env-undocumented"))["deploy.env-undocumented"][0]
    assert (finding.status, finding.fix.count("=")) == ("warn" if unwritten else "pass", unwritten)


@pytest.mark.parametrize(
    ("example", "code", "missing"),
    [
        ("LEVEL=info\n", "os.getenv('LEVEL', 'info')", False),
        ("LEVEL=\n", "os.getenv('LEVEL', 'info')", True),
        ("LEVEL=changeme\n", "os.getenv('LEVEL', 'info')", True),
        ("LEVEL=info\n", "os.environ['LEVEL']", True),
        ("LEVEL=info\n", "pass", True),
        ("# LEVEL=info\n", "os.getenv('LEVEL', 'info')", False),
    ],
)
async def test_an_example_wants_what_it_leaves_empty_and_what_the_code_needs(
    repository: Repository, judge: Judge, example: str, code: str, missing: bool
) -> None:
    repository.commit({".env.example": example, "app.py": f"import os\n{code}\n"})
    production = Environment("production", names=("OTHER",))
    found = await judge("deploy.env-missing", "deploy.env-undocumented", environments=(production,))
    assert found["deploy.env-missing"][0].status == ("fail" if missing else "pass")
    assert found["deploy.env-undocumented"][0].status == "pass"


async def test_a_variable_in_a_comment_of_the_example_is_written_down_and_not_wanted(
    repository: Repository, judge: Judge
) -> None:
    repository.commit({".env.example": "# Say where errors go:\n#SENTRY_DSN=https://x\n# a sentence = no name\n"})
    repository.commit({"nginx/templates/default.conf.template": "proxy_pass ${API_URL}; # ${NO}\n$host"})
    repository.commit({"app.js": "if (process.env.SENTRY_DSN) start()\n"})
    finding = (await judge("deploy.env-undocumented"))["deploy.env-undocumented"][0]
    assert finding.fix.endswith(":\nAPI_URL=")
