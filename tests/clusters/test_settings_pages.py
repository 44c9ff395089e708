"""The settings pages: who opens which, what a form says, what a double click does."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Message
from clusters.models import (
    ClinicalSupervision,
    Cluster,
    Entitlement,
    PartnerService,
    Role,
    School,
    SchoolMembership,
    Service,
    StaffRole,
    Term,
    User,
)
from tests.fixtures_cast import Cast, sign_in


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def address(name: str, cast: Cast) -> str:
    """The page's address about what concerns Cluster A."""
    about = {
        "settings-cluster": cast.cluster.pk,
        "settings-cluster-edit": cast.cluster.pk,
        "settings-cluster-school": cast.cluster.pk,
        "settings-school": cast.school.pk,
        "settings-school-edit": cast.school.pk,
        "settings-school-cluster": cast.school.pk,
        "settings-membership-end": cast.school.memberships.get().pk,
        "settings-service": Service.objects.get(code="family_support").pk,
        "settings-service-edit": Service.objects.get(code="family_support").pk,
        "settings-entitlement-new": Service.objects.get(code="family_support").pk,
        "settings-partner-edit": PartnerService.objects.get(code="mindmate").pk,
        "settings-vocabulary": "reason",
        "settings-term-new": "reason",
        "settings-term-edit": Term.objects.of("reason").get(code="school").pk,
        "settings-person": cast.practitioner.pk,
        "settings-person-edit": cast.practitioner.pk,
        "settings-leave": cast.practitioner.pk,
        "settings-come-back": cast.practitioner.pk,
        "settings-role-new": cast.practitioner.pk,
        "settings-role-edit": cast.practitioner.roles.get().pk,
        "settings-role-end": cast.practitioner.roles.get().pk,
        "settings-supervision-end": ClinicalSupervision.objects.get().pk,
    }.get(name)
    return reverse(name, args=[about] if about else [])


LEADERS = [
    "settings",
    "settings-changes",
    "settings-clusters",
    "settings-cluster",
    "settings-services",
    "settings-service",
    "settings-entitlement-new",
    "settings-staff",
    "settings-invite",
    "settings-person",
    "settings-role-new",
    "settings-role-edit",
    "settings-role-end",
]
MANAGERS = [
    "settings-cluster-new",
    "settings-cluster-edit",
    "settings-cluster-school",
    "settings-schools",
    "settings-school-new",
    "settings-school",
    "settings-school-edit",
    "settings-school-cluster",
    "settings-membership-end",
    "settings-service-new",
    "settings-service-edit",
    "settings-partners",
    "settings-partner-new",
    "settings-partner-edit",
    "settings-vocabularies",
    "settings-vocabulary",
    "settings-term-new",
    "settings-term-edit",
    "settings-person-edit",
    "settings-leave",
    "settings-come-back",
    "settings-supervision",
    "settings-supervision-new",
    "settings-supervision-end",
]


@pytest.mark.parametrize("name", LEADERS + MANAGERS)
def test_who_opens_a_settings_page(client: Client, cast: Cast, name: str) -> None:
    url = address(name, cast)
    assert client.get(url).status_code == 302
    answers = {}
    for who in ("manager", "leader", "other_leader", "practitioner", "therapist", "supervisor", "guest", "referrer"):
        sign_in(client, getattr(cast, who))
        answers[who] = client.get(url).status_code
    others = dict.fromkeys(("practitioner", "therapist", "supervisor", "guest", "referrer"), 403)
    of_everyones_cluster = name in {
        "settings",
        "settings-changes",
        "settings-clusters",
        "settings-services",
        "settings-service",
        "settings-entitlement-new",
        "settings-staff",
        "settings-invite",
    }
    assert answers == {
        **others,
        "manager": 200,
        "leader": 200 if name in LEADERS else 403,
        "other_leader": 200 if of_everyones_cluster else 403,
    }


def test_the_refusal_says_why(client: Client, cast: Cast) -> None:
    sign_in(client, cast.practitioner)
    assert "Settings are for managers and Cluster leaders." in client.get(reverse("settings")).content.decode()


@pytest.mark.parametrize(("who", "shown"), [("manager", True), ("leader", True), ("practitioner", False)])
def test_the_navigation_leads_to_settings(client: Client, cast: Cast, who: str, shown: bool) -> None:
    sign_in(client, getattr(cast, who))
    labels = [entry["label"] for entry in client.get("/").context["nav"]]
    assert ("Settings" in labels) is shown


def test_a_leader_sees_no_other_cluster_s_staff(client: Client, cast: Cast) -> None:
    sign_in(client, cast.leader)
    page = client.get(reverse("settings-staff")).content.decode()
    assert "Asha Example" in page
    assert "Pat Elsewhere" not in page
    assert client.get(reverse("settings-person", args=[cast.other_practitioner.pk])).status_code == 403
    assert client.get(reverse("settings-role-end", args=[cast.other_practitioner.roles.get().pk])).status_code == 403
    wanted = client.get(reverse("settings-staff"), {"cluster": cast.other_cluster.pk})
    assert "Pat Elsewhere" not in wanted.content.decode()


def test_adding_a_cluster_twice_by_double_click_makes_one(client: Client, cast: Cast) -> None:
    sign_in(client, cast.manager)
    form = {"name": "Third Invented", "prefix": "ti", "once": str(uuid.uuid4())}
    answers = [client.post(reverse("settings-cluster-new"), form) for _ in range(2)]
    third = Cluster.objects.get(prefix="TI")
    assert [answer["Location"] for answer in answers] == [reverse("settings-cluster", args=[third.pk])] * 2


def test_a_refused_membership_shows_the_form_again_and_can_be_put_right(client: Client, cast: Cast) -> None:
    sign_in(client, cast.manager)
    url = reverse("settings-school-cluster", args=[cast.school.pk])
    token = str(uuid.uuid4())
    form = {"cluster": cast.other_cluster.pk, "once": token, **parts("starts_on", date(2024, 9, 1))}
    refused = client.post(url, form)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Invented Primary School is a member of Riverside Invented from 1 September 2015" in page
    assert 'href="#id_starts_on-day"' in page
    SchoolMembership.objects.filter(school=cast.school).update(ends_on=date(2024, 8, 1))
    assert client.post(url, form).status_code == 302
    assert cast.school.memberships.filter(cluster=cast.other_cluster).count() == 1


def test_forms_name_the_field_that_is_wrong(client: Client, cast: Cast) -> None:
    sign_in(client, cast.manager)
    page = client.post(reverse("settings-cluster-new"), {"name": "", "prefix": "1"}).content.decode()
    assert "Enter name" in page
    assert "The prefix is made of letters only" in page
    page = client.post(reverse("settings-school-new"), {"name": "S", "urn": "12", "phase": "primary"}).content.decode()
    assert "The URN has six digits" in page
    page = client.post(
        reverse("settings-invite"), {"name": "A", "email": "not-an-address", "role": "practitioner"}
    ).content.decode()
    assert "Enter a valid email address" in page
    page = client.post(
        reverse("settings-invite"),
        {"name": "A", "email": "a@example.org", "role": "practitioner", **parts("starts_on", timezone.localdate())},
    ).content.decode()
    assert "Choose the Cluster of the practitioner" in page
    assert not User.objects.filter(email="a@example.org").exists()


def test_inviting_a_practitioner_from_the_page(client: Client, cast: Cast) -> None:
    sign_in(client, cast.leader)
    form = {
        "name": "Ira Newcomer",
        "email": "ira@example.org",
        "role": "practitioner",
        "cluster": cast.cluster.pk,
        "post": "family_practitioner",
        "capacity": "12",
        "full_time_equivalent": "0.6",
        "once": str(uuid.uuid4()),
        **parts("starts_on", timezone.localdate()),
    }
    answers = [client.post(reverse("settings-invite"), form) for _ in range(2)]
    person = User.objects.get(email="ira@example.org")
    assert {answer["Location"] for answer in answers} == {reverse("settings-person", args=[person.pk])}
    assert Message.objects.filter(to="ira@example.org").count() == 1
    assert "Invited" in client.get(reverse("settings-person", args=[person.pk])).content.decode()


def test_a_leader_cannot_choose_another_role_or_cluster(client: Client, cast: Cast) -> None:
    sign_in(client, cast.leader)
    for wrong in ({"role": "manager"}, {"role": "practitioner", "cluster": cast.other_cluster.pk}):
        answer = client.post(
            reverse("settings-invite"),
            {
                "name": "X",
                "email": "x@example.org",
                "post": "family_practitioner",
                **parts("starts_on", timezone.localdate()),
                **wrong,
            },
        )
        assert answer.status_code == 422
    assert not User.objects.filter(email="x@example.org").exists()


def test_a_leader_sets_the_own_cluster_s_entitlement(client: Client, cast: Cast) -> None:
    sign_in(client, cast.leader)
    support = Service.objects.get(code="family_support")
    form = {
        "cluster": cast.cluster.pk,
        "weeks": "20",
        "rhythm": "weekly",
        "extendable": "yes",
        "counts_not_attended": "no",
        **parts("effective_from", timezone.localdate()),
    }
    url = reverse("settings-entitlement-new", args=[support.pk])
    assert client.post(url, form).status_code == 302
    made = Entitlement.objects.get(cluster=cast.cluster)
    assert (made.weeks, made.extendable, made.assessment_sessions) == (20, True, 0)
    assert "already has an entitlement" in client.post(url, form).content.decode()
    assert "Choose for" in client.post(url, {**form, "cluster": ""}).content.decode()
    page = client.get(reverse("settings-service", args=[support.pk])).content.decode()
    assert "at most 20 weeks, weekly; can be extended" in page
    assert "at most 26 weeks" in page


def test_a_service_partner_and_entry_are_added_and_retired(client: Client, cast: Cast) -> None:
    sign_in(client, cast.manager)
    today = timezone.localdate()
    client.post(reverse("settings-service-new"), {"name": "Music group", "kind": "other", "order": "9"})
    music = Service.objects.get(name="Music group")
    assert music.code == "music_group"
    client.post(
        reverse("settings-service-edit", args=[music.pk]),
        {"name": "Music group", "order": "9", **parts("retired_on", today)},
    )
    client.post(
        reverse("settings-partner-new"),
        {"name": "Invented Advice", "returns_expected": "no", "is_social_care": "no", "order": "5"},
    )
    client.post(reverse("settings-term-new", args=["route"]), {"label": "Youth club", "published_as": "Other"})
    club = Term.objects.of("route").get(label="Youth club")
    client.post(
        reverse("settings-term-edit", args=[club.pk]),
        {"label": "Youth clubs", "published_as": "Other", **parts("retired_on", today)},
    )
    client.post(reverse("settings-term-move", args=[club.pk]), {"to": "up"})
    club.refresh_from_db()
    music.refresh_from_db()
    assert (club.label, club.published_as, club.retired_on, music.retired_on) == ("Youth clubs", "Other", today, today)
    assert PartnerService.objects.filter(name="Invented Advice").exists()
    log = client.get(reverse("settings-changes")).content.decode()
    for text in (
        "Added the service Music group.",
        "Added the partner service Invented Advice.",
        "moved “Youth clubs” up",
    ):
        assert text in log


def test_an_unknown_list_is_not_found(client: Client, cast: Cast) -> None:
    sign_in(client, cast.manager)
    assert client.get(reverse("settings-vocabulary", args=["planets"])).status_code == 404


def test_the_log_pages_backwards(client: Client, cast: Cast) -> None:
    sign_in(client, cast.manager)
    for number in range(53):
        client.post(reverse("settings-school-new"), {"name": f"School {number}", "phase": "primary"})
    first = client.get(reverse("settings-changes"))
    assert len(first.context["events"]) == 50
    second = client.get(first.context["older"])
    assert len(second.context["events"]) == 3
    assert second.context["older"] == ""


@pytest.mark.parametrize("name", ["settings-staff", "settings-schools", "settings-clusters", "settings-cluster"])
def test_lists_ask_the_same_few_questions_however_long_they_are(client: Client, cast: Cast, name: str) -> None:
    sign_in(client, cast.manager)
    counts = []
    for many in (5, 20):
        for number in range(many):
            key = f"{many}-{number}"
            school = School.objects.create(name=f"School {key}")
            cluster = Cluster.objects.create(name=f"Cluster {key}", prefix=f"{many:02}{number:02}"[:6])
            SchoolMembership.objects.create(school=school, cluster=cluster, starts_on=date(2020, 1, 1))
            user = User.objects.create(name=f"Person {key}", email=f"{key}@example.org")
            StaffRole.objects.create(
                user=user, role=Role.LEADER, cluster=cast.cluster, starts_on=date(2020, 1, 1) + timedelta(days=number)
            )
        url = address(name, cast)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
    # Two of these are the savepoint, two are the tests' own clearing of the scope.
    assert counts[0] == counts[1] <= 8 + 4
