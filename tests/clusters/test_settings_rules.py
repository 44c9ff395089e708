"""The rules of the settings' services: who may, what is refused, what is kept."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import CaseService, LeadWorker
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Event, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters import selectors
from clusters.models import (
    ApiToken,
    ClinicalSupervision,
    Cluster,
    Entitlement,
    Post,
    Role,
    School,
    SchoolMembership,
    Service,
    StaffRole,
    Term,
    User,
)
from clusters.people import duties
from clusters.references import next_reference
from clusters.services import offers, places, staff
from tests.fixtures_cast import Cast, a_second_manager, a_user, as_


def today() -> date:
    return timezone.localdate()


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# --- Clusters and schools ---
def test_only_a_manager_adds_and_changes_clusters(cast: Cast) -> None:
    for user in (cast.leader, cast.practitioner, cast.referrer):
        with as_(user), pytest.raises(Denied):
            places.add_cluster(by=user, name="Third Invented", prefix="TI")
    with as_(cast.manager):
        cluster = places.add_cluster(by=cast.manager, name="Third Invented", prefix="TI")
        places.change_cluster(cluster, by=cast.manager, telephone="0113 496 0077")
        said = list(Event.objects.filter(kind="settings.cluster").order_by("pk").values_list("text", "actor"))
    assert said == [
        ("Added the Cluster Third Invented (TI).", "Mo Example"),
        ("Third Invented: Telephone: nothing is now “0113 496 0077”.", "Mo Example"),
    ]


def test_a_second_cluster_of_the_same_name_is_refused_by_name(cast: Cast) -> None:
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        places.add_cluster(by=cast.manager, name=cast.cluster.name, prefix="XX")
    assert "name" in refused.value.message_dict


def test_a_prefix_that_references_carry_does_not_change(cast: Cast) -> None:
    next_reference(cast.cluster, year=2020)
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        places.change_cluster(cast.cluster, by=cast.manager, prefix="ZZ")
    assert "prefix" in refused.value.message_dict


def test_an_overlapping_membership_is_refused_naming_school_and_dates(cast: Cast) -> None:
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        places.add_membership(
            by=cast.manager, school=cast.school, cluster=cast.other_cluster, starts_on=date(2024, 9, 1)
        )
    assert refused.value.message_dict == {
        "starts_on": [
            "Invented Primary School is a member of Riverside Invented from 1 September 2015 with no end yet. "
            "End that membership first, or choose dates outside it."
        ]
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        SchoolMembership.objects.create(school=cast.school, cluster=cast.other_cluster, starts_on=date(2024, 9, 1))


def test_a_school_leaves_and_comes_back(cast: Cast) -> None:
    membership = cast.school.memberships.get()
    with as_(cast.manager):
        places.end_membership(membership, by=cast.manager, ends_on=date(2020, 9, 1))
        places.add_membership(
            by=cast.manager,
            school=cast.school,
            cluster=cast.other_cluster,
            starts_on=date(2020, 9, 1),
            ends_on=date(2022, 9, 1),
        )
        places.add_membership(by=cast.manager, school=cast.school, cluster=cast.cluster, starts_on=date(2023, 9, 1))
    rows = selectors.memberships(school=cast.school)
    assert [(r.cluster, r.starts_on.year) for r in rows] == [
        (cast.cluster, 2023),
        (cast.other_cluster, 2020),
        (cast.cluster, 2015),
    ]
    assert SchoolMembership.objects.on(date(2021, 5, 5)).get(school=cast.school).cluster == cast.other_cluster
    assert not SchoolMembership.objects.on(date(2023, 5, 5)).filter(school=cast.school).exists()


def test_a_membership_ends_after_it_began_and_not_into_the_next(cast: Cast) -> None:
    membership = cast.school.memberships.get()
    with as_(cast.manager):
        with pytest.raises(ValidationError):
            places.end_membership(membership, by=cast.manager, ends_on=membership.starts_on)
        places.end_membership(membership, by=cast.manager, ends_on=date(2020, 9, 1))
        places.add_membership(
            by=cast.manager, school=cast.school, cluster=cast.other_cluster, starts_on=date(2021, 9, 1)
        )
        with pytest.raises(ValidationError):
            places.end_membership(membership, by=cast.manager, ends_on=date(2021, 9, 2))


# --- services, entitlements, code lists ---
def test_a_new_entitlement_keeps_the_earlier_ones(cast: Cast) -> None:
    therapy = Service.objects.get(code="childrens_therapy")
    before = list(Entitlement.objects.filter(service=therapy).values_list("pk", "intervention_sessions"))
    with as_(cast.manager):
        offers.add_entitlement(
            by=cast.manager,
            service=therapy,
            cluster=None,
            effective_from=today(),
            assessment_sessions=2,
            intervention_sessions=10,
        )
    assert set(before) <= set(Entitlement.objects.filter(service=therapy).values_list("pk", "intervention_sessions"))
    held = [
        selectors.entitlement_on(service=therapy, cluster=cast.cluster, day=day)
        for day in (date(2020, 1, 1), date(2022, 1, 1), date(2024, 1, 1), today())
    ]
    assert [e.intervention_sessions for e in held if e] == [21, 8, 12, 10]
    assert selectors.entitlement_on(service=therapy, cluster=cast.cluster, day=date(2010, 1, 1)) is None


def test_a_cluster_s_own_entitlement_goes_before_the_general_one(cast: Cast) -> None:
    support = Service.objects.get(code="family_support")
    with as_(cast.leader):
        offers.add_entitlement(
            by=cast.leader, service=support, cluster=cast.cluster, effective_from=date(2024, 1, 1), weeks=20
        )
        with pytest.raises(Denied):
            offers.add_entitlement(
                by=cast.leader, service=support, cluster=cast.other_cluster, effective_from=today(), weeks=20
            )
        with pytest.raises(Denied):
            offers.add_entitlement(by=cast.leader, service=support, cluster=None, effective_from=today(), weeks=20)
    weeks = [
        selectors.entitlement_on(service=support, cluster=cluster, day=day).weeks
        for cluster, day in (
            (cast.cluster, today()),
            (cast.cluster, date(2023, 1, 1)),
            (cast.other_cluster, today()),
        )
    ]
    assert weeks == [20, 26, 26]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"effective_from": date(2023, 4, 1), "intervention_sessions": 9}, "effective_from"),
        ({"effective_from": date(2025, 4, 1)}, "weeks"),
    ],
)
def test_an_entitlement_twice_or_empty_is_refused(cast: Cast, values: dict, field: str) -> None:
    therapy = Service.objects.get(code="childrens_therapy")
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        offers.add_entitlement(by=cast.manager, service=therapy, cluster=None, **values)
    assert list(refused.value.message_dict) == [field]


def test_a_reason_is_added_counted_renamed_and_retired(cast: Cast) -> None:
    family = Term.objects.of("reason").get(code="family")
    with as_(cast.manager):
        term = offers.add_term(by=cast.manager, vocabulary="reason", label="Kinship care", parent=family)
        assert term.published_as == "Family: Kinship care"
        offers.change_term(term, by=cast.manager, label="Kinship carer", retired_on=today())
        with pytest.raises(ValidationError) as refused:
            offers.add_term(by=cast.manager, vocabulary="reason", label="kinship CARER", parent=family)
    assert "is retired" in refused.value.message_dict["label"][0]
    term.refresh_from_db()
    assert term.label == "Kinship carer"
    assert term not in Term.objects.of("reason").current()
    within = [t for t in selectors.terms_of("reason") if t.parent_id == family.pk]
    assert within[-1] == term
    flat = list(Term.objects.of("reason").order_by("order").values_list("code", flat=True))
    assert flat.index("family.kinship_care") < flat.index("school")


def test_entries_move_by_one_and_stop_at_the_ends(cast: Cast) -> None:
    def order() -> list[str]:
        return [t.code for t in selectors.terms_of("route")]

    first = order()
    police = Term.objects.of("route").get(code="police")
    with as_(cast.manager):
        offers.move_term(police, by=cast.manager, down=False)
        assert order() == ["police", first[0], *first[2:]]
        offers.move_term(police, by=cast.manager, down=False)
        assert order()[0] == "police"
        offers.move_term(police, by=cast.manager, down=True)
    assert order() == first


def test_only_a_manager_changes_code_lists_and_partners(cast: Cast) -> None:
    term = Term.objects.of("route").first()
    with as_(cast.leader):
        for act in (
            lambda: offers.add_term(by=cast.leader, vocabulary="route", label="Anywhere"),
            lambda: offers.change_term(term, by=cast.leader, label="Anywhere"),
            lambda: offers.move_term(term, by=cast.leader, down=True),
            lambda: offers.add_partner(by=cast.leader, name="Anywhere"),
            lambda: offers.add_service(by=cast.leader, name="Anything", kind="other"),
            lambda: places.add_school(by=cast.leader, name="Anywhere School"),
        ):
            with pytest.raises(Denied):
                act()


# --- staff and roles ---
PRACTITIONER = {"role": Role.PRACTITIONER, "post": Post.FAMILY_PRACTITIONER}


def test_a_leader_invites_to_the_own_cluster_only_and_not_as_leader(cast: Cast) -> None:
    with as_(cast.leader):
        person, new = staff.invite(
            by=cast.leader,
            name="Ira Newcomer",
            email="IRA@example.org",
            cluster=cast.cluster,
            starts_on=today(),
            capacity=9,
            **PRACTITIONER,
        )
        assert new
        assert person.email == "ira@example.org"
        for wrong in (
            {**PRACTITIONER, "cluster": cast.other_cluster},
            {"role": Role.LEADER, "cluster": cast.cluster},
            {"role": Role.MANAGER},
            {"role": Role.CLINICAL_SUPERVISOR},
            {"role": Role.REFERRER, "school": cast.school},
        ):
            with pytest.raises(Denied):
                staff.invite(by=cast.leader, name="X", email="x@example.org", starts_on=today(), **wrong)
    assert duties(fresh(person)).works_in == {cast.cluster.pk}
    assert not User.objects.filter(email="x@example.org").exists()


def test_a_practitioner_invites_nobody(cast: Cast) -> None:
    with as_(cast.practitioner), pytest.raises(Denied):
        staff.invite(
            by=cast.practitioner,
            name="X",
            email="x@example.org",
            cluster=cast.cluster,
            starts_on=today(),
            **PRACTITIONER,
        )


def test_somebody_known_gets_the_role_and_no_second_account(cast: Cast) -> None:
    with as_(cast.leader):
        person, new = staff.invite(
            by=cast.leader,
            name="Whatever",
            email=cast.other_practitioner.email,
            cluster=cast.cluster,
            starts_on=today(),
            **PRACTITIONER,
        )
    assert (person, new) == (cast.other_practitioner, False)
    assert person.name == "Pat Elsewhere"
    assert duties(fresh(person)).works_in == {cast.cluster.pk, cast.other_cluster.pk}
    assert not Message.objects.filter(to=person.email).exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"role": Role.PRACTITIONER, "post": Post.ADULT_COUNSELLOR}, "cluster"),
        ({"role": Role.LEADER}, "cluster"),
        ({"role": Role.PANEL_GUEST}, "cluster"),
        ({"role": Role.REFERRER}, "school"),
    ],
)
def test_a_role_without_its_place_is_refused(cast: Cast, values: dict, field: str) -> None:
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        staff.give_role(by=cast.manager, to=cast.colleague, starts_on=today(), **values)
    assert list(refused.value.message_dict) == [field]
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRole.objects.create(user=cast.colleague, role=values["role"], starts_on=today())


def test_a_practitioner_has_a_post(cast: Cast) -> None:
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        staff.give_role(by=cast.manager, to=cast.guest, role=Role.PRACTITIONER, cluster=cast.cluster, starts_on=today())
    assert list(refused.value.message_dict) == ["post"]


def test_a_clinical_supervisor_has_no_cluster_whatever_the_form_says(cast: Cast) -> None:
    with as_(cast.manager):
        role = staff.give_role(
            by=cast.manager,
            to=cast.colleague,
            role=Role.CLINICAL_SUPERVISOR,
            cluster=cast.cluster,
            school=cast.school,
            capacity=5,
            starts_on=today(),
        )
    assert (role.cluster, role.school, role.capacity) == (None, None, None)


def test_the_same_role_at_the_same_time_is_refused(cast: Cast) -> None:
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        staff.give_role(by=cast.manager, to=cast.practitioner, cluster=cast.cluster, starts_on=today(), **PRACTITIONER)
    assert "already has this role from 1 January 2020" in refused.value.message_dict["role"][0]


def with_nothing_to_hand_over(*people: User) -> None:
    """Their cases led by the leader, their therapy ended: so that they may leave."""
    for person in people:
        with acting_as(NamedActor.IMPORTER, clusters=[r.cluster_id for r in person.roles.all()]):
            LeadWorker.objects.filter(worker=person).update(worker=StaffRole.objects.filter(role=Role.LEADER)[0].user)
            CaseService.objects.filter(worker=person).update(status="ended", ends_on=today())


def test_a_role_ended_today_can_be_given_again_today(cast: Cast) -> None:
    with_nothing_to_hand_over(cast.practitioner)
    role = cast.practitioner.roles.get()
    with as_(cast.leader):
        staff.end_role(role, by=cast.leader, ends_on=today())
        assert not duties(fresh(cast.practitioner)).roles
        staff.give_role(by=cast.leader, to=cast.practitioner, cluster=cast.cluster, starts_on=today(), **PRACTITIONER)
    assert duties(fresh(cast.practitioner)).works_in == {cast.cluster.pk}


def test_nobody_makes_themselves_a_manager(cast: Cast) -> None:
    with as_(cast.manager), pytest.raises(Denied):
        staff.give_role(by=cast.manager, to=cast.manager, role=Role.MANAGER, starts_on=today())


def test_at_least_one_manager_stays(cast: Cast) -> None:
    role = cast.manager.roles.get()
    with as_(cast.manager), pytest.raises(Denied, match="only manager"):
        staff.end_role(role, by=cast.manager, ends_on=today() + timedelta(days=30))
    a_second_manager(cast.leader, confirmed_by=cast.manager, starts_on=today())
    StaffRole.objects.create(user=cast.leader, role=Role.MANAGER, starts_on=today())
    with as_(cast.manager):
        with pytest.raises(Denied):
            staff.leave(cast.manager, by=cast.manager)
        staff.end_role(role, by=cast.manager, ends_on=today())
    with as_(cast.leader), pytest.raises(Denied, match="only manager"):
        staff.end_role(
            cast.leader.roles.get(role=Role.MANAGER), by=fresh(cast.leader), ends_on=today() + timedelta(days=1)
        )


def test_a_manager_whose_account_is_closed_does_not_count(cast: Cast) -> None:
    second = a_user("Second Manager", role=Role.MANAGER)
    User.objects.filter(pk=second.pk).update(is_active=False)
    with as_(cast.manager), pytest.raises(Denied, match="only manager"):
        staff.end_role(cast.manager.roles.get(), by=cast.manager, ends_on=today())


def test_a_leader_ends_roles_of_the_own_cluster_only(cast: Cast) -> None:
    with_nothing_to_hand_over(cast.practitioner)
    with as_(cast.leader):
        staff.end_role(cast.practitioner.roles.get(), by=cast.leader, ends_on=today())
        for role in (cast.other_practitioner.roles.get(), cast.leader.roles.get(), cast.manager.roles.get()):
            with pytest.raises(Denied):
                staff.end_role(role, by=cast.leader, ends_on=today())


def test_who_leaves_loses_roles_tokens_supervision_and_the_account(cast: Cast) -> None:
    with_nothing_to_hand_over(cast.therapist)
    token = ApiToken.objects.create(user=cast.therapist, name="T", digest="1" * 64)
    StaffRole.objects.create(
        user=cast.therapist,
        role=Role.LEADER,
        cluster=cast.other_cluster,
        starts_on=today() + timedelta(days=10),
    )
    with as_(cast.leader), pytest.raises(Denied):
        staff.leave(cast.therapist, by=cast.leader)
    with as_(cast.manager):
        staff.leave(cast.therapist, by=cast.manager)
    assert not fresh(cast.therapist).is_active
    assert not cast.therapist.roles.on(today()).exists()
    assert not cast.therapist.roles.on(today() + timedelta(days=20)).exists()
    assert not ClinicalSupervision.objects.today().exists()
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_who_comes_back_is_invited_and_has_no_roles(cast: Cast) -> None:
    with_nothing_to_hand_over(cast.colleague)
    with as_(cast.manager):
        staff.leave(cast.colleague, by=cast.manager)
        with pytest.raises(ValidationError):
            staff.give_role(by=cast.manager, to=cast.colleague, cluster=cast.cluster, starts_on=today(), **PRACTITIONER)
        staff.come_back(cast.colleague, by=cast.manager)
    back = fresh(cast.colleague)
    assert back.is_active
    assert not back.has_usable_password()
    assert not duties(back).roles
    assert "/account/invitation/" in Message.objects.get(to=back.email).body


def test_a_reset_link_sent_by_a_leader_keeps_the_present_password(cast: Cast) -> None:
    with as_(cast.leader):
        staff.invite_again(cast.practitioner, by=cast.leader)
        with pytest.raises(Denied):
            staff.invite_again(cast.other_practitioner, by=cast.leader)
    assert fresh(cast.practitioner).has_usable_password()
    assert "/account/password/reset/key/" in Message.objects.get(to=cast.practitioner.email).body


def test_a_changed_address_is_told_to_the_old_one(cast: Cast) -> None:
    old = cast.colleague.email
    with as_(cast.manager):
        staff.change_person(cast.colleague, by=cast.manager, email="ben.new@example.org")
    assert "changed" in Message.objects.get(to=old).subject
    with as_(cast.leader), pytest.raises(Denied):
        staff.change_person(cast.colleague, by=cast.leader, email="mine@example.org")


def test_hours_and_capacity_are_a_practitioner_s(cast: Cast) -> None:
    with as_(cast.leader):
        staff.change_role(cast.practitioner.roles.get(), by=cast.leader, capacity=8)
        with pytest.raises(ValidationError):
            staff.change_role(cast.practitioner.roles.get(), by=cast.leader, post="")
    assert cast.practitioner.roles.get().capacity == 8
    with as_(cast.manager), pytest.raises(Denied):
        staff.change_role(cast.leader.roles.get(), by=cast.manager, capacity=8)


# --- clinical supervision ---
def test_supervision_is_a_manager_s_to_say(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(Denied):
        staff.add_supervision(by=cast.leader, supervisor=cast.supervisor, worker=cast.colleague, starts_on=today())
    with as_(cast.manager):
        pair = staff.add_supervision(
            by=cast.manager, supervisor=cast.supervisor, worker=cast.colleague, starts_on=today()
        )
        for values, field in (
            ({"supervisor": cast.supervisor, "worker": cast.colleague}, "worker"),
            ({"supervisor": cast.supervisor, "worker": cast.supervisor}, "worker"),
            ({"supervisor": cast.leader, "worker": cast.colleague}, "supervisor"),
        ):
            with pytest.raises(ValidationError) as refused:
                staff.add_supervision(by=cast.manager, starts_on=today(), **values)
            assert list(refused.value.message_dict) == [field]
        staff.end_supervision(pair, by=cast.manager, ends_on=today())
    assert not ClinicalSupervision.objects.today().filter(worker=cast.colleague).exists()


# --- the log ---
def test_a_leader_reads_the_changes_of_the_own_cluster(cast: Cast) -> None:
    with_nothing_to_hand_over(cast.practitioner, cast.other_practitioner)
    with as_(cast.manager):
        places.add_school(by=cast.manager, name="Elsewhere School")
        staff.end_role(cast.practitioner.roles.get(), by=cast.manager, ends_on=today())
        staff.end_role(cast.other_practitioner.roles.get(), by=cast.manager, ends_on=today())
        assert len(selectors.changes(cast.manager)) == 3
    with as_(cast.leader):
        texts = [event.text for event in selectors.changes(cast.leader)]
    assert len(texts) == 1
    assert texts[0].startswith("Asha Example: Practitioner (Child and family practitioner), Riverside Invented ends")


def test_settings_events_open_no_event_of_a_family(cast: Cast) -> None:
    with as_(cast.leader):
        Event.objects.create(
            actor="Dee Example",
            user_id=cast.leader.pk,
            cluster_id=cast.cluster.pk,
            family_id=cast.family.pk,
            kind="settings.disguised",
            text="about a family",
        )
    with as_(cast.manager):
        assert not Event.objects.exists()
    with as_(cast.other_practitioner):
        assert not Event.objects.exists()


def test_nothing_is_logged_when_nothing_changes(cast: Cast) -> None:
    with as_(cast.manager):
        places.change_school(cast.school, by=cast.manager, name=cast.school.name)
        assert not Event.objects.filter(kind="settings.school").exists()
    assert School.objects.count() == 2
    assert Cluster.objects.count() == 2
