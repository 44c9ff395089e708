"""One referral with all that is needed to decide, and what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from cluster_ehs.core.figures import weeks_between
from clusters.models import PartnerService, Service
from families.models import Flag, Involvement, Person
from referrals.models import Referral, ReferralReason, Status
from triage.models import EndingOutcome, Offer, Outcome, PassingOn, StepUp
from triage.selectors.agenda import decided_text, re_referred, with_help
from triage.selectors.state import LIVE_OFFERS


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


def _rows(queryset: QuerySet, **fields: str) -> ArraySubquery:
    return ArraySubquery(queryset.values(row=JSONObject(**fields)))


def referral_page(referral_id: UUID) -> Referral:
    """One referral with all that is needed to decide, in one query.

    `reason_rows`, `people_rows`, `flag_rows` and `step_up_rows` are lists of dicts. Raises Referral.DoesNotExist.
    """
    family, this = OuterRef("family_id"), OuterRef("pk")
    today = timezone.localdate()
    people = Person.objects.filter(family=family).order_by("-is_child", F("birth_date").asc(nulls_last=True), "pk")
    flags = Flag.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today), family=family).order_by("created_at")
    referral = (
        with_help(
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
        )
        .annotate(
            re_referral=re_referred(),
            reason_rows=_rows(
                ReferralReason.objects.filter(referral=this).order_by("category__order", "reason__order"),
                category="category__label",
                reason="reason__label",
            ),
            people_rows=_rows(
                people,
                id="pk",
                family_id="family_id",
                first_name="first_name",
                last_name="last_name",
                known_as="known_as",
                birth_date="birth_date",
                is_child="is_child",
                in_household="in_household",
                relationship="relationship__label",
                involvement="involvement",
                language="first_language__label",
                interpreter="interpreter_needed",
            ),
            flag_rows=_rows(flags, kind="kind", text="text"),
            step_up_rows=_rows(
                StepUp.objects.filter(referral=this).order_by("stepped_up_at"),
                at="stepped_up_at",
                by="stepped_up_by__name",
                taken_by="taken_by",
                reference="csws_reference",
            ),
            outcome_rows=ArraySubquery(EndingOutcome.objects.filter(ending__referral=this).values("outcome")),
        )
        .get(pk=referral_id)
    )
    for row in referral.step_up_rows:
        row["at"] = datetime.fromisoformat(row["at"])
    return referral


def as_person(row: dict | None) -> Person | None:
    """A row of `people_rows` as the person it is."""
    if row is None:
        return None
    born = date.fromisoformat(row["birth_date"]) if row["birth_date"] else None
    names = {key: row[key] for key in ("first_name", "last_name", "known_as")}
    return Person(
        pk=UUID(row["id"]), family_id=UUID(row["family_id"]), birth_date=born, is_child=row["is_child"], **names
    )


FATHERS = {"Father", "Stepfather", "Mother's partner", "Adoptive parent"}


def family_members(referral: Referral) -> list[dict]:
    """The people of the family in words: name, relationship, age, living apart, involvement."""
    today = timezone.localdate()
    members = []
    for row in referral.people_rows:
        person = as_person(row)
        members.append(
            {
                **row,
                "name": person.short_name,
                "full_name": str(person),
                "age": person.age_on(today),
                "is_this": row["id"] == str(referral.child_id),
            }
        )
    return members


def before_a_visit(referral: Referral, members: list[dict]) -> list[tuple[str, bool]]:
    """What to know before knocking: interpreter, risks, who is left out. Pairs of text and whether it is urgent."""
    facts: list[tuple[str, bool]] = []
    for member in members:
        if member["interpreter"]:
            language = member["language"] or "Language not known"
            facts.append((f"{language} interpreter for {member['name']}", True))
    if not facts:
        asked = any(member["interpreter"] is False for member in members)
        facts.append(("No interpreter needed" if asked else "Interpreter: not recorded", False))
    risks = [row["text"] or Flag.Kind(row["kind"]).label for row in referral.flag_rows]
    story = getattr(referral, "story", None)
    if story and story.visiting_risks.strip():
        risks.append(story.visiting_risks.strip())
    facts += [(risk, True) for risk in risks] or [("No visiting risk recorded", False)]
    for member in members:
        if member["is_child"] or member["involvement"] not in {Involvement.NOT_YET, Involvement.NOT_TO_BE}:
            continue
        who = f"{member['relationship'] or 'Adult'} ({member['name']})"
        lives = "" if member["in_household"] else ", lives apart"
        facts.append((f"{who}{lives}: {Involvement(member['involvement']).label.lower()}", True))
    if not any(member["relationship"] in FATHERS for member in members):
        facts.append(("No father or stepfather recorded", False))
    return facts


def known_already(referral: Referral) -> list[Known]:
    """The family's other referrals, newest first: for whom, when, what was decided, how it ended."""
    others = with_help(
        Referral.objects.filter(family_id=referral.family_id, cluster_id=referral.cluster_id)
        .exclude(pk=referral.pk)
        .select_related("child", "decision", "ending")
        .annotate(
            outcome_rows=ArraySubquery(EndingOutcome.objects.filter(ending__referral=OuterRef("pk")).values("outcome"))
        )
    ).order_by("-received_on", "-pk")[:20]
    return [Known(other, other.child_id == referral.child_id, _known_text(other)) for other in others]


def _known_text(other: Referral) -> str:
    decision, ending = getattr(other, "decision", None), getattr(other, "ending", None)
    if decision is None:
        return "to screen"
    text = decided_text(decision, other.offered, other.passed_to)
    if ending is None:
        return f"{text}; not ended"
    outcomes = ", ".join(str(Outcome(code).label).split(" (")[0].lower() for code in other.outcome_rows)
    return f"{text}; ended {ending.ended_on:%B %Y}" + (f", {outcomes}" if outcomes else "")


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


def story_parts(referral: Referral) -> tuple[list[tuple[str, str]], list[str]]:
    """The referral's free text by heading, and the headings that were left empty."""
    story = getattr(referral, "story", None)
    told, empty = [], []
    for name, heading in STORY:
        text = getattr(story, name, "").strip()
        if text:
            told.append((heading, text))
        elif name not in {"notes", "lives_at_home"}:
            empty.append(heading[:1].lower() + heading[1:])
    return told, empty


def reason_tags(referral: Referral) -> list[str]:
    """One tag per category with its sub-reasons: “School: attendance, transition”."""
    by_category: dict[str, list[str]] = {}
    for row in referral.reason_rows:
        names = by_category.setdefault(row["category"], [])
        if row["reason"]:
            names.append(
                row["reason"][:1].lower() + row["reason"][1:] if row["reason"][1:2].islower() else row["reason"]
            )
    return [f"{category}: {', '.join(names)}" if names else category for category, names in by_category.items()]


def languages(referral: Referral, members: list[dict]) -> str:
    """“Polish, with an interpreter” for those who need one."""
    found = {m["language"] for m in members if m["interpreter"] and m["language"]}
    return " and ".join(sorted(found)) + ", with an interpreter" if found else ""


def what_followed(referral: Referral) -> dict[str, Any]:
    """After a decision: services with their state, partners with what became of it, and the ending's outcomes."""
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
        "outcomes": [Outcome(code).label for code in referral.outcome_rows],
        "came_back": [p for p in passed_on if p.status == PassingOn.Status.BACK],
        "may_end": referral.status == Status.DECIDED
        and not any(o.status in LIVE_OFFERS for o in offers)
        and not any(p.awaited for p in passed_on),
    }


def services_to_offer(cluster_id: int) -> list[Pick]:
    """The Cluster's services with how many wait for each and how long the longest has, in one query."""
    today = timezone.localdate()
    waiting = (
        Offer.objects.filter(cluster_id=cluster_id, status=Offer.Status.WAITING, service=OuterRef("pk"))
        .order_by()
        .values("service")
    )
    services = (
        Service.objects.filter(Q(cluster__isnull=True) | Q(cluster_id=cluster_id))
        .filter(Q(retired_on__isnull=True) | Q(retired_on__gt=today))
        .annotate(
            waiting=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
            since=Subquery(waiting.annotate(first=Min("waiting_since")).values("first")),
        )
    )
    return [Pick(service, service.waiting, weeks_between(service.since, today)) for service in services]


def partners_to_pass_to() -> list[PartnerService]:
    return list(PartnerService.objects.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=timezone.localdate())))
