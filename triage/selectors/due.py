"""What is due for an agenda: undecided, on no agenda to come, and what comes first."""

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from referrals.models import Referral
from triage.models import AgendaItem, Meeting, MeetingKind, Question

LIVE = (Meeting.Status.PLANNED, Meeting.Status.OPEN)


def unplaced(cluster_id: int | None) -> QuerySet[Referral]:
    """Referrals to screen that stand on no agenda to come; None for every Cluster that the reader sees."""
    placed = AgendaItem.objects.filter(referral=OuterRef("pk"), meeting__status__in=LIVE, deferred_at__isnull=True)
    # What waits for the referrer's answer comes back with it, or when its day has passed.
    asked = Question.objects.filter(referral=OuterRef("pk"), answered_at__isnull=True, due_on__gte=timezone.localdate())
    found = Referral.objects.to_screen().filter(~Exists(placed), ~Exists(asked))
    return found if cluster_id is None else found.filter(cluster_id=cluster_id)


def due(referrals: QuerySet[Referral], kind: str) -> QuerySet[Referral]:
    """Those for this kind of meeting: the panel takes what was sent to it, a screening meeting all else.

    Harm first, then what was answered by its referrer, what was deferred, then by the day it was received.
    """
    deferred = AgendaItem.objects.filter(referral=OuterRef("pk"), deferred_at__isnull=False)
    sent_to = Coalesce(Subquery(deferred.order_by("-deferred_at").values("deferred_to")[:1]), Value(""))
    for_panel = Q(sent_to=MeetingKind.PANEL)
    found = referrals.annotate(sent_to=sent_to, was_deferred=Exists(deferred))
    found = found.filter(for_panel) if kind == MeetingKind.PANEL else found.exclude(for_panel)
    answered = Exists(Question.objects.filter(referral=OuterRef("pk"), answered_at__isnull=False))
    first = Case(When(answered, then=Value(0)), When(was_deferred=True, then=Value(1)), default=Value(2))
    return found.order_by(F("harm_flagged_at").asc(nulls_last=True), first, "received_on", "pk")
