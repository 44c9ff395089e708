"""Pages of the API's lists by key: the next begins after the last row, so the thousandth costs what the first does."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Field, Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from cluster_ehs.core.api import StrictSerializer
from cluster_ehs.core.paging import beyond

SIZE = 25
MOST = 100
M = TypeVar("M", bound=Model)


class PageQuery(StrictSerializer):
    """Parameters of every list."""

    cursor = serializers.CharField(
        required=False, max_length=400, help_text="Where the page begins, as the answer before gave it."
    )
    page_size = serializers.IntegerField(required=False, default=SIZE, min_value=1, max_value=MOST)


class PageSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last one.")


def page_of(
    rows: QuerySet[M], request: Request, *, order: Sequence[str], given: dict[str, Any]
) -> tuple[list[M], str | None]:
    """One page in `order` (names with or without minus; together unique), and the address of the next.

    The cursor is signed for this address and holds the ordering values of a row: order by days, references and
    ids, never by a name. Raises ValidationError for a cursor of our making that is not ours.
    """
    names = [name.lstrip("-") for name in order]
    salt = f"api:{request.path}"
    rows = rows.order_by(*order)
    if cursor := given.get("cursor"):
        try:
            texts = signing.loads(cursor, salt=salt)
        except signing.BadSignature:
            raise ValidationError({"cursor": ["Use the address that the page before gave as next."]}) from None
        fields = [cast("Field[Any, Any]", rows.model._meta.get_field(name)) for name in names]
        values = [field.to_python(text) for field, text in zip(fields, texts, strict=True)]
        rows = rows.filter(beyond(order, values))
    size = given["page_size"]
    found = list(rows[: size + 1])
    if len(found) <= size:
        return found, None
    found = found[:size]
    mark = signing.dumps([_text(getattr(found[-1], name)) for name in names], salt=salt)
    kept = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return found, request.build_absolute_uri(f"{request.path}?{urlencode({**kept, 'cursor': mark})}")


def _text(value: Any) -> str | int:
    return value if isinstance(value, int) else value.isoformat() if hasattr(value, "isoformat") else str(value)
