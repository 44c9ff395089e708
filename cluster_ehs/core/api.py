"""The frame of the API: how a request is read, how it is made once, how everything that is refused is answered."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import APIView
from rest_framework.views import exception_handler as drf_handler

from cluster_ehs.core import limits
from cluster_ehs.core.denied import Conflict, Denied, TooOften
from cluster_ehs.core.once import once

KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[A-Za-z0-9._:-]{8,80}$"
WHOLE = "non_field_errors"
NOT_TEXT = "Text must not hold NUL characters or halves of characters."
TOO_OFTEN = "This token has called too often. Wait a minute; ask for up to 100 rows at once with page_size."
NOT_KNOWN = "This is not known here. Leave it out."


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "This is larger than a request may be."


# --- what is refused ---
def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Errors of nested fields as one level of dotted names: {"child.birth_date": ["…"]}."""
    if isinstance(detail, Mapping):
        pairs: Iterable[tuple[Any, Any]] = detail.items()
    elif isinstance(detail, list) and any(isinstance(entry, dict | list) for entry in detail):
        pairs = enumerate(detail)
    else:
        return {path or WHOLE: [str(text) for text in (detail if isinstance(detail, list) else [detail])]}
    found: dict[str, list[str]] = {}
    for name, inner in pairs:
        here = path if name == WHOLE else f"{path}.{name}" if path else str(name)
        for key, texts in flat(inner, here).items():
            found.setdefault(key, []).extend(texts)
    return found


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """403 with the reason, 409 with who was first, 400 with the fields; the transaction is rolled back."""
    request = context["request"]._request
    request.rolled_back = True
    if isinstance(error, Denied):
        return Response({"detail": error.reason}, status=status.HTTP_403_FORBIDDEN)
    if isinstance(error, Conflict):
        return Response({"detail": error.reason}, status=status.HTTP_409_CONFLICT)
    if isinstance(error, TooOften):
        wait = {"Retry-After": str(limits.MINUTE)}
        return Response({"detail": TOO_OFTEN}, status=status.HTTP_429_TOO_MANY_REQUESTS, headers=wait)
    if isinstance(error, DjangoValidationError):
        error = ValidationError(as_serializer_error(error))
    if isinstance(error, Http404):
        # Django's own words name the table; a record that is not there and one that is not yours read the same.
        error = NotFound()
    response = drf_handler(error, context)
    if response is not None and isinstance(error, ValidationError):
        response.data = flat(error.detail)
        if response.data.keys() == {WHOLE}:
            response.data = {"detail": " ".join(response.data[WHOLE])}
    return response


@contextmanager
def fields_named(rename: Callable[[str], str]) -> Iterator[None]:
    """Errors of a service under the names that the body has for its fields."""
    try:
        yield
    except DjangoValidationError as error:
        wrong = as_serializer_error(error)
        raise ValidationError({rename(name): texts for name, texts in wrong.items()}) from error


# --- how a request is read ---
def _is_text(value: Any) -> bool:
    """Whether every string in a parsed body can be stored: no NUL, no half of a surrogate pair."""
    waiting = [value]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            waiting += [*entry.keys(), *entry.values()]
        elif isinstance(entry, list):
            waiting += entry
        elif isinstance(entry, str) and ("\x00" in entry or (not entry.isascii() and _is_torn(entry))):
            return False
    return True


def _is_torn(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


class JsonParser(BaseParser):
    """JSON as RFC 8259 has it: UTF-8, no NaN; text that PostgreSQL cannot hold is refused by the name of its field."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge
        try:
            found = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise ParseError(f"This is not JSON: {reason}") from None
        if isinstance(found, dict) and all(_is_text(name) for name in found):
            wrong = {name: [NOT_TEXT] for name, value in found.items() if not _is_text(value)}
            if wrong:
                raise ValidationError(wrong)
        elif not _is_text(found):
            raise ParseError(NOT_TEXT)
        return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


class StrictSerializer(serializers.Serializer):
    """Refuses what it does not know instead of ignoring it, so that nobody believes to have said more than was kept."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [str(name) for name in data if name not in known]
            if unknown:
                raise ValidationError({name: [NOT_KNOWN] for name in unknown})
        return super().to_internal_value(data)


def asked(request: Request, form: type[StrictSerializer]) -> dict[str, Any]:
    """The query's parameters, judged by a serializer. Raises ValidationError naming the parameter."""
    fields = form().fields
    data: dict[str, Any] = {}
    for name, values in request.query_params.lists():
        several = isinstance(fields.get(name), serializers.ListField | serializers.ManyRelatedField)
        if len(values) > 1 and not several:
            raise ValidationError({name: ["Give this once."]})
        data[name] = values if several else values[0]
    judged = form(data=data, context={"request": request})
    judged.is_valid(raise_exception=True)
    return judged.validated_data


def told(request: Request, form: type[serializers.Serializer], **context: Any) -> dict[str, Any]:
    """The body, judged by a serializer. Raises ValidationError naming the field."""
    judged = form(data=request.data, context={"request": request, **context})
    judged.is_valid(raise_exception=True)
    return judged.validated_data


# --- the view ---
class ApiView(APIView):
    """A view of the API. `scopes` names what a token needs for each method, as `HasScope` reads it.

    A view loads (404), checks the policy (403) and only then reads the body (400), so that who may not act
    learns nothing from the fields.
    """

    scopes: ClassVar[dict[str, str]] = {}
    http_method_names = ["get", "head", "post"]
    parser_classes = [JsonParser]
    metadata_class = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # A charset in the header is no business of JSON's, and some of Python's are not even of text.
        request.encoding = "utf-8"
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        super().initial(request, *args, **kwargs)
        token: Any = request.auth
        if token is not None:
            limits.count_call(token.digest)

    @property
    def allowed_methods(self) -> list[str]:
        return [name.upper() for name in self.http_method_names if hasattr(self, name)]

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store, private")
        return answer

    def create_once(
        self, request: Request, *, make: Callable[[], str], show: Callable[[str], Any], url: Callable[[str], str]
    ) -> Response:
        """Run `make` once for the request's idempotency key and answer 201 with what it made, now and later.

        make: answers the id of what it made; the body is read inside it. show: what is answered, read anew
        through the walls each time. Raises Conflict when the key came before with another request,
        ValidationError without a key.
        """
        key = request.headers.get(KEY_HEADER, "")
        if not re.fullmatch(KEY_PATTERN, key):
            raise ValidationError(
                {KEY_HEADER: ["Send this header: 8 to 80 letters, digits, full stops, hyphens, colons or underscores."]}
            )
        fresh = []

        def first() -> str:
            made = make()
            fresh.append(made)
            return made

        body = [request.method, request.path, request.data]
        made = once(user_id=request.user.pk or 0, key=f"api:{key}", make=first, request_body=body)
        answer = Response(show(made), status=status.HTTP_201_CREATED, headers={"Location": url(made)})
        if not fresh:
            answer.headers["Idempotent-Replayed"] = "true"
        return answer


class NothingHere(ApiView):
    """Addresses below /api/ that are none: answered in JSON like everything else."""

    scopes: ClassVar[dict[str, str]] = {"GET": "any", "POST": "any"}
    schema = None

    def get(self, request: Request, **_: Any) -> Response:
        raise NotFound

    post = get
