"""Lines of the log without anybody's data: JSON in production, plain in development.

A line says when, how bad, which part, the id of the request, the user by number, the view by name. Of an exception it
has the type and the places in the code, never its words: those quote data (`Key (last_name)=(…) already exists`,
`invalid literal for int(): '…'`). Words that another package puts together by itself are left out; its constant text,
numbers and the place remain.
"""

import contextlib
import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings

from cluster_ehs.core import request_ids

BASE = Path(__file__).resolve().parents[2]
OURS = frozenset(
    (
        "ehs",
        "cluster_ehs",
        "keeping",
        "monitoring",
        "imports",
        "outcomes",
        "formulation",
        "cases",
        "triage",
        "referrals",
        "families",
        "clusters",
        "demo",
        "scripts",
    )
)
# Whose notes below a warning hold versions, addresses of servers and names of tasks.
PLAIN_SPOKEN = frozenset({"celery", "kombu", "gunicorn"})
# Of a task: not its arguments, result or error.
OF_TASK = frozenset({"id", "name", "runtime", "description", "hostname", "error"})
LEFT_OUT = "…"
FRAMES = 14
PACKAGE_FRAMES = 2
CAUSES = 4


# --- exceptions ---
def describe(error: BaseException) -> dict[str, Any]:
    """Type, places and causes of an exception; of a database's error also its SQLSTATE, table and constraint."""
    return {**_one(error), "causes": [_one(cause) for cause in _causes(error)]}


def _one(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    found: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    diag = getattr(error, "diag", None)
    for name, value in (
        ("sqlstate", getattr(error, "pgcode", None)),
        ("table", getattr(diag, "table_name", None)),
        ("constraint", getattr(diag, "constraint_name", None)),
    ):
        if value:
            found[name] = str(value)
    found["places"] = places(error.__traceback__)
    return found


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    for _ in range(CAUSES):
        following = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if following is None or id(following) in seen:
            return
        seen.add(id(following))
        yield following
        error = following


def places(found: TracebackType | None) -> list[str]:
    """`file:line in function`, the innermost last: our own code, and where in a package it ended."""
    frames = [(Path(frame.f_code.co_filename), frame.f_code.co_name, line) for frame, line in traceback.walk_tb(found)]
    wanted = [frame for frame in frames[:-PACKAGE_FRAMES] if _is_ours(frame[0])] + frames[-PACKAGE_FRAMES:]
    return [f"{_short(path)}:{line} in {function}" for path, function, line in wanted[-FRAMES:]]


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(BASE) and "site-packages" not in path.parts


def _short(path: Path) -> str:
    return str(path.relative_to(BASE)) if _is_ours(path) else "/".join(path.parts[-3:])


# --- words ---
def said(record: logging.LogRecord) -> str:
    """What the line says, without what may be anybody's data; only its place when that cannot be put together."""
    try:
        return _said(record)
    except (TypeError, ValueError, LookupError):
        return f"{LEFT_OUT} {_place(record)}"


def _place(record: logging.LogRecord) -> str:
    return f"({Path(record.pathname).name}:{record.lineno})"


def _said(record: logging.LogRecord) -> str:
    whose = record.name.split(".")[0]
    if whose in OURS:
        return str(record.msg) % _mapped(record.args, _ours) if record.args else str(record.msg)
    status = getattr(record, "status_code", None)
    if whose == "django" and status:
        return f"answered {status}"
    place = _place(record)
    if isinstance(record.args, dict):
        kept = {name: value if name in OF_TASK else LEFT_OUT for name, value in record.args.items()}
        return f"{str(record.msg) % kept} {place}"
    if whose in PLAIN_SPOKEN and record.levelno < logging.WARNING:
        return record.getMessage()
    if record.args:
        return f"{str(record.msg) % _mapped(record.args, _theirs)} {place}"
    return f"{LEFT_OUT} {place}"


def _mapped(args: Any, judge: Any) -> Any:
    return {k: judge(v) for k, v in args.items()} if isinstance(args, dict) else tuple(judge(v) for v in args)


def _ours(value: Any) -> Any:
    return type(value).__name__ if isinstance(value, BaseException) else value


def _theirs(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else LEFT_OUT


class JsonLines(logging.Formatter):
    """One JSON object a line. `extra={"fields": {…}}` adds fields of our own."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "part": record.name,
            "says": said(record),
        }
        if trail := request_ids.trail():
            known = {"request": trail.id, "user": trail.user_id, "view": trail.view, "task": trail.task}
            line |= {name: value for name, value in known.items() if value}
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1]:
            line["error"] = describe(record.exc_info[1])
        return _one_line(json.dumps(line, ensure_ascii=False, default=str))


# What some readers of a log take for a line's end, as JSON writes it.
_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def _one_line(text: str) -> str:
    """One line for every reader, and nothing that no stream of UTF-8 can take."""
    return text.translate(_ENDS).encode("utf-8", "backslashreplace").decode()


class PlainLines(logging.Formatter):
    """For whoever develops, with invented records alone: the same words, and under DEBUG the whole traceback."""

    def format(self, record: logging.LogRecord) -> str:
        trail = request_ids.trail()
        clock = self.formatTime(record, "%H:%M:%S")
        fields = "".join(f" {name}={value}" for name, value in getattr(record, "fields", {}).items())
        mark = f" [{trail.id[:8]} {trail.view or trail.task}]" if trail else ""
        text = f"{clock} {record.levelname} {record.name} {said(record)}{fields}{mark}"
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            text += "\n" + (
                self.formatException(record.exc_info) if settings.DEBUG else json.dumps(describe(error), indent=1)
            )
        return text


class Console(logging.StreamHandler):
    """The error stream. Of a line that cannot be written the library would print words, arguments and locals."""

    def handleError(self, record: logging.LogRecord) -> None:
        kind = sys.exc_info()[0]
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(f"a line of {record.name} could not be written ({kind.__name__ if kind else ''})\n")


def config(*, json_lines: bool) -> dict[str, Any]:
    """For `LOGGING` and for gunicorn: one way out, to the error stream."""
    formatter = "cluster_ehs.core.logs.JsonLines" if json_lines else "cluster_ehs.core.logs.PlainLines"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"console": {"class": "cluster_ehs.core.logs.Console", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own handlers would print words of exceptions and mail locals to ADMINS.
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            "django.server": {"handlers": [], "propagate": True, "level": "WARNING"},
            # Refusals are in the line of their request.
            "django.request": {"level": "ERROR"},
            # At DEBUG it writes every statement with its parameters.
            "django.db.backends": {"level": "WARNING"},
            "gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
            "fontTools": {"level": "WARNING"},
            "weasyprint": {"level": "WARNING"},
            "fido2": {"level": "WARNING"},
        },
    }
