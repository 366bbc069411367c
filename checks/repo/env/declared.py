"""How configuration and scripts name environment variables: Spring, Symfony, Prisma, shells, Docker, compose, CI."""

from __future__ import annotations

from checks.repo.env.language import NAME, UPPER, Language, V

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
HOCON = Language(
    ("application*.conf", "reference*.conf", "production*.conf"),
    (r"\$\{([A-Z][A-Z0-9_]*)\}",),
    (r"\$\{\?([A-Z][A-Z0-9_]*)\}",),
    comments="/#",
    words=("${",),
)
TEMPLATE = Language(
    ("*.conf.template", "*nginx*/templates/*.template", "*.envsubst"),
    (r"\$\{([A-Z][A-Z0-9_]*)\}",),
    comments="#",
    words=("${",),
)
"""What envsubst fills in when an image of nginx starts."""
SERVERLESS = Language(
    ("serverless*.y*ml",), (rf"\$\{{env:{V}\}}",), (rf"\$\{{env:{V}\s*,",), comments="#", words=("env:",)
)
PRISMA = Language(("*.prisma",), (rf"\benv\({NAME}\)",))
_STOPS = r"(?:\b(?:exit|return)\s+[1-9]|(?<![\w-])(?:die|fail|abort|fatal|usage|error_exit|bail)\b)"
_TO_EXIT = rf"(?:(?!\bfi\b)[\s\S]){{0,200}}?{_STOPS}"
_SHELL_NEEDED = (
    r"(?<![\\$])\$\{#?([A-Z][A-Z0-9_]*)(?:(?::?\?|##?|%%?|//?|\^\^?|,,?|@|:\d|\[)[^}]*)?\}",
    r"(?<![\\$])\$([A-Z][A-Z0-9_]*)\b",
)
_SHELL_OPTIONAL = (
    r"(?<![\\$])\$\{([A-Z][A-Z0-9_]*):?[-=+][^}]*\}",
    r"(?<![\\$])\$\{\w+:?[-=+][^{}\n]{0,200}?\$\{?([A-Z][A-Z0-9_]*)",
)
"""With a value of its own, or itself the value that another has where it is not set."""
_SHELL_ASKS = (rf"(?<![\\$])\$\{{{UPPER}:?=", rf"-[nz]\s+\"?\$\{{?{UPPER}(?::?-)?\}}?\"?\s*\]", rf"-v\s+{UPPER}\s*\]")
_IS_SET = rf"-n\s+\"?\$\{{?{UPPER}(?::?-)?\}}?\"?\s*(?:\]{{1,2}}|;|(?=\|\|))"
_SHELL_DEMANDS = (
    rf"-z\s+\"?\$\{{?{UPPER}(?::?-)?\}}?\"?\s*\]{_TO_EXIT}",
    rf"{_IS_SET}\s*\|\|\s*(?:\{{[^}}]{{0,200}}?)?{_STOPS}",
    rf"!\s*(?:\[{{1,2}}|test)\s+{_IS_SET}{_TO_EXIT}",
)
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
    (
        r"(?<!\$)\$\{([A-Za-z_]\w*):?[-+][^}]*\}",
        r"(?<!\$)\$\{\w+:?[-+][^{}\n]{0,200}?\$\{?([A-Za-z_]\w*)",
    ),
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
        rf"(?m:^)[ \t]*(?:-[ \t]+)?if:[^\n]{{0,300}}?(?<![\w.]){_ACTIONS}\.([A-Za-z_]\w*)",
    ),
    comments="#",
    otherwise=r"\s*(?:\|\||[=!]=|&&)",
    computed=(rf"\$\{{\{{(?:(?!\}}\}}).){{0,200}}?(?<![\w.]){_ACTIONS}\[(?!\s*['\"])",),
    words=("$", "if:"),
)  # fmt: skip
CI_SHELL = Language(
    (".gitlab-ci.yml", ".circleci/config.yml", "bitbucket-pipelines.yml"), _SHELL_NEEDED, _SHELL_OPTIONAL, comments="#",
    words=("$",),
)  # fmt: skip
