"""Ready CI jobs that run `launchready validate` on every change."""

from __future__ import annotations

import shlex
from typing import Literal

_GITHUB = """name: launch
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
        with:
          # The whole history: the secret scan and the pending migrations need it.
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install launchready
      - name: Build, variables, migrations, secrets
        run: >-
          launchready validate .
          --build BUILD
          --base "${{ github.event_name == 'pull_request' && github.event.pull_request.base.sha
          || github.event.before }}"
"""

_GITLAB = """launch:
  image: python:3.12
  stage: test
  timeout: 15 minutes
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - pip install launchready
    - >-
      launchready validate .
      --build BUILD
      --base "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}"
"""


def workflow(service: Literal["github", "gitlab"], build: str = "") -> str:
    """The YAML of a job for a CI service, with the build command of the project or one to change."""
    text, usual = (_GITHUB, "npm ci && npm run build") if service == "github" else (_GITLAB, "make build")
    return text.replace("BUILD", shlex.quote(" ".join(build.split()) or usual))
