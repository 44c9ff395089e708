"""The OpenAPI 3.1 document: what every operation can answer besides its own, and where it is read."""

import functools
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from cluster_ehs.core.api import KEY_HEADER, KEY_PATTERN, ApiView

ABOUT = """Referrals, families, cases, contacts, plans, decisions and the monitoring tables, with the same rules and
walls as the pages: a token acts for its owner, within its scopes. Records of another Cluster do not exist here.
What is sent and not known is refused. A creation carries an `Idempotency-Key`; sent again, it makes nothing new."""

PROBLEM = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
    "additionalProperties": False,
}
REFUSAL = {
    "description": "What is wrong, by field (dotted where nested), or of the request as a whole.",
    "oneOf": [
        {"$ref": "#/components/schemas/Problem"},
        {
            "type": "object",
            "minProperties": 1,
            "properties": {"detail": False},
            "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        },
    ],
}
ALWAYS = {
    "400": "What was sent is wrong; the fields are named.",
    "401": "No token, or one that is unknown, ended or withdrawn.",
    "403": "The token lacks the scope, or its owner may not do this; the reason is given.",
    "405": "There is no such method here.",
    "406": "Only JSON is answered.",
    "429": "The token has called too often; `Retry-After` says for how many seconds to wait.",
}
WITH_ADDRESS = {"404": "There is no such record for the token's owner."}
WITH_BODY = {
    "409": "Somebody else was first, or the key was used before with other content.",
    "413": "The body is too large.",
    "415": "Only JSON is read.",
}
KEY = {
    "in": "header",
    "name": KEY_HEADER,
    "required": True,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "Of your making, a UUID for example: the same key with the same content makes one record.",
}
REPLAYED = {
    "Location": {"schema": {"type": "string"}, "description": "Where the record is read."},
    "Idempotent-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Given when the record had been made by an earlier request with this key.",
    },
}


class Described(AutoSchema):
    """Operation ids from the addresses' names: `referral_list`, `case_plan_create`."""

    def get_operation_id(self) -> str:
        words = self.path.removeprefix("/api/v1/").strip("/").split("/")
        named = "_".join(word for word in words if not word.startswith("{")).replace("-", "_")
        return f"{'create' if self.method == 'POST' else 'read'}_{named}{'_one' if words[-1].startswith('{') else ''}"

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the refusals to every operation, the key to creations, and close the bodies to unknown fields."""
    result["info"]["description"] = ABOUT
    schemas = result["components"]["schemas"]
    schemas["Problem"], schemas["Refusal"] = PROBLEM, REFUSAL
    for name, schema in schemas.items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            answers = ALWAYS | (WITH_ADDRESS if "{" in path else {}) | (WITH_BODY if method == "post" else {})
            for status, words in answers.items():
                operation["responses"][status] = _refused(status, words)
            if method == "post":
                operation["parameters"] = [*operation.get("parameters", []), KEY]
                operation["responses"]["201"]["headers"] = REPLAYED
    _forget_marks(result)
    return result


def _refused(status: str, words: str) -> dict[str, Any]:
    shape = "Refusal" if status == "400" else "Problem"
    return {
        "description": words,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}},
    }


def _forget_marks(part: Any) -> None:
    """The generator's own notes on enumerations are not for readers."""
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
        for inner in part.values():
            _forget_marks(inner)
    elif isinstance(part, list):
        for inner in part:
            _forget_marks(inner)


@functools.cache
def document() -> dict[str, Any]:
    """The same for everybody, and made once per process: it holds no data."""
    return SchemaGenerator().get_schema(request=None, public=True)


class SchemaView(ApiView):
    """The document itself is read without signing in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(document(), headers={"Cache-Control": "public, max-age=300"})
