"""Other names under which JavaScript holds its environment, read as what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.repo.env.comments import Strings, without_comments
from checks.repo.env.language import compiled

ENV = r"(?:globalThis\s*\??\.\s*)?(?:(?:process|Bun)\s*\??\.\s*env|import\.meta\.env|Deno\.env\.toObject\(\))"
"""The environment itself, as an object of every variable."""
_TYPE = r"(?:\s*:\s*[\w.<>|, ]{1,60})?"
_HELD = (
    r"\bimport\s*(?:\w+\s*,\s*)?\{(?:[^{}]{0,200}[,\s])?env(?:\s+as\s+(\w+))?\s*(?:,[^{}]{0,200})?\}\s*from\s*"
    r"['\"](?:node:process|process|cloudflare:workers|\$env/dynamic/(?:private|public))['\"]",
    r"\{(?:[^{}]{0,200}[,\s])?env(?:\s*:\s*(\w+))?\s*(?:,[^{}]{0,200})?\}\s*=\s*"
    r"(?:process\b(?!\s*\??\.)|require\(\s*['\"](?:node:)?process['\"]\s*\))",
    rf"\b(?:const|let|var)\s+(\w+){_TYPE}\s*=\s*{ENV}\s*(?:;|\n|as\b|!|\Z)",
    r"\b(?:const|let|var)\s+(\w+)\s*=\s*require\(\s*['\"](?:node:)?process['\"]\s*\)\s*\.\s*env\b(?!\s*\??[.\[])",
)
_WORKER = (
    r"\b(?:fetch|scheduled|queue|email|tail)\s*(?::\s*(?:async\s*)?)?\(\s*\w+\s*(?::[^,()]{1,80})?,\s*"
    r"(?:(_?env)\b\s*(?::\s*[\w.<>]{1,60}\s*)?|(\w+)\s*:\s*(?:\w*Env|Bindings)\s*)(?:,[^()]{0,100})?\)\s*(?::\s*[\w.<>\[\]]{1,60}\s*)?(?:=>\s*)?\{"
)
"""A handler of Cloudflare Workers: its second argument holds the variables and the secrets."""
_PAGES = r"\bonRequest\w*\b[^=(\n]{0,80}(?:=\s*(?:async\s*)?)?\(\s*(?:\{[^{}]{0,200}?\b(env)\b[^{}]{0,200}\}|(\w+))"
"""A function of Cloudflare Pages, with its context or what it takes out of it."""
_NEST = r"\b(\w+)\s*\??\s*:\s*ConfigService\b"
_HINT = re.compile(r"\benv\b|Env\b|Bindings\b|ConfigService|onRequest")


def by_usual_names(text: str) -> str:
    """A text in which other names of the environment read process.env, and those of Nest's service configService.

    Its lines stay, its columns and comments may not.
    """
    if not _HINT.search(text):
        return text
    code = without_comments(text, "/")
    for name in sorted(set(_held(code)) - {"process"}):
        code = _renamed(code, rf"(?<![\w.$]){re.escape(name)}(?=\s*(?:!?\s*\??\.\s*[A-Z]|(?:\?\.)?\[))", "process.env")
        code = _renamed(code, rf"(?<=\}})(\s*=\s*){re.escape(name)}\b(?!\s*\??[.\[(])", r"\1process.env")
    for name in sorted(set(compiled(_NEST).findall(code))):
        code = _renamed(code, rf"(?<![\w$]){name}(?=\s*\.\s*get(?:OrThrow)?\b)", "configService")
    return code


def _renamed(code: str, pattern: str, usual: str) -> str:
    """The code with a name replaced outside its strings."""
    strings = Strings(code, "js")
    return re.sub(pattern, lambda match: match[0] if strings.hold(match.start()) else match.expand(usual), code)


def _held(code: str) -> Iterator[str]:
    for pattern in _HELD:
        yield from (match[1] or "env" for match in compiled(pattern).finditer(code))
    if "export default" in code or "ExportedHandler" in code:
        yield from (untyped or typed for untyped, typed in compiled(_WORKER).findall(code))
    for taken, whole in compiled(_PAGES).findall(code):
        yield from (name for name in (taken,) if name)
        if whole and re.search(rf"(?<![\w.$]){whole}\.env\b", code):
            yield f"{whole}.env"
    if re.search(r"from\s*['\"]hono", code):
        yield from ("c.env", "ctx.env", "context.env")
