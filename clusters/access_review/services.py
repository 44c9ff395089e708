"""Opening, deciding and finishing reviews of access."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.models import Look
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters import leaving
from clusters import policies as settings_policies
from clusters.access_review import policies
from clusters.changes import record, wrong
from clusters.models import AccessLine, AccessReview, Cluster, Role, SchoolMembership, StaffRole, User
from clusters.notices import tell
from clusters.roles.asking import managers_but
from clusters.services.staff import end_role

WEEKS = timedelta(weeks=4)


def quarter_of(day: date) -> date:
    """The first day of the quarter: January, April, July, October."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def open_due(today: date) -> int:
    """Make the reviews of this quarter that are not there yet. Returns how many; asked often, made once."""
    quarter = quarter_of(today)
    clusters = list(Cluster.objects.filter(retired_on=None))
    there = set(AccessReview.objects.filter(quarter_starts_on=quarter).values_list("cluster_id", flat=True))
    missing = [cluster for cluster in (*clusters, None) if (cluster.pk if cluster else None) not in there]
    return sum(_open(cluster, quarter, today) for cluster in missing)


def carry_on() -> None:
    open_due(timezone.localdate())


def _open(cluster: Cluster | None, quarter: date, today: date) -> bool:
    with transaction.atomic():
        review, new = AccessReview.objects.get_or_create(
            cluster=cluster, quarter_starts_on=quarter, defaults={"due_on": max(quarter, today) + WEEKS}
        )
        if not new:
            return False
        roles = list(_roles(cluster).select_related("user", "cluster").order_by("pk"))
        looks = _looks(cluster, quarter)
        AccessLine.objects.bulk_create(
            AccessLine(
                review=review,
                role=role,
                last_sign_in=role.user.last_login,
                looks=looks.get(role.user_id, 0),
                holds=_holds(role, today)[:300],
            )
            for role in roles
        )
        if not roles:
            review.delete()
            return False
    for person in reviewers(review):
        tell(
            person,
            key=f"access-review:{review.pk}:{person.pk}",
            subject="A review of access is to be confirmed",
            text=f"Who has which role in {cluster or 'the whole city'}: confirm it line by line in four weeks.",
            url_name="settings-access-review",
            pk=review.pk,
        )
    return True


def reviewers(review: AccessReview) -> list[User]:
    """The leaders of its Cluster; of the city's, the managers."""
    if review.cluster_id is None:
        return managers_but()
    leads = StaffRole.objects.today().filter(role=Role.LEADER, cluster_id=review.cluster_id, user__is_active=True)
    return list(User.objects.filter(pk__in=leads.values("user_id"))) or managers_but()


def _roles(cluster: Cluster | None) -> QuerySet:
    today = StaffRole.objects.today().filter(user__is_active=True, user__email__isnull=False)
    if cluster is None:
        return today.filter(role__in=policies.CITY_WIDE)
    schools = SchoolMembership.objects.today().filter(cluster=cluster).values("school_id")
    return today.filter(Q(cluster=cluster) | Q(school__in=schools))


def _looks(cluster: Cluster | None, quarter: date) -> dict[int, int]:
    """Pages of families' records that each person opened in the quarter before."""
    if cluster is None:
        return {}
    before = quarter_of(quarter - timedelta(days=1))
    since, until = (timezone.make_aware(datetime.combine(day, time())) for day in (before, quarter))
    with acting_as(NamedActor.ACCESS, clusters=[cluster.pk]):
        rows = Look.objects.filter(cluster_id=cluster.pk, at__gte=since, at__lt=until).exclude(user_id=None)
        return dict(rows.values_list("user_id").annotate(number=Count("pk")).order_by())


def _holds(role: StaffRole, today: date) -> str:
    if role.role not in leaving.WORKING or role.cluster is None:
        return ""
    return "; ".join(holding.text for holding in leaving.holdings(role.user, role.cluster, today))


@transaction.atomic
def decide(line: AccessLine, *, by: User, decision: str, ends_on: date | None = None, note: str = "") -> AccessLine:
    """Keep a role, end it on a date (which ends it), or say what is to change. Raises Denied, ValidationError."""
    line = (
        AccessLine.objects.select_for_update(of=("self",))
        .select_related("review", "role__user", "role__cluster")
        .get(pk=line.pk)
    )
    policies.check_decide(by, line)
    if decision == AccessLine.Decision.END:
        if ends_on is None:
            raise wrong("ends_on", "Enter the first day without the role.")
        if not settings_policies.can_end_role(by, line.role):
            raise wrong("decision", "A manager ends this role. Choose Change, and say so in the note.")
        end_role(line.role, by=by, ends_on=ends_on)
    if decision == AccessLine.Decision.CHANGE and not note.strip():
        raise wrong("note", "Say what is to change.")
    line.decision, line.note = decision, note.strip()
    line.ends_on = ends_on if decision == AccessLine.Decision.END else None
    line.decided_by, line.decided_at = by, timezone.now()
    line.full_clean()
    line.save()
    said = f": {line.note}" if line.note else ""
    record(
        by=by,
        kind="access",
        text=f"Review of {line.review}: {line.role}, {line.get_decision_display()}{said}.",
        about=line,
    )
    return line


@transaction.atomic
def finish(review: AccessReview, *, by: User) -> AccessReview:
    """A manager's signature under a review in which every line but the manager's own is decided."""
    review = AccessReview.objects.select_for_update(of=("self",)).select_related("cluster").get(pk=review.pk)
    policies.check_finish(by)
    if review.finished_at is not None:
        raise Conflict("This review was finished already.")
    left = to_decide(review).exclude(role__user=by).count()
    if left:
        raise Conflict(f"{left} lines are still to be decided.")
    review.finished_at, review.finished_by = timezone.now(), by
    review.save(update_fields=["finished_at", "finished_by"])
    record(by=by, kind="access", text=f"Finished the review of access of {review}.", about=review)
    return review


def to_decide(review: AccessReview) -> QuerySet:
    """Lines without a decision whose role has not ended meanwhile."""
    today = timezone.localdate()
    return review.lines.filter(decision="").exclude(role__ends_on__lte=today)
