"""Team around the family meetings and forums: planned, recorded, handed out, each case with its own part."""

import subprocess
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseMeeting, Forum, MeetingAttendee, Task
from cases.services import Outside, Said, Stale, ToDo, Who, add_meeting, hand_over, meeting_not_held, record_meeting
from cases.services.forums import plan_forum, take_to_forum
from cluster_ehs.core import pdf
from cluster_ehs.core.denied import Conflict, Denied
from families.models import Flag
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries

TEACHER = Outside("Ms Hall", "Invented Primary School")


def at_parts(name: str, at: Any) -> dict[str, str]:
    at = timezone.localtime(at)
    return {
        f"{name}-day": str(at.day),
        f"{name}-month": str(at.month),
        f"{name}-year": str(at.year),
        f"{name}-time": f"{at:%H:%M}",
    }


def planned(cast: Cast, **extra: Any) -> CaseMeeting:
    with as_(cast.practitioner):
        return add_meeting(
            by=cast.practitioner,
            case=cast.case,
            held_at=timezone.now() + timedelta(minutes=1),
            who=Who([cast.mother.pk], [cast.practitioner.pk], (TEACHER, Outside("Dr Okoro", "GP"))),
            **extra,
        )


def has_passed(meeting: CaseMeeting) -> CaseMeeting:
    CaseMeeting.objects.filter(pk=meeting.pk).update(held_at=timezone.now() - timedelta(hours=2))
    return CaseMeeting.objects.select_related("case").get(pk=meeting.pk)


def test_who_was_asked_and_who_came_stay_apart(cast: Cast) -> None:
    meeting = planned(cast)
    with as_(cast.practitioner):
        with pytest.raises(Conflict):
            record_meeting(by=cast.practitioner, meeting=meeting, who=Who([cast.mother.pk]))
        meeting = has_passed(meeting)
        with pytest.raises(ValidationError, match="who came"):
            record_meeting(by=cast.practitioner, meeting=meeting, who=Who())
        came = Who([cast.mother.pk, cast.child.pk], [], (TEACHER, Outside("Dr Okoro", "GP", came=False)))
        record_meeting(by=cast.practitioner, meeting=meeting, who=came, said=Said("I want my bike", "A late start."))
        rows = {str(row): (row.invited, row.came) for row in MeetingAttendee.objects.filter(meeting=meeting)}
    assert rows == {
        "Jana Novák": (True, True),
        "Zdeňka Novák": (False, True),
        "Asha Example": (True, False),
        "Ms Hall, Invented Primary School": (True, True),
        "Dr Okoro, GP": (True, False),
    }


def test_tasks_of_others_are_followed_by_the_lead_worker_of_the_day(cast: Cast) -> None:
    due = timezone.localdate() + timedelta(days=3)
    said = Said(
        tasks=(ToDo("A quiet table", None, due, "Ms Hall, school"), ToDo("Ring the GP", cast.therapist, due)),
        next_at=timezone.now() + timedelta(weeks=6),
    )
    with as_(cast.practitioner):
        with pytest.raises(ValidationError, match="does not work in this Cluster"):
            wrong = Said(tasks=(ToDo("Visit", cast.other_leader, due),))
            add_meeting(
                by=cast.practitioner, case=cast.case, held_at=timezone.now(), who=Who([cast.child.pk]), said=wrong
            )
        meeting = add_meeting(
            by=cast.practitioner,
            case=cast.case,
            held_at=timezone.now(),
            who=Who([cast.child.pk], (), (TEACHER,)),
            said=said,
        )
        outside, own = Task.objects.filter(meeting=meeting).order_by("what")
        assert (outside.owner, outside.who) == (cast.practitioner, "Ms Hall, school (followed by Asha Example)")
        assert (own.owner, own.outside) == (cast.therapist, "")
        following = CaseMeeting.objects.get(follows=meeting)
        assert {(str(row), row.invited, row.came) for row in following.present.all()} == {
            ("Zdeňka Novák", True, None),
            ("Ms Hall, Invented Primary School", True, None),
        }
    with as_(cast.leader):
        hand_over(by=cast.leader, case=cast.case, to=cast.colleague, handover="Mornings are hard.")
        outside.refresh_from_db()
        own.refresh_from_db()
    assert (outside.owner, own.owner) == (cast.colleague, cast.therapist)


def test_two_who_record_at_once_are_told_and_what_was_not_held_says_why(cast: Cast) -> None:
    meeting, other = planned(cast), planned(cast)
    with as_(cast.leader):
        meeting = has_passed(meeting)
        record_meeting(by=cast.leader, meeting=meeting, who=Who([cast.mother.pk]), version=1)
        with pytest.raises(Stale):
            record_meeting(by=cast.leader, meeting=meeting, who=Who([cast.child.pk]), version=1)
        meeting_not_held(by=cast.leader, meeting=other, why="The school was shut")
        with pytest.raises(Conflict):
            meeting_not_held(by=cast.leader, meeting=other, why="Again")
    with as_(cast.colleague), pytest.raises(Denied):
        meeting_not_held(by=cast.colleague, meeting=other, why="Not mine")


def test_an_attendee_is_one_of_the_family_of_ours_or_named(cast: Cast) -> None:
    meeting = planned(cast)
    with as_(cast.practitioner):
        other = cast.restricted_family.pk
        for wrong in (
            {"name": ""},
            {"name": "Twice", "user": cast.practitioner},
            {"person": cast.child, "name": "Zdeňka"},
            {"person": cast.child, "family_id": other},
        ):
            keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk, "meeting": meeting}
            with pytest.raises(Exception) as caught, transaction.atomic():
                MeetingAttendee.objects.create(**{**keys, **wrong})
            assert isinstance(caught.value, IntegrityError) or "row-level security" in str(caught.value)


def test_the_page_plans_grows_its_rows_records_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    new = reverse("case-meeting-new", args=[cast.case.pk])
    past = {"kind": "taf", "people": [cast.mother.pk], **at_parts("held_at", timezone.now() - timedelta(days=1))}
    refused = client.post(new, past)
    assert refused.status_code == 422
    more = client.post(
        f"{new}?record", past | {"name_0": "Ms Hall", "what_1": "Ring the GP", "more": "yes", "rows": "2"}
    )
    text = more.content.decode()
    assert more.status_code == 200
    assert 'name="name_3"' in text and 'value="Ms Hall"' in text and 'value="Ring the GP"' in text
    half = client.post(f"{new}?record", past | {"what_1": "Ring the GP", "rows": "2", "owner_1": ""})
    assert half.status_code == 422
    assert "Choose who does it" in half.content.decode()
    done = client.post(
        f"{new}?record",
        past
        | {"name_0": "Ms Hall", "agency_0": "School", "came_0": "yes", "child_voice": "Later, please", "rows": "2"}
        | {"what_0": "A late start", "outside_0": "Ms Hall", **at_parts("due_0", timezone.now() + timedelta(days=9))},
    )
    assert done.status_code == 302
    page = client.get(done.headers["location"]).content.decode()
    for said in ("Jana Novák", "Ms Hall, School", "Later, please", "A late start", "followed by Asha Example"):
        assert said in page, said
    chronology = client.get(reverse("case-chronology", args=[cast.case.pk]), {"kind": "meetings"}).content.decode()
    assert "Jana, " in chronology and "Ms Hall" in chronology and "Later, please" in chronology
    assert len(queries(client, reverse("case-meetings", args=[cast.case.pk]))) <= 16


def test_a_family_group_conference_keeps_the_familys_own_plan(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    held = timezone.now() - timedelta(days=1)
    url = reverse("case-meeting-new", args=[cast.case.pk]) + "?record"
    sent = {"people": [str(cast.mother.pk)], "name_0": "Aunt Hana", "agency_0": "", **at_parts("held_at", held)}
    plan = {"family_plan": "Hana takes Petr on Fridays.", "outcome": "Two aunts stay in it."}
    late = at_parts("referred_on", timezone.now())
    wrong = client.post(url, sent | plan | late | {"kind": "family_group"})
    assert wrong.status_code == 422 and "referred before" in wrong.content.decode()
    assert "Hana takes Petr" in wrong.content.decode()
    days = at_parts("referred_on", held - timedelta(days=20)) | at_parts("agreed_on", held)
    done = client.post(url, sent | plan | days | {"kind": "family_group"})
    page = client.get(done.headers["location"]).content.decode()
    for said in ("Hana takes Petr on Fridays.", "Two aunts stay in it.", "Aunt Hana", "Referred on", "Agreed on"):
        assert said in page, said
    with as_(cast.practitioner):
        meeting = CaseMeeting.objects.get(kind="family_group")
    if not pdf.MISSING:
        paper = words_of(client.get(reverse("case-meeting-minutes", args=[cast.case.pk, meeting.pk])).content)
        assert "Hana takes Petr on Fridays." in paper and "Two aunts stay in it." in paper and "Agreed on" in paper
    with as_(cast.practitioner):
        again = record_meeting(by=cast.practitioner, meeting=meeting, who=Who([cast.mother.pk]), said=Said())
        assert again.family_plan and again.outcome
    # Of another kind nothing of it is kept.
    client.post(url, sent | plan | days | {"kind": "taf"})
    with as_(cast.practitioner):
        assert CaseMeeting.objects.get(kind="taf").family_plan == ""
    change = reverse("case-meeting-record", args=[cast.case.pk, meeting.pk])
    assert "family_plan" in client.get(change).content.decode()


def test_the_minutes_carry_no_address_that_is_hidden(cast: Cast, client: Client) -> None:
    keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
    with as_(cast.practitioner):
        Flag.objects.create(**keys, kind=Flag.Kind.ADDRESS_NOT_SHARED, text="Not to the father")
        meeting = add_meeting(
            by=cast.practitioner,
            case=cast.case,
            held_at=timezone.now() - timedelta(days=1),
            place="1 invented row, ls81aa",
            who=Who([cast.mother.pk], (), (TEACHER,)),
            said=Said(decisions="Visits at 1 Invented Row, LS8 1AA go on."),
        )
    sign_in(client, cast.practitioner)
    answer = client.get(reverse("case-meeting-minutes", args=[cast.case.pk, meeting.pk]))
    if pdf.MISSING:
        assert answer.status_code == 503
        return
    assert answer.headers["Content-Type"] == "application/pdf"
    assert pikepdf.open(BytesIO(answer.content)).Root.MarkInfo.Marked
    shown = words_of(answer.content)
    assert "Ms Hall" in shown and "address withheld" in shown
    for secret in ("invented row", "ls8 1aa", "ls81aa"):
        assert secret not in shown.lower()


def words_of(document: bytes) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=document, capture_output=True, check=True).stdout.decode()


def test_a_forum_takes_several_cases_and_each_shows_only_its_part(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        forum = plan_forum(
            by=cast.leader, cluster=cast.cluster, kind=Forum.Kind.RETHINK, held_at=timezone.now() + timedelta(days=2)
        )
        take_to_forum(by=cast.leader, forum=forum, case=cast.case, purpose="Mornings have not moved.")
        with pytest.raises(ValidationError, match="already"):
            take_to_forum(by=cast.leader, forum=forum, case=cast.case, purpose="Again")
    with as_(cast.colleague):
        take_to_forum(by=cast.colleague, forum=forum, case=cast.restricted_case, purpose="A secret worry.")
    sign_in(client, cast.practitioner)
    page = client.get(reverse("forum", args=[forum.pk])).content.decode()
    assert "Mornings have not moved." in page and "1 more that is not named here" in page
    assert "A secret worry." not in page and "Smith-Jones" not in page
    assert "A secret worry." in sign_in(client, cast.colleague).get(reverse("forum", args=[forum.pk])).content.decode()
    assert sign_in(client, cast.other_practitioner).get(reverse("forum", args=[forum.pk])).status_code == 404
    with as_(cast.leader):
        Flag.objects.create(
            cluster=cast.cluster, family=cast.family, kind=Flag.Kind.ADDRESS_NOT_SHARED, text="Not to the father"
        )
        CaseMeeting.objects.filter(forum=forum, case=cast.case).update(purpose="Mornings at 1 Invented Row, LS8 1AA.")
    answer = sign_in(client, cast.practitioner).get(reverse("forum-pdf", args=[forum.pk]))
    if not pdf.MISSING:
        assert pikepdf.open(BytesIO(answer.content)).Root.MarkInfo.Marked
        paper = " ".join(words_of(answer.content).split())
        assert "Rethink Forum" in paper and "Mornings at [address withheld]" in paper and "1 more that is not" in paper
        assert "invented row" not in paper.lower() and "secret worry" not in paper and "Smith-Jones" not in paper
        assert len(queries(client, reverse("forum-pdf", args=[forum.pk]))) <= 13
    with as_(cast.other_leader), pytest.raises((Denied, ValidationError)):
        take_to_forum(by=cast.other_leader, forum=forum, case=cast.other_case, purpose="Ours")
