"""Cover for absence: it begins and ends by its days, in pages and row policies, and opens no more."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseService, ContactNote, Cover, PlannedSession, Task
from cases.policies import can_write, check_write, lead_worker
from cases.services import cover_cases, end_cover, hand_over, log_contact
from cases.services.cover_also import cover_also
from cases.services.handover import carry_out_due
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Role, StaffRole, User
from families.models import Family, NamedReader
from outcomes.policies import can_ask
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, an_open_case, as_, sign_in
from tests.queries import queries


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def arrange(cast: Cast, first: int = 0, last: int = 9, **extra: object) -> Cover:
    given = {
        "by": cast.leader,
        "worker": cast.practitioner,
        "covering": cast.colleague,
        "cluster": cast.cluster,
        "starts_on": in_days(first),
        "ends_on": in_days(last),
        "must_know": "Ring before you visit.",
        "cases": [cast.case],
    }
    with as_(cast.leader), transaction.atomic():
        return cover_cases(**{**given, **extra})[0]  # type: ignore[arg-type]


def my_cases(cast: Cast) -> bool:
    """Whether the row policies count the case among those that the acting user works in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s = ANY (ehs_my_cases())", [cast.case.pk])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("first", "last", "writes"),
    [(1, 9, False), (0, 9, True), (0, 0, True)],
    ids=["the day before", "the first day", "the only day"],
)
def test_the_covering_worker_writes_from_the_first_to_the_last_day(
    cast: Cast, first: int, last: int, writes: bool
) -> None:
    arrange(cast, first, last)
    with as_(cast.colleague):
        assert (can_write(cast.colleague, cast.case), my_cases(cast)) == (writes, writes)
        if writes:
            contact = log_contact(
                by=cast.colleague,
                case=cast.case,
                kind="phone",
                people=[cast.mother],
                note="Rang mum.",
                at=timezone.now(),
            )
            assert contact.author == cast.colleague
        else:
            with pytest.raises(Denied, match="covers for them today"):
                check_write(cast.colleague, cast.case)


@pytest.mark.parametrize(("ends", "writes"), [(0, True), (-1, False)], ids=["the last day", "the day after"])
def test_it_ends_by_itself(cast: Cast, ends: int, writes: bool) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=5), tick=False):
        arrange(cast, 0, 5 + ends)
    with as_(cast.colleague):
        assert (can_write(cast.colleague, cast.case), my_cases(cast)) == (writes, writes)


def test_the_lead_worker_stays_and_private_notes_stay_closed(cast: Cast) -> None:
    with as_(cast.colleague):
        before = set(ContactNote.objects.values_list("pk", flat=True))
    arrange(cast)
    with as_(cast.colleague):
        assert lead_worker(cast.case) == cast.practitioner
        assert not can_ask(cast.colleague, cast.case)
        assert set(ContactNote.objects.values_list("pk", flat=True)) == before
        assert not ContactNote.objects.filter(contact=cast.session).exists()
        service = CaseService.objects.filter(case=cast.case, worker=cast.therapist).first()
        with pytest.raises(Denied, match="recorded by the worker who gives them"):
            log_contact(
                by=cast.colleague,
                case=cast.case,
                kind="session",
                people=[cast.child],
                at=timezone.now(),
                note="x",
                case_service=service or cast.session.case_service,
                attendance="attended",
            )
    with as_(cast.other_practitioner):
        assert not Cover.objects.exists()


def test_what_is_due_stands_among_the_own_work_within_the_budget(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        Case.objects.filter(pk=cast.case.pk).update(
            review_due_on=in_days(-4),
            next_step="Ring the school",
            next_step_on=in_days(1),
            last_contact_on=in_days(-30),
        )
        keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id, "case": cast.case}
        at = timezone.now() + timedelta(days=2)
        of = {**keys, "done_at": None}
        Task.objects.create(**of, owner=cast.practitioner, what="Ask the nurse", due_on=in_days(-2))
        Task.objects.create(**of, owner=cast.practitioner, what="Send the form", due_on=in_days(2))
        Task.objects.create(**of, owner=cast.therapist, what="Of nobody away", due_on=in_days(2))
        PlannedSession.objects.create(
            **keys, worker=cast.practitioner, kind="home_visit", at=at, planned_by=cast.practitioner
        )
    sign_in(client, cast.colleague)
    assert "Plan review was due" not in client.get("/").content.decode()
    arrange(cast)
    text = client.get("/").content.decode()
    said = f"covering for {cast.practitioner.name} until"
    late, week = text[text.index(">Overdue") : text.index(">This week")], text[text.index(">This week") :]
    assert "Plan review was due" in late and "No contact since" in late and late.count(said) >= 4
    assert "Ring the school" in week and "Home visit" in week and said in week
    assert "Ask the nurse" in late and "Send the form" in week and "Of nobody away" not in text
    assert len(queries(client, "/")) <= 12


def test_the_pages_say_who_covers_and_a_leader_ends_it(cast: Cast, client: Client) -> None:
    cover = arrange(cast)
    later = arrange(cast, 20, 25)
    sign_in(client, cast.practitioner)
    page = client.get(reverse("case", args=[cast.case.pk])).content.decode()
    assert f"{cast.colleague.name} covers until {cover.ends_on:%-d %B}" in page and "Ring before you visit." in page
    assert len(queries(client, reverse("case", args=[cast.case.pk]))) <= 12
    chronology = client.get(reverse("case-chronology", args=[cast.case.pk])).content.decode()
    assert f"{cast.colleague.name} covers for {cast.practitioner.name}" in chronology
    end = reverse("cover-end", args=[cast.case.pk, cover.pk])
    assert client.post(end).status_code == 403
    sign_in(client, cast.leader)
    listed = client.get(reverse("worker-list")).content.decode()
    assert "End it now" in listed and "Take it back" in listed
    assert client.post(end, {"back": "list"}).url == reverse("worker-list")
    with as_(cast.colleague):
        assert (can_write(cast.colleague, cast.case), my_cases(cast)) == (False, False)
    with as_(cast.leader):
        with pytest.raises(Conflict, match="over already"):
            end_cover(by=cast.leader, cover=cover)
        end_cover(by=cast.leader, cover=later)
        assert not Cover.objects.standing().exists()
    told = Message.objects.filter(user_id=cast.colleague.pk).values_list("subject", flat=True)
    assert sorted(told) == ["You cover for somebody who is away"] * 2 + ["You no longer cover a case"] * 2
    # What is free again can be covered again.
    arrange(cast)


def test_one_cover_of_a_case_at_a_time(cast: Cast) -> None:
    arrange(cast, 5, 9)
    for first, last in ((0, 5), (9, 12), (6, 7), (0, 20)):
        with pytest.raises(ValidationError, match="is covered by") as refused:
            arrange(cast, first, last, covering=cast.leader)
        assert set(refused.value.message_dict) == {"cases"}
    arrange(cast, 0, 4, covering=cast.leader)
    arrange(cast, 10, 12)


def test_who_may_cover_and_who_arranges(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="is the one who is away"):
        arrange(cast, covering=cast.practitioner)
    with pytest.raises(ValidationError, match="does not work in this Cluster on every day"):
        arrange(cast, covering=cast.other_practitioner)
    roles = StaffRole.objects.filter(user=cast.colleague, role=Role.PRACTITIONER)
    roles.update(ends_on=in_days(9))
    with pytest.raises(ValidationError, match="on every day"):
        arrange(cast, 0, 9)
    arrange(cast, 0, 8)
    roles.update(ends_on=None)
    for wrong, field in (
        ({"first": -1}, "starts_on"),
        ({"first": 20, "last": 19}, "ends_on"),
        ({"first": 20, "last": 400}, "ends_on"),
        ({"first": 20, "last": 22, "must_know": " "}, "must_know"),
        ({"first": 20, "last": 22, "cases": []}, "cases"),
    ):
        with pytest.raises(ValidationError) as refused:
            arrange(cast, **wrong)  # type: ignore[arg-type]
        assert set(refused.value.message_dict) == {field}
    with pytest.raises(Denied, match="Only a leader"):
        arrange(cast, 20, 22, by=cast.practitioner)


def test_a_restricted_record_is_covered_by_somebody_named(cast: Cast) -> None:
    case, of_case = cast.restricted_case, {"worker": cast.colleague, "cases": [cast.restricted_case]}

    def name(user: User) -> None:
        with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
            NamedReader.objects.create(cluster=cast.cluster, family=cast.restricted_family, user=user)

    name(cast.leader)
    with pytest.raises(ValidationError, match="not named on this restricted record"):
        arrange(cast, covering=cast.practitioner, **of_case)
    with as_(cast.practitioner):
        assert not Case.objects.filter(pk=case.pk).exists()
    name(cast.practitioner)
    arrange(cast, covering=cast.practitioner, **of_case)
    with as_(cast.practitioner):
        assert can_write(cast.practitioner, Case.objects.get(pk=case.pk))


def test_nobody_gives_themself_a_case_past_the_services(cast: Cast) -> None:
    row = {
        "cluster_id": cast.case.cluster_id,
        "family_id": cast.case.family_id,
        "case": cast.case,
        "worker": cast.practitioner,
        "covering": cast.colleague,
        "starts_on": in_days(0),
        "ends_on": in_days(5),
        "must_know": "x",
        "made_by": cast.leader,
    }
    with as_(cast.colleague), pytest.raises(Error, match="row-level security"), transaction.atomic():
        Cover.objects.create(**row)
    cover = arrange(cast, covering=cast.leader)
    with as_(cast.colleague), pytest.raises(Error, match="row-level security"), transaction.atomic():
        Cover.objects.filter(pk=cover.pk).update(covering=cast.colleague)


def test_what_comes_to_somebody_away_is_covered_with_the_rest(cast: Cast) -> None:
    arrange(cast, 0, 9)
    arrange(cast, 20, 25, covering=cast.leader)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        families = [a_family(cast.cluster, name, number=n) for name, n in (("Second", 8), ("Closed", 9))]
        NamedReader.objects.create(**{"cluster_id": cast.cluster.pk, "family": families[1]}, user=cast.practitioner)
        Family.objects.filter(pk=families[1].pk).update(restricted=True)
        for family in families:
            family.refresh_from_db()
        people = [a_person(family, "Sam", born=in_days(-3000)) for family in families]
        second, closed = (
            an_open_case(a_referral(child, number=n), lead=cast.therapist, leader=cast.leader, number=n)
            for n, child in enumerate(people, start=30)
        )
    with as_(cast.leader), transaction.atomic():
        hand_over(by=cast.leader, case=second, to=cast.practitioner, handover="Moves with the school.", on=in_days(3))
        assert not Cover.objects.filter(case=second).exists()
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False):
        assert carry_out_due() == 1
        with as_(cast.colleague):
            assert can_write(cast.colleague, second)
    with as_(cast.leader):
        covers = list(Cover.objects.filter(case=second))
        assert [(one.covering, one.starts_on, one.ends_on) for one in covers] == [
            (cast.colleague, in_days(3), in_days(9)),
            (cast.leader, in_days(20), in_days(25)),
        ]
    assert Message.objects.filter(user_id=cast.colleague.pk, subject="One more case that you cover").count() == 1
    # A restricted record stays with those who are named on it.
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        assert cover_also(closed, [cast.practitioner], by=cast.leader, made_by=cast.leader) == []
        assert len(cover_also(cast.other_case, [cast.practitioner], by=cast.leader, made_by=cast.leader)) == 0
