"""How each programming language reads an environment variable, and what after it gives a value where none is set."""

from __future__ import annotations

from checks.repo.env.language import NAME, NAME_UPPER, UPPER, Language, Q, V

_ASSIGNED = r"\s*(?:=(?![=>~])|\+=)"
_VERB = r"(?:[gG]et|[rR]ead|[lL]oad|[fF]etch|[lL]ookup)"
_STRICT = r"(?:[rR]equired?|[mM]ust(?:_?[gG]et)?|[nN]eed|[eE]nsure|[aA]ssert|[gG]et_?[rR]equired|[mM]andatory)"
_ENV_WORD = r"_?(?:[eE]nv|ENV)(?:ironment)?(?:_?[vV]ar(?:iable)?)?"
_KIND = (
    r"(?:_?(?:[aA]s_?)?(?:[sS]tr(?:ing)?|[iI]nt\w*|[bB]ool\w*|[dD]uration|[fF]loat|[sS]lice|"
    r"[oO]r\w*|[wW]ith\w*|[dD]efault))?"
)
WRAPPED = (
    rf"\b{_STRICT}{_ENV_WORD}\w{{0,20}}(?:<[^<>()]{{0,40}}>)?\({NAME_UPPER}[,)]",
    rf"\b{_VERB}{_ENV_WORD}(?:_?[oO]r_?(?:[tT]hrow|[fF]ail|[dD]ie|[pP]anic|[eE]xit|[rR]aise))?"
    rf"(?:<[^<>()]{{0,40}}>)?\({NAME_UPPER}\)",
)
"""Functions that projects write for themselves: requireEnv("X"), mustGetenv("X"), get_env("X")."""
WRAPPED_OPTIONAL = (rf"\b{_VERB}?(?:[oO]ptional)?{_ENV_WORD}{_KIND}(?:<[^<>()]{{0,40}}>)?\({NAME_UPPER},\s*[^)\s]",)

PYTHON_FILES = ("*.py",)
_JS_ENV = r"(?<!delete )\b(?:(?:process|Bun)\??\.env|import\.meta\.env)"
_NEST = r"\b(?:\w+C|c)onfigService\.get(?:OrThrow)?(?:<[^<>()]{0,40}>)?"
JAVASCRIPT = Language(
    ("*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx", "*.vue", "*.svelte", "*.astro"),
    (
        rf"{_JS_ENV}\s*\??\.\s*(?<!meta\.env\.(?=MODE\b|DEV\b|PROD\b|SSR\b|BASE_URL\b)){V}\b",
        rf"{_JS_ENV}\s*(?:\?\.)?\[{NAME}\]",
        rf"\bDeno\.env\.get\({NAME}\)",
        rf"{_NEST}\({NAME_UPPER}\)",
        *WRAPPED,
    ),
    (
        rf"{Q}{V}{Q}\s+in\s+(?:process|Bun)\.env\b",
        rf"\bDeno\.env\.has\({NAME}\)",
        rf"{_NEST}\({NAME_UPPER},\s*[^)\s{{]",
        *WRAPPED_OPTIONAL,
    ),
    strings="js",
    otherwise=r"!?\s*\)*\s*(?:\?\?|\|\||[=!]==?|\?(?![:\]]))|\.(?:default|optional)\(",
    assigned=_ASSIGNED,
    computed=(
        rf"{_JS_ENV}\s*(?:\?\.)?\[(?!\s*(?:'[^']*'|\"[^\"]*\"|`[^`$]*`)\s*\])",
        r"\bDeno\.env\.get\((?!\s*['\"`])",
    ),
    words=("env", "Env", "ENV", "onfigService"),
)
RUBY = Language(
    ("*.rb", "*.erb", "Rakefile", "Gemfile", "*.rake", "config.ru", "*.yml.erb"),
    (rf"\bENV\[{NAME}\]", rf"\bENV\.fetch[ (]{NAME}(?![,\s])"),
    (rf"\bENV\.fetch[ (]{NAME},", rf"\bENV\.(?:key|has_key|include|member)\?\(?{NAME}"),
    lists=(r"\b(?:ENV\.(?:values_at|fetch_values)|Dotenv\.require_keys)\b[ (]*([^()\n]{1,400})",),
    free_lists=(r"\bENV\.slice\b[ (]*([^()\n]{1,400})",),
    comments="#",
    strings="ruby",
    otherwise=r"[\s)]*(?:\|\||or\b|\{|do\b|[=!]=|\?\s)|&\.|\.(?:presence|blank\?|present\?|nil\?|to_i\b|to_s\b)",
    assigned=_ASSIGNED,
    computed=(r"\bENV(?:\[|\.fetch[ (])(?!\s*['\"])(?=\s*[\w@:])",),
    words=("env", "Env", "ENV", "Dotenv"),
)
RUBY_YAML = Language(
    ("config/*.yml", "database.yml"), RUBY.needed, RUBY.optional, comments="#", otherwise=RUBY.otherwise
)
_PHP_SERVER = (
    r"(?!(?:HTTP|REQUEST|SERVER|REMOTE|SCRIPT|DOCUMENT|PHP|QUERY|GATEWAY|PATH|ORIG|REDIRECT|AUTH|CONTENT|CONTEXT)_|"
    r"HTTPS\b|argv\b|argc\b)"
)
PHP = Language(
    ("*.php",),
    (
        rf"(?<!->)\b(?:env|getenv)\({NAME}(?:,\s*(?:true|false)\s*)?\)",
        rf"\bEnv::(?:get|getOrFail|getRequired)\({NAME}\)",
        rf"\$_ENV\[{NAME_UPPER}\]",
        rf"\$_SERVER\[\s*{Q}{_PHP_SERVER}{UPPER}{Q}\s*\]",
        *WRAPPED,
    ),
    (rf"(?<!->)\b(?:env|Env::get)\({NAME},",),
    lists=(r"\$\w*[eE]nv\w*\s*->\s*required\(([^()]{1,400})\)",),
    free_lists=(r"\$\w*[eE]nv\w*\s*->\s*ifPresent\(([^()]{1,400})\)",),
    comments="/#",
    strings="ruby",
    otherwise=r"\s*(?:\?\?|\?:|\|\||\?\s|[=!]==?)",
    assigned=_ASSIGNED,
    computed=(r"(?<!->)\b(?:getenv|env)\(\s*\$", r"\$_ENV\[\s*\$"),
    words=("env", "Env", "ENV", "_SERVER"),
)
GO = Language(
    ("*.go",),
    (
        rf"\b(?:os\.(?:Getenv|LookupEnv)|syscall\.Getenv)\({NAME}\)",
        *WRAPPED,
    ),
    (rf"\bcmp\.Or\(\s*os\.Getenv\({NAME}\)", *WRAPPED_OPTIONAL),
    strings="go",
    otherwise=r"\s*[!=]=",
    computed=(r"\bos\.(?:Getenv|LookupEnv)\((?!\s*[\"`])",),
)
_JVM_VALUE = r"@Value\(\s*\"[^\"\n]{0,100}?\$\{"
JVM = Language(
    ("*.java", "*.kt", "*.kts", "*.scala", "*.groovy"),
    (
        rf'\bSystem\.getenv\(\s*"{V}"\s*\)',
        rf'\bSystem\.getenv\(\)\s*(?:\.get\(\s*|\[\s*)"{V}"',
        rf'\bsys\.env\(\s*"{V}"',
        rf'\b[eE]nv(?:ironment)?\.get(?:Required)?Property\(\s*"{UPPER}"\s*\)',
        rf'\b[dD]otenv(?:\.get\(|\[)\s*"{V}"\s*[)\]]',
        rf"{_JVM_VALUE}{UPPER}\}}",
        *WRAPPED,
    ),
    (
        rf'\bSystem\.getenv\(\)\s*\.(?:getOrDefault|containsKey|getOrElse)\(\s*"{V}"',
        rf'\bsys\.env\.(?:get|getOrElse|contains)\(\s*"{V}"',
        rf'\b[eE]nv(?:ironment)?\.getProperty\(\s*"{UPPER}"\s*,',
        rf'\b[dD]otenv\.get\(\s*"{V}"\s*,',
        rf'\benvOr(?:Else|None)\(\s*"{V}"',
        rf"{_JVM_VALUE}{UPPER}:",
        *WRAPPED_OPTIONAL,
    ),
    strings="jvm",
    otherwise=r"(?:\?\.\w+\([^()]*\))*\s*(?:\?:|[=!]=|\)\s*\.(?:orElse|or|getOrElse|ifPresent)\b|,\s*\"[^\"\n]*\"\s*\))",
    computed=(r"\bSystem\.getenv\((?!\s*[\")])",),
    words=("env", "Env", "ENV", "@Value"),
)
RUST = Language(
    ("*.rs",),
    (
        rf'\b(?:env|dotenvy?)::var(?:_os)?\(\s*"{V}"\s*\)',
        rf'(?<![.\w:])var\(\s*"{UPPER}"\s*\)',
        rf'(?<!option_)\b(?:dotenvy_macro::)?(?:dot)?env!\(\s*"{V}"',
        *WRAPPED,
    ),
    # Command::env("X", value) sets a variable of another program.
    (rf'\boption_env!\(\s*"{V}"', *(rf"(?<!\.){pattern}" for pattern in WRAPPED_OPTIONAL)),
    strings="rust",
    otherwise=r"(?:\s*\.(?:map\([^()\n]{0,80}\)|as_(?:de)?ref\(\)|ok\(\)))*\s*\.(?:unwrap_or|ok\(|is_ok|is_err|or_else|map_or)|\s*\{(?![^}]{0,200}\bErr\([^)]*\)\s*=>\s*\{?\s*(?:panic|return\s+Err|(?:std::)?process::exit|unreachable))",
    computed=(r"\b(?:env|dotenvy?)::var(?:_os)?\((?!\s*\")",),
)
_CLAP = r"#\[(?:arg|clap|structopt)\("
_ITS_FIELD = r"[^\]]{0,300}\]\s*(?:#\[[^\]]{0,300}\]\s*){0,4}(?:pub(?:\([^)]*\))?\s+)?"
_CLAP_FREE = rf"(?:[^\]]{{0,300}}\bdefault_value|{_ITS_FIELD}\w+\s*:\s*(?:Option<|Vec<|bool\b))"
_CLAP_NAMED = rf'[^\]]{{0,300}}?\benv\s*(?:=\s*|\(\s*)"{UPPER}"'
_CLAP_FIELD = rf"(?=[^\]]{{0,300}}\benv\s*[,)]){_ITS_FIELD}([a-z]\w*)\s*:"
CLAP = Language(
    ("*.rs",),
    (rf"{_CLAP}(?!{_CLAP_FREE}){_CLAP_NAMED}", rf"{_CLAP}(?!{_CLAP_FREE}){_CLAP_FIELD}"),
    (rf"{_CLAP}(?={_CLAP_FREE}){_CLAP_NAMED}", rf"{_CLAP}(?={_CLAP_FREE}){_CLAP_FIELD}"),
    upper=True,
)
_BUILT = r"(?:\s*\.(?!required\(true)\w+\([^()]{0,120}\)){0,12}\s*\.required\(true\)"
_FROM = r"#\[envconfig\("
_FROM_FREE = rf"(?:[^\]]{{0,300}}\bdefault\b|{_ITS_FIELD}\w+\s*:\s*Option<)"
RUST_DERIVED = Language(
    ("*.rs",),
    (
        rf'{_FROM}(?!{_FROM_FREE})[^\]]{{0,300}}?\bfrom\s*=\s*"{UPPER}"',
        rf'\bArg::new\([^()]{{0,80}}\)(?={_BUILT})[^;]{{0,300}}?\.env\(\s*"{UPPER}"\s*\)',
    ),
    (
        rf'{_FROM}(?={_FROM_FREE})[^\]]{{0,300}}?\bfrom\s*=\s*"{UPPER}"',
        rf'\bArg::new\([^()]{{0,80}}\)(?!{_BUILT})[^;]{{0,300}}?\.env\(\s*"{UPPER}"\s*\)',
    ),
    words=("env(", "envconfig("),
)
CSHARP = Language(
    ("*.cs",),
    (rf"\bEnvironment\.GetEnvironmentVariable\({NAME}\)", *WRAPPED),
    WRAPPED_OPTIONAL,
    strings="go",
    otherwise=r"\s*(?:\?\?|[!=]=|is\s+(?:not\s+)?null)",
)
ELIXIR = Language(
    ("*.ex", "*.exs"),
    (rf"\bSystem\.(?:get_env|fetch_env!?)\({NAME}\)",),
    (rf"\bSystem\.get_env\({NAME},",),
    comments="#",
    strings="ruby",
    otherwise=r"\s*(?:\|\||[!=]=)",
)
