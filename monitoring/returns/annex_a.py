"""Ofsted's Annex A as far as early help holds it.

List 1: referrals that the Clusters received (contacts). List 2: early help assessments, a row for each child.
List 3: referrals that early help made to Children's Social Work Services (steps up). What social care did with them
is in its own system: the answer is given as it was recorded here.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from cases.models import SocialCareStep
from formulation.models import AssessedChild
from monitoring.returns.layout import Entry, Listing, annex_a, british
from monitoring.returns.people import ANNEX_GENDER, Child, annex_ethnicity, children
from referrals.models import Referral
from triage.models import StepUp

# Months that each list looks back from the day: "received in the six months before the inspection" (Ofsted, Annex A of
# the inspection of local authority children's services, lists 1 to 3, as Data to Insight's published queries quote
# it); assessments that were going on meanwhile are in list 2. A column of list 3 counts the twelve months before each.
LOOKS_BACK = {1: 6, 2: 6, 3: 6}
# Our routes as the code list names sources; of health the referrer's role says which.
SOURCES = {
    "mainstream_school": "e) 2A: Schools",
    "specialist_setting": "e) 2A: Schools",
    "police": "q) 6: Police",
    "csws": "n) 5A: LA services",
    "self_or_family": "a) 1A: Individual",
    "other": "s) 8: Other",
}
HEALTH = (
    ("school nurse", "i) 3C: Health services"),
    ("health visitor", "h) 3B: Health services"),
    ("a&e", "k) 3E: Health services"),
    ("gp", "g) 3A: Health services"),
    ("general practitioner", "g) 3A: Health services"),
)
OTHER_HEALTH = "l) 3F: Health services"
EARLY_HELP = "p1) 5D: LA services"
CSWS = "Children's Social Work Services"
YES, NO = "a) Yes", "b) No"
NO_FURTHER = {SocialCareStep.Outcome.ADVICE, SocialCareStep.Outcome.NO_ACTION}
RESTRICTED = "Restricted"


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or that month's last."""
    whole = day.year * 12 + day.month - 1 - months
    year, month = whole // 12, whole % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
    return date(year, month, min(day.day, last))


def make(clusters: Collection[int], as_at: date) -> list[tuple[Listing, list[Entry]]]:
    """The three lists as at a day. In the scope of the returns' actor."""
    lists = annex_a()
    return [
        (lists[1], contacts(clusters, as_at)),
        (lists[2], early_help(clusters, as_at)),
        (lists[3], referrals(clusters, as_at)),
    ]


def about(child: Child, as_at: date) -> dict[str, Any]:
    """The first five columns of every list. Of a restricted family the age stands without the date of birth."""
    return {
        "Child Unique ID": child.number,
        "Gender": ANNEX_GENDER[child.gender],  # type: ignore[index]
        "Ethnicity": annex_ethnicity(child.ethnicity),
        "Date of Birth": "" if child.restricted else british(child.birth_date),
        "Age of Child (Years)": child.age(as_at),
    }


def source(route: str, role: str) -> str:
    """The code of who asked; blank for a route that a Cluster added and nobody gave a code."""
    if route == "health":
        words = f" {role.casefold()} "
        return next((code for word, code in HEALTH if f" {word} " in words), OTHER_HEALTH)
    return SOURCES.get(route, "")


def contacts(clusters: Collection[int], as_at: date) -> list[Entry]:
    rows = list(
        Referral.objects.filter(
            cluster_id__in=list(clusters), received_on__range=(months_before(as_at, LOOKS_BACK[1]), as_at)
        )
        .order_by("received_on", "reference")
        .values("pk", "child_id", "reference", "received_on", "route__code", "referrer_role", "age_given")
    )
    known = children(row["child_id"] for row in rows)
    found = []
    for row in rows:
        child = known[row["child_id"]]
        values = about(child, as_at) | {
            "Date of Contact": british(row["received_on"]),
            "Contact Source": source(row["route__code"], row["referrer_role"]),
        }
        if child.birth_date is None and row["age_given"] is not None:
            values["Age of Child (Years)"] = row["age_given"]
        found.append(Entry(values, row["reference"], "referral", (row["pk"],), child.restricted))
    return found


def early_help(clusters: Collection[int], as_at: date) -> list[Entry]:
    """Assessments that began, ended or were going on in the six months; none that was recorded by mistake."""
    since = months_before(as_at, LOOKS_BACK[2])
    over = Q(assessment__completed_on__lt=since) | Q(assessment__ended_on__lt=since)
    rows = list(
        AssessedChild.objects.filter(cluster_id__in=list(clusters), assessment__starts_on__lte=as_at)
        .exclude(over)
        .exclude(assessment__why_ended="mistake")
        .order_by("assessment__starts_on", "assessment_id", "person_id")
        .values(
            *("person_id", "assessment_id", "assessment__starts_on", "assessment__completed_on"),
            *("assessment__organisation", "assessment__case__reference", "assessment__referral__reference"),
        )
    )
    known = children(row["person_id"] for row in rows)
    found = []
    for row in rows:
        child, completed = known[row["person_id"]], row["assessment__completed_on"]
        values = about(child, as_at) | {
            "Assessment start date": british(row["assessment__starts_on"]),
            "Assessment completion date": british(completed) if completed and completed <= as_at else "",
            "Organisation completing assessment": row["assessment__organisation"].strip(),
        }
        reference = row["assessment__case__reference"] or row["assessment__referral__reference"]
        found.append(Entry(values, reference, "assessment-edit", (row["assessment_id"],), child.restricted))
    return found


def referrals(clusters: Collection[int], as_at: date) -> list[Entry]:
    """Steps up to CSWS, of a case or at screening."""
    since = months_before(as_at, LOOKS_BACK[3])
    # A year more, so that the earliest of the list counts those before it.
    rows = [
        (timezone.localdate(row["stepped_up_at"]), row)
        for row in StepUp.objects.filter(
            cluster_id__in=list(clusters), stepped_up_at__date__range=(months_before(since, 12), as_at)
        )
        .order_by("stepped_up_at", "pk")
        .values("pk", "stepped_up_at", "taken_by", "referral_id", "referral__child_id", "referral__reference")
    ]
    steps = {
        step.step_up_id: step
        for step in SocialCareStep.objects.filter(step_up_id__in=[row["pk"] for _, row in rows], direction="up")
    }
    known = children(row["referral__child_id"] for _, row in rows)
    found, days = [], Counter[tuple[str, date]]()
    for day, row in rows:
        child = known[row["referral__child_id"]]
        days[child.number, day] += 1
        if day < since:
            continue
        year = sum(n for (number, on), n in days.items() if number == child.number and on > months_before(day, 12))
        step = steps.get(row["pk"])
        values = about(child, as_at) | {
            "Date of referral": british(day),
            "Referral Source": EARLY_HELP,
            "Referral NFA?": _no_further(step, as_at),
            "Number of Referrals in Last 12 Months": year,
            "Allocated Team": CSWS,
            "Allocated Worker": RESTRICTED if child.restricted else row["taken_by"].strip(),
        }
        page: tuple[str, tuple[str | UUID, ...]] = ("referral", (row["referral_id"],))
        if step is not None:
            page = ("step-outcome", (step.case_id, step.pk))
        found.append(Entry(values, row["referral__reference"], *page, child.restricted))
    return found


def _no_further(step: SocialCareStep | None, as_at: date) -> str:
    """What CSWS answered by that day; blank while nobody recorded it."""
    if step is None or not step.outcome or step.outcome_on is None or step.outcome_on > as_at:
        return ""
    return YES if step.outcome in NO_FURTHER else NO
