"""Both sides of Globalping's HTTP API v1 as far as it is used here, in our own words, as JSON Schema."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}


def table(required: dict[str, Any], optional: dict[str, Any] | None = None, *, closed: bool = True) -> dict[str, Any]:
    """An object."""
    properties = required | (optional or {})
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": not closed,
    }


LOCATION = table(
    {},
    {
        "continent": {"enum": ["AF", "AN", "AS", "EU", "NA", "OC", "SA"]},
        "region": TEXT, "country": {"type": "string", "pattern": "^[A-Z]{2}$"}, "state": TEXT, "city": TEXT,
        "asn": {"type": "integer"}, "network": TEXT, "tags": {"type": "array", "items": TEXT}, "magic": TEXT,
        "limit": {"type": "integer", "minimum": 1, "maximum": 200},
    },
)  # fmt: skip

REQUEST = table(
    {
        "type": {"const": "http"},
        "target": TEXT,
        "locations": {"oneOf": [TEXT, {"type": "array", "minItems": 1, "items": LOCATION}]},
    },
    {
        "limit": {"type": "integer", "minimum": 1, "maximum": 500},
        "timeout": {"type": "integer", "minimum": 5, "maximum": 30},
        "inProgressUpdates": {"type": "boolean"},
        "measurementOptions": table(
            {},
            {
                "protocol": {"enum": ["HTTP", "HTTPS", "HTTP2"]},
                "port": {"type": "integer", "minimum": 0, "maximum": 65535},
                "resolver": TEXT,
                "ipVersion": {"enum": [4, 6]},
                "request": table(
                    {},
                    {
                        "host": TEXT,
                        "path": {"type": "string", "pattern": "^[!-~]*$"},
                        "query": {"type": "string", "pattern": "^[!-~]+$"},
                        "method": {"enum": ["HEAD", "GET", "OPTIONS"]},
                        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                ),
            },
        ),
    },
)

CREATED = table({"id": TEXT, "probesCount": {"type": "integer", "minimum": 1}})
ERROR = table({"error": table({"type": TEXT, "message": TEXT}, {"params": {"type": "object"}})})

MILLISECONDS = {"type": ["integer", "null"], "minimum": 0}
TIMINGS = table(dict.fromkeys(("total", "dns", "tcp", "tls", "firstByte", "download"), MILLISECONDS))
TLS = table(
    {"authorized": {"type": "boolean"}},
    {"error": TEXT, "expiresAt": TEXT, "protocol": TEXT, "cipherName": TEXT, "issuer": {"type": "object"},
     "subject": {"type": "object"}, "keyType": {"type": ["string", "null"]}, "keyBits": {"type": ["integer", "null"]}},
)  # fmt: skip
PROBE = table(
    {
        "continent": TEXT, "region": TEXT, "country": TEXT, "state": {"type": ["string", "null"]}, "city": TEXT,
        "asn": {"type": "integer"}, "network": TEXT, "latitude": {"type": "number"}, "longitude": {"type": "number"},
        "tags": {"type": "array"}, "resolvers": {"type": "array"},
    }
)  # fmt: skip
RESULT = {
    "oneOf": [
        table({"status": {"const": "in-progress"}, "rawOutput": {"type": "string"}}),
        table(
            {"status": {"const": "finished"}, "statusCode": {"type": "integer"}, "timings": TIMINGS},
            {"rawOutput": {"type": "string"}, "rawHeaders": {"type": ["string", "null"]}, "rawBody": {"type": ["string", "null"]},
             "truncated": {"type": "boolean"}, "headers": {"type": "object"}, "statusCodeName": {"type": "string"},
             "resolvedAddress": {"type": ["string", "null"]}, "tls": {"anyOf": [TLS, {"type": "null"}]}},
        ),
        table(
            {"status": {"const": "failed"}, "rawOutput": {"type": "string"}},
            {"failureSource": {"enum": ["target", "resolver", "internal"]}, "statusCode": {"type": "null"},
             "timings": TIMINGS, "tls": {"type": "null"}, "resolvedAddress": {"type": ["string", "null"]}},
        ),
        table({"status": {"const": "offline"}, "rawOutput": {"type": "string"}}),
    ]
}  # fmt: skip
MEASUREMENT = table(
    {
        "id": TEXT,
        "type": {"const": "http"},
        "target": TEXT,
        "status": {"enum": ["in-progress", "finished"]},
        "createdAt": TEXT,
        "updatedAt": TEXT,
        "probesCount": {"type": "integer"},
        "results": {"type": "array", "items": table({"probe": PROBE, "result": RESULT})},
    },
    {"locations": {}, "limit": {"type": "integer"}, "measurementOptions": {"type": "object"}},
)


def valid(schema: dict[str, Any], value: Any) -> Any:
    """The value, which must be as the schema says."""
    Draft202012Validator(schema).validate(value)
    return value
