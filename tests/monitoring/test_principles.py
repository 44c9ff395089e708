"""The practice principles: the line of a case, the sum and the list are one selector, and follow the record."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Contact, ContactPerson
from cases.services.attendance import Period, record_attendance
from cases.services.plan import review_plan, set_goal
from cluster_ehs.core import scope
from cluster_ehs.core.scope import NamedActor, acting_as
from formulation.models import P
from formulation.services import Line, link_factor, save_formulation
from monitoring.principles import BY_KEY, MET, NOT_YET, STATES, standing
from tests.fixtures_cast import Cast, a_term, as_, sign_in
from tests.queries import queries

NAMES = ("Novák", "Zdeňka", "Smith-Jones", "Eli")


def states(cast: Cast) -> dict[str, str]:
    """As whoever acts now sees it."""
    (found,) = standing(case=cast.case.pk)
    return found.states


def test_each_fact_follows_from_what_is_recorded(cast: Cast) -> None:
    """From a bare case to one with everything, then each fact taken away by itself."""
    keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
    with as_(cast.practitioner):
        assert states(cast) == {
            "lead": "met", "family": "not", "factors": "none", "strengths": "none", "education": "not",
            "reviewed": "none",
        }  # fmt: skip
        ContactPerson.objects.create(**keys, contact=cast.contact, person=cast.mother)
        assert states(cast)["family"] == "met"
        lines = [Line(P.PRESENTING, "Late", a_term("domain", "learning").pk), Line(P.PROTECTIVE, "Grandmother")]
        made = save_formulation(by=cast.practitioner, case=cast.case, lines=lines)
        now = states(cast)
        assert (now["family"], now["strengths"], now["education"]) == ("not", "met", "met")
        made = save_formulation(by=cast.practitioner, case=cast.case, lines=lines, person_ids=[cast.child.pk], number=1)
        assert states(cast)["family"] == "met"
        goal = set_goal(by=cast.practitioner, case=cast.case, words="On time")
        assert (states(cast)["factors"], states(cast)["reviewed"]) == ("not", "met")
        link_factor(by=cast.practitioner, case=cast.case, goal=goal, factor=made.factors.first())
        assert set(states(cast).values()) == {MET}
        set_goal(by=cast.practitioner, case=cast.case, words="Another, of no factor")
        assert states(cast)["factors"] == "not"
        review_plan(by=cast.practitioner, case=cast.case, reviewed_on=timezone.localdate(), decisions="Go on")
        assert states(cast)["family"] == "not"
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Case.objects.filter(pk=cast.case.pk).update(review_due_on=timezone.localdate() - timedelta(days=1))
    with as_(cast.leader):
        assert states(cast)["reviewed"] == "not"


def test_a_school_visit_considers_education_and_one_that_was_missed_does_not(cast: Cast) -> None:
    with as_(cast.practitioner):
        Contact.objects.filter(pk=cast.contact.pk).update(kind="school_visit", attendance="not_attended")
        assert states(cast)["education"] == "not"
        Contact.objects.filter(pk=cast.contact.pk).update(attendance="attended")
        assert states(cast)["education"] == "met"


def test_recorded_attendance_at_school_considers_education(cast: Cast) -> None:
    today = timezone.localdate()
    with as_(cast.practitioner):
        assert states(cast)["education"] == "not"
        week = Period(cast.child, today - timedelta(days=5), today - timedelta(days=1), percentage=Decimal(80))
        record_attendance(by=cast.practitioner, case=cast.case, periods=[week])
        assert states(cast)["education"] == "met"


@pytest.mark.parametrize("who", ["leader", "manager"])
def test_the_line_the_sum_and_the_list_agree(cast: Cast, client: Client, who: str) -> None:
    sign_in(client, getattr(cast, who))
    page = client.get(reverse("principles"))
    group = next(group for group in page.context["groups"] if group["name"] == str(cast.cluster))
    assert group["cases"] == 2
    with as_(cast.manager), scope.figures():
        cases = standing(clusters=[cast.cluster.pk])
    for row in group["rows"]:
        key = row["sum"].principle.key
        for state, figure in zip(STATES, row["figures"], strict=True):
            expected = sorted(case.reference for case in cases if case.states[key] == state)
            assert figure["count"] == len(expected)
            if not expected:
                assert figure["url"] == ""
                continue
            listed = client.get(figure["url"])
            assert [case.reference for case, _, _ in listed.context["rows"]] == expected
            text = listed.content.decode()
            assert not [name for name in NAMES if name in text]
            links = [url for _, _, url in listed.context["rows"] if url]
            # A leader opens what is not restricted; a manager reads references.
            own = reverse("case", args=[cast.case.pk])
            assert links == ([own] if who == "leader" and cast.case.reference in expected else [])
    assert len(queries(client, reverse("principles"))) <= 8
    for wrong in ("?principle=lead", "?principle=x&state=met", f"?principle=lead&state=met&cluster={'9' * 30}"):
        assert client.get(reverse("principles-list") + wrong).status_code == 404


def test_a_leader_sees_the_own_clusters_only(cast: Cast, client: Client) -> None:
    url = f"{reverse('principles-list')}?principle=lead&state=met&cluster={cast.other_cluster.pk}"
    assert sign_in(client, cast.leader).get(url).status_code == 403
    assert [group["name"] for group in client.get(reverse("principles")).context["groups"]] == [str(cast.cluster)]
    assert reverse("principles") in client.get(reverse("home")).content.decode()
    assert sign_in(client, cast.practitioner).get(reverse("principles")).status_code == 403


def test_the_overview_says_it_with_the_definitions_a_click_away(cast: Cast, client: Client) -> None:
    text = sign_in(client, cast.practitioner).get(reverse("case", args=[cast.case.pk])).content.decode()
    assert "One lead worker" in text
    assert BY_KEY["education"].not_yet in text
    assert BY_KEY["education"].definition in text
    # What does not apply yet is not held against anybody.
    assert BY_KEY["reviewed"].not_yet not in text
    with as_(cast.practitioner):
        assert NOT_YET in states(cast).values()
