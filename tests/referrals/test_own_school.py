"""A school's own referrals: one line each in a plain word, and nothing else of the case by any way."""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cluster_ehs.core.audit import Named
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import ApiToken, School, User
from families.models import Person
from referrals.intake import receive_intake
from referrals.models import Referral
from referrals.selectors import school_referrals
from tests.access import client_for
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_term, as_, decided, sign_in


def lines(user: User) -> dict[str, str]:
    with as_(user):
        return {line.reference: line.state for line in school_referrals(user)}


def another(cast: Cast, number: int, school: School | None = None) -> Referral:
    with as_(cast.leader):
        child = a_person(a_family(cast.cluster, f"Another{number}", number=number), "Kit")
        return a_referral(child, number=number, school=school or cast.school)


def test_each_state_in_a_word_that_a_school_understands(cast: Cast) -> None:
    received, waiting, ended = (another(cast, number) for number in (61, 62, 63))
    with as_(cast.leader):
        decided(waiting, by=cast.leader)
        decided(ended, by=cast.leader)
        Referral.objects.filter(pk=ended.pk).update(status="ended")
    assert lines(cast.referrer) == {
        received.reference: "Received",
        cast.referral.reference: "At screening",
        waiting.reference: "Waiting",
        cast.case_referral.reference: "Being helped",
        ended.reference: "Ended",
    }


def test_what_others_said_of_its_pupils_is_none_of_the_schools(cast: Cast) -> None:
    referral = another(cast, 64)
    for route in ("self_or_family", "police", "csws", "other"):
        with as_(cast.leader):
            Referral.objects.filter(pk=referral.pk).update(route=a_term("route", route))
        assert referral.reference not in lines(cast.referrer)
    for payload, seen in (({"route": "mainstream_school"}, True), ({"route": "self_or_family"}, False)):
        with acting_as(NamedActor.PUBLIC_FORM):
            came = receive_intake(
                by=Named("public form"),
                source="online",
                external_id=str(payload),
                payload=payload,
                cluster=cast.cluster,
                school=cast.school,
            )
        assert (came.reference in lines(cast.referrer)) is seen


def test_nothing_more_leaks_through_pages_or_the_api(cast: Cast, client: Client) -> None:
    sign_in(client, cast.referrer)
    page = client.get(reverse("school-referrals")).content.decode() + client.get(reverse("home")).content.decode()
    with as_(cast.leader):
        names = {p.first_name for p in Person.objects.all()} | {p.last_name for p in Person.objects.all()}
        words = names | {u.name for u in (cast.practitioner, cast.leader)} | {"Late most Mondays", "Family support"}
        case = Case.objects.get(pk=cast.case.pk)
    leaked = [word for word in words | {case.reference} if word and word in page]
    assert leaked == []
    api = client_for("referrer", cast, api=True)
    assert ApiToken.objects.filter(user=cast.referrer).exists()
    for name, args in (
        ("api-referral-list", []),
        ("api-referral", [cast.referral.pk]),
        ("api-family", [cast.family.pk]),
        ("api-case", [cast.case.pk]),
    ):
        answer = api.get(reverse(name, args=args))
        assert answer.status_code in (403, 404), name
        assert not [word for word in names if word and word in answer.content.decode()]


def test_the_database_itself_shows_a_school_user_no_row_of_any_family(cast: Cast) -> None:
    with as_(cast.referrer):
        seen = [
            model._meta.label
            for model in apps.get_models()
            if any(field.name == "family" for field in model._meta.fields) and model._base_manager.exists()
        ]
    assert seen == []


@pytest.mark.parametrize("ends", [True, False])
def test_a_school_user_whose_role_has_ended_reads_nothing(cast: Cast, ends: bool) -> None:
    if ends:
        cast.referrer.roles.update(ends_on=timezone.localdate())
    assert bool(lines(cast.referrer)) is not ends
