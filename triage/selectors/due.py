"""What is due for an agenda: undecided, on no agenda to come, and what comes first."""

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from referrals.models import Referral
from triage.models import AgendaItem, Meeting, MeetingKind

LIVE = (Meeting.Status.PLANNED, Meeting.Status.OPEN)


def unplaced(cluster_id: int | None) -> QuerySet[Referral]:
    """Referrals to screen that stand on no agenda to come; None for every Cluster that the reader sees."""
    placed = AgendaItem.objects.filter(referral=OuterRef("pk"), meeting__status__in=LIVE, deferred_at__isnull=True)
    found = Referral.objects.to_screen().filter(~Exists(placed))
    return found if cluster_id is None else found.filter(cluster_id=cluster_id)


def due(referrals: QuerySet[Referral], kind: str) -> QuerySet[Referral]:
    """Those for this kind of meeting: the panel takes what was sent to it, a screening meeting all else.

    Harm first, then what was deferred, then by the day it was received.
    """
    deferred = AgendaItem.objects.filter(referral=OuterRef("pk"), deferred_at__isnull=False)
    sent_to = Coalesce(Subquery(deferred.order_by("-deferred_at").values("deferred_to")[:1]), Value(""))
    for_panel = Q(sent_to=MeetingKind.PANEL)
    found = referrals.annotate(sent_to=sent_to, was_deferred=Exists(deferred))
    found = found.filter(for_panel) if kind == MeetingKind.PANEL else found.exclude(for_panel)
    first = Case(When(was_deferred=True, then=Value(0)), default=Value(1))
    return found.order_by(F("harm_flagged_at").asc(nulls_last=True), first, "received_on", "pk")
