"""A part that is away for a moment: 503, when to try again, and what was typed sent again by a button."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from cluster_ehs.core import pdf, unavailable

ASKED = RequestFactory()
TYPED = {"note": 'She said "yes" & <left>', "password": "a secret", "once": "1", "people": ["2", "3"]}


def after(fail: Callable[[], object], request: object) -> HttpResponse:
    try:
        fail()
    except Exception:
        return unavailable.answer(request)
    raise AssertionError("it did not fail")


def too_slow() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        cursor.execute("SELECT pg_sleep(2)")


def test_a_database_that_gave_up_is_503_and_what_was_typed_can_be_sent_again(db: None) -> None:
    answer = after(too_slow, ASKED.post("/cases/1/contacts/new/?from=home", TYPED))
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "15", "no-store")
    assert 'name="note" value="She said &quot;yes&quot; &amp; &lt;left&gt;"' in page
    assert page.count('name="people"') == 2
    assert 'action="/cases/1/contacts/new/?from=home"' in page
    assert "choose them again" in page
    assert "a secret" not in page


def test_a_page_can_be_loaded_again_and_a_program_reads_json(db: None) -> None:
    page = after(too_slow, ASKED.get("/cases/")).content.decode()
    assert "Load it again" in page
    assert "Send it again" not in page
    for request in (ASKED.get("/api/v1/cases/"), ASKED.post("/drafts/", {}, content_type="application/json")):
        answer = after(too_slow, request)
        assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, "application/json", "15")


def test_too_many_documents_at_once_leave_threads_for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "WAIT", 0.01)

    def draw() -> bytes:
        return pdf.render_pdf("404.html", {})

    with pdf.AT_ONCE, pdf.AT_ONCE:
        answer = after(draw, ASKED.get("/cases/1/chronology/pdf/"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "15")
    # Room is given back, also by one that fails.
    monkeypatch.setattr(pdf.weasyprint, "HTML", lambda **_: 1 / 0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            draw()


def test_nothing_typed_at_the_sign_in_comes_back(db: None) -> None:
    page = after(too_slow, ASKED.post("/account/login/", {"login": "asha@example.org", "code": "123456"})).content
    assert b"asha@example.org" not in page
    assert b"123456" not in page


def test_a_full_disk_is_503_and_a_fault_of_ours_500() -> None:
    def full() -> None:
        with open("/dev/full", "wb", buffering=0) as file:
            file.write(b"letter")

    away = after(full, ASKED.post("/", {"note": "a zebra"}))
    assert away.status_code == 503
    assert b"zebra" in away.content
    ours = after(lambda: 1 // 0, ASKED.post("/", {"note": "a zebra"}))
    assert ours.status_code == 500
    assert not ours.has_header("Retry-After")
    assert b"zebra" not in ours.content
