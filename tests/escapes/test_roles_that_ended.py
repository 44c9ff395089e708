"""What a role opened closes with it, also where a row still names the person."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Contact
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, Post, Role, StaffRole, User
from families import namings
from families.models import EmergencyAccess, Family, NamedReader, Person
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_, sign_in
from triage.models import AgendaItem, Attendee, Meeting


def moves(user: User, *, role: Role, to: Cluster, **terms: object) -> None:
    """The roles of before ended yesterday."""
    today = timezone.localdate()
    StaffRole.objects.filter(user=user).update(ends_on=today)
    StaffRole.objects.create(user=user, role=role, cluster=to, starts_on=today, **terms)


def opened(user: User, family: Family) -> int:
    """How many rows of a family somebody reads, and would change."""
    with as_(user):
        counted = sum(
            model.objects.filter(family_id=family.pk).count()
            for model in (Person, Referral, Case, Contact, NamedReader)
        )
        counted += Family.objects.filter(pk=family.pk).count()
        return counted + Person.objects.filter(family_id=family.pk).update(known_as="Changed from outside")


def test_who_is_named_on_a_restricted_record_and_left_the_cluster_reads_and_writes_it_no_more(
    cast: Cast, client: Client
) -> None:
    family = cast.restricted_family
    case = reverse("case", args=[cast.restricted_case.pk])
    assert opened(cast.colleague, family) > 5
    assert sign_in(client, cast.colleague).get(case).status_code == 200
    moves(cast.colleague, role=Role.PRACTITIONER, to=cast.other_cluster, post=Post.FAMILY_PRACTITIONER)
    assert opened(cast.colleague, family) == 0
    assert sign_in(client, cast.colleague).get(case).status_code == 404
    namings.end_without_role()
    StaffRole.objects.filter(user=cast.colleague, cluster=cast.cluster).update(ends_on=None)
    assert opened(cast.colleague, family) == 0, "the name went with the role: who comes back is named anew"


def named_on(family: Family) -> set[int]:
    with acting_as(NamedActor.SCHEDULER):
        return set(NamedReader.objects.filter(family=family).values_list("user_id", flat=True))


def test_the_name_goes_with_the_last_role_there_and_the_leader_is_told_when_nobody_is_left(
    cast: Cast, client: Client
) -> None:
    family, today = cast.restricted_family, timezone.localdate()
    namings.end_without_role()
    assert named_on(family) == {cast.colleague.pk}
    StaffRole.objects.filter(user=cast.colleague).update(ends_on=today)
    StaffRole.objects.create(user=cast.colleague, role=Role.LEADER, cluster=cast.cluster, starts_on=today)
    namings.end_without_role()
    assert named_on(family) == {cast.colleague.pk}, "another working role in the Cluster keeps it"
    StaffRole.objects.filter(user=cast.colleague).update(ends_on=today)
    for _ in range(2):
        namings.end_without_role()
    assert named_on(family) == set()
    told = Message.objects.get(subject__startswith="Nobody is left")
    assert (told.user_id, told.urgent) == (cast.leader.pk, True)
    assert family.reference in told.subject
    assert family.name not in told.subject + told.body
    # The way that the message says: open it by its reference, then name somebody.
    sign_in(client, cast.leader)
    assert told.url == reverse("emergency")
    client.post(told.url, {"reference": family.reference, "reason": "Nobody is named on it any more."})
    assert client.get(reverse("family", args=[family.pk])).status_code == 200
    client.post(reverse("family-restrict", args=[family.pk]), {"restricted": "yes", "readers": [cast.practitioner.pk]})
    assert named_on(family) == {cast.leader.pk, cast.practitioner.pk}
    history = client.get(reverse("family-history", args=[family.pk])).text
    assert "Ben Example is not named on this record any more" in history


def test_who_is_named_and_stays_as_a_guest_reads_it_no_more(cast: Cast) -> None:
    moves(cast.colleague, role=Role.PANEL_GUEST, to=cast.cluster)
    assert opened(cast.colleague, cast.restricted_family) == 0


def test_what_was_opened_in_an_emergency_closes_when_the_last_role_with_families_ends(cast: Cast) -> None:
    family, now = cast.other_family, timezone.now()
    with as_(cast.other_leader):
        keys = {"cluster_id": family.cluster_id, "family_id": family.pk, "user_id": cast.practitioner.pk}
        hours = {"starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(hours=4)}
        EmergencyAccess.objects.create(**keys, **hours, reason="A neighbour rang about the children.")
    assert opened(cast.practitioner, family) > 1
    moves(cast.practitioner, role=Role.PANEL_GUEST, to=cast.cluster)
    assert opened(cast.practitioner, family) == 0


def test_a_guest_reads_no_agenda_of_a_cluster_where_the_role_has_ended(cast: Cast) -> None:
    with as_(cast.other_leader):
        meeting = Meeting.objects.create(cluster=cast.other_cluster, starts_at=timezone.now())
        meeting.items.create(
            cluster=cast.other_cluster, family=cast.other_family, referral=cast.other_referral, position=1
        )
        Attendee.objects.create(cluster=cast.other_cluster, meeting=meeting, user=cast.guest, name=cast.guest.name)
    today = timezone.localdate()
    role = StaffRole.objects.create(user=cast.guest, role=Role.PANEL_GUEST, cluster=cast.other_cluster, starts_on=today)
    with as_(cast.guest):
        assert AgendaItem.objects.filter(meeting=meeting).count() == 1
        assert Referral.objects.filter(pk=cast.other_referral.pk).exists()
    role.ends_on = today
    role.save()
    with as_(cast.guest):
        assert not AgendaItem.objects.filter(meeting=meeting).exists()
        assert not Referral.objects.filter(pk=cast.other_referral.pk).exists()
        assert AgendaItem.objects.count() == 1, "the own Cluster's meeting is on"
