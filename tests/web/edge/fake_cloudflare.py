"""A stand-in for Cloudflare's API whose every answer is checked against Cloudflare's own schema."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from launchready_tui.lab.web_server import Reply, Request

SCHEMA = Path(__file__).parents[2] / "data" / "cloudflare-openapi.json"
ZONE_ID = "023e105f4ecef8ad9ca31a8372d0c353"
TOKEN_ID = "ed17574386854bf78a67040be0a770b0"
ACCOUNT_ID = "0123456789abcdef0123456789abcdef"
TIME = "2026-01-01T05:20:00.12345Z"


@cache
def _document() -> dict[str, Any]:
    return _nullable(json.loads(SCHEMA.read_text()))


def _nullable(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` in the words of JSON Schema."""
    if isinstance(node, list):
        return [_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _nullable(value) for key, value in node.items()}
    return {"anyOf": [made, {"type": "null"}]} if made.pop("nullable", False) is True else made


@cache
def _validator(path: str, method: str, part: str) -> Draft202012Validator:
    """The validator of a response (by its status in the schema) or of the request body ("request")."""
    operation = _document()["paths"][path][method]
    place = operation["requestBody"] if part == "request" else operation["responses"][part]
    if "$ref" in place:
        place = _document()["components"]["responses"][place["$ref"].rsplit("/", 1)[1]]
    registry = Registry().with_resource("urn:cloudflare", Resource(contents=_document(), specification=DRAFT202012))
    schema = {"$id": "urn:cloudflare#", **place["content"]["application/json"]["schema"]}
    return Draft202012Validator(_absolute(schema), registry=registry)


def _absolute(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: f"urn:cloudflare{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in node.items()
            if key != "$id"
        }
    return [_absolute(item) for item in node] if isinstance(node, list) else node


def _validate(template: str, request: Request, status: int, body: Any) -> None:
    """Check an answer, and the request's body where it has one. Raises ValidationError."""
    if not template:
        return
    method = request.method.lower()
    statuses = _document()["paths"][template][method]["responses"]
    _validator(template, method, "200" if status == 200 else next(s for s in statuses if s != "200")).validate(body)
    if request.body:
        # The schema asks for what only the API itself writes (readOnly), so it is filled in.
        given = json.loads(request.body)
        _validator(template, method, "request").validate(record(1, "", "", "") | given)


def record(number: int, kind: str, name: str, content: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"{number:032x}", "type": kind, "name": name, "content": content, "ttl": 1, "proxied": False,
        "proxiable": kind in ("A", "AAAA", "CNAME"), "created_on": TIME, "modified_on": TIME, "tags": [], "meta": {},
    } | fields  # fmt: skip


def rule(expression: str, action: str, description: str, *, enabled: bool = True, **fields: Any) -> dict[str, Any]:
    return {
        "id": "3a03d665bac047339bb530ecb439a90d", "version": "1", "ref": "one", "last_updated": TIME,
        "expression": expression, "action": action, "description": description, "enabled": enabled,
    } | fields  # fmt: skip


LIMIT_RULE = rule('http.request.uri.path eq "/login"', "block", "Log-in")
REDIRECT_RULE = rule(
    # By a list, since no single target fits the schema: it takes "value" and "expression" for each other.
    "true", "redirect", "To www", action_parameters={"from_list": {"name": "moved", "key": "http.request.full_uri"}}
)  # fmt: skip


@dataclass
class FakeCloudflare:
    """The API for one zone. `token` is the one that it takes."""

    token: str
    zone: str = "example.com"
    settings: dict[str, Any] = field(default_factory=lambda: {"ssl": "strict"})
    records: list[dict[str, Any]] = field(default_factory=list)
    rules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    page_rules: list[dict[str, Any]] = field(default_factory=list)
    status: str = "active"
    begins: str = ""
    """From when on the token holds."""
    standing: dict[str, Any] = field(default_factory=lambda: {"status": "active"})
    """How the zone stands: `status`, `paused`."""
    account_owned: bool = False
    ignores_page: bool = False
    most_rows: int = 5000
    """Of one page, however many were asked for."""
    throttle: dict[str, str] | None = None
    """Headers of the 429 that it answers with."""
    denied: tuple[str, ...] = ()
    """Parts of paths that the token may not read."""
    instead: dict[str, Reply] = field(default_factory=dict)
    """Answers by a part of the path, given in place of what stands there."""
    calls: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """Requests and answers that the schema does not allow."""

    def __call__(self, request: Request) -> Reply:
        path = urlsplit(request.target).path.removeprefix("/client/v4")
        query = {key: values[0] for key, values in parse_qs(urlsplit(request.target).query).items()}
        self.calls.append(f"{request.method} {path}")
        if self.throttle is not None:
            return Reply(429, tuple(self.throttle.items()), b"slow down")
        if reply := next((reply for part, reply in self.instead.items() if part in path), None):
            return reply
        template, status, body = self._answer(request, path, query)
        try:
            _validate(template, request, status, body)
        except ValidationError as problem:
            self.violations.append(f"{request.method} {path}: {problem.message}")
        return Reply(status, (("content-type", "application/json"),), json.dumps(body).encode())

    def _answer(self, request: Request, path: str, query: dict[str, str]) -> tuple[str, int, dict[str, Any]]:
        if request.header("authorization") != f"Bearer {self.token}":
            return "/zones" if path == "/zones" else "", 403, refused(9109, "Invalid access token")
        if any(part in path for part in self.denied):
            return "", 403, refused(10000, "Authentication error")
        if path == "/user/tokens/verify":
            if self.account_owned:
                # Not checked: the schema asks such an answer to be a success and a failure at once.
                return "", 401, refused(1000, "Invalid API Token") | {"result": None}
            return path, 200, self._verified()
        if path == f"/accounts/{ACCOUNT_ID}/tokens/verify":
            return "", 200, self._verified()
        if path == "/zones":
            there = query.get("name", self.zone) == self.zone
            return path, 200, paged([self._zone()] if there else [], query)
        _, _, rest = path.partition(f"/zones/{ZONE_ID}/")
        kind, _, name = rest.partition("/")
        if kind == "settings" and name not in self.settings:
            return "", 404, refused(1005, "Setting not found")
        if kind == "settings":
            value = {"id": name, "value": self.settings[name], "editable": True, "modified_on": TIME}
            return "/zones/{zone_id}/settings/{setting_id}", 200, done(value)
        if kind == "rulesets":
            return self._ruleset(name.split("/")[1])
        if kind == "pagerules":
            return "/zones/{zone_id}/pagerules", 200, done(self.page_rules)
        if kind == "dns_records":
            return self._dns(request, name, query)
        return "", 404, refused(7003, "Could not route")

    def _verified(self) -> dict[str, Any]:
        begins = {"not_before": self.begins} if self.begins else {}
        return done({"id": TOKEN_ID, "status": self.status, "expires_on": "2027-01-01T00:00:00Z"} | begins)

    def _zone(self) -> dict[str, Any]:
        return {
            "id": ZONE_ID, "name": self.zone, "type": "full", "development_mode": 0,
            "account": {"id": ACCOUNT_ID, "name": "Harbor Tea"}, "activated_on": TIME, "created_on": TIME,
            "modified_on": TIME, "name_servers": ["a.ns.cloudflare.com", "b.ns.cloudflare.com"],
            "original_dnshost": None, "original_registrar": None, "original_name_servers": None, "owner": {},
            "meta": {}, "plan": {"name": "Free Website"},
        } | self.standing  # fmt: skip

    def _ruleset(self, phase: str) -> tuple[str, int, dict[str, Any]]:
        template = "/zones/{zone_id}/rulesets/phases/{ruleset_phase}/entrypoint"
        if phase not in self.rules:
            body = refused(10003, "could not find entrypoint ruleset") | {"result": None, "messages": []}
            return template, 404, body
        made = {
            "id": "2f2feab2026849078ba485f918791bdc", "name": "default", "kind": "zone", "version": "1", "phase": phase,
            "last_updated": TIME, "rules": self.rules[phase],
        }  # fmt: skip
        return template, 200, done(made)

    def _dns(self, request: Request, number: str, query: dict[str, str]) -> tuple[str, int, dict[str, Any]]:
        if request.method == "GET":
            wanted = [r for r in self.records if all(r[k] == query[k] for k in ("name", "type") if k in query)]
            page = query | ({"page": "1"} if self.ignores_page else {})
            page["per_page"] = str(min(int(page["per_page"]), self.most_rows))
            return "/zones/{zone_id}/dns_records", 200, paged(wanted, page)
        body = json.loads(request.body)
        if request.method == "POST":
            made = record(len(self.records) + 1, body["type"], body["name"], body["content"]) | body
            self.records.append(made)
            return "/zones/{zone_id}/dns_records", 200, done(made)
        there = next(r for r in self.records if r["id"] == number)
        there.update(body)
        return "/zones/{zone_id}/dns_records/{dns_record_id}", 200, done(there)


def done(result: Any, **more: Any) -> dict[str, Any]:
    return {"success": True, "errors": [], "messages": [], "result": result} | more


def refused(code: int, message: str) -> dict[str, Any]:
    return {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": {}}


def paged(rows: list[Any], query: dict[str, str]) -> dict[str, Any]:
    page, size = int(query.get("page", 1)), int(query.get("per_page", 20))
    info = {"page": page, "per_page": size, "count": len(rows), "total_count": len(rows)}
    return done(rows[(page - 1) * size : page * size], result_info=info)
