"""The printed CI jobs are accepted by the services' own schemas, and do what they say."""

from __future__ import annotations

import shlex

import pytest
import yaml

from checks.repo.build.ci_steps import ci_commands
from launchready_tui.cli import main
from launchready_tui.commands import validate
from tests.workflow_schema import check_github_workflow, check_gitlab_ci


def _printed(service: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["validate", "--print-workflow", service]) == 0
    return capsys.readouterr().out


def test_the_github_workflow_fits_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    check_github_workflow(_printed("github", capsys))


def test_the_gitlab_job_fits_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    check_gitlab_ci(_printed("gitlab", capsys))


@pytest.mark.parametrize(
    ("check", "service", "old", "new"),
    [
        (check_github_workflow, "github", "runs-on:", "runs_on:"),
        (check_github_workflow, "github", "timeout-minutes: 15", "timeout-minutes: [15]"),
        (check_gitlab_ci, "gitlab", "rules:", "rulez:"),
        (check_gitlab_ci, "gitlab", "stage: test", "stage: {}"),
    ],
)
def test_a_wrong_one_does_not(
    capsys: pytest.CaptureFixture[str], check: object, service: str, old: str, new: str
) -> None:
    assert callable(check)
    text = _printed(service, capsys)
    assert old in text
    with pytest.raises(AssertionError):
        check(text.replace(old, new))


@pytest.mark.parametrize(
    ("service", "path"), [("github", ".github/workflows/launch.yml"), ("gitlab", ".gitlab-ci.yml")]
)
def test_it_gives_options_that_there_are(service: str, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    text = _printed(service, capsys)
    yaml.safe_load(text)
    (command,) = [line for line in ci_commands(path, text) if line.startswith("launchready validate")]
    parser = argparse.ArgumentParser()
    validate.add_arguments(parser)
    parsed = parser.parse_args(shlex.split(command)[2:])
    assert parsed.build
    assert (
        parsed.base
        == {
            "github": "${{ github.event_name == 'pull_request' && github.event.pull_request.base.sha || github.event.before }}",
            "gitlab": "${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}",
        }[service]
    )


def test_it_runs_the_build_that_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--print-workflow", "gitlab", "--build", "cd web && npm run 'build'"]) == 0
    text = capsys.readouterr().out
    check_gitlab_ci(text)
    (command,) = [line for line in ci_commands(".gitlab-ci.yml", text) if line.startswith("launchready validate")]
    assert "cd web && npm run 'build'" in shlex.split(command)
