"""The log, the reports of errors and the ids of requests: what happened and where, and nobody's data."""

import json
import logging
import os
import re
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from celery import current_app
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from cluster_ehs.core import error_reports, request_ids
from cluster_ehs.core.logs import OURS, Console, JsonLines
from cluster_ehs.core.models import Change, Message, Once
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.urls import handler400, handler500, urlpatterns  # noqa: F401 (the handlers of the addresses below)
from families.models import Person
from tests.fixtures_cast import Cast, as_, sign_in
from tests.fixtures_logs import invented_names, logged, naming, too_few

NAME = "Zdeňka Novák"


def torn(request: HttpRequest, how: str) -> HttpResponse:
    child = NAME
    if how == "words":
        raise ValueError(f"{child} was born tomorrow")
    if how == "cause":
        try:
            int(child)
        except ValueError as error:
            raise RuntimeError(child) from error
    if how == "row":
        for _ in range(2):
            Once.objects.create(user_id=request.user.pk, key=child)
    if how == "statement":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::integer", [child])
    logging.getLogger("somebody.elses").warning("%s said %d things", child, 3)
    logging.getLogger("somebody.elses").warning(f"a sentence about {child}")
    logging.getLogger("ehs.test").warning("ended: %s", ValueError(child))
    return HttpResponse("well")


urlpatterns = [*urlpatterns, path("torn/<str:how>/", torn, name="torn")]


@pytest.fixture
def reports(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.ERRORS_TO = ["errors@example.org"]


@pytest.fixture
def visitor(cast: Cast, client: Client, reports: None) -> Client:
    client.raise_request_exception = False
    return sign_in(client, cast.practitioner)


def said() -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged.lines]


@pytest.mark.parametrize("how", ["words", "cause", "row", "statement"])
def test_an_error_is_reported_by_type_place_and_id_and_never_by_its_words(
    visitor: Client, cast: Cast, how: str
) -> None:
    logged.lines.clear()
    answer = visitor.post(f"/torn/{how}/?name=Zde%C5%88ka", {"first_name": NAME})
    assert answer.status_code == 500
    number = answer.headers["X-Request-ID"]
    assert number in answer.text, "the page says what to quote"
    assert NAME not in answer.text
    kind = {"words": "ValueError", "cause": "RuntimeError", "row": "IntegrityError", "statement": "DataError"}[how]
    (line,) = [line for line in said() if "error" in line]
    assert line["error"]["type"].endswith(kind)
    assert (line["request"], line["user"], line["view"]) == (number, cast.practitioner.pk, "torn")
    assert any("test_logs.py" in place and "in torn" in place for place in line["error"]["places"])
    if how == "row":
        assert line["error"]["causes"][0]["sqlstate"] == "23505"
        assert line["error"]["causes"][0]["constraint"] == "once_one_per_key"
    mail = Message.objects.get(to="errors@example.org")
    for text in (mail.subject + mail.body, "\n".join(logged.lines)):
        assert "Zde" not in text
        assert "Nov" not in text.replace("November", "")
    assert kind in mail.body
    assert number in mail.body
    visitor.post(f"/torn/{how}/")
    assert Message.objects.filter(to="errors@example.org").count() == 1, "one mail an hour for each place"


def test_words_of_others_and_exceptions_among_our_own_are_left_out(visitor: Client) -> None:
    logged.lines.clear()
    visitor.get("/torn/well/")
    assert [line["says"] for line in said() if line["part"] == "ehs.test"] == ["ended: ValueError"]
    theirs = [line["says"] for line in said() if line["part"] == "somebody.elses"]
    assert theirs[0].startswith("… said 3 things (test_logs.py:")
    assert theirs[1].startswith("… (test_logs.py:")


def test_a_line_that_cannot_be_put_together_says_its_place_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.setFormatter(JsonLines())
    for args in ((Decimal("1.5"), NAME), (1.5, NAME, NAME), (1.5,)):
        console.handle(logging.LogRecord("somebody.elses", logging.WARNING, __file__, 7, "%.2f of %s", args, None))
    console.handle(logging.LogRecord("ehs.test", logging.WARNING, __file__, 7, "ended\u2028{\x85\r\n \udcff", (), None))
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["says"] for line in lines[:3]] == ["… (test_logs.py:7)"] * 3
    assert json.loads(lines[3])["says"] == "ended\u2028{\x85\r\n \udcff", "one line, and all of it"
    assert len(lines) == 4
    console.setStream(open(os.devnull))  # noqa: SIM115 - a stream that takes nothing
    console.handle(logging.LogRecord("ehs.test", logging.WARNING, __file__, 7, "of %s", (NAME,), None))
    assert NAME not in capsys.readouterr().err


def test_a_line_for_each_request_says_the_view_and_not_the_address(visitor: Client, cast: Cast) -> None:
    logged.lines.clear()
    visitor.get(reverse("family", args=[cast.family.pk]) + "?name=Zdenka")
    visitor.get("/f/a-secret-of-a-private-link/")
    (family, link) = [line for line in said() if line["part"] == "ehs.request"]
    assert (family["view"], family["method"], family["status"]) == ("family", "GET", 200)
    assert link["view"] == "family-plan"
    assert not re.search("Zdenka|secret|families/", "\n".join(logged.lines))


def test_the_look_through_the_log_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("Zdeňka", '"says": "saved Wójcik, Jakub"', "Eze", "Murgatroyd", "محمد"):
        assert invented_names().search(text), text
    # Without the console, whose lines this test itself would be failed for.
    monkeypatch.setattr(logging.getLogger(), "handlers", [h for h in logging.getLogger().handlers if h is logged])
    logging.getLogger("ehs.test").info("saved %s", "Wójcik")
    assert len(logged.look()) == 1
    assert logged.look() == []
    told = ["12:10:41 INFO ehs.web saved Novák [309cc81b case]", "a test says Novák", '{"at": "2026", "says": "Eze"}']
    assert naming(told) == [told[0], told[2]], "lines of other processes are judged, what a test prints is not"


def test_a_log_that_hears_nothing_is_no_log_without_names() -> None:
    assert too_few([(1900, 60_000), (2000, 3)])
    assert not too_few([(1900, 60_000), (2000, 40_000)])
    assert not too_few([(3, 0)]), "a few tests of sums log nothing"
    root = logging.getLogger()
    assert logged in root.handlers
    quiet = [
        name
        for name, found in root.manager.loggerDict.items()
        if isinstance(found, logging.Logger) and not found.propagate and name.split(".")[0] in OURS | {"django"}
    ]
    assert quiet == [], "whose lines would not be heard"
    assert not root.manager.disable


def test_an_id_of_the_proxy_is_taken_and_nobody_elses(client: Client, db: None, settings: Any) -> None:
    def answered(said: str) -> str:
        return client.get("/account/login/", headers={"X-Request-ID": said}).headers["X-Request-ID"]

    proxys = uuid.uuid4().hex
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert answered(proxys) != proxys
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert answered(proxys) == proxys
    for bad in ("short", "x" * 65, 'a"b,c{d}e: f', "Zdeňka-Novák-Zdeňka"):
        assert answered(bad) != bad
    first, second = (client.get("/account/login/").headers["X-Request-ID"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("address", ["/no-such-page/", "/settings/services/"])
def test_a_refusal_says_its_id(cast: Cast, client: Client, address: str) -> None:
    answer = sign_in(client, cast.practitioner).get(address)
    assert answer.status_code in (403, 404)
    assert answer.headers["X-Request-ID"] in answer.text


@pytest.fixture
def ran() -> Iterator[list[str]]:
    seen: list[str] = []

    def note() -> None:
        seen.append(request_ids.current())

    yield seen
    current_app.tasks.pop("tests.noted", None)


def test_a_task_works_under_the_id_of_its_request_and_so_does_its_history(cast: Cast, ran: list[str]) -> None:
    headers: dict[str, Any] = {}
    with request_ids.work("0123456789abcdef"):
        request_ids.send_along(headers=headers)
    assert headers == {request_ids.TASK_HEADER: "0123456789abcdef"}

    @current_app.task(name="tests.noted", bind=True)
    def noted(self: Any) -> None:
        ran.append(request_ids.current())
        with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
            Person.objects.filter(pk=cast.child.pk).update(known_as="Z")

    noted.apply(headers=headers)
    noted.apply()
    assert ran[0] == "0123456789abcdef"
    assert ran[1]
    assert ran[1] != ran[0]
    assert request_ids.current() == ""
    with as_(cast.leader):
        assert Change.objects.filter(row_id=str(cast.child.pk), request_id=ran[0]).exists()


def test_an_error_in_a_task_is_mailed_by_its_name(cast: Cast, reports: None) -> None:
    with request_ids.work("0123456789abcdef", task="tests.torn"):
        try:
            raise IntegrityError(f"Key (last_name)=({NAME}) already exists")
        except IntegrityError as error:
            error_reports.task_failed(exception=error)
    mail = Message.objects.get(to="errors@example.org")
    assert mail.subject == "Error in tests.torn"
    assert "Zde" not in mail.body
