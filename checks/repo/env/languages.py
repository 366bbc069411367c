"""How each language reads an environment variable, and what after it gives a value where none is set."""

from __future__ import annotations

import re
from dataclasses import dataclass

_V = r"([A-Za-z_][A-Za-z0-9_]*)"
_UPPER = r"([A-Z][A-Z0-9_]*)"
_Q = r"""b?['"`]"""
_NAME, _NAME_UPPER = rf"\s*{_Q}{_V}{_Q}\s*", rf"\s*{_Q}{_UPPER}{_Q}\s*"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Language:
    """`rows` are patterns whose group is the name, each with whether the code can do without the variable."""

    files: tuple[str, ...]
    rows: tuple[tuple[re.Pattern[str], bool], ...]
    comments: str = "/"
    otherwise: re.Pattern[str] = _NEVER
    """What may follow, and gives another value or only asks whether there is one."""
    assigned: re.Pattern[str] = _NEVER
    """What follows where the variable is set, not read."""


def _rows(needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> tuple[tuple[re.Pattern[str], bool], ...]:
    return tuple(
        (re.compile(pattern), can_do_without)
        for patterns, can_do_without in ((needed, False), (optional, True))
        for pattern in patterns
    )


_ASSIGNED = re.compile(r"\s*=(?![=>~])")
_ENV_CALL = r"(?<![.\w])env(?:\.(?:str|bool|int|float|list|json|url|db|dict|path|decimal|dj_db_url))?"
_ENVIRON = r"\benvironb?"
PYTHON = Language(
    ("*.py",),
    _rows(
        (
            rf"(?<!del os\.)(?<!del ){_ENVIRON}\s*\[{_NAME}\]",
            rf"\bgetenvb?\((?:\s*key\s*=)?{_NAME},?\s*\)",
            rf"{_ENVIRON}\.(?:get|pop)\((?:\s*key\s*=)?{_NAME},?\s*\)",
            rf"{_ENV_CALL}\({_NAME_UPPER}\)",
            rf"(?<![.\w])config\({_NAME_UPPER}(?:,\s*cast\s*=[^,()]*)?\)",
        ),
        (
            rf"\bgetenvb?\({_NAME},\s*[^)\s]",
            rf"{_ENVIRON}\.(?:get|setdefault|pop)\({_NAME},\s*[^)\s]",
            rf"{_ENV_CALL}\({_NAME_UPPER},\s*[^)\s]",
            rf"(?<![.\w])config\({_NAME_UPPER},(?!\s*cast\s*=[^,()]*\))",
            rf"{_Q}{_V}{_Q}\s+(?:not\s+)?in\s+(?:os\.)?{_ENVIRON}\b",
        ),
    ),
    "python",
    re.compile(r"\s*(?:or\b|[=!]=)"),
    _ASSIGNED,
)
_JS_ENV = r"(?<!delete )\b(?:(?:process|Bun)\??\.env|import\.meta\.env)"
JAVASCRIPT = Language(
    ("*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx", "*.vue", "*.svelte", "*.astro"),
    _rows(
        (
            rf"{_JS_ENV}\s*\??\.\s*{_V}\b",
            rf"{_JS_ENV}\s*(?:\?\.)?\[{_NAME}\]",
            rf"\bDeno\.env\.get\({_NAME}\)",
        ),
        (rf"{_Q}{_V}{_Q}\s+in\s+(?:process|Bun)\.env\b",),
    ),
    "/",
    re.compile(r"!?\s*\)*\s*(?:\?\?|\|\||[=!]==?|\?(?![.:\]]))|\.(?:default|optional)\("),
    _ASSIGNED,
)
RUBY = Language(
    ("*.rb", "*.erb", "Rakefile", "Gemfile", "*.rake", "config.ru", "*.yml.erb"),
    _rows(
        (rf"\bENV\[{_NAME}\]", rf"\bENV\.fetch\({_NAME}\)"),
        (rf"\bENV\.fetch\({_NAME},", rf"\bENV\.(?:key|has_key|include|member)\?\(?{_NAME}"),
    ),
    "#",
    re.compile(r"\s*(?:\|\||or\b|\{|do\b|[=!]=|\?\s|\.(?:presence|blank\?|present\?|nil\?|to_i\b))"),
    _ASSIGNED,
)
RUBY_YAML = Language(("config/*.yml", "database.yml"), RUBY.rows, "#", RUBY.otherwise)
_PHP_SERVER = (
    r"(?!(?:HTTP|REQUEST|SERVER|REMOTE|SCRIPT|DOCUMENT|PHP|QUERY|GATEWAY|PATH|ORIG|REDIRECT|AUTH|CONTENT|CONTEXT)_|"
    r"HTTPS\b|argv\b|argc\b)"
)
PHP = Language(
    ("*.php",),
    _rows(
        (
            rf"\b(?:env|getenv)\({_NAME}(?:,\s*(?:true|false)\s*)?\)",
            rf"\bEnv::(?:get|getOrFail)\({_NAME}\)",
            rf"(?<!isset\()(?<!empty\()\$_ENV\[{_NAME_UPPER}\]",
            rf"(?<!isset\()(?<!empty\()\$_SERVER\[\s*{_Q}{_PHP_SERVER}{_UPPER}{_Q}\s*\]",
        ),
        (
            rf"\b(?:env|Env::get)\({_NAME},",
            rf"(?:isset|empty)\(\$_(?:ENV|SERVER)\[\s*{_Q}{_PHP_SERVER}{_UPPER}{_Q}\s*\]",
        ),
    ),
    "/#",
    re.compile(r"\s*(?:\?\?|\?:|\|\||\?\s|[=!]==?)"),
    _ASSIGNED,
)
_GO_TAG = r"""\b(?:env|envconfig):"([A-Z][A-Z0-9_]*)"""
GO = Language(
    ("*.go",),
    _rows(
        (
            rf"\b(?:os\.(?:Getenv|LookupEnv)|syscall\.Getenv)\({_NAME}\)",
            rf"\bviper\.BindEnv\([^()\n]*,{_NAME}\)",
            rf'{_GO_TAG}(?=[^`\n]{{0,200}}(?:,required|,notEmpty|\brequired:"true"))',
        ),
        (rf'{_GO_TAG}(?![^`\n]{{0,200}}(?:,required|,notEmpty|\brequired:"true"))',),
    ),
    "/",
    re.compile(r"\s*[=!]="),
)
_JVM_VALUE = r"@Value\(\s*\"[^\"\n]{0,100}?\$\{"
JVM = Language(
    ("*.java", "*.kt", "*.kts", "*.scala", "*.groovy"),
    _rows(
        (
            rf'\bSystem\.getenv\(\s*"{_V}"\s*\)',
            rf'\bSystem\.getenv\(\)\s*(?:\.get\(\s*|\[\s*)"{_V}"',
            rf'\bsys\.env\(\s*"{_V}"',
            rf"{_JVM_VALUE}{_UPPER}\}}",
        ),
        (
            rf'\bSystem\.getenv\(\)\s*\.(?:getOrDefault|containsKey|getOrElse)\(\s*"{_V}"',
            rf'\bsys\.env\.(?:get|getOrElse|contains)\(\s*"{_V}"',
            rf'\benvOr(?:Else|None)\(\s*"{_V}"',
            rf"{_JVM_VALUE}{_UPPER}:",
        ),
    ),
    "/",
    re.compile(r"\s*(?:\?:|[=!]=|\)\s*\.(?:orElse|or|getOrElse|ifPresent)\b|,\s*\"[^\"\n]*\"\s*\))"),
)
SPRING = Language(
    ("application*.properties", "application*.yml", "application*.yaml", "bootstrap*.yml"),
    _rows((r"\$\{([A-Z][A-Z0-9_]*)\}",), (r"\$\{([A-Z][A-Z0-9_]*):[^}]*\}",)),
    "#",
)
SYMFONY = Language(
    ("config/*.yaml", "config/*.yml", "services.yaml"),
    _rows((r"%env\((?!default:)(?:\w+:)*([A-Z][A-Z0-9_]*)\)%",), (r"%env\(default:(?:\w*:)*([A-Z][A-Z0-9_]*)\)%",)),
    "#",
)
RUST = Language(
    ("*.rs",),
    _rows(
        (
            rf'\b(?:env|dotenvy?)::var(?:_os)?\(\s*"{_V}"\s*\)',
            rf'(?<![.\w:])var\(\s*"{_UPPER}"\s*\)',
            rf'(?<!option_)\benv!\(\s*"{_V}"',
        ),
        (rf'\boption_env!\(\s*"{_V}"', rf'\benv\s*=\s*"{_UPPER}"[^\n]{{0,200}}\bdefault_value'),
    )
    + _rows((rf'#\[(?:arg|clap)\([^\n]{{0,200}}\benv\s*=\s*"{_UPPER}"(?![^\n]{{0,200}}\bdefault_value)',)),
    "/",
    re.compile(r"\s*\.(?:unwrap_or|ok\(|is_ok|is_err|or_else|map_or)|\s*\{"),
)
_SHELL_ROWS = _rows(
    (
        r"(?<![\\$])\$\{#?([A-Z][A-Z0-9_]*)(?:(?::?\?|##?|%%?|//?|\^\^?|,,?|@|:\d|\[)[^}]*)?\}",
        r"(?<![\\$])\$([A-Z][A-Z0-9_]*)\b",
    ),
    (r"(?<![\\$])\$\{([A-Z][A-Z0-9_]*):?[-=+][^}]*\}",),
)
SHELL = Language(("*.sh", "*.bash", "*.zsh", "Procfile", "entrypoint*"), _SHELL_ROWS, "shell")
DOCKER = Language(("Dockerfile*", "*.dockerfile", "*.Dockerfile", "Containerfile"), _SHELL_ROWS, "shell")
COMPOSE = Language(
    ("compose.y*ml", "docker-compose*.y*ml", "compose.*.y*ml"),
    _rows(
        (r"(?<!\$)\$\{([A-Za-z_]\w*)(?::?\?[^}]*)?\}", r"(?<!\$)\$([A-Za-z_]\w*)\b"),
        (r"(?<!\$)\$\{([A-Za-z_]\w*):?[-+][^}]*\}",),
    ),
    "#",
)
_ACTIONS = r"(?:secrets|vars)"
CI = Language(
    (".github/workflows/*.y*ml", ".github/actions/*/action.y*ml", ".gitlab-ci.yml", ".circleci/config.yml",
     "bitbucket-pipelines.yml"),
    _rows((
        rf"\$\{{\{{(?:(?!\}}\}}).){{0,200}}?(?<![\w.]){_ACTIONS}\.([A-Za-z_]\w*)",
        rf"\$\{{\{{(?:(?!\}}\}}).){{0,200}}?(?<![\w.]){_ACTIONS}\[\s*['\"]([A-Za-z_]\w*)",
    )),
    "#",
    re.compile(r"\s*(?:\|\||[=!]=|&&)"),
)  # fmt: skip
CI_SHELL = Language((".gitlab-ci.yml", ".circleci/config.yml", "bitbucket-pipelines.yml"), _SHELL_ROWS, "#")

LANGUAGES = (PYTHON, JAVASCRIPT, RUBY, RUBY_YAML, PHP, GO, JVM, SPRING, SYMFONY, RUST, SHELL, DOCKER)
"""A file may be of several (YAML of Rails, of Spring and of Symfony); compose and CI files are apart."""
