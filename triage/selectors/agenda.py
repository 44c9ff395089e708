"""The agenda of a meeting, and the referrals to screen without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, DateField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from referrals.models import Referral, Status
from triage.models import AgendaItem, Attendee, Decision, Ending, Meeting, Offer, PassingOn, Question


class YearBefore(Func):
    """`core.figures.year_before` in the database."""

    template = "(%(expressions)s - interval '1 year')::date"
    output_field = DateField()


def re_referred(prefix: str = "") -> Exists:
    """Whether an earlier referral of the same child ended in the 12 months before this one came (domain 2.9).

    Both days count: the ending's own, and the same day a year later.
    prefix: the way from the query's rows to the referral, such as "referral__".
    """
    received_on = OuterRef(f"{prefix}received_on")
    return Exists(
        Ending.objects.filter(
            referral__child=OuterRef(f"{prefix}child"),
            ended_on__lte=received_on,
            ended_on__gte=YearBefore(received_on),
        ).exclude(referral=OuterRef(f"{prefix}pk"))
    )


def asked(referral: str) -> Subquery:
    """Of the last question to the referrer: "open", "answered", or NULL without one."""
    state = Case(When(answered_at__isnull=True, then=Value("open")), default=Value("answered"))
    last = Question.objects.filter(referral=OuterRef(referral)).order_by("-asked_at")
    return Subquery(last.annotate(state=state).values("state")[:1])


def _names(rows: QuerySet, name: str) -> ArraySubquery:
    return ArraySubquery(rows.order_by(f"{name}__order").values(f"{name}__name"))


def with_help(referrals: QuerySet[Referral]) -> QuerySet:
    """Adds `offered` and `passed_to`: names of services and partners, in the same query."""
    pk = OuterRef("pk")
    return referrals.annotate(
        offered=_names(Offer.objects.filter(decision__referral=pk), "service"),
        passed_to=_names(PassingOn.objects.filter(decision__referral=pk), "partner"),
    )


def with_names(decisions: QuerySet[Decision]) -> QuerySet:
    """The same two for decisions."""
    return decisions.annotate(
        offered=_names(Offer.objects.filter(decision=OuterRef("pk")), "service"),
        passed_to=_names(PassingOn.objects.filter(decision=OuterRef("pk")), "partner"),
    )


def decided_text(decision: Decision, offered: list[str], passed_to: list[str]) -> str:
    """“decided: family support, passed to The Beck”, for one line."""
    parts = [name[:1].lower() + name[1:] for name in offered]
    if passed_to:
        parts.append(f"passed to {', '.join(passed_to)}")
    return ", ".join(parts) or str(decision.get_response_display()).split(":")[0].split(" (")[0].lower()


@dataclass(frozen=True)
class Line:
    """One referral of the agenda in one or two lines."""

    number: int
    item: AgendaItem | None
    referral: Referral
    re_referral: bool
    siblings: bool
    decided_as: str
    helped: bool = False
    asked: str = ""

    @property
    def name(self) -> str:
        """“Jakub W”: initials enough for a list that many see."""
        child = self.referral.child
        return f"{child.short_name} {child.last_name[:1]}" if child.first_name else child.short_name

    @property
    def age(self) -> int | None:
        return self.referral.age_at_referral if not self.referral.child.birth_date else self.referral.child.age

    @property
    def days(self) -> int:
        return max((timezone.localdate() - self.referral.received_on).days, 0)

    @property
    def decision(self) -> Decision | None:
        return getattr(self.referral, "decision", None)

    @property
    def harm(self) -> bool:
        return self.referral.harm_flagged_at is not None

    @property
    def deferred(self) -> bool:
        return self.item is not None and self.item.deferred_at is not None

    @property
    def state(self) -> str:
        """What became of it, or how long it has waited: “decided: family support”, “waited 6 days”."""
        if self.referral.status != Status.TO_SCREEN:
            return f"decided: {self.decided_as}" if self.decided_as else "decided"
        if self.asked == "open":
            return "the referrer was asked"
        if self.deferred:
            return "deferred"
        if self.asked == "answered":
            return f"the referrer has answered, waited {self.days} {'day' if self.days == 1 else 'days'}"
        return f"waited {self.days} {'day' if self.days == 1 else 'days'}" if self.days else "came today"

    @property
    def open(self) -> bool:
        return self.referral.status == Status.TO_SCREEN and not self.deferred


@dataclass
class Agenda:
    """The lines of a meeting in their order; without a meeting, all referrals to screen."""

    meeting: Meeting | None
    lines: list[Line] = field(default_factory=list)
    present: int = 0

    @cached_property
    def decided(self) -> int:
        return sum(line.referral.status != Status.TO_SCREEN for line in self.lines)

    def find(self, referral_id: UUID) -> Line | None:
        return next((line for line in self.lines if line.referral.pk == referral_id), None)

    def alike(self, line: Line) -> list[AgendaItem | None]:
        """The items among which a line can move: those with a harm flag stand above all others."""
        return [other.item for other in self.lines if other.harm == line.harm]

    def beside(self, referral_id: UUID) -> tuple[Line | None, Line | None]:
        """The lines before and after."""
        ids = [line.referral.pk for line in self.lines]
        here = ids.index(referral_id)
        before = self.lines[here - 1] if here else None
        return before, self.lines[here + 1] if here + 1 < len(ids) else None

    def next_open(self, after: UUID) -> Line | None:
        """The next undecided one, starting again at the top; never the one just decided."""
        ids = [line.referral.pk for line in self.lines]
        here = ids.index(after)
        return next((line for line in self.lines[here + 1 :] + self.lines[:here] if line.open), None)


def _lines(rows: list[tuple[Referral, AgendaItem | None]], marks: dict[UUID, Any]) -> list[Line]:
    families = [referral.family_id for referral, _ in rows]
    lines = []
    for number, (referral, item) in enumerate(rows, start=1):
        marked = marks[referral.pk]
        decision = getattr(referral, "decision", None)
        lines.append(
            Line(
                number=number,
                item=item,
                referral=referral,
                re_referral=marked.re_referral,
                siblings=families.count(referral.family_id) > 1,
                decided_as=decided_text(decision, marked.offered, marked.passed_to) if decision else "",
                helped=bool(marked.offered or marked.passed_to),
                asked=marked.asked or "",
            )
        )
    return lines


def agenda(meeting_id: UUID) -> Agenda | None:
    """A meeting's agenda, harm flags first, in one query; None when the reader sees nothing of it."""
    pk = OuterRef("referral_id")
    present = Attendee.objects.filter(meeting=OuterRef("meeting_id")).order_by().values("meeting")
    items: list[Any] = list(
        AgendaItem.objects.filter(meeting_id=meeting_id)
        .select_related("meeting", "referral__child", "referral__decision__decided_by")
        .annotate(
            re_referral=re_referred("referral__"),
            asked=asked("referral_id"),
            offered=_names(Offer.objects.filter(decision__referral=pk), "service"),
            passed_to=_names(PassingOn.objects.filter(decision__referral=pk), "partner"),
            present=Coalesce(Subquery(present.annotate(n=Count("pk")).values("n")), 0),
        )
        .order_by(F("referral__harm_flagged_at").asc(nulls_last=True), "position", "created_at")
    )
    if not items:
        return None
    marks: dict[UUID, Any] = {item.referral_id: item for item in items}
    lines = _lines([(item.referral, item) for item in items], marks)
    return Agenda(items[0].meeting, lines, items[0].present)


def to_screen(clusters: frozenset[int] | list[int]) -> QuerySet[Referral]:
    """Referrals that nobody has decided yet, harm flags first, then the longest waiting."""
    return (
        Referral.objects.to_screen()
        .filter(cluster_id__in=clusters)
        .select_related("child", "school", "route", "decision")
        .order_by(F("harm_flagged_at").asc(nulls_last=True), "received_on", "pk")
    )


def all_to_screen(referral: Referral) -> Agenda:
    """The agenda outside a meeting: what is to screen in the referral's Cluster, with this one even if decided."""
    rows = (
        Referral.objects.filter(Q(status=Status.TO_SCREEN) | Q(pk=referral.pk), cluster_id=referral.cluster_id)
        .select_related("child", "decision")
        .order_by(F("harm_flagged_at").asc(nulls_last=True), "received_on", "pk")
    )
    lines = lines_of(rows)
    if all(line.referral.pk != referral.pk for line in lines):
        lines += lines_of(rows.filter(pk=referral.pk))
    return Agenda(None, lines)


def lines_of(referrals: QuerySet[Referral], limit: int = 200) -> list[Line]:
    """Referrals in the form of an agenda's lines, in one query."""
    rows: list[Any] = list(with_help(referrals).annotate(re_referral=re_referred(), asked=asked("pk"))[:limit])
    return _lines([(row, None) for row in rows], {row.pk: row for row in rows})
