"""Case-file audit: the draw comes again by its seed, the table adds up, and who reads what."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.models import AuditAnswer, AuditQuestion, AuditSample, CaseAudit, Task
from cases.selectors.case_audit import Drawable, as_rows, headings, summary
from cases.services import Stale, ToDo
from cases.services.case_audit import Given, answer_audit, draw_sample, moderate, save_question, spread
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Look
from clusters.models import Role
from tests.fixtures_cast import Cast, a_user, as_, sign_in
from tests.queries import queries


def drawn(cast: Cast, **extra: Any) -> AuditSample:
    today = timezone.localdate()
    values: dict[str, Any] = {
        "which": "open",
        "stratum": "worker",
        "starts_on": today - timedelta(days=90),
        "ends_on": today,
        "wanted": 5,
        "seed": 7,
    }
    with as_(cast.leader):
        return draw_sample(by=cast.leader, cluster=cast.cluster, **values | extra)


def all_answers(answer: str = "yes", **but: Given) -> dict[int, Given]:
    return {question.pk: but.get(str(n), Given(answer)) for n, question in enumerate(AuditQuestion.objects.all())}


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=6), wanted=st.integers(1, 30), seed=st.integers(1, 999))
def test_a_draw_is_spread_comes_again_and_takes_nobody_twice(sizes: list[int], wanted: int, seed: int) -> None:
    frame = [Drawable(uuid4(), f"C{s:02}-{n:02}", f"worker {s}") for s, size in enumerate(sizes) for n in range(size)]
    sample = spread(frame, wanted, seed)
    assert sample == spread(reversed(frame), wanted, seed)
    assert len({one.case_id for one in sample}) == len(sample) == min(wanted, len(frame))
    counts = [sum(one.stratum == f"worker {s}" for one in sample) for s in range(len(sizes))]
    if wanted >= len(sizes):
        assert min(counts) >= 1
        # In proportion: nobody is more than one file beyond the share, or the one file that everybody has.
        assert all(count <= max(1, size * wanted / len(frame) + 1) for count, size in zip(counts, sizes, strict=True))


def test_a_leader_draws_from_what_the_walls_show(cast: Cast) -> None:
    sample = drawn(cast)
    with as_(cast.leader):
        # The restricted case is not the leader's to read, so it is not in the frame.
        assert sample.frame == 1
        assert [audit.case for audit in CaseAudit.objects.filter(sample=sample)] == [cast.case]
        assert [audit.stratum for audit in CaseAudit.objects.filter(sample=sample)] == ["Asha Example"]
        with pytest.raises(ValidationError, match="no such case"):
            today = timezone.localdate()
            draw_sample(
                by=cast.leader,
                cluster=cast.cluster,
                which="closed",
                stratum="worker",
                starts_on=today,
                ends_on=today,
                wanted=3,
            )
    with as_(cast.practitioner):
        assert not AuditSample.objects.exists()
        with pytest.raises(Denied):
            draw_sample(
                by=cast.practitioner,
                cluster=cast.cluster,
                which="open",
                stratum="worker",
                starts_on=today,
                ends_on=today,
                wanted=3,
            )


def test_a_practitioner_reads_the_audit_of_the_own_case_when_it_is_finished(cast: Cast, client: Client) -> None:
    sample = drawn(cast)
    with as_(cast.leader):
        audit = CaseAudit.objects.get(sample=sample)
        tasks = [ToDo("Ask the father", cast.practitioner, timezone.localdate())]
        answer_audit(by=cast.leader, audit=audit, answers=all_answers(), summary="So far so good.", tasks=tasks)
    with as_(cast.practitioner):
        assert not CaseAudit.objects.exists() and not AuditAnswer.objects.exists()
        assert Task.objects.get().case_audit_id == audit.pk
    with as_(cast.leader):
        with pytest.raises(ValidationError) as missing:
            answer_audit(by=cast.leader, audit=audit, answers={}, finish=True)
        assert "judgement" in missing.value.message_dict
        with pytest.raises(ValidationError, match="why"):
            answer_audit(by=cast.leader, audit=audit, answers=all_answers("no"), judgement="poor", finish=True)
        with pytest.raises(Stale):
            answer_audit(by=cast.leader, audit=audit, answers=all_answers(), version=1)
        answer_audit(by=cast.leader, audit=audit, answers=all_answers(), judgement="good", finish=True, version=2)
        with pytest.raises(Conflict):
            answer_audit(by=cast.leader, audit=audit, answers=all_answers())
    url = reverse("case-audit", args=[audit.pk])
    read = {"practitioner": 200, "therapist": 200, "colleague": 404, "other_leader": 404, "manager": 403}
    for who, status in read.items():
        assert sign_in(client, getattr(cast, who)).get(url).status_code == status, who
    tab = sign_in(client, cast.practitioner).get(reverse("case-meetings", args=[cast.case.pk])).content.decode()
    assert "Case-file audits" in tab
    assert client.post(url, {}).status_code == 403
    with as_(cast.leader):
        assert Look.objects.filter(page="case-file audit", user_id=cast.practitioner.pk).exists()
    with as_(cast.colleague):
        assert not Change.objects.filter(table_name__in=["cases_caseaudit", "cases_auditanswer"]).exists()


def test_the_table_counts_of_those_to_which_a_question_applied(cast: Cast, client: Client) -> None:
    sample = drawn(cast)
    with as_(cast.leader):
        audit = CaseAudit.objects.get(sample=sample)
        answers = all_answers(**{"0": Given("partly", "Half of it"), "1": Given("na")})
        answer_audit(by=cast.leader, audit=audit, answers=answers, judgement="mixed", finish=True)
        lines, finished = summary(sample)
    assert finished == 1
    first, second, third = (row[1:] for row in as_rows(lines)[:3])
    assert first == [1, 0, 0, 1, 100, 0, 0, 0]
    assert second == [0, 0, None, 0, None, 0, None, 1]
    assert third == [1, 1, 100, 0, 0, 0, 0, 0]
    sign_in(client, cast.leader)
    sheet = client.get(reverse("case-audit-table", args=[sample.pk])).content.decode("utf-8-sig").splitlines()
    assert sheet[0].split(",")[:2] == headings()[:2]
    assert sheet[1].endswith(",1,0,0.00,1,100.00,0,0.00,0")
    assert "Novák" not in "".join(sheet)
    page = client.get(reverse("case-audit-sample", args=[sample.pk])).content.decode()
    assert "the seed 7" in page and "1 of 1 cases" in page
    assert len(queries(client, reverse("case-audit-sample", args=[sample.pk]))) <= 12


def test_a_second_reader_is_somebody_else(cast: Cast) -> None:
    other = a_user("Ida Example", role=Role.LEADER, cluster=cast.cluster)
    sample = drawn(cast)
    with as_(cast.leader):
        audit = CaseAudit.objects.get(sample=sample)
        with pytest.raises(Conflict):
            moderate(by=cast.leader, audit=audit, agrees=True)
        answer_audit(by=cast.leader, audit=audit, answers=all_answers(), judgement="good", finish=True)
        with pytest.raises(Denied):
            moderate(by=cast.leader, audit=audit, agrees=True)
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseAudit.objects.filter(pk=audit.pk).update(
                moderator=cast.leader, moderated_at=timezone.now(), agrees=True
            )
    with as_(other):
        with pytest.raises(ValidationError):
            moderate(by=other, audit=audit, agrees=False)
        assert moderate(by=other, audit=audit, agrees=False, moderation="The reviews are late.").moderator == other


def test_a_question_that_was_asked_keeps_its_words(cast: Cast) -> None:
    question = AuditQuestion.objects.all()[0]
    sample = drawn(cast)
    with as_(cast.manager):
        with pytest.raises(ValidationError, match="has been asked"):
            save_question(by=cast.manager, pk=question.pk, text="Something else?")
        save_question(by=cast.manager, pk=question.pk, text=question.text, retired_on=timezone.localdate())
        added = save_question(by=cast.manager, text="Is the plan short enough to remember?", order=5)
    again = drawn(cast)
    assert question.pk in sample.questions and question.pk not in again.questions
    assert added.pk in again.questions and added.pk not in sample.questions
    with as_(cast.leader), pytest.raises(Denied):
        save_question(by=cast.leader, text="Mine?")


def test_the_page_saves_for_now_finishes_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    sample = drawn(cast)
    with as_(cast.leader):
        audit = CaseAudit.objects.get(sample=sample)
    first = AuditQuestion.objects.all()[0].pk
    sign_in(client, cast.leader)
    url = reverse("case-audit", args=[audit.pk])
    sent = {f"answer_{first}": "no", "summary": "Thin", "version": "1", "rows": "2"}
    assert client.post(url, sent).status_code == 302
    page = client.post(url, sent | {"version": "2", "finish": "yes"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "Answer this question to finish" in text and "Say in a few words why" in text and "Thin" in text
    assert client.post(url, sent | {"version": "1"}).status_code == 409
