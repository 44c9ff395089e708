"""The assessment around a formulation: from the referral into the case, one at a time, finished and kept."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.services import open_case
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change
from cluster_ehs.core.scope import NamedActor, acting_as
from formulation.assessments import begin_assessment, change_assessment, finish_assessment, take_up_again
from formulation.models import Assessment, Formulation, P
from formulation.services import Line, save_formulation
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_referral, as_, decided, sign_in
from tests.outcomes.test_services import closed_case

LATE = Line(P.PRESENTING, "Late most Mondays")
TODAY = timezone.localdate


def on(name: str, days_ago: int) -> dict[str, int]:
    day = TODAY() - timedelta(days=days_ago)
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def test_the_first_formulation_begins_the_assessment_that_the_statutory_list_asks_for(cast: Cast) -> None:
    with as_(cast.practitioner):
        made = save_formulation(by=cast.practitioner, case=cast.case, lines=[LATE], made_on=TODAY() - timedelta(days=3))
        assessment = Assessment.objects.get()
        assert made.assessment == assessment
        assert (assessment.status, assessment.starts_on) == ("begun", TODAY() - timedelta(days=3))
        assert assessment.organisation == cast.cluster.name
        assert {row.person.first_name for row in assessment.children.select_related("person")} == {"Zdeňka", "Petr"}
        assert Change.objects.filter(table_name="formulation_assessment", operation="insert").count() == 1


def test_it_is_completed_with_its_formulation_and_keeps_that_version(cast: Cast) -> None:
    with as_(cast.practitioner):
        begun = begin_assessment(by=cast.practitioner, case=cast.case, starts_on=TODAY() - timedelta(days=9))
        with pytest.raises(Conflict, match="in progress already"):
            begin_assessment(by=cast.practitioner, case=cast.case)
        with pytest.raises(ValidationError, match="Write the formulation first"):
            finish_assessment(by=cast.practitioner, assessment=begun)
        first = save_formulation(by=cast.practitioner, case=cast.case, lines=[LATE])
        with pytest.raises(ValidationError, match="It began on"):
            finish_assessment(by=cast.practitioner, assessment=begun, on=TODAY() - timedelta(days=10))
        with pytest.raises(ValidationError, match="today or in the past"):
            finish_assessment(by=cast.practitioner, assessment=begun, on=TODAY() + timedelta(days=1))
        done = finish_assessment(by=cast.practitioner, assessment=begun, on=TODAY())
        assert (done.status, done.completed_on) == ("completed", TODAY())
        with pytest.raises(Conflict):
            finish_assessment(by=cast.practitioner, assessment=begun)
        # Somebody still has the page of the first version open: what they save is the second.
        second = save_formulation(
            by=cast.practitioner, case=cast.case, lines=[LATE, LATE], number=1, seen_version=first.version
        )
        assert (second.number, second.assessment, first.factors.count()) == (2, None, 1)
        again = take_up_again(by=cast.practitioner, assessment=begun)
        assert (again.status, again.completed_on) == ("begun", None)


def test_an_end_without_completion_has_a_reason_and_makes_room_for_another(cast: Cast) -> None:
    with as_(cast.practitioner):
        begun = begin_assessment(by=cast.practitioner, case=cast.case)
        ended = finish_assessment(by=cast.practitioner, assessment=begun, why="declined")
        assert (ended.status, ended.ended_on, ended.completed_on) == ("ended", TODAY(), None)
        begin_assessment(by=cast.practitioner, case=cast.case)
        with pytest.raises(Conflict, match="in progress already"):
            take_up_again(by=cast.practitioner, assessment=begun)


def test_the_database_holds_one_live_and_no_step_that_is_not_listed(cast: Cast) -> None:
    with as_(cast.practitioner):
        begun = begin_assessment(by=cast.practitioner, case=cast.case)
        keys = {"cluster_id": begun.cluster_id, "family_id": begun.family_id, "author": cast.practitioner}
        for values in (
            {"case": cast.case},
            {"status": "completed", "completed_on": TODAY(), "case": cast.case},
            {"referral": cast.referral},
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                Assessment.objects.create(**keys, starts_on=TODAY(), organisation="X", **values)


def test_children_and_dates_are_put_right(cast: Cast) -> None:
    with as_(cast.practitioner):
        begun = begin_assessment(by=cast.practitioner, case=cast.case)
        details = {"starts_on": TODAY() - timedelta(days=2), "organisation": " Invented  School "}
        changed = change_assessment(by=cast.practitioner, assessment=begun, child_ids=[cast.child.pk], **details)
        assert (changed.organisation, changed.children.get().person) == ("Invented School", cast.child)
        with pytest.raises(ValidationError) as refused:
            change_assessment(
                by=cast.practitioner,
                assessment=begun,
                starts_on=TODAY() + timedelta(days=1),
                organisation=" ",
                child_ids=[],
            )
        assert set(refused.value.message_dict) == {"starts_on", "organisation", "children"}
        with pytest.raises(ValidationError, match="children of this family"):
            change_assessment(by=cast.practitioner, assessment=begun, child_ids=[cast.referral.child_id], **details)
    with as_(cast.colleague), pytest.raises(Denied):
        begin_assessment(by=cast.colleague, case=cast.case)


def test_begun_at_screening_it_goes_into_the_case_when_one_opens(cast: Cast) -> None:
    with as_(cast.colleague):
        made = save_formulation(by=cast.colleague, referral=cast.referral, lines=[LATE], setting="screening")
        assert (made.case, made.referral, made.assessment.case) == (None, cast.referral, None)
    with as_(cast.leader):
        offer = decided(cast.referral, by=cast.leader).offers.get()
        case = open_case(by=cast.leader, offers=[offer], lead_worker=cast.practitioner)
    with as_(cast.practitioner):
        made.refresh_from_db()
        assert (made.case, made.assessment.case) == (case, case)
        # The page of the referral that somebody still has open writes on in the case.
        again = save_formulation(by=cast.practitioner, referral=cast.referral, lines=[LATE, LATE], seen_version=1)
        assert (again.pk, again.version, Assessment.objects.count()) == (made.pk, 2, 1)
    with as_(cast.colleague), pytest.raises(Denied, match="Only the lead worker"):
        save_formulation(by=cast.colleague, referral=cast.referral, lines=[LATE])


def test_in_a_case_with_a_formulation_it_stays_with_the_referral(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        own = save_formulation(by=cast.practitioner, case=cast.case, lines=[LATE])
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        from_sibling = a_referral_of_the_brother(cast)
    with as_(cast.leader):
        beside = save_formulation(by=cast.leader, referral=from_sibling, lines=[Line(P.PROTECTIVE, "Football")])
        offer = decided(from_sibling, by=cast.leader).offers.get()
        assert open_case(by=cast.leader, offers=[offer]) == cast.case
        assert Formulation.objects.get(case=cast.case) == own
        beside.assessment.refresh_from_db()
        assert (beside.assessment.status, beside.assessment.why_ended) == ("ended", "elsewhere")
    page = sign_in(client, cast.practitioner).get(reverse("case-formulation", args=[cast.case.pk])).content.decode()
    url = reverse("referral-formulation", args=[from_sibling.pk])
    assert url in page
    page = client.get(url).content.decode()
    assert "Football" in page
    assert "Change it" not in page


def a_referral_of_the_brother(cast: Cast) -> Referral:
    return a_referral(cast.family.persons.get(first_name="Petr"), number=90)


def test_the_pages_from_beginning_to_completion(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    page = client.get(reverse("case-formulation", args=[cast.case.pk])).content.decode()
    assert reverse("assessment-new", args=[cast.case.pk]) in page
    new = {**on("starts_on", 6), "organisation": "Invented School", "children": [str(cast.child.pk)]}
    assert client.post(reverse("assessment-new", args=[cast.case.pk]), {**new, "once": uuid4()}).status_code == 302
    with as_(cast.practitioner):
        begun = Assessment.objects.get()
        save_formulation(by=cast.practitioner, case=cast.case, lines=[LATE])
    edit = {**new, **on("starts_on", 5), "version": "1"}
    assert client.post(reverse("assessment-edit", args=[begun.pk]), edit).status_code == 302
    stale = client.post(reverse("assessment-edit", args=[begun.pk]), edit)
    assert stale.status_code == 409
    assert "Nothing was overwritten" in stale.content.decode()
    finish = reverse("assessment-finish", args=[begun.pk])
    assert client.post(finish, {"how": "completed", **on("on", 30)}).status_code == 422
    once = {"how": "completed", **on("on", 0), "once": str(uuid4())}
    assert [client.post(finish, once).status_code for _ in range(2)] == [302, 302]
    page = client.get(reverse("case-formulation", args=[cast.case.pk])).content.decode()
    for words in ("Completed", "Made by Invented School", "Take it up again", "Write the next version"):
        assert words in page
    assert f"completed {TODAY():%-d %B %Y}" in client.get(reverse("case", args=[cast.case.pk])).content.decode()
    told = client.get(reverse("case-chronology", args=[cast.case.pk])).content.decode()
    assert "Early help assessment begun" in told
    assert "Early help assessment completed" in told
    assert client.post(reverse("assessment-again", args=[begun.pk])).status_code == 302
    sign_in(client, cast.colleague)
    assert client.get(finish).status_code == 403
    assert client.post(reverse("assessment-again", args=[begun.pk])).status_code == 403


def test_what_is_left_in_progress_is_finished_after_the_case_was_closed(cast: Cast) -> None:
    with as_(cast.practitioner):
        begun = begin_assessment(by=cast.practitioner, case=cast.case)
    closed_case(cast)
    with as_(cast.leader):
        with pytest.raises(Denied, match="was closed"):
            take_up_again(by=cast.leader, assessment=begun)
        assert finish_assessment(by=cast.leader, assessment=begun, why="moved").status == "ended"


def test_the_page_of_the_referral(cast: Cast, client: Client) -> None:
    sign_in(client, cast.colleague)
    url = reverse("referral-formulation-edit", args=[cast.referral.pk])
    assert (
        reverse("referral-formulation", args=[cast.referral.pk])
        in client.get(reverse("referral", args=[cast.referral.pk])).content.decode()
    )
    form = client.get(url)
    assert form.context["form"].initial["setting"] == "screening"
    data = {"presenting-0-text": "Late", "setting": "screening", "number": "1", "version": "0", **on("made_on", 1)}
    assert client.post(url, data).url == reverse("referral-formulation", args=[cast.referral.pk])
    page = client.get(reverse("referral-formulation", args=[cast.referral.pk])).content.decode()
    assert "Late" in page
    assert "Use in the plan" not in page
    with as_(cast.leader):
        offer = decided(cast.referral, by=cast.leader).offers.get()
        case = open_case(by=cast.leader, offers=[offer], lead_worker=cast.practitioner)
    for name in ("referral-formulation", "referral-formulation-edit"):
        assert client.get(reverse(name, args=[cast.referral.pk])).url.startswith(f"/cases/{case.pk}/formulation/")
