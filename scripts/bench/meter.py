"""Counts a request's statements and their time, and on request keeps them so that they can be run raw."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines

CAPTURES = Path(settings.BASE_DIR) / "build" / "bench"
EMPTY = '{% extends "base.html" %}{% block title %}Empty{% endblock %}{% block content %}<h1>Empty</h1>{% endblock %}'


class Meter:
    """Adds `Server-Timing` with statements and milliseconds of the database. `X-Bench-Capture: NAME` keeps the SQL
    and undoes the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.headers.get("X-Bench-Capture", "")
        statements: list[str] = []
        count, spent = 0, 0.0

        def measure(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            nonlocal count, spent
            if name:
                statements.append(context["cursor"].cursor.mogrify(sql, params).decode())
            begin = time.perf_counter()
            try:
                return execute(sql, params, many, context)
            finally:
                spent += time.perf_counter() - begin
                count += 1

        if name:
            # The scope's middleware undoes a request that says so: what was captured can then be run again.
            request.rolled_back = True  # type: ignore[attr-defined]
        with connection.execute_wrapper(measure):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        response["Server-Timing"] = f"db;dur={spent * 1000:.3f}, queries;dur={count}"
        if name:
            CAPTURES.mkdir(parents=True, exist_ok=True)
            (CAPTURES / f"{Path(name).name}.json").write_text(json.dumps(statements))
        return response


def empty(request: HttpRequest) -> HttpResponse:
    """A signed-in page of the common layout with nothing in it."""
    return HttpResponse(engines["django"].from_string(EMPTY).render({}, request))
