"""The same people everywhere, and a little of each record. Invented, all of them.

def test_something(cast, client):
    sign_in(client, cast.practitioner)
    with as_(cast.leader):
        Case.objects.get(pk=cast.case.pk)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test import Client
from django.utils import timezone

from cases.models import Case, CaseReferral, CaseService, Contact, ContactNote, LeadWorker
from cluster_ehs.core import scope
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import (
    ClinicalSupervision,
    Cluster,
    ManagerRequest,
    Post,
    ReferenceCounter,
    Role,
    School,
    SchoolMembership,
    Service,
    StaffRole,
    Term,
    User,
)
from families.models import Family, NamedReader, Person
from referrals.models import Channel, Referral, Story
from triage.models import Attendee, Decision, Meeting, Offer, Response

PASSWORD = "a-long-invented-passphrase"


@dataclass
class Cast:
    """Cluster A and B, everybody who works with them, and records in each."""

    cluster: Cluster
    other_cluster: Cluster
    school: School
    other_school: School
    practitioner: User
    colleague: User
    leader: User
    therapist: User
    supervisor: User
    manager: User
    guest: User
    referrer: User
    other_practitioner: User
    other_leader: User
    family: Family
    child: Person
    mother: Person
    referral: Referral
    case_referral: Referral
    case: Case
    contact: Contact
    session: Contact
    other_family: Family
    other_referral: Referral
    other_case: Case
    restricted_family: Family
    restricted_referral: Referral
    restricted_case: Case
    meeting: Meeting


@contextmanager
def as_(user: User) -> Iterator[None]:
    """Read and write as this user for a while."""
    with acting_as_user(user.pk):
        yield


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="clusters.backends.EmailBackend")
    return client


@pytest.fixture(autouse=True)
def _no_scope_left_behind() -> Iterator[None]:
    """A scope ends with its transaction; a test's own transaction outlives the request, so it is ended here."""

    def forget(**_: object) -> None:
        if connection.connection is not None and connection.in_atomic_block and not connection.needs_rollback:
            scope.act_as_nobody()

    request_started.connect(forget)
    request_finished.connect(forget)
    yield
    request_started.disconnect(forget)
    request_finished.disconnect(forget)


def a_term(vocabulary: str, code: str = "", **extra: object) -> Term:
    """A term of a vocabulary: the named one, or the first."""
    found = (
        Term.objects.filter(vocabulary=vocabulary, **({"code": code} if code else {})).order_by("order", "pk").first()
    )
    if found:
        return found
    return Term.objects.create(
        vocabulary=vocabulary, code=code or f"invented_{vocabulary}", label=f"Invented {vocabulary}", **extra
    )


def a_service(kind: str) -> Service:
    found = Service.objects.filter(kind=kind).order_by("order", "pk").first()
    return found or Service.objects.create(code=kind, name=Service.Kind(kind).label, kind=kind)


def a_user(
    name: str,
    *,
    role: Role,
    cluster: Cluster | None = None,
    school: School | None = None,
    post: str = "",
    capacity: int | None = None,
) -> User:
    user = User.objects.create_user(
        name=name, email=f"{name.lower().replace(' ', '.')}@example.org", password=PASSWORD, telephone="0113 496 0000"
    )
    starts_on = date(2020, 1, 1)
    if role == Role.MANAGER and (other := User.objects.filter(roles__role=role).first()):
        a_second_manager(user, confirmed_by=other, starts_on=starts_on)
    StaffRole.objects.create(
        user=user, role=role, cluster=cluster, school=school, post=post, capacity=capacity, starts_on=starts_on
    )
    return user


def a_second_manager(user: User, *, confirmed_by: User, starts_on: date) -> None:
    """The request and its second person, without which the database takes no further manager."""
    scope.act_as_nobody()
    asked = ManagerRequest.objects.create(user=user, reason="Invented", starts_on=starts_on)
    with as_(confirmed_by):
        asked.status, asked.answered_by, asked.answered_at = "confirmed", confirmed_by, timezone.now()
        asked.save()


def a_family(cluster: Cluster, name: str, *, restricted: bool = False, number: int = 1) -> Family:
    return Family.objects.create(
        cluster=cluster,
        reference=f"{cluster.prefix}-F2026-{number:04d}",
        name=name,
        address="1 Invented Row",
        postcode="LS8 1AA",
        restricted=restricted,
    )


def a_person(
    family: Family, first_name: str, *, born: date | None = None, is_child: bool = True, **extra: object
) -> Person:
    return Person.objects.create(
        cluster_id=family.cluster_id,
        family=family,
        first_name=first_name,
        last_name=family.name,
        birth_date=born,
        is_child=is_child,
        **extra,
    )


def a_referral(
    child: Person, *, number: int, school: School | None = None, days_ago: int = 6, harm: bool = False
) -> Referral:
    referral = Referral.objects.create(
        cluster_id=child.cluster_id,
        family_id=child.family_id,
        reference=f"{child.cluster.prefix}-2026-{number:04d}",
        child=child,
        received_on=timezone.localdate() - timedelta(days=days_ago),
        school=school,
        route=a_term("route"),
        channel=Channel.ONLINE,
        referrer_name="Rae Invented",
        referrer_organisation="Invented Primary School",
    )
    Story.objects.create(
        cluster_id=child.cluster_id,
        family_id=child.family_id,
        referral=referral,
        worrying="Late most Mondays, cries at the gate.",
        going_well="Loves football.",
        family_wants="Mornings without shouting.",
    )
    return referral


def decided(referral: Referral, *, by: User, service: Service | None = None, days_ago: int = 3) -> Decision:
    """A decision that a service is received, with one waiting offer."""
    on = timezone.localdate() - timedelta(days=days_ago)
    decision = Decision.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        referral=referral,
        response=Response.SERVICE,
        rationale="Family support fits.",
        decided_on=on,
        decided_at=timezone.now() - timedelta(days=days_ago),
        decided_by=by,
    )
    Referral.objects.filter(pk=referral.pk).update(status="decided")
    referral.status = "decided"
    Offer.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        decision=decision,
        service=service or a_service("family_support"),
        waiting_since=on,
    )
    return decision


def an_open_case(referral: Referral, *, lead: User, leader: User, number: int) -> Case:
    decision = decided(referral, by=leader, days_ago=20)
    keys = {"cluster_id": referral.cluster_id, "family_id": referral.family_id}
    case = Case.objects.create(
        **keys,
        reference=f"{referral.cluster.prefix}-C2025-{number:04d}",
        opened_on=timezone.localdate() - timedelta(days=14),
    )
    CaseReferral.objects.create(**keys, case=case, referral=referral)
    LeadWorker.objects.create(**keys, case=case, worker=lead, starts_on=case.opened_on)
    offer = decision.offers.get()
    Offer.objects.filter(pk=offer.pk).update(status="allocated")
    CaseService.objects.create(
        **keys, case=case, service=offer.service, offer=offer, worker=lead, starts_on=case.opened_on
    )
    return case


def a_contact(case: Case, *, author: User, text: str, private: bool = False, **extra: object) -> Contact:
    keys = {"cluster_id": case.cluster_id, "family_id": case.family_id}
    contact = Contact.objects.create(
        **keys,
        case=case,
        kind=extra.pop("kind", Contact.Kind.HOME_VISIT),
        at=timezone.now() - timedelta(days=2),
        author=author,
        private=private,
        **extra,
    )
    ContactNote.objects.create(**keys, contact=contact, text=text, author=author, private=private)
    return contact


def make_cast() -> Cast:
    """Made by the importer's narrow scope: even a test writes inside the walls."""
    today = timezone.localdate()
    a = Cluster.objects.create(
        name="Riverside Invented", prefix="RI", telephone="0113 496 0001", email="ri@example.org"
    )
    b = Cluster.objects.create(name="Hilltop Invented", prefix="HI", telephone="0113 496 0002", email="hi@example.org")
    # The references below are written out; the next ones go on after them.
    ReferenceCounter.objects.bulk_create(
        ReferenceCounter(cluster=cluster, year=2026, kind=kind, last=50)
        for cluster in (a, b)
        for kind in ("referral", "family", "case")
    )
    school = School.objects.create(name="Invented Primary School", urn="900001")
    other_school = School.objects.create(name="Imaginary High School", urn="900002", phase=School.Phase.SECONDARY)
    for a_school, cluster in ((school, a), (other_school, b)):
        SchoolMembership.objects.create(school=a_school, cluster=cluster, starts_on=date(2015, 9, 1))
    worker = {"post": Post.FAMILY_PRACTITIONER, "capacity": 14}
    practitioner = a_user("Asha Example", role=Role.PRACTITIONER, cluster=a, **worker)
    colleague = a_user("Ben Example", role=Role.PRACTITIONER, cluster=a, **worker)
    leader = a_user("Dee Example", role=Role.LEADER, cluster=a)
    therapist = a_user("Lee Example", role=Role.PRACTITIONER, cluster=a, post=Post.CHILDRENS_THERAPIST, capacity=12)
    supervisor = a_user("Sol Example", role=Role.CLINICAL_SUPERVISOR)
    manager = a_user("Mo Example", role=Role.MANAGER)
    guest = a_user("Gus Example", role=Role.PANEL_GUEST, cluster=a)
    referrer = a_user("Rae Example", role=Role.REFERRER, school=school)
    other_practitioner = a_user("Pat Elsewhere", role=Role.PRACTITIONER, cluster=b, **worker)
    other_leader = a_user("Lou Elsewhere", role=Role.LEADER, cluster=b)
    ClinicalSupervision.objects.create(supervisor=supervisor, worker=therapist, starts_on=date(2020, 1, 1))
    with acting_as(NamedActor.IMPORTER, clusters=[a.pk, b.pk]):
        family = a_family(a, "Novák", number=1)
        child = a_person(family, "Zdeňka", born=today.replace(day=1) - timedelta(days=9 * 366), school=school)
        a_person(family, "Petr", born=today - timedelta(days=6 * 366), school=school)
        mother = a_person(family, "Jana", born=date(1988, 5, 4), is_child=False)
        waiting_family = a_family(a, "Wójcik", number=2)
        jakub = a_person(waiting_family, "Jakub", born=today - timedelta(days=10 * 366), school=school)
        referral = a_referral(jakub, number=2, school=school)
        case_referral = a_referral(child, number=1, school=school, days_ago=30)
        case = an_open_case(case_referral, lead=practitioner, leader=leader, number=1)
        contact = a_contact(case, author=practitioner, text="Zdeňka seen, with Jana.", child_seen=True)
        keys = {"cluster_id": case.cluster_id, "family_id": case.family_id}
        therapy = CaseService.objects.create(
            **keys,
            case=case,
            service=a_service("childrens_therapy"),
            worker=therapist,
            person=child,
            starts_on=case.opened_on,
        )
        session = a_contact(
            case,
            author=therapist,
            text="What was said in therapy.",
            private=True,
            kind=Contact.Kind.SESSION,
            case_service=therapy,
            session_kind=Contact.SessionKind.ASSESSMENT,
        )
        other_family = a_family(b, "Okafor", number=1)
        chidi = a_person(other_family, "Chidi", born=today - timedelta(days=13 * 366), school=other_school)
        other_referral = a_referral(chidi, number=1, school=other_school)
        adaeze = a_person(
            a_family(b, "Eze", number=2), "Adaeze", born=today - timedelta(days=8 * 366), school=other_school
        )
        other_case = an_open_case(
            a_referral(adaeze, number=2, school=other_school, days_ago=40),
            lead=other_practitioner,
            leader=other_leader,
            number=1,
        )
        restricted_family = a_family(a, "Smith-Jones", restricted=True, number=3)
        NamedReader.objects.create(cluster=a, family=restricted_family, user=colleague)
        eve = a_person(restricted_family, "Eve-Rose", born=today - timedelta(days=11 * 366), school=school)
        restricted_referral = a_referral(eve, number=3, school=school)
        eli = a_person(restricted_family, "Eli", born=today - timedelta(days=9 * 366), school=school)
        restricted_case = an_open_case(
            a_referral(eli, number=4, school=school, days_ago=50), lead=colleague, leader=leader, number=2
        )
        meeting = Meeting.objects.create(cluster=a, starts_at=timezone.now() - timedelta(minutes=10))
        Attendee.objects.create(cluster=a, meeting=meeting, user=guest, name=guest.name, agency="School nursing")
        meeting.items.create(cluster=a, family=waiting_family, referral=referral, position=1)
    return Cast(
        cluster=a,
        other_cluster=b,
        school=school,
        other_school=other_school,
        practitioner=practitioner,
        colleague=colleague,
        leader=leader,
        therapist=therapist,
        supervisor=supervisor,
        manager=manager,
        guest=guest,
        referrer=referrer,
        other_practitioner=other_practitioner,
        other_leader=other_leader,
        family=family,
        child=child,
        mother=mother,
        referral=referral,
        case_referral=case_referral,
        case=case,
        contact=contact,
        session=session,
        other_family=other_family,
        other_referral=other_referral,
        other_case=other_case,
        restricted_family=restricted_family,
        restricted_referral=restricted_referral,
        restricted_case=restricted_case,
        meeting=meeting,
    )
