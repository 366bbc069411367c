"""CI, lock files and the build command."""

from __future__ import annotations

import pytest

from checks.repo.build.ci_steps import ci_commands
from checks.repo.build.locked import unlocked
from checks.subject import Consent
from tests.repo.conftest import Judge, Repository

WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: {}\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".github/workflows/a.yml", WORKFLOW.format("npm run build")),
        (".github/workflows/a.yml", WORKFLOW.format("python -m pytest")),
        (".gitlab-ci.yml", "t:\n  script:\n    - make\n"),
        *(
            (".github/workflows/a.yml", WORKFLOW.format(command))
            for command in (
                "dotnet publish -c Release",
                "cargo nextest run",
                "cargo clippy -- -D warnings",
                "go vet ./...",
                "npm t",
                "nix flake check",
                "npx webpack --mode production",
                "npx eleventy",
                "ninja -C out",
            )
        ),
        (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run:\n          command: go test ./...\n"),
        ("Jenkinsfile", "node { sh 'mvn -B verify' }\n"),
        ("azure-pipelines.yml", "steps:\n- script: cargo test\n"),
        ("azure-pipelines.yml", "steps:\n- task: Maven@3\n  inputs:\n    goals: package\n"),
        (".drone.yml", "steps:\n- commands: [ls]\n---\nsteps:\n- commands: [npm test]\n"),
        (".circleci/config.yml", "workflows:\n  w:\n    jobs:\n      - node/test\n"),
        (".travis.yml", "language: node_js\n"),
        (".gitlab-ci.yml", ".t:\n  script: [make test]\nu:\n  script:\n    - !reference [.t, script]\n"),
        ("cloudbuild.yaml", "steps:\n- name: gcr.io/cloud-builders/docker\n  args: ['build', '.']\n"),
        (
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    strategy: {matrix: {cmd: [npm test]}}\n    steps:\n      - run: ${{ matrix.cmd }}\n",
        ),
    ],
)
async def test_ci_that_builds_or_tests_passes(repository: Repository, judge: Judge, path: str, text: str) -> None:
    repository.commit({path: text})
    assert (await judge("deploy.ci-missing"))["deploy.ci-missing"][0].status == "pass"


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "x"},
        {".github/workflows/label.yml": WORKFLOW.format("gh pr edit --add-label seen")},
        {".github/workflows/a.yml": "name: build and test\non: push\njobs: {}\n"},
        {
            ".gitlab-ci.yml": "t:\n  script:\n    - echo hi # make build\n".replace(
                "echo hi # make build", "'# make build'"
            )
        },
        {".github/workflows/a.yml": "{{{ not yaml"},
        {".github/workflows/a.yml": WORKFLOW.format("gh pr edit --add-label test && echo build")},
        {".github/workflows/a.yml": WORKFLOW.format("npm test || true")},
        {".github/workflows/a.yml": WORKFLOW.format("npm install webpack esbuild")},
        {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    steps:\n      - uses: x/gha-setup-ninja@v5\n"},
        {".github/workflows/a.yml": WORKFLOW.format("npm test\n        continue-on-error: true")},
        {".github/workflows/a.yml": WORKFLOW.format("npm test\n        if: ${{ false }}")},
        {".github/workflows/a.yml": WORKFLOW.format("sudo apt-get install -y build-essential && pip install pytest")},
        {".github/workflows/a.yml": WORKFLOW.format("ls\n        working-directory: tests\n        env: {X: build}")},
        {".github/workflows/a.yml": WORKFLOW.format("make lint"), "Makefile": "lint:\n\truff check\ntest:\n\tpytest\n"},
        {".gitlab-ci.yml": ".t:\n  script: [npm test]\nu:\n  script: [npm test]\n  allow_failure: true\n"},
        {".circleci/config.yml": "jobs:\n  test:\n    steps: [checkout]\nworkflows:\n  w:\n    jobs: [test]\n"},
        {"Jenkinsfile": "node {\n stage('Build') { sh './deploy' }\n/* sh 'npm test' */\n}\n"},
    ],
)
async def test_ci_that_does_neither_is_told(repository: Repository, judge: Judge, files: dict[str, str]) -> None:
    repository.commit(files)
    finding = (await judge("deploy.ci-missing"))["deploy.ci-missing"][0]
    assert (finding.status, finding.triage) == ("warn", "later")


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("make ci", {"Makefile": "ci: check\ncheck:\n\t@pytest -q\n"}),
        ("just ci", {"justfile": "ci:\n  cargo nextest && cargo test\n"}),
        ("npm run ci", {"package.json": '{"scripts": {"ci": "npm run all", "all": "vitest run"}}'}),
        ("./scripts/ci.sh", {"scripts/ci.sh": "#!/bin/sh\ngo test ./...\n"}),
    ],
)
async def test_what_stands_behind_a_command_counts(
    repository: Repository, judge: Judge, command: str, files: dict[str, str]
) -> None:
    repository.commit({".github/workflows/a.yml": WORKFLOW.format(command), **files})
    assert (await judge("deploy.ci-missing"))["deploy.ci-missing"][0].status == "pass"
    repository.commit(dict.fromkeys(files, "lint:\n  eslint .\nci: lint\n"))
    assert (await judge("deploy.ci-missing"))["deploy.ci-missing"][0].status == "warn"


async def test_included_files_and_actions_are_followed(repository: Repository, judge: Judge) -> None:
    step = "runs:\n  steps:\n    - run: npm test\n"
    repository.commit({".gitlab-ci.yml": "include:\n  - local: /ci/t.yml\n", "ci/t.yml": "t:\n  script: [npm test]\n"})
    assert (await judge("deploy.ci-missing"))["deploy.ci-missing"][0].status == "pass"
    repository.commit({".gitlab-ci.yml": "t: {}", ".github/actions/t/action.yml": step})
    repository.commit({".github/workflows/a.yml": WORKFLOW.replace("run: {}", "uses: ./.github/actions/t")})
    assert (await judge("deploy.ci-missing"))["deploy.ci-missing"][0].status == "pass"


def test_an_alias_bomb_is_read_in_no_time() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert ci_commands("x.yml", "\n".join(lines)) == []


@pytest.mark.parametrize(
    ("manifest", "text", "lock"),
    [
        ("package.json", "{}", "pnpm-lock.yaml"),
        ("pyproject.toml", "[project]\nname='x'\n", "uv.lock"),
        ("Gemfile", "gem 'rails'\n", "Gemfile.lock"),
        ("go.mod", "module x\nrequire y v1.0.0\n", "go.sum"),
        ("composer.json", "{}", "composer.lock"),
        ("Cargo.toml", "[package]\n", "Cargo.lock"),
    ],
)
async def test_a_manifest_needs_its_lock_file(
    repository: Repository, judge: Judge, manifest: str, text: str, lock: str
) -> None:
    repository.commit({f"app/{manifest}": text})
    finding = (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"][0]
    assert (finding.status, finding.target) == ("warn", f"app/{manifest}")
    repository.commit({f"app/{lock}": "x"})
    assert (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"][0].status == "pass"


async def test_an_untracked_lock_file_does_not_count(repository: Repository, judge: Judge) -> None:
    repository.commit({"package.json": "{}", ".gitignore": "package-lock.json\n"})
    repository.write({"package-lock.json": "{}"})
    finding = (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"][0]
    assert finding.status == "warn"
    assert "git does not track it" in finding.evidence[0]


async def test_settings_workspaces_and_dependencies_of_others_raise_nothing(
    repository: Repository, judge: Judge
) -> None:
    repository.commit(
        {
            "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
            "go.mod": "module x\n",
            "package.json": '{"workspaces": ["packages/*"]}',
            "yarn.lock": "x",
            "packages/a/package.json": "{}",
            "node_modules/b/package.json": "{}",
        }
    )
    assert [f.status for f in (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"]] == ["pass"]


async def test_rush_keeps_one_lock_file_for_all_its_projects(repository: Repository, judge: Judge) -> None:
    repository.commit({"rush.json": "{}", "apps/a/package.json": "{}"})
    assert [f.status for f in (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"]] == ["warn"]
    repository.commit({"common/config/rush/pnpm-lock.yaml": "lockfileVersion: 9.0\n"})
    assert [f.status for f in (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"]] == ["pass"]


async def test_lock_files_that_do_not_decide_are_said(repository: Repository, judge: Judge) -> None:
    repository.commit(
        {"package.json": '{"dependencies": {"a": "1", "b": "1"}}'}
        | {"package-lock.json": '{"packages": {"": {"dependencies": {"a": "1"}}}}'}
        | {"api/pyproject.toml": '[project]\nname = "x"\ndependencies = ["Some_Thing>=1"]\n'}
        | {"api/uv.lock": '[[package]]\nname = "some-thing"\n', "api/poetry.lock": "x"}
    )
    findings = (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"]
    said = {finding.summary for finding in findings if finding.status == "info"}
    assert said == {
        "package.json asks for what package-lock.json does not have: b",
        "api/pyproject.toml has 2 lock files: uv.lock and poetry.lock",
    }
    assert [finding.status for finding in findings].count("pass") == 1


@pytest.mark.parametrize(
    ("manifest", "text", "lock", "locked"),
    [
        ("package.json", '{"dependencies": {"a": "^2"}}', "package-lock.json", '{"packages": {"": {"dependencies": {"a": "^1"}}}}'),
        ("package.json", '{"dependencies": {"a": "2"}}', "yarn.lock", '# yarn lockfile v1\n\n"b@1", a@1:\n  version "1.0.0"\n'),
        ("package.json", '{"dependencies": {"a": "2"}}', "pnpm-lock.yaml", "importers:\n  .:\n    dependencies:\n      a: {specifier: '1', version: 1.0.0}\n\npackages: {}\n"),
        ("composer.json", '{"require": {"php": "^8", "a/a": "1"}}', "composer.lock", '{"packages": [], "packages-dev": []}'),
        ("Gemfile", "gem 'a'\n", "Gemfile.lock", "DEPENDENCIES\n  b\n"),
    ],
)  # fmt: skip
def test_a_lock_file_of_another_day_is_told(manifest: str, text: str, lock: str, locked: str) -> None:
    assert unlocked(text, locked, lock) == ["a/a" if manifest == "composer.json" else "a"]
    agreeing = locked.replace("^1", "^2").replace("a@1", "a@2").replace("specifier: '1'", "specifier: '2'")
    agreeing = agreeing.replace('"packages": []', '"packages": [{"name": "a/a"}]').replace("  b\n", "  a\n")
    assert unlocked(text, agreeing, lock) == []


async def test_requirements_without_versions_are_no_lock_file(repository: Repository, judge: Judge) -> None:
    repository.commit({"requirements.txt": "-r base.txt\nDjango>=4 # web\nflask==2.*\nuvicorn[standard] == 0.30.1\n"})
    finding = (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"][0]
    assert (finding.status, finding.target) == ("warn", "requirements.txt")
    assert "Django, flask" in finding.evidence[0] and "uvicorn" not in finding.evidence[0]
    repository.commit({"requirements.txt": "django==4.2.1\n"})
    assert (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"][0].status == "pass"


async def test_nothing_to_lock_is_skipped(repository: Repository, judge: Judge) -> None:
    repository.commit({"index.html": "x"})
    assert (await judge("deploy.lockfile-missing"))["deploy.lockfile-missing"][0].status == "skipped"


async def test_the_build_command_needs_consent(repository: Repository, judge: Judge) -> None:
    finding = (await judge("deploy.build-fails", build="exit 1"))["deploy.build-fails"][0]
    assert finding.status == "skipped"
    assert "exit 1" in finding.summary


async def test_a_build_passes_fails_or_outlives_its_time(repository: Repository, judge: Judge) -> None:
    yes = Consent(build=True)
    passed = (await judge("deploy.build-fails", build="echo done", consent=yes))["deploy.build-fails"][0]
    assert passed.status == "pass"
    failed = (await judge("deploy.build-fails", build="echo broken; exit 3", consent=yes))["deploy.build-fails"][0]
    assert failed.status == "fail"
    assert "broken" in failed.evidence
    late = (await judge("deploy.build-fails", build="sleep 60", build_limit=0.2, consent=yes))["deploy.build-fails"][0]
    assert late.status == "fail"
    assert "limit" in late.summary


async def test_a_secret_in_the_build_output_is_masked(repository: Repository, judge: Judge) -> None:
    fake = "_".join(("sk", "live", "4eC39HqLyjWDarjtT1zdp7dcQx" * 1))
    finding = (await judge("deploy.build-fails", build=f"echo key={fake}; exit 1", consent=Consent(build=True)))[
        "deploy.build-fails"
    ][0]
    assert finding.status == "fail"
    assert fake not in "".join(finding.evidence)


async def test_a_missing_folder_cannot_be_told(repository: Repository, judge: Judge) -> None:
    found = await judge("deploy", repo=repository.root / "gone")
    assert found["deploy.ci-missing"][0].status == "error"
    assert (await judge("deploy", repo=None))["deploy.ci-missing"][0].status == "skipped"
