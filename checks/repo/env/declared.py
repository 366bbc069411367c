"""How configuration and scripts name environment variables: Spring, Symfony, Prisma, shells, Docker, compose, CI."""

from __future__ import annotations

from checks.repo.env.language import NAME, UPPER, Language

SPRING = Language(
    ("application*.properties", "application*.yml", "application*.yaml", "bootstrap*.yml"),
    (r"\$\{([A-Z][A-Z0-9_]*)\}",),
    (r"\$\{([A-Z][A-Z0-9_]*):",),
    comments="#",
    words=("$",),
)
SYMFONY = Language(
    ("config/*.yaml", "config/*.yml", "services.yaml"),
    (r"%env\((?!default:)(?:\w+:)*([A-Z][A-Z0-9_]*)\)%",),
    (r"%env\(default:(?:\w*:)*([A-Z][A-Z0-9_]*)\)%",),
    comments="#",
)
PRISMA = Language(("*.prisma",), (rf"\benv\({NAME}\)",))
_TO_EXIT = r"(?:(?!\bfi\b)[\s\S]){0,200}?\bexit\s+[1-9]"
_SHELL_NEEDED = (
    r"(?<![\\$])\$\{#?([A-Z][A-Z0-9_]*)(?:(?::?\?|##?|%%?|//?|\^\^?|,,?|@|:\d|\[)[^}]*)?\}",
    r"(?<![\\$])\$([A-Z][A-Z0-9_]*)\b",
)
_SHELL_OPTIONAL = (r"(?<![\\$])\$\{([A-Z][A-Z0-9_]*):?[-=+][^}]*\}",)
_SHELL_ASKS = (rf"(?<![\\$])\$\{{{UPPER}:?=", rf"-[nz]\s+\"?\$\{{?{UPPER}(?::?-)?\}}?\"?\s*\]", rf"-v\s+{UPPER}\s*\]")
_SHELL_DEMANDS = (rf"-z\s+\"?\$\{{?{UPPER}(?::?-)?\}}?\"?\s*\]{_TO_EXIT}",)
SHELL = Language(
    ("*.sh", "*.bash", "*.zsh", "Procfile", "entrypoint*"), _SHELL_NEEDED, _SHELL_OPTIONAL, comments="shell",
    asks=_SHELL_ASKS, demands=_SHELL_DEMANDS, computed=(r"\$\{![A-Za-z_]\w*\}",), words=("$",),
)  # fmt: skip
DOCKER = Language(
    ("Dockerfile*", "*.dockerfile", "*.Dockerfile", "Containerfile"), _SHELL_NEEDED, _SHELL_OPTIONAL, comments="shell",
    asks=_SHELL_ASKS, demands=_SHELL_DEMANDS, words=("$",),
)  # fmt: skip
COMPOSE = Language(
    ("compose.y*ml", "docker-compose*.y*ml", "compose.*.y*ml"),
    (r"(?<!\$)\$\{([A-Za-z_]\w*)(?::?\?[^}]*)?\}", r"(?<!\$)\$([A-Za-z_]\w*)\b"),
    (r"(?<!\$)\$\{([A-Za-z_]\w*):?[-+][^}]*\}",),
    comments="#",
    words=("$",),
)
_ACTIONS = r"(?:secrets|vars)"
CI = Language(
    (".github/workflows/*.y*ml", ".github/actions/*/action.y*ml", ".gitlab-ci.yml", ".circleci/config.yml",
     "bitbucket-pipelines.yml"),
    (
        rf"\$\{{\{{(?:(?!\}}\}}).){{0,200}}?(?<![\w.]){_ACTIONS}\.([A-Za-z_]\w*)",
        rf"\$\{{\{{(?:(?!\}}\}}).){{0,200}}?(?<![\w.]){_ACTIONS}\[\s*['\"]([A-Za-z_]\w*)",
    ),
    comments="#",
    otherwise=r"\s*(?:\|\||[=!]=|&&)",
    computed=(rf"\$\{{\{{(?:(?!\}}\}}).){{0,200}}?(?<![\w.]){_ACTIONS}\[(?!\s*['\"])",),
    words=("$",),
)  # fmt: skip
CI_SHELL = Language(
    (".gitlab-ci.yml", ".circleci/config.yml", "bitbucket-pipelines.yml"), _SHELL_NEEDED, _SHELL_OPTIONAL, comments="#",
    words=("$",),
)  # fmt: skip
