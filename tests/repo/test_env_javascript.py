"""Variables of JavaScript and TypeScript under other names, taken apart, and named by libraries' own calls."""

from __future__ import annotations

import pytest

from checks.repo.env.reads import reads_in
from checks.repo.project import fits
from tests.repo.conftest import Judge, Repository

CASES = [
    # Taken apart: defaults that hold brackets and commas, renames, comments, types.
    ('const { A, B: b = "x, NO" } = process.env', {"A": False, "B": True}),
    ("const {\n  A, // needed\n  B = first({ x: 1, NO: 2 }, [NO]),\n  C,\n} = process.env;", {"A": False, "B": True, "C": False}),
    ('const { A = "1", B: bb } = import.meta.env;\nconst { C } = Bun.env;', {"A": True, "B": False, "C": False}),
    ("const { A } = process.env as Record<string, string>; const { B } = process.env!; const { C } = process.env ?? {};",
     {"A": False, "B": False, "C": False}),
    # The environment under another name.
    ('import { env } from "node:process";\nconst x = env.A_A;\nconst { B, C = "x" } = env;', {"A_A": False, "B": False, "C": True}),
    ('import process, { argv, env as e } from "process";\nif (!e.A_A) throw new Error("A");\ne["B"] ?? "x";', {"A_A": False, "B": True}),
    ("const { env } = require('node:process');\nif (env.A_A) { use(env.A_A) }", {"A_A": True}),
    ("const e = require('process').env;\ne.A_A;\nother.e.NO;\nsay('e.NO')", {"A_A": False}),
    ("const { env } = process;\nenv.A_A;\nthis.env.NO;\nenv.lower", {"A_A": False}),
    ("globalThis.process.env.A; globalThis.process?.env?.B", {"A": False, "B": False}),
    ('Deno.env.get("A") ?? "x"; Deno.env.has("B"); const { C } = Deno.env.toObject()', {"A": True, "B": True, "C": False}),
    # Cloudflare Workers and Pages, Hono.
    ("export default {\n  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {\n    return call(env.A_KEY)\n  },\n}",
     {"A_KEY": False}),
    ("export default function load(url, init) { return fetch(url, init) }\nconst x = init.NO", {}),
    ("export default class Api {\n  async fetch(path, options) { return options.NO }\n}", {}),
    ("export default {\n  queue(batch: Batch, bindings: CloudflareEnv) { bindings.A_KEY }\n}", {"A_KEY": False}),
    ("export async function onRequestPost({ request, env }) { env.A_KEY }", {"A_KEY": False}),
    ("export const onRequest: PagesFunction<Env> = async (context) => { context.env.A_KEY }", {"A_KEY": False}),
    ('import { Hono } from "hono";\napp.get("/", (c) => c.text(c.env.A_KEY ?? "x"))', {"A_KEY": True}),
    # Nest's service under a name of the project's own.
    ('class X { constructor(private readonly config: ConfigService) {\n  this.config.get("A_B"); this.config.getOrThrow<string>("C_D");\n'
     '  this.config.get("E_F", 3); this.cache.get("NO_NO") } }', {"A_B": False, "C_D": False, "E_F": True}),
    # Libraries.
    ('import env from "env-var";\nenv.get("A").required().asInt(); env.get("B").default("1").asInt(); env.get("C").asString()',
     {"A": False, "B": True, "C": True}),
    ('const config = convict({ port: { default: 1, env: "A" }, b: { format: String, env: "B" } })', {"A": True, "B": True}),
    ('import { A_KEY, getSecret } from "astro:env/server";\ngetSecret("B_K");', {"A_KEY": False, "B_K": False}),
    ('defineConfig({ env: { schema: { A: envField.string({ access: "secret" }), B: envField.number({ default: 3 }), '
     "C: envField.string({ optional: true }) } } })", {"A": False, "B": True, "C": True}),
    ('import { type } from "arktype";\nconst Env = type({ A: "string", "B?": "string", C: "string = \'x\'" })(process.env)',
     {"A": False, "B": True, "C": True}),
    ("z.string().parse(process.env.A); z.string().optional().parse(process.env.B); z.coerce.number().default(1).parse(process.env.C)",
     {"A": False, "B": True, "C": True}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_a_script_reads(text: str, expected: dict[str, bool]) -> None:
    found: dict[str, bool] = {}
    for item in reads_in("src/a.ts", text, fits):
        found[item.name] = found.get(item.name, True) and item.optional
    assert found == expected


def test_a_read_under_another_name_keeps_its_line() -> None:
    text = "/* two\nlines */\nconst { env } = process;\n\nenv.A_A; // env.B_B\n"
    assert [(read.name, read.line) for read in reads_in("a.js", text, fits)] == [("A_A", 5)]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("wrangler.toml", 'kv_namespaces = [{ binding = "CACHE", id = "x" }]\n[vars]\nA_URL = "x"\n'
         '[durable_objects]\nbindings = [{ name = "ROOM", class_name = "Room" }]\n'),
        ("wrangler.jsonc", '{\n  // names\n  "vars": { "A_URL": "https://x" },\n  "kv_namespaces": [{ "binding": "CACHE", "id": "x" }],\n'
         '  "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },\n}\n'),
    ],
)  # fmt: skip
async def test_what_wrangler_binds_is_given(repository: Repository, judge: Judge, file: str, text: str) -> None:
    code = "export default {\n  async fetch(req, env) { env.CACHE.get(1); env.ROOM; env.A_URL; env.A_KEY }\n}\n"
    repository.commit({"src/index.js": code, file: text, ".dev.vars.example": "A_KEY=\n"})
    finding = (await judge("deploy.env-undocumented"))["deploy.env-undocumented"][0]
    assert finding.status == "pass"
    assert f"CACHE is set by {file}" in finding.evidence
