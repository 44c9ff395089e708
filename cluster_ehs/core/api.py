"""How the API answers when something is refused, and how it pages."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler as drf_handler

from cluster_ehs.core.denied import Conflict, Denied


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """403 with the reason, 409 with who was first, 400 with the fields; the transaction is rolled back."""
    request = context["request"]._request
    if isinstance(error, Denied):
        request.rolled_back = True
        return Response({"detail": error.reason}, status=status.HTTP_403_FORBIDDEN)
    if isinstance(error, Conflict):
        request.rolled_back = True
        return Response({"detail": error.reason}, status=status.HTTP_409_CONFLICT)
    if isinstance(error, DjangoValidationError):
        error = ValidationError(as_serializer_error(error))
    response = drf_handler(error, context)
    if response is not None:
        request.rolled_back = True
    return response
