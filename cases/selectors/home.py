"""What needs a practitioner today, and what a leader must see of the work in the Cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, F, FilteredRelation, OuterRef, Q
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseMeeting, CaseService, CaseStatus, Extension, GoalScore, GoalStatus, Task
from cases.selectors.cover import cover_beside_case, covered_workers, day_of
from cases.selectors.lists import children, mine, told
from cases.selectors.loans import away, loan_beside_case
from cases.selectors.session_rows import sessions_beside_case
from cases.selectors.support import Use, service_from, services_beside_case, services_of_clusters, use_of
from cases.selectors.workload import Load, caseload
from cluster_ehs.core import drafts
from cluster_ehs.core.figures import weeks_between
from cluster_ehs.core.models import Draft
from clusters.http import UserRequest
from clusters.people import duties
from triage.models import Offer

NO_CONTACT_DAYS = 21
MOST = 40
# Drafts of referrals are put among what is to be done by their own app; a page's own box is no piece of work.
NO_WORK = ("referral:", "page:")

# What apps above ask of each of one's cases in the same statement: the name of an annotation and what makes it.
BESIDE: dict[str, Callable[[], Any]] = {}
# A next step that names one of these leads to its page, any other to a contact: words -> what is pressed, the name of
# the address, the place on the page. Apps above add their own.
STEPS_TO: dict[str, tuple[str, str, str]] = {}


@dataclass(frozen=True)
class MyCase:
    """A row of “My cases”."""

    case: Case
    children: str
    schools: str
    weeks: int
    scores: list[float]
    leads: bool
    service: CaseService | None
    use: Use | None
    quiet_days: int | None
    # Whose work it is, and until when the reader covers for them; empty in the reader's own cases.
    covering: str = ""

    @property
    def mark(self) -> str:
        return f" · {self.covering}" if self.covering else ""

    @property
    def too_quiet(self) -> bool:
        return self.quiet_days is not None and self.quiet_days >= NO_CONTACT_DAYS


@dataclass(frozen=True)
class Mine:
    """A practitioner's cases, tasks and drafts, loaded once for the fillings of one page."""

    cases: list[MyCase]
    # Of the reader, and of those whom they cover in that case; the last says for whom.
    tasks: list[tuple[Case, str, date, str]]
    drafts: list[Draft]
    new: list[tuple[MyCase, int]]


def of_mine(request: UserRequest) -> Mine:
    """Two queries, once per request, however many fillings ask."""
    kept = getattr(request, "_my_cases", None)
    if kept is None:
        kept = request._my_cases = _load(request)  # type: ignore[attr-defined]
    return kept


def _load(request: UserRequest) -> Mine:
    user, today = request.user, timezone.localdate()
    clusters = duties(user).works_in
    soon = timezone.now() + timedelta(days=7)
    mine_to_do = Task.objects.filter(
        Q(owner=user) | Q(owner__in=covered_workers(user)), done_at__isnull=True, due_on__lte=today + timedelta(days=7)
    )
    own = (
        Case.objects.open()
        .filter(mine(user) | Q(pk__in=mine_to_do.values("case_id")), cluster_id__in=clusters)
        .values("pk")
    )
    scores = (
        GoalScore.objects.filter(goal__plan__case=OuterRef("pk"), goal__status=GoalStatus.LIVE)
        .order_by("scored_on")
        .values("scored_on")
        .annotate(mean=Avg("score"))
        .values_list("mean")
    )
    meetings = (
        CaseMeeting.objects.filter(
            case=OuterRef("pk"), held_at__gte=timezone.now(), held_at__lt=soon, recorded_at__isnull=True
        )
        .order_by("held_at")
        .values(data=JSONObject(kind="kind", at="held_at"))
    )
    cases = list(
        Case.objects.filter(pk__in=own)
        .annotate(
            lead=FilteredRelation("lead_workers", condition=Q(lead_workers__ends_on__isnull=True)),
            kids=children(),
            running=services_beside_case(),
            line=ArraySubquery(scores),
            coming=ArraySubquery(meetings),
            loan=loan_beside_case(),
            cover=cover_beside_case(user),
            **sessions_beside_case(user),
            **{name: make() for name, make in BESIDE.items()},
            to_do=ArraySubquery(
                mine_to_do.filter(case=OuterRef("pk"))
                .order_by("due_on")
                .values(data=JSONObject(what="what", due="due_on", owner="owner_id"))
            ),
        )
        .annotate(lead_id=F("lead__worker_id"))
        .select_related("family")
        .order_by("family__name", "opened_on")[:MOST]
    )
    rows: list[MyCase] = []
    new: list[tuple[MyCase, int]] = []
    tasks: list[tuple[Case, str, date, str]] = []
    for case in cases:
        of_case = [service_from(service) for service in case.running]  # type: ignore[attr-defined]
        own_services = [s for s in of_case if s.worker_id == user.pk]
        shown = next(iter(own_services or of_case), None)
        since = case.last_contact_on or case.opened_on
        names, schools = told(case.kids)  # type: ignore[attr-defined]
        leads, cover = case.lead_id == user.pk, next(iter(case.cover), None)  # type: ignore[attr-defined]
        row = MyCase(
            case,
            names,
            schools,
            weeks_between(case.opened_on, today) or 0,
            [round(float(mean), 1) for mean in case.line],  # type: ignore[attr-defined]
            # Whoever covers for the lead worker is asked for what the lead worker would be.
            leads or bool(cover and cover["worker_id"] == case.lead_id),  # type: ignore[attr-defined]
            shown,
            use_of(shown, today) if shown else None,
            (today - since).days,
            f"covering for {cover['worker']} until {day_of(cover['until'])}" if cover and not leads else "",
        )
        covered = f" · covering for {cover['worker']} until {day_of(cover['until'])}" if cover else ""
        tasks += [
            (case, task["what"], date.fromisoformat(task["due"]), covered if task["owner"] != user.pk else "")
            for task in case.to_do  # type: ignore[attr-defined]
        ]
        if not row.leads and not own_services and not cover:
            # Somebody else's case, where something is to be done by me.
            continue
        rows.append(row)
        waiting = [s.offer for s in own_services if s.offer and s.offer.status == Offer.Status.ALLOCATED]
        if waiting:
            new.append((row, max(offer.weeks_waited(today) for offer in waiting)))
    unfinished = [draft for draft in drafts.unfinished(user) if not draft.key.startswith(NO_WORK)]
    return Mine(rows, tasks, unfinished, new)


def my_work(request: UserRequest) -> dict[str, Any]:
    """Overdue first, then this week; each row leads to its one action."""
    found, today = of_mine(request), timezone.localdate()
    week = today + timedelta(days=7)
    overdue: list[dict[str, Any]] = []
    coming: list[dict[str, Any]] = []
    for row in found.cases:
        case = row.case
        url, log = reverse("case", args=[case.pk]), reverse("contact-new", args=[case.pk])

        def add(
            days: int,
            detail: str,
            action: str,
            action_url: str,
            *,
            title: str = f"{case.family}",
            url: str = url,
            mark: str = row.mark,
        ) -> None:
            overdue.append(
                {
                    "title": title,
                    "detail": detail + mark,
                    "url": url,
                    "action": action,
                    "action_url": action_url,
                    "days_late": days,
                    "when": None,
                }
            )

        if row.leads and case.review_due_on and case.review_due_on < today:
            add(
                (today - case.review_due_on).days,
                f"Plan review was due {_day(case.review_due_on)}",
                "Review plan",
                reverse("case-review", args=[case.pk]),
            )
        if row.leads and row.too_quiet:
            since = f"since {_day(case.last_contact_on)}" if case.last_contact_on else "yet"
            add((row.quiet_days or 0), f"No contact {since}", "Log a contact", log)
        if case.next_step and case.next_step_on and row.leads:
            action, action_url = step_action(row)
            if case.next_step_on < today:
                add(
                    (today - case.next_step_on).days,
                    f"{case.next_step}, was due {_day(case.next_step_on)}",
                    action,
                    action_url,
                )
            elif case.next_step_on <= week:
                coming.append(_coming(case, case.next_step_on, case.next_step, action_url, row.mark))
        out = away(case)
        if out and row.leads and out["due"] < today.isoformat():
            due = date.fromisoformat(out["due"])
            add(
                (today - due).days,
                f"On loan to {out['partner']}, expected back {_day(due)}",
                "See the loan",
                reverse("case-services", args=[case.pk]),
            )
        for meeting in case.coming:  # type: ignore[attr-defined]
            at = timezone.localtime(datetime.fromisoformat(meeting["at"]))
            coming.append(
                _coming(
                    case,
                    at,
                    CaseMeeting.Kind(meeting["kind"]).label,
                    reverse("case-meetings", args=[case.pk]),
                    row.mark,
                )
            )
    for case, what, due, mark in found.tasks:
        # On a phone the tasks stand below the meetings.
        url = reverse("case-meetings", args=[case.pk]) + "#to-do"
        if due < today:
            overdue.append(
                {
                    "title": str(case.family),
                    "detail": f"{what}, was due {_day(due)}{mark}",
                    "url": url,
                    "action": "Open task",
                    "action_url": url,
                    "days_late": (today - due).days,
                    "when": None,
                }
            )
        else:
            coming.append(_coming(case, due, what, url, mark))
    for draft in found.drafts:
        at = timezone.localtime(draft.saved_at)
        overdue.append(
            {
                "title": draft.title or DRAFT_TITLES.get(draft.key.split(":")[0], "Something you were writing"),
                "detail": f"Your draft from {at:%A %H:%M} is not finished",
                "url": "",
                "action": "Finish it",
                "action_url": draft.url or draft_url(draft.key),
                "days_late": (today - at.date()).days,
                "when": None,
            }
        )
    overdue.sort(key=lambda row: -row["days_late"])
    coming.sort(key=lambda row: str(row["when"]))
    return {"overdue": overdue, "this_week": coming}


def step_action(row: MyCase) -> tuple[str, str]:
    """What is pressed to do the case's next step, and where it leads."""
    case, said = row.case, row.case.next_step.lower()
    own = case.status == CaseStatus.OPEN and not row.covering
    action, name, place = next(
        (to for words, to in STEPS_TO.items() if own and words in said),
        ("Log a contact", "contact-new", ""),
    )
    return action, reverse(name, args=[case.pk]) + place


DRAFT_TITLES = {
    "contact": "Contact",
    "goal": "Goal",
    "review": "Review",
    "note": "Note",
    "meeting": "Meeting",
    "letter": "Letter",
}


def draft_url(key: str) -> str:
    """Where a draft is taken up again, from its key; the case list when it no longer says."""
    kind, _, pk = key.partition(":")
    names = {"contact": "contact-new", "review": "case-review", "meeting": "case-meeting-new", "goal": "goal-new"}
    return reverse(names[kind], args=[pk]) if kind in names else reverse("case-list")


def _day(day: date | None) -> str:
    return f"{day:%-d %B}" if day else ""


def _coming(case: Case, when: date | datetime, text: str, url: str, mark: str = "") -> dict[str, Any]:
    return {
        "title": text,
        "detail": case.family.name + mark,
        "url": url,
        "action": "",
        "action_url": "",
        "days_late": 0,
        "when": when,
    }


@dataclass(frozen=True)
class ClusterWork:
    """The work of a leader's Clusters: caseloads, extensions to answer, entitlements running out."""

    loads: list[Load]
    asked: list[tuple[CaseService, dict[str, Any]]]
    running_out: list[tuple[CaseService, Use]]


def of_clusters(request: UserRequest) -> ClusterWork:
    """Two queries, once per request."""
    kept = getattr(request, "_cluster_work", None)
    if kept is None:
        clusters = duties(request.user).leads
        asked, running_out = [], []
        for service in services_of_clusters(clusters):
            rows = getattr(service, "asked", [])
            asked += [(service, row) for row in rows if row["status"] == Extension.Status.ASKED]
            use = use_of(service)
            if use.running_out:
                running_out.append((service, use))
        running_out.sort(key=lambda pair: pair[1].left or 0)
        kept = request._cluster_work = ClusterWork(caseload(clusters), asked, running_out)  # type: ignore[attr-defined]
    return kept
