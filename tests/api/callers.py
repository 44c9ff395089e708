"""Callers of the API: programs with tokens."""

import itertools
import uuid
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clusters.api_auth import SCOPES, digest_of
from clusters.models import ApiToken, User

_numbers = itertools.count(1)


class Caller:
    """A program that acts for a user: JSON in, JSON out, and a fresh key for each creation."""

    def __init__(self, user: User | None, scopes: list[str] | None = None, **token: Any) -> None:
        self.headers: dict[str, str] = {}
        if user is not None:
            secret = f"ehs_test_{next(_numbers)}"
            ends = timezone.localdate() + timedelta(days=30)
            chosen = sorted(SCOPES) if scopes is None else scopes
            made = {"name": "test", "digest": digest_of(secret), "scopes": chosen, "expires_on": ends}
            self.token = ApiToken.objects.create(user=user, **{**made, **token})
            self.headers["authorization"] = f"Bearer {secret}"
        self.client = Client(headers=self.headers)

    def get(self, url: str, **query: Any) -> Any:
        return self.client.get(url, query)

    def post(self, url: str, body: Any, *, key: str | None = "") -> Any:
        """`key`: empty for a new one, None for none."""
        headers = {} if key is None else {"idempotency-key": key or str(uuid.uuid4())}
        return self.client.post(url, body, content_type="application/json", headers=headers)


def url(name: str, pk: Any = None) -> str:
    return reverse(f"api-{name}", args=[pk] if pk else [])
