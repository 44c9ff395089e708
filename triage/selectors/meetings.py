"""Meetings: those to come, those past, who is here, what was agreed."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from clusters.models import Role, StaffRole, User
from clusters.people import duties
from referrals.models import Referral, Status
from triage.models import AgendaItem, Attendee, Decision, Meeting, Offer, PassingOn
from triage.selectors.state import AWAITED, LIVE_OFFERS

PAST = 12
SHOWN_AHEAD = timedelta(weeks=5)


def meeting_label(meeting: Meeting) -> str:
    """“Screening meeting, Monday 23 November at 09:30”."""
    at = timezone.localtime(meeting.starts_at)
    return f"{meeting.get_kind_display()}, {at:%A} {at.day} {at:%B} at {at:%H:%M}"


def meetings_to_come(cluster_id: int, *, besides: UUID) -> list[tuple[Meeting, str]]:
    """Planned meetings of a Cluster that have not begun, the next first, with their words for a choice."""
    planned = Meeting.objects.filter(
        cluster_id=cluster_id, status=Meeting.Status.PLANNED, starts_at__gt=timezone.now()
    ).exclude(pk=besides)
    return [(meeting, meeting_label(meeting)) for meeting in planned.order_by("starts_at")[:12]]


def meetings(clusters: frozenset[int], *, before: datetime | None = None) -> tuple[list[Meeting], list[Meeting]]:
    """Meetings to come, the next first, and closed ones, the last first: a page of them and one more, from `before`."""
    closed = Meeting.objects.filter(cluster_id__in=clusters, status=Meeting.Status.CLOSED).order_by("-starts_at")
    if before:
        closed = closed.filter(starts_at__lt=before)
    wanted = Q(pk__in=closed.values("pk")[: PAST + 1])
    if not before:
        skipped = Q(status=Meeting.Status.SKIPPED)
        # The next weeks are enough; all of them stand on the page of the patterns.
        wanted |= ~Q(status=Meeting.Status.CLOSED) & ~skipped & Q(starts_at__lt=timezone.now() + SHOWN_AHEAD)
        wanted |= skipped & Q(starts_at__range=(_this_morning(), timezone.now() + SHOWN_AHEAD))
    found = Meeting.objects.filter(wanted, cluster_id__in=clusters).annotate(
        on_agenda=_count(AgendaItem.objects.filter(meeting=OuterRef("pk"))),
        decided=_count(Decision.objects.filter(meeting=OuterRef("pk"))),
    )
    rows: list[Meeting] = sorted(found, key=lambda meeting: meeting.starts_at)
    return (
        [meeting for meeting in rows if meeting.status != Meeting.Status.CLOSED],
        [meeting for meeting in reversed(rows) if meeting.status == Meeting.Status.CLOSED],
    )


def repeated_ahead(clusters: frozenset[int]) -> list[Meeting]:
    """Meetings made from a pattern, from today on, also those that are not held."""
    ahead = Meeting.objects.filter(cluster_id__in=clusters, pattern__isnull=False, starts_at__gte=_this_morning())
    return list(ahead.select_related("cluster").order_by("starts_at")[:60])


def _this_morning() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def meetings_ahead(clusters: frozenset[int]) -> list[Meeting]:
    """Meetings that are open, then those planned from today on."""
    ahead = Meeting.objects.filter(cluster_id__in=clusters).annotate(
        on_agenda=_count(AgendaItem.objects.filter(meeting=OuterRef("pk")))
    )
    open_or_planned = Q(status=Meeting.Status.OPEN) | Q(status=Meeting.Status.PLANNED, starts_at__gte=_this_morning())
    return list(ahead.filter(open_or_planned).order_by("status", "starts_at")[:3])


def _count(rows: QuerySet) -> Coalesce:
    per_meeting = rows.order_by().values("meeting").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(per_meeting, output_field=IntegerField()), 0)


def open_to_guest(user: User) -> list[Meeting]:
    """The meetings whose window is open for a guest now: the row policies leave no others to be seen."""
    return list(
        Meeting.objects.filter(attendees__user=user, cluster_id__in=duties(user).guest_in).order_by("starts_at")
    )


def attendees(meeting: Meeting) -> list[Attendee]:
    return list(meeting.attendees.order_by("name"))


def may_be_invited(cluster_id: int) -> QuerySet[User]:
    """Staff and panel guests of a Cluster."""
    roles = StaffRole.objects.today().filter(
        cluster_id=cluster_id, role__in=[Role.LEADER, Role.PRACTITIONER, Role.PANEL_GUEST]
    )
    return User.objects.filter(is_active=True, pk__in=roles.values("user_id")).order_by("name")


def follow_up(clusters: frozenset[int]) -> list[Referral]:
    """Decided, not ended, and nobody is at it: no offer, no case, no partner to hand back. The longest so first."""
    offers = Offer.objects.filter(decision__referral=OuterRef("pk"), status__in=LIVE_OFFERS)
    awaited = PassingOn.objects.filter(AWAITED, decision__referral=OuterRef("pk"))
    news = PassingOn.objects.filter(
        decision__referral=OuterRef("pk"), status__in=(PassingOn.Status.BACK, PassingOn.Status.DECLINED)
    )
    return list(
        Referral.objects.filter(cluster_id__in=clusters, status=Status.DECIDED, case_link__isnull=True)
        .filter(~Exists(offers), ~Exists(awaited))
        .select_related("child", "decision")
        .annotate(
            came_back=ArraySubquery(news.filter(status=PassingOn.Status.BACK).values("partner__name")),
            declined=ArraySubquery(news.filter(status=PassingOn.Status.DECLINED).values("partner__name")),
        )
        .order_by("decision__decided_on", "pk")[:100]
    )
