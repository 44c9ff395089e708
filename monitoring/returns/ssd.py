"""The Standard Safeguarding Dataset's early help episodes, with the people and workers that they name.

An episode is a child of a case, from the day the case was opened to the day it was closed.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cases.models import CaseReferral, LeadWorker
from clusters.models import Post, StaffRole, User
from monitoring.returns.layout import Entry, Listing, ssd
from monitoring.returns.people import SSD_GENDER, SSD_SEX, Child, children
from referrals.models import ReferralReason
from triage.models import EndingOutcome, Outcome

# The dataset is made for six years.
LOOKS_BACK = timedelta(days=6 * 365 + 1)
LONGEST = 100
SEVERAL = "Multiple outcomes"
PERSONAL = frozenset({"pers_forename", "pers_surname", "pers_dob", "pers_common_child_id"})


def make(clusters: Collection[int], as_at: date) -> list[tuple[Listing, list[Entry]]]:
    """People, episodes and workers as at a day; each person and worker whom an episode names, once."""
    tables = ssd()
    rows = _rows(clusters, as_at)
    known = children(row["referral__child_id"] for row in rows)
    episodes, workers = _episodes(rows, known, as_at), _workers(rows)
    people: dict[str, Entry] = {}
    for row in rows:
        child = known[row["referral__child_id"]]
        people.setdefault(child.number, _person(child, as_at))
    return [
        (tables["ssd_person"], list(people.values())),
        (tables["ssd_early_help_episodes"], episodes),
        (tables["ssd_professionals"], workers),
    ]


def _rows(clusters: Collection[int], as_at: date) -> list[dict[str, Any]]:
    """Each child of a case once, by the first referral of that child."""
    lead = LeadWorker.objects.filter(case=OuterRef("case"), starts_on__lte=as_at).order_by("-starts_on", "-created_at")
    first_lead = LeadWorker.objects.filter(case=OuterRef("case")).order_by("starts_on")
    reasons = ReferralReason.objects.filter(referral=OuterRef("referral")).order_by("category__order")
    outcomes = EndingOutcome.objects.filter(ending__referral=OuterRef("referral"))
    found = (
        CaseReferral.objects.filter(
            Q(case__closed_on__isnull=True) | Q(case__closed_on__gte=as_at - LOOKS_BACK),
            cluster_id__in=list(clusters),
            case__opened_on__lte=as_at,
        )
        .annotate(
            worker=Coalesce(Subquery(lead.values("worker_id")[:1]), Subquery(first_lead.values("worker_id")[:1])),
            reason=Subquery(reasons.values("category__label")[:1]),
            outcomes=ArraySubquery(outcomes.values("outcome")),
        )
        .order_by("case__opened_on", "case_id", "referral__received_on", "referral_id")
        .values(
            *("case_id", "referral__child_id", "worker", "reason", "outcomes", "case__opened_on", "case__closed_on"),
            *("case__reference", "case__cluster__name", "case__family__restricted"),
        )
    )
    once: dict[tuple[UUID, UUID], dict[str, Any]] = {}
    for row in found:
        once.setdefault((row["case_id"], row["referral__child_id"]), row)
    return list(once.values())


def _episodes(rows: list[dict[str, Any]], known: dict[UUID, Child], as_at: date) -> list[Entry]:
    entries = []
    for row in rows:
        child, closed = known[row["referral__child_id"]], row["case__closed_on"]
        over = closed is not None and closed <= as_at
        values = {
            "earl_episode_id": uuid5(row["case_id"], str(child.pk)).hex,
            "earl_person_id": child.number,
            "earl_episode_start_date": row["case__opened_on"].isoformat(),
            "earl_episode_end_date": closed.isoformat() if over else "",
            "earl_episode_reason": (row["reason"] or "")[:LONGEST],
            "earl_episode_end_reason": _end_reason(row["outcomes"]) if over else "",
            "earl_episode_organisation": row["case__cluster__name"][:LONGEST],
            "earl_episode_worker_id": "" if child.restricted else str(row["worker"] or ""),
        }
        left_out = frozenset({"earl_episode_worker_id"}) if child.restricted else frozenset()
        entries.append(Entry(values, row["case__reference"], "case", (row["case_id"],), child.restricted, left_out))
    return entries


def _end_reason(outcomes: list[str]) -> str:
    """The one outcome in words; several are said to be several, as in the evaluation's table."""
    if len(outcomes) > 1:
        return SEVERAL
    return str(Outcome(outcomes[0]).label)[:LONGEST] if outcomes else ""


def _person(child: Child, as_at: date) -> Entry:
    values = {
        "pers_person_id": child.number,
        "pers_forename": child.first_name,
        "pers_surname": child.last_name,
        "pers_sex": SSD_SEX.get(child.gender, "U"),  # type: ignore[call-overload]
        "pers_gender": SSD_GENDER[child.gender],  # type: ignore[index]
        "pers_ethnicity": child.ethnicity,
        "pers_dob": child.birth_date.isoformat() if child.birth_date else "",
        "pers_common_child_id": child.nhs_number,
        "pers_send_flag": "Y" if child.has_send else "N",
        "pers_death_date": child.died_on.isoformat() if child.died_on and child.died_on <= as_at else "",
    }
    left_out = PERSONAL if child.restricted else frozenset()
    values |= dict.fromkeys(left_out, "")
    return Entry(values, child.family_reference, "person-edit", (child.pk,), child.restricted, left_out)


def _workers(rows: list[dict[str, Any]]) -> list[Entry]:
    """Whom the episodes name; not who works with restricted families alone."""
    ids = {row["worker"] for row in rows if row["worker"] and not row["case__family__restricted"]}
    role = StaffRole.objects.filter(user=OuterRef("pk")).exclude(post="").order_by("-starts_on")
    users = User.objects.filter(pk__in=ids).annotate(
        post=Subquery(role.values("post")[:1]), fte=Subquery(role.values("full_time_equivalent")[:1])
    )
    posts = dict(Post.choices)
    return [
        Entry(
            {
                "prof_professional_id": str(user.pk),
                "prof_professional_name": user.name,
                "prof_professional_job_title": str(posts.get(user.post, "")),
                "prof_full_time_equivalency": str(user.fte) if user.fte is not None else "",
            },
            user.name,
            "settings-person",
            (str(user.pk),),
        )
        for user in users.order_by("name", "pk")
    ]
