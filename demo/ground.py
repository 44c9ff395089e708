"""The Cluster itself: schools with their memberships, staff with their roles, and the lists of terms at hand."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from clusters.models import (
    ClinicalSupervision,
    Cluster,
    PartnerService,
    Post,
    Role,
    School,
    SchoolMembership,
    Service,
    StaffRole,
    Term,
    User,
)
from demo.sign_ins import CLUSTER, LEAVERS, PASSWORD, PILOT, SCHOOL, SIGN_INS

SEED = 20210622
# The pilot Cluster had thirteen primary schools and one secondary; so has this one, one school of it a returner.
PRIMARIES = (
    SCHOOL,
    "Invented Primary School",
    "Imaginary Lane Primary School",
    "Fable Hill Primary School",
    "Pretend Park Primary School",
    "Storybrook Primary School",
    "Our Lady of Examples Primary School",
    "Makebelieve Moor Primary School",
    "Legend Green Primary School",
    "Specimen Bank Primary School",
    "Notional Fields Primary School",
    "Sampleton Infant and Junior School",
    "Conjecture Church of England Primary School",
)
SECONDARY = "Invented High School"
RETURNED = "Legend Green Primary School"
FIRST_URN = 990001


@dataclass
class World:
    """What everything else is made with: one seed, one day that counts as today, one Cluster."""

    today: date
    cluster: Cluster
    staff: dict[str, User]
    leavers: list[User]
    schools: list[School]
    high_school: School
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - a story, not a secret
    terms: dict[tuple[str, str], Term] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    partners: dict[str, PartnerService] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.terms = {(term.vocabulary, term.code): term for term in Term.objects.all()}
        self.services = {service.code: service for service in Service.objects.filter(cluster__isnull=True)}
        self.partners = {partner.code: partner for partner in PartnerService.objects.exclude(code=None) if partner.code}

    def term(self, vocabulary: str, code: str) -> Term:
        return self.terms[vocabulary, code]

    def weeks_ago(self, weeks: float) -> date:
        return self.today - timedelta(days=round(weeks * 7))

    def workday(self, day: date) -> date:
        """The day, or the Friday before when it falls on a weekend."""
        return day - timedelta(days=max(0, day.weekday() - 4))


def make_world(today: date) -> World:
    """Cluster, schools and staff of the living demonstration."""
    cluster = Cluster.objects.create(
        name=CLUSTER, prefix="RD", telephone="0113 496 0100", email="riverside@example.org"
    )
    schools = [
        School.objects.create(
            name=name,
            urn=str(FIRST_URN + number),
            phase=School.Phase.SECONDARY if name == SECONDARY else School.Phase.PRIMARY,
        )
        for number, name in enumerate((*PRIMARIES, SECONDARY))
    ]
    for school in schools:
        if school.name == RETURNED:
            _membership(school, cluster, date(2014, 9, 1), date(2022, 9, 1))
            _membership(school, cluster, date(today.year - 2, 9, 1))
        else:
            _membership(school, cluster, date(2014, 9, 1))
    staff = make_staff([cluster])
    leavers = []
    for name in LEAVERS:
        user = User(name=name, is_active=False)
        user.set_unusable_password()
        user.save()
        StaffRole.objects.create(
            user=user,
            role=Role.PRACTITIONER,
            cluster=cluster,
            post=Post.FAMILY_PRACTITIONER,
            capacity=14,
            starts_on=date(2016, 9, 1),
            ends_on=today - timedelta(days=220),
        )
        leavers.append(user)
    for key in ("lee", "noor"):
        ClinicalSupervision.objects.create(
            supervisor=staff["sol"], worker=staff[key], starts_on=today - timedelta(days=800)
        )
    return World(today, cluster, staff, leavers, schools, schools[-1])


def _membership(school: School, cluster: Cluster, starts_on: date, ends_on: date | None = None) -> None:
    SchoolMembership.objects.create(school=school, cluster=cluster, starts_on=starts_on, ends_on=ends_on)


def make_staff(clusters: list[Cluster]) -> dict[str, User]:
    """The people who sign in and work in these Clusters, or in all of them."""
    places = {cluster.name: cluster for cluster in clusters}
    # One hash for all: the password is the same, and hashing is slow on purpose.
    password = make_password(PASSWORD)
    made = {}
    for person in SIGN_INS:
        if person.cluster not in places and (person.cluster or CLUSTER not in places):
            continue
        user = User.objects.create(name=person.name, email=person.email, telephone="0113 496 0199", password=password)
        StaffRole.objects.create(
            user=user,
            role=person.role,
            cluster=places.get(person.cluster),
            school=School.objects.get(name=person.school) if person.school else None,
            post=person.post,
            funder=person.funder,
            full_time_equivalent=Decimal(person.fte) if person.capacity else None,
            capacity=person.capacity,
            starts_on=date(2019, 9, 2),
        )
        made[person.key] = user
    return made


def people_who_sign_in() -> QuerySet[User]:
    return User.objects.filter(email__in=[person.email for person in SIGN_INS])


def pilot_cluster() -> Cluster | None:
    return Cluster.objects.filter(name=PILOT).first()
