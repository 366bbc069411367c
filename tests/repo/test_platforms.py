"""Where a product is deployed, and whether there is a way back."""

from __future__ import annotations

import pytest

from checks.repo.platform_files import by_repository
from checks.repo.platform_table import by_cname, by_headers, by_name, platforms
from checks.repo.project import read_project
from tests.repo.conftest import Judge, Repository


def shown(repository: Repository) -> list[str]:
    return [platform.name for platform, _ in by_repository(read_project(repository.root))]


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("vercel.json", "{}", "Vercel"),
        ("netlify.toml", "[build]", "Netlify"),
        ("wrangler.toml", "name = 'x'", "Cloudflare Workers"),
        ("wrangler.toml", 'pages_build_output_dir = "dist"', "Cloudflare Pages"),
        ("render.yaml", "services:", "Render"),
        ("fly.toml", "app = 'x'", "Fly.io"),
        ("railway.json", "{}", "Railway"),
        ("Procfile", "web: x", "Heroku"),
        ("app.json", '{"name": "Shop", "buildpacks": []}', "Heroku"),
        (".do/app.yaml", "name: shop", "DigitalOcean App Platform"),
        ("serverless.yml", "provider:\n  name: aws\n", "AWS Lambda"),
        ("template.yaml", "Transform: AWS::Serverless-2016-10-31", "AWS Lambda"),
        (".ebextensions/web.config", "x", "AWS Elastic Beanstalk"),
        ("copilot/web/manifest.yml", "x", "AWS ECS or App Runner"),
        ("app.yaml", "runtime: python312", "Google App Engine"),
        ("service.yaml", "apiVersion: serving.knative.dev/v1\nkind: Service\n", "Google Cloud Run"),
        ("cloudbuild.yaml", "steps: []", "Google Cloud Run"),
        ("firebase.json", '{"hosting": {"public": "dist"}}', "Firebase Hosting"),
        ("azure.yaml", "name: x", "Azure App Service"),
        ("apps/web/vercel.json", "{}", "Vercel"),
        ("ecosystem.config.js", "x", "a plain server (VPS)"),
        ("Capfile", "x", "a server of its own (Capistrano)"),
        ("deploy.php", "x", "a plain server (VPS)"),
        ("deploy.php", "<?php namespace Deployer;", "a server of its own (Deployer)"),
        ("deploy.sh", "x", "a plain server (VPS)"),
        ("k8s/web.yaml", "apiVersion: apps/v1\nkind: Deployment\n", "Kubernetes"),
        ("k8s/service.yaml", "apiVersion: v1\nkind: Service\n", "Kubernetes"),
        ("config/deploy.yml", "service: shop\nservers:\n  - 192.0.2.1\n", "a server of its own (Kamal)"),
        ("compose.yaml", "services: {}", "a server with Docker"),
        ("package.json", '{"devDependencies": {"@sveltejs/adapter-netlify": "5"}}', "Netlify"),
        ("package.json", '{"scripts": {"deploy": "next build && vercel deploy --prod"}}', "Vercel"),
        ("Makefile", "deploy: build\n\tgcloud run deploy shop --image x\n", "Google Cloud Run"),
    ],
)
def test_a_file_shows_the_platform(repository: Repository, path: str, text: str, name: str) -> None:
    repository.commit({path: text})
    assert shown(repository) == [name]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.json", '{"expo": {"name": "Shop", "scripts": {}}}'),
        ("app.json", '{"name": "Shop", "displayName": "Shop"}'),
        ("service.yaml", "name: the list of our services"),
        ("serverless.yml", "provider:\n  name: google\n"),
        ("app.yaml", "apiVersion: argoproj.io/v1alpha1\n"),
        ("template.yaml", "kind: Template"),
        ("firebase.json", '{"firestore": {"rules": "x"}}'),
        ("k8s/values.yaml", "replicas: 2"),
        ("package.json", '{"scripts": {"dev": "vercel dev", "env": "vercel env pull", "up": "fly logs"}}'),
        ("package.json", '{"scripts": ["vercel deploy"]}'),
        ("package.json", '[{"scripts"'),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: docker compose up -d db\n"),
    ],
)
def test_a_file_of_such_a_name_that_says_something_else_shows_none(
    repository: Repository, path: str, text: str
) -> None:
    repository.commit({path: text})
    assert shown(repository) == []


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("uses: amondnet/vercel-action@v25", "Vercel"),
        ("uses: nwtgck/actions-netlify@v3", "Netlify"),
        ("{uses: cloudflare/wrangler-action@v3, with: {command: pages deploy dist}}", "Cloudflare Pages"),
        ("uses: cloudflare/wrangler-action@v3", "Cloudflare Workers"),
        ("run: npx wrangler@4 deploy", "Cloudflare Workers"),
        ("run: curl -fsS ${{ secrets.RENDER_DEPLOY_HOOK_URL }}", "Render"),
        ("run: flyctl deploy --remote-only", "Fly.io"),
        ("run: railway up --service web", "Railway"),
        ("uses: akhileshns/heroku-deploy@v3", "Heroku"),
        ("run: git push https://git.heroku.com/shop.git HEAD:main", "Heroku"),
        ("uses: digitalocean/app_action/deploy@v2", "DigitalOcean App Platform"),
        ("run: eb deploy shop-production", "AWS Elastic Beanstalk"),
        ("run: npx cdk deploy --all", "AWS Lambda"),
        ("uses: aws-actions/amazon-ecs-deploy-task-definition@v2", "AWS ECS or App Runner"),
        ("run: aws s3 sync dist s3://shop --delete", "AWS S3 and CloudFront"),
        ("uses: google-github-actions/deploy-cloudrun@v2", "Google Cloud Run"),
        ("run: gcloud --quiet app deploy", "Google App Engine"),
        ("uses: FirebaseExtended/action-hosting-deploy@v0", "Firebase Hosting"),
        ("uses: Azure/static-web-apps-deploy@v1", "Azure Static Web Apps"),
        ("uses: azure/webapps-deploy@v3", "Azure App Service"),
        ("run: kubectl -n shop set image deployment/web web=$IMAGE", "Kubernetes"),
        ("run: helm upgrade --install shop ./chart", "Kubernetes"),
        ("uses: actions/deploy-pages@v4", "GitHub Pages"),
        ("run: kamal deploy", "a server of its own (Kamal)"),
        ("run: bundle exec cap production deploy", "a server of its own (Capistrano)"),
        ("run: vendor/bin/dep deploy production", "a server of its own (Deployer)"),
        ("uses: appleboy/ssh-action@v1", "a plain server (VPS)"),
        ("run: rsync -az dist/ deploy@shop.example:/srv/shop", "a plain server (VPS)"),
    ],
)
def test_what_ci_runs_shows_the_platform(repository: Repository, step: str, name: str) -> None:
    repository.commit({".github/workflows/release.yml": f"jobs:\n  go:\n    steps:\n      - {step}\n"})
    assert shown(repository) == [name]


def test_what_a_gitlab_configuration_takes_in_counts(repository: Repository) -> None:
    repository.commit({".gitlab-ci.yml": "include: ci/go.yml\n", "ci/go.yml": "go:\n  script: [fly deploy]\n"})
    assert shown(repository) == ["Fly.io"]


def test_a_hint_does_not_count_beside_a_file_of_a_platform(repository: Repository) -> None:
    repository.commit({"fly.toml": "x", "Dockerfile": "x", "Procfile": "x", "public/_redirects": "x"})
    repository.commit(
        {"examples/vercel/vercel.json": "{}", "node_modules/x/netlify.toml": "x", "tests/render.yaml": "x"}
    )
    repository.commit({".github/workflows/docs.yml": "jobs: {d: {steps: [{uses: actions/deploy-pages@v4}]}}"})
    assert shown(repository) == ["Fly.io"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("vercel", "Vercel"),
        ("Vercel (Pro)", "Vercel"),
        ("Cloudflare", "Cloudflare Workers"),
        ("cloudflare pages", "Cloudflare Pages"),
        ("AWS", "AWS Lambda"),
        ("AWS Amplify", "AWS Amplify"),
        ("elastic beanstalk", "AWS Elastic Beanstalk"),
        ("Google Cloud", "Google Cloud Run"),
        ("App Engine", "Google App Engine"),
        ("Azure", "Azure App Service"),
        ("DigitalOcean", "DigitalOcean App Platform"),
        ("Hetzner VPS", "a plain server (VPS)"),
        ("docker", "a server with Docker"),
        ("Kubernetes", "Kubernetes"),
    ],
)
def test_people_name_a_platform_in_many_ways(said: str, name: str) -> None:
    named = by_name(said)
    assert named is not None
    assert named.name == name


def test_no_other_word_names_a_platform() -> None:
    assert by_name("e") is None
    assert by_name("the usual place") is None


def test_names_and_cnames() -> None:
    assert by_cname("x.vercel-dns-0.com") is by_name("vercel")
    assert by_cname("d1d4fc829fe7bc7c.vercel-dns-017.com") is by_name("vercel")
    assert by_cname("notvercel.app") is None
    assert by_name("fly") is by_name("Fly.io")
    assert by_name("") is None
    assert all(platform.secrets and platform.keeps and platform.release for platform in platforms())


@pytest.mark.parametrize(
    ("name", "value", "platform"),
    [
        ("x-vercel-id", "fra1::x", "Vercel"),
        ("server", "Netlify", "Netlify"),
        ("via", "1.1 vegur", "Heroku"),
        ("via", "2.0 fly.io", "Fly.io"),
        ("server", "railway-edge", "Railway"),
        ("server", "nginx", ""),
        ("via", "1.1 varnish", ""),
    ],
)
def test_a_header_shows_the_platform(name: str, value: str, platform: str) -> None:
    assert [shown.name for shown, _ in by_headers([(name, value)])] == [platform][: bool(platform)]


async def test_a_platform_with_a_way_back_passes(repository: Repository, judge: Judge) -> None:
    repository.commit({"vercel.json": "{}"})
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert finding.status == "pass"
    assert any("vercel rollback" in line for line in finding.evidence)


async def test_two_platforms_are_told_with_the_way_back_of_each(repository: Repository, judge: Judge) -> None:
    repository.commit({"vercel.json": "{}", "fly.toml": "x"})
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert finding.status == "pass"
    assert finding.summary.startswith("2 platforms are found (Vercel, Fly.io)")
    assert sum(line.startswith(("Vercel: vercel rollback", "Fly.io: fly releases")) for line in finding.evidence) == 2


@pytest.mark.parametrize(
    "files",
    [
        {"ROLLBACK.md": "x"},
        {"docs/runbook.md": "To roll back, do this"},
        {"README.md": "# App\n\n## Rollback\n\nx\n"},
        {"Makefile": "rollback:\n\techo\n"},
        {"package.json": '{"scripts": {"rollback": "x"}}'},
        {"scripts/rollback.sh": "x"},
    ],
)
async def test_a_document_passes(repository: Repository, judge: Judge, files: dict[str, str]) -> None:
    repository.commit(files | {"Dockerfile": "FROM x"})
    assert (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0].status == "pass"


async def test_no_way_back_fails(repository: Repository, judge: Judge) -> None:
    repository.commit({"compose.yaml": "services: {}", "docs/deploy.md": "push and pray"})
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert (finding.status, finding.triage) == ("fail", "now")
    assert (await judge("deploy.rollback-missing", rollback="make back"))["deploy.rollback-missing"][0].status == "pass"


async def test_an_unknown_place_is_skipped(judge: Judge) -> None:
    assert (await judge("deploy.rollback-missing", repo=None))["deploy.rollback-missing"][0].status == "skipped"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"Capfile": "require 'capistrano/setup'\n", "config/deploy.rb": "x"}, "cap production deploy:rollback"),
        ({"deploy.php": "<?php\nnamespace Deployer;\n"}, "dep rollback production"),
    ],
)
async def test_a_tool_that_keeps_releases_has_a_way_back(
    repository: Repository, judge: Judge, files: dict[str, str], command: str
) -> None:
    repository.commit(files)
    finding = (await judge("deploy.rollback-missing"))["deploy.rollback-missing"][0]
    assert finding.status == "pass"
    assert any(command in line for line in finding.evidence)
