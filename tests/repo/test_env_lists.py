"""Lists of variables as the platforms' tools print them, with what stands around the names."""

from __future__ import annotations

import pytest

from checks.repo.env.lists import names_in
from checks.subject import Environment
from tests.repo.conftest import Judge, Repository

CLOUD_RUN = """✔ Service shop in region europe-west1

URL:     https://shop.a.run.app
Traffic:
  100% LATEST (currently shop-00003)

Last updated on 2026-01-01T00:00:00Z by me@example.com:
  Revision shop-00003
  Container None
    Image:           example/shop
    CPU:             1000m
    Env vars:
      AA             postgres://x
    Secrets:
      BB             stripe:latest
    Startup Probe:
      TCP every 240s
"""
POD = """Name:             shop-1
IP:               10.0.0.1
Containers:
  web:
    Port:           80/TCP
    Environment Variables from:
      shop-env  Secret  Optional: false
    Environment:
      AA:  postgres://x
      BB:  <set to the key 'k' in secret 's'>  Optional: false
    Mounts:
      /var/run from x (ro)
QoS Class:        BestEffort
"""
CONFIG_MAP = """Name:         shop
Namespace:    default
Labels:       <none>

Data
====
AA:
----
postgres://h

BB:
----
CC=no name
DD: neither


BinaryData
====

Events:  <none>
"""
SSM_TABLE = """-----------------------------------------------
|              GetParametersByPath            |
+---------------------------------------------+
||                 Parameters                ||
|+------------------+------------------------+|
||  ARN             |  arn:aws:ssm:x         ||
||  Name            |  /shop/AA              ||
||  Type            |  SecureString          ||
||  Value           |  CC=                   ||
||                 Parameters                ||
|+------------------+------------------------+|
||  Name            |  BB                    ||
"""
PRINTED = {
    "gcloud run": CLOUD_RUN,
    "gcloud functions": "environmentVariables:\n  AA: x\nsecretEnvironmentVariables:\n- key: BB\n  secret: s\n  version: latest\n",
    "gcloud functions, second generation": "buildConfig:\n  runtime: x\nserviceConfig:\n  environmentVariables:\n    AA: x\n"
    "  secretEnvironmentVariables:\n  - key: BB\n    secret: s\n",
    "kubectl describe pod": POD,
    "kubectl describe configmap": CONFIG_MAP,
    "kubectl describe secret": "Name:         shop\nType:  Opaque\n\nData\n====\nAA:  40 bytes\nBB:  32 bytes\n",
    "aws ssm, a table": SSM_TABLE,
    "aws ssm, YAML": "Parameters:\n- ARN: arn:x\n  DataType: text\n  Name: /shop/AA\n  Value: CC\n- Name: /shop/BB\n",
    "aws ssm, names as JSON": '["/shop/prod/AA", "/shop/prod/BB"]',
    "aws ssm, names as text": "/shop/AA\t/shop/BB\n",
    "aws apprunner": '{"Service": {"ServiceName": "x", "SourceConfiguration": {"ImageRepository": {"ImageConfiguration": '
    '{"RuntimeEnvironmentVariables": {"AA": "x"}, "RuntimeEnvironmentSecrets": {"BB": "arn:x"}, "Port": "80"}}}}}',
    "aws amplify": '{"app": {"name": "x", "environmentVariables": {"AA": "x", "BB": "y"}}}',
    "az, YAML": "- name: AA\n  slotSetting: false\n  value: x\n- name: BB\n  slotSetting: false\n  value: null\n",
    "az containerapp": '{"properties": {"configuration": {"secrets": [{"name": "stripe-key"}]}, "template": {"containers": '
    '[{"name": "web", "env": [{"name": "AA", "value": "x"}, {"name": "BB", "secretRef": "stripe-key"}]}]}}}',
    "docker inspect --format": "[AA=x BB=y z]\n",
    "vercel": " name       value       environments           created    \n AA         Encrypted   Production             53d ago\n"
    " BB         Encrypted   Preview (feature-x)    1d ago\n",
    "netlify": ".------------------------------.\n|     Environment variables    |\n|------------------------------|\n|  Key  |  Value    |  Scope  |\n"
    "|-------|-----------|---------|\n| AA    | ********* | All     |\n| BB    | CC=1      | Builds  |\n'------------------------------'\n",
    "railway, a long value": "╔══ Variables for web ══╗\n║ AA │ postgres://x ║\n║    │ CC_CC=dd     ║\n║────────────────║\n║ BB │ x ║\n╚════╝\n",
    "wrangler pages": 'The "production" environment of your Pages project "shop" has access to the following secrets:\n'
    "  - AA: Value Encrypted\n  - BB: Value Encrypted\n",
    "fly": "NAME\tDIGEST          \tSTATUS  \nAA  \t2cb1a3f1c0ffee00\tDeployed\nBB  \tdeadbeefcafef00d\tStaged  \n\n"
    "There are 1 secrets not deployed. Run fly secrets deploy to deploy them.\n",
}  # fmt: skip


@pytest.mark.parametrize("tool", PRINTED)
def test_what_a_tool_prints_is_read_as_names_alone(tool: str) -> None:
    assert names_in(PRINTED[tool]) == {"AA", "BB"}


@pytest.mark.parametrize("tool", ["gcloud run", "aws ssm, a table", "docker inspect --format"])
async def test_a_pasted_list_is_an_environment(repository: Repository, judge: Judge, tool: str) -> None:
    repository.commit({"app.py": "import os\nos.environ['AA']\nos.environ['BB']\nos.environ['URL']\n"})
    repository.write({"production.txt": PRINTED[tool]})
    production = Environment("production", files=("production.txt",))
    finding = (await judge("deploy.env-missing", environments=(production,)))["deploy.env-missing"][0]
    assert (finding.status, finding.summary) == ("fail", "1 required variable is not set in production: URL")
