"""One referral with all that is needed to decide, and what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateField,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from cluster_ehs.core.figures import weeks_between
from cluster_ehs.core.models import Draft
from clusters.models import NeedLevel, PartnerService, Service, User
from clusters.need import levels_on
from families.models import Flag, Involvement, Person
from families.search import KnownElsewhere, known_elsewhere
from referrals.models import Referral, ReferralReason, Status
from triage.models import EndingOutcome, Offer, Outcome, PassingOn, Question, StepUp
from triage.selectors.agenda import decided_text, with_help
from triage.selectors.state import LIVE_OFFERS

FATHERS = {"Father", "Stepfather", "Mother's partner", "Adoptive parent"}
STORY = (
    ("worrying", "What is worrying"),
    ("going_well", "What is going well"),
    ("family_wants", "What the family wants"),
    ("child_says", "In the child's own words"),
    ("tried", "What has been tried"),
    ("who_else_helps", "Who else helps"),
    ("lives_at_home", "Who lives at home"),
    ("notes", "Notes"),
)
# Empty, these are not worth a line: the family is listed beside, and notes are extra.
UNMISSED = {"lives_at_home", "notes"}


@dataclass(frozen=True)
class Member:
    """Somebody of the family."""

    person: Person
    relationship: str
    language: str

    @property
    def name(self) -> str:
        return self.person.short_name


@dataclass(frozen=True)
class Known:
    """An earlier or other referral of the family."""

    referral: Referral
    same_child: bool
    text: str


@dataclass(frozen=True)
class Pick:
    """A service that can be offered, with the state of its waiting list."""

    service: Service
    waiting: int
    longest: int | None

    @property
    def hint(self) -> str:
        if not self.waiting:
            return "nobody is waiting"
        weeks = self.longest or 0
        return f"{self.waiting} waiting, longest {weeks} {'week' if weeks == 1 else 'weeks'}"


@dataclass(frozen=True)
class ReferralPage:
    """A referral and what hangs on it, read at once."""

    referral: Referral
    reasons: Sequence[dict[str, Any]]
    members: Sequence[Member]
    flags: Sequence[dict[str, Any]]
    step_ups: Sequence[dict[str, Any]]
    outcomes: Sequence[str]
    draft: dict[str, Any] | None
    questions: Sequence[dict[str, Any]] = ()

    def story(self) -> tuple[list[tuple[str, str]], list[str]]:
        """The free text by heading, and the headings that were left empty."""
        story = getattr(self.referral, "story", None)
        told, empty = [], []
        for name, heading in STORY:
            text = getattr(story, name, "").strip()
            if text:
                told.append((heading, text))
            elif name not in UNMISSED:
                empty.append(heading[:1].lower() + heading[1:])
        return told, empty

    def reason_tags(self) -> list[str]:
        """One tag per category with its sub-reasons: “School: attendance, transition”."""
        by_category: dict[str, list[str]] = {}
        for row in self.reasons:
            names = by_category.setdefault(row["category"], [])
            if row["reason"]:
                name = row["reason"]
                names.append(name[:1].lower() + name[1:] if name[1:2].islower() else name)
        return [f"{category}: {', '.join(names)}" if names else category for category, names in by_category.items()]

    def languages(self) -> str:
        """“Polish, with an interpreter” for those who need one."""
        found = {m.language for m in self.members if m.person.interpreter_needed and m.language}
        return " and ".join(sorted(found)) + ", with an interpreter" if found else ""

    def before_a_visit(self) -> list[tuple[str, bool]]:
        """What to know before knocking: interpreter, risks, who is left out. Text, and whether it matters."""
        facts = [
            (f"{member.language or 'Language not known'} interpreter for {member.name}", True)
            for member in self.members
            if member.person.interpreter_needed
        ]
        if not facts:
            asked = any(member.person.interpreter_needed is False for member in self.members)
            facts = [("No interpreter needed" if asked else "Interpreter: not recorded", False)]
        risks = [row["text"] or str(Flag.Kind(row["kind"]).label) for row in self.flags]
        story = getattr(self.referral, "story", None)
        if story and story.visiting_risks.strip():
            risks.append(story.visiting_risks.strip())
        facts += [(risk, True) for risk in risks] or [("No visiting risk recorded", False)]
        for member in self.members:
            person = member.person
            if person.is_child or person.involvement not in {Involvement.NOT_YET, Involvement.NOT_TO_BE}:
                continue
            lives = "" if person.in_household else ", lives apart"
            who = f"{member.relationship or 'Adult'} ({member.name})"
            facts.append((f"{who}{lives}: {person.get_involvement_display().lower()}", True))
        if not any(member.relationship in FATHERS for member in self.members):
            facts.append(("No father or stepfather recorded", False))
        return facts

    def elsewhere(self) -> list[KnownElsewhere]:
        """Other Clusters that know the child and whom to ring, nothing of their records. Leaves a trace."""
        child = self.referral.child
        return known_elsewhere(
            query_name=str(child), birth_date=child.birth_date, upn=child.upn, nhs_number=child.nhs_number
        )


def _rows(queryset: QuerySet, **fields: str) -> ArraySubquery:
    return ArraySubquery(queryset.values(row=JSONObject(**fields)))


PERSON = (
    "first_name",
    "last_name",
    "known_as",
    "is_child",
    "in_household",
    "involvement",
    "interpreter_needed",
    "birth_date",
)


def _member(row: dict[str, Any], family_id: UUID) -> Member:
    fields = {name: row[name] for name in PERSON}
    if fields["birth_date"]:
        fields["birth_date"] = date.fromisoformat(fields["birth_date"])
    person = Person(pk=UUID(row["id"]), family_id=family_id, **fields)
    return Member(person, row["relationship"] or "", row["language"] or "")


def _question(row: dict[str, Any]) -> dict[str, Any]:
    at = {name: datetime.fromisoformat(row[name]) for name in ("at", "answered_at") if row[name]}
    return {**row, **at, "due_on": date.fromisoformat(row["due_on"])}


def draft_key(referral_id: UUID) -> str:
    """Under which a leader's unfinished decision is kept."""
    return f"decision:{referral_id}"


def referral_page(referral_id: UUID, *, reader: User) -> ReferralPage:
    """One referral with all that is needed to decide, in one query, with the reader's unfinished decision.

    Raises Referral.DoesNotExist.
    """
    family, this = OuterRef("family_id"), OuterRef("pk")
    today = timezone.localdate()
    people = Person.objects.filter(family=family).order_by("-is_child", F("birth_date").asc(nulls_last=True), "pk")
    flags = Flag.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today), family=family).order_by("created_at")
    found: Any = (
        Referral.objects.select_related(
            "child__first_language",
            "cluster",
            "family",
            "school",
            "route",
            "story",
            "harm_flagged_by",
            "decision__decided_by",
            "decision__meeting",
            "ending",
        )
        .annotate(
            reason_rows=_rows(
                ReferralReason.objects.filter(referral=this).order_by("category__order", "reason__order"),
                category="category__label",
                reason="reason__label",
            ),
            people_rows=_rows(
                people,
                id="pk",
                relationship="relationship__label",
                language="first_language__label",
                **{name: name for name in PERSON},
            ),
            flag_rows=_rows(flags, kind="kind", text="text"),
            step_up_rows=_rows(
                StepUp.objects.filter(referral=this).order_by("stepped_up_at"),
                at="stepped_up_at",
                by="stepped_up_by__name",
                taken_by="taken_by",
                reference="csws_reference",
            ),
            question_rows=_rows(
                Question.objects.filter(referral=this).order_by("asked_at"),
                id="pk",
                text="text",
                at="asked_at",
                by="asked_by__name",
                due_on="due_on",
                answer="answer",
                answered_by="answered_by_name",
                answered_at="answered_at",
            ),
            outcome_rows=ArraySubquery(EndingOutcome.objects.filter(ending__referral=this).values("outcome")),
            draft_rows=_rows(
                Draft.objects.filter(user_id=reader.pk, key=draft_key(referral_id)), data="data", version="version"
            ),
        )
        .get(pk=referral_id)
    )
    return ReferralPage(
        referral=found,
        reasons=found.reason_rows,
        members=[_member(row, found.family_id) for row in found.people_rows],
        flags=found.flag_rows,
        step_ups=[{**row, "at": datetime.fromisoformat(row["at"])} for row in found.step_up_rows],
        outcomes=[str(Outcome(code).label) for code in found.outcome_rows],
        draft=found.draft_rows[0] if found.draft_rows else None,
        questions=[_question(row) for row in found.question_rows],
    )


def known_already(referral: Referral) -> list[Known]:
    """The family's other referrals, newest first: for whom, when, what was decided, how it ended."""
    others = with_help(
        Referral.objects.filter(family_id=referral.family_id, cluster_id=referral.cluster_id)
        .exclude(pk=referral.pk)
        .select_related("child", "decision", "ending")
        .annotate(
            outcome_rows=ArraySubquery(EndingOutcome.objects.filter(ending__referral=OuterRef("pk")).values("outcome"))
        )
    ).order_by("-received_on", "-pk")[:100]
    return [Known(other, other.child_id == referral.child_id, _known_text(other)) for other in others]


def _known_text(other: Any) -> str:
    decision, ending = getattr(other, "decision", None), getattr(other, "ending", None)
    if decision is None:
        # A panel guest does not see the decisions of other meetings, only that there was one.
        return str(other.get_status_display()).lower()
    text = decided_text(decision, other.offered, other.passed_to)
    if ending is None:
        return f"{text}; not ended"
    outcomes = ", ".join(str(Outcome(code).label).split(" (")[0].lower() for code in other.outcome_rows)
    return f"{text}; ended {ending.ended_on:%B %Y}" + (f", {outcomes}" if outcomes else "")


def what_followed(referral: Referral) -> dict[str, Any]:
    """After a decision: services with their state, partners with what became of it, and whether it may end."""
    offers = list(
        Offer.objects.filter(decision__referral_id=referral.pk)
        .select_related("service", "person")
        .order_by("created_at")
    )
    passed_on = list(
        PassingOn.objects.filter(decision__referral_id=referral.pk).select_related("partner").order_by("partner__order")
    )
    return {
        "offers": offers,
        "passed_on": passed_on,
        "came_back": [row for row in passed_on if row.status == PassingOn.Status.BACK],
        "may_end": referral.status == Status.DECIDED
        and not any(offer.status in LIVE_OFFERS for offer in offers)
        and not any(row.awaited for row in passed_on),
    }


@dataclass(frozen=True)
class Choices:
    """What a decision can choose from, each in its order."""

    picks: list[Pick]
    partners: list[PartnerService]
    levels: list[NeedLevel]


def to_choose_from(cluster_id: int) -> Choices:
    """The Cluster's services, with how many wait for each and since when, the partner services, and the levels of need
    of today's thresholds; in one query."""
    today = timezone.localdate()
    current = Q(retired_on__isnull=True) | Q(retired_on__gt=today)
    waiting = (
        Offer.objects.filter(cluster_id=cluster_id, status=Offer.Status.WAITING, service=OuterRef("pk"))
        .order_by()
        .values("service")
    )
    services = (
        Service.objects.filter(current, Q(cluster__isnull=True) | Q(cluster_id=cluster_id))
        .order_by()
        .annotate(
            sort=Value(0),
            hands_back=Value(False),
            waiting=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
            since=Subquery(waiting.annotate(first=Min("waiting_since")).values("first")),
        )
        .values_list("sort", "order", "name", "pk", "kind", "cluster_id", "waiting", "since", "hands_back")
    )
    partners = (
        PartnerService.objects.filter(current)
        .order_by()
        .annotate(
            sort=Value(1),
            kind=Value("", CharField()),
            cluster_id=Value(None, BigIntegerField()),
            waiting=F("answer_days"),
            since=Value(None, DateField()),
            hands_back=F("returns_expected"),
        )
        .values_list("sort", "order", "name", "pk", "kind", "cluster_id", "waiting", "since", "hands_back")
    )
    levels = (
        levels_on()
        .order_by()
        .annotate(
            sort=Value(2),
            name=F("label"),
            kind=Value("", CharField()),
            cluster_id=Value(None, BigIntegerField()),
            waiting=Value(0),
            since=Value(None, DateField()),
            hands_back=F("above_early_help"),
        )
        .values_list("sort", "order", "name", "pk", "kind", "cluster_id", "waiting", "since", "hands_back")
    )
    picks, found, of_need = [], [], []
    rows = services.union(partners, levels, all=True).order_by("sort", "order", "name")
    for sort, order, name, pk, kind, owner, number, since, hands_back in rows:
        if sort == 0:
            service = Service(pk=pk, name=name, kind=kind, cluster_id=owner, order=order)
            picks.append(Pick(service, number, weeks_between(since, today)))
        elif sort == 2:
            of_need.append(NeedLevel(pk=pk, label=name, order=order, above_early_help=hands_back))
        else:
            # A union has the same columns on both sides: a partner's number is its days to an answer.
            found.append(PartnerService(pk=pk, name=name, order=order, returns_expected=hands_back, answer_days=number))
    return Choices(picks, found, of_need)
