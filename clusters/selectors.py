"""Reads of who we are: what the settings pages show, and which entitlement holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Event
from clusters.changes import KIND
from clusters.models import (
    Absence,
    ClinicalSupervision,
    Cluster,
    DutyContact,
    Entitlement,
    PartnerService,
    Role,
    School,
    SchoolMembership,
    Service,
    StaffRole,
    Term,
    User,
    Vocabulary,
)
from clusters.people import duties

PAGE = 50


def today_of(prefix: str = "") -> Q:
    """Holds today: from `starts_on` up to, but not including, `ends_on`."""
    today = timezone.localdate()
    return Q(**{f"{prefix}starts_on__lte": today}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gt": today})
    )


def clusters_of(user: User) -> QuerySet[Cluster]:
    """Clusters whose settings the user sees: all for a manager, the own for a leader."""
    held = duties(user)
    return Cluster.objects.all() if held.is_manager else Cluster.objects.filter(pk__in=held.leads)


def cluster_list(user: User) -> QuerySet[Cluster]:
    return clusters_of(user).annotate(
        schools_now=Count("memberships", filter=today_of("memberships__"), distinct=True),
        staff_now=Count(
            "staff_roles__user",
            filter=today_of("staff_roles__") & Q(staff_roles__role__in=[Role.PRACTITIONER, Role.LEADER]),
            distinct=True,
        ),
    )


def memberships(*, cluster: Cluster | None = None, school: School | None = None) -> list[SchoolMembership]:
    """Newest first, so that a school that left and came back is seen at the top of its own past."""
    found = SchoolMembership.objects.select_related("school", "cluster").order_by("-starts_on", "school__name")
    if cluster is not None:
        found = found.filter(cluster=cluster).order_by("school__name", "-starts_on")
    if school is not None:
        found = found.filter(school=school)
    return list(found)


def is_now(row: Any) -> bool:
    today = timezone.localdate()
    return row.starts_on <= today and (row.ends_on is None or row.ends_on > today)


def school_list() -> QuerySet[School]:
    return School.objects.prefetch_related(
        Prefetch("memberships", SchoolMembership.objects.today().select_related("cluster"), to_attr="now")
    )


def entitlement_on(*, service: Service | int, cluster: Cluster | int, day: date) -> Entitlement | None:
    """What a service may use up for work that begins on a day: the Cluster's own rule, else the general one [E][P]."""
    service_id = service if isinstance(service, int) else service.pk
    cluster_id = cluster if isinstance(cluster, int) else cluster.pk
    found = Entitlement.objects.filter(service_id=service_id, effective_from__lte=day).order_by("-effective_from")
    return found.filter(cluster_id=cluster_id).first() or found.filter(cluster__isnull=True).first()


@dataclass
class Offer:
    """A service with its entitlements: the general ones and those of Clusters, newest first."""

    service: Service
    entitlements: list[Entitlement] = field(default_factory=list)

    @property
    def general(self) -> Entitlement | None:
        return self._latest(None)

    @property
    def own(self) -> list[Entitlement]:
        """Today's entitlement of each Cluster that has one of its own."""
        ids = {e.cluster_id for e in self.entitlements if e.cluster_id is not None}
        found = (self._latest(cluster_id) for cluster_id in ids)
        return sorted((e for e in found if e), key=lambda e: str(e.cluster))

    def _latest(self, cluster_id: int | None) -> Entitlement | None:
        today = timezone.localdate()
        return next(
            (e for e in self.entitlements if e.cluster_id == cluster_id and e.effective_from <= today),
            None,
        )


def offers(user: User, services: Iterable[Service] | None = None) -> list[Offer]:
    """Services with their entitlements; a leader sees the general ones and the own Cluster's."""
    held = duties(user)
    of_clusters = Q() if held.is_manager else Q(cluster__isnull=True) | Q(cluster__in=held.leads)
    if services is None:
        services = Service.objects.filter(of_clusters).select_related("cluster")
    listed = {service.pk: Offer(service) for service in services}
    rows = Entitlement.objects.filter(of_clusters, service__in=list(listed)).select_related("cluster", "service")
    for entitlement in rows.order_by("-effective_from", "cluster__name"):
        listed[entitlement.service_id].entitlements.append(entitlement)
    return list(listed.values())


def partner_list() -> QuerySet[PartnerService]:
    return PartnerService.objects.order_by("retired_on", "order", "name")


def vocabulary_list() -> list[dict[str, Any]]:
    today = timezone.localdate()
    counts = {
        row["vocabulary"]: row
        for row in Term.objects.values("vocabulary")
        .order_by()
        .annotate(entries=Count("pk"), retired=Count("pk", filter=Q(retired_on__lte=today)))
    }
    return [
        {"value": value, "label": label, **counts.get(value, {"entries": 0, "retired": 0})}
        for value, label in Vocabulary.choices
    ]


def terms_of(vocabulary: str) -> list[Term]:
    """The entries in order, each sub-reason (or extended code) under its parent, with `siblings` for moving."""
    rows = list(Term.objects.of(vocabulary).select_related("parent").order_by("order", "label", "pk"))
    children: dict[int | None, list[Term]] = {}
    for term in rows:
        children.setdefault(term.parent_id, []).append(term)
    ordered = []
    for top in children.get(None, []):
        ordered += [top, *children.get(top.pk, [])]
    for group in children.values():
        for number, term in enumerate(group):
            term.__dict__.update(first=number == 0, last=number == len(group) - 1)
    return ordered


def staff_list(user: User, *, cluster: Cluster | None = None, role: str = "", left: bool = False) -> list[User]:
    """People with their roles of today; with `left` those whose account is closed. A leader sees the own Cluster."""
    held = duties(user)
    people = User.objects.exclude(email=None)
    wanted = Q() if left else today_of("roles__")
    narrowed = False
    if not held.is_manager:
        wanted &= Q(roles__cluster_id__in=held.leads)
        narrowed = True
    if cluster is not None:
        wanted &= Q(roles__cluster=cluster)
        narrowed = True
    if role:
        wanted &= Q(roles__role=role)
        narrowed = True
    people = people.filter(is_active=not left)
    if narrowed:
        people = people.filter(wanted).distinct()
    roles = StaffRole.objects.select_related("cluster", "school").order_by("role", "pk")
    return list(people.prefetch_related(Prefetch("roles", roles.filter(today_of()), to_attr="now")))


def roles_of(person: User) -> list[StaffRole]:
    return list(person.roles.select_related("cluster", "school").order_by("-starts_on", "-pk"))


def supervision_list() -> list[ClinicalSupervision]:
    return list(
        ClinicalSupervision.objects.select_related("supervisor", "worker").order_by(
            "supervisor__name", "worker__name", "-starts_on"
        )
    )


def changes(user: User, *, before: int | None = None, cluster: Cluster | None = None) -> list[Event]:
    """The log of the settings, newest first, one more than a page. A leader sees the own Cluster's."""
    held = duties(user)
    found = Event.objects.filter(family_id=None, kind__startswith=f"{KIND}.").order_by("-pk")
    if not held.is_manager:
        found = found.filter(cluster_id__in=held.leads)
    if cluster is not None:
        found = found.filter(cluster_id=cluster.pk)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[: PAGE + 1])


@dataclass(frozen=True)
class Entry:
    """A part of the settings on their first page."""

    title: str
    text: str
    url: str
    count: int | None = None


def overview(user: User) -> list[Entry]:
    """The parts of the settings with how many of each; a leader's begin with the own Clusters."""
    held = duties(user)
    people = StaffRole.objects.today().filter(user__is_active=True)
    changes_entry = Entry("Changes", "What was changed here, by whom and when.", reverse("settings-changes"))
    services = Entry("Services", "What is offered, and what it may use up.", reverse("settings-services"))
    told = "Who is told when the leader is not there: deputies, hours, who is away."
    duty = Entry("Risk of harm", told, reverse("settings-duty"), len(duty_contacts(user)))
    confirmed = "Each quarter: who has which role, confirmed line by line."
    access = Entry("Access", confirmed, reverse("settings-access-reviews"))
    if not held.is_manager:
        own = [
            Entry(str(cluster), "Its schools and staff.", reverse("settings-cluster", args=[cluster.pk]))
            for cluster in clusters_of(user)
        ]
        staff = "Invite practitioners and panel guests, change hours, end a role."
        count = _people(people.filter(cluster_id__in=held.leads))
        return [*own, Entry("Staff", staff, reverse("settings-staff"), count), access, services, duty, changes_entry]
    return [
        Entry(
            "Clusters",
            "The groups of schools that help families.",
            reverse("settings-clusters"),
            Cluster.objects.filter(retired_on=None).count(),
        ),
        Entry(
            "Schools",
            "Which Cluster each belongs to, and since when.",
            reverse("settings-schools"),
            School.objects.count(),
        ),
        Entry(services.title, services.text, services.url, Service.objects.filter(retired_on=None).count()),
        Entry(
            "Partner services",
            "Where families are passed to.",
            reverse("settings-partners"),
            PartnerService.objects.filter(retired_on=None).count(),
        ),
        Entry(
            "Code lists",
            "Reasons, routes, languages and the other choices of forms.",
            reverse("settings-vocabularies"),
            len(Vocabulary.choices),
        ),
        Entry(
            "Staff",
            "Invite, give and end roles, close an account.",
            reverse("settings-staff"),
            _people(people),
        ),
        access,
        duty,
        Entry(
            "Supervision",
            "Which clinical supervisor reads whose sessions.",
            reverse("settings-supervision"),
            ClinicalSupervision.objects.today().count(),
        ),
        Entry(
            "Translations",
            "The public form in other languages: which texts a person has confirmed.",
            reverse("settings-translations"),
        ),
        Entry(
            "Live data",
            "What must be in place before anything of a real family is entered.",
            reverse("settings-live"),
        ),
        changes_entry,
    ]


def _people(roles: QuerySet[StaffRole]) -> int:
    return roles.aggregate(people=Count("user", distinct=True))["people"]


def people_on_duty(user: User) -> QuerySet[User]:
    """Leaders and duty contacts with a sign-in, of the Clusters whose settings the user sees."""
    clusters = clusters_of(user)
    leads = StaffRole.objects.today().filter(role=Role.LEADER, cluster__in=clusters).values("user_id")
    contacts = DutyContact.objects.filter(cluster__in=clusters, user__isnull=False).values("user_id")
    return User.objects.filter(Q(pk__in=leads) | Q(pk__in=contacts), is_active=True)


def duty_contacts(user: User) -> list[DutyContact]:
    """Those of the own Clusters and of the city that have not ended."""
    rows = DutyContact.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=timezone.localdate()))
    rows = rows.filter(Q(cluster__isnull=True) | Q(cluster__in=clusters_of(user)))
    return list(rows.select_related("cluster", "user").order_by("cluster__name", "kind", "pk"))


def absences(user: User) -> list[Absence]:
    """Now and to come."""
    rows = Absence.objects.filter(ends_on__gt=timezone.localdate(), user__in=people_on_duty(user))
    return list(rows.select_related("user"))
