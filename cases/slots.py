"""What this app shows on its own pages and on those of others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, Q, Value
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from cases import digest, merging, policies, who_sees
from cases.models import Case, CaseService, LeadWorker
from cases.selectors import chronology, home
from cases.selectors.chronology import moment
from cases.selectors.loans import on_loan, overdue_of_leader
from cases.selectors.session_work import session_work
from cases.selectors.workload import caseload
from cluster_ehs.core import numbers, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters.http import UserRequest
from clusters.models import Role
from clusters.people import duties
from families.merge_links import AGAINST
from families.models import Family
from referrals.models import Referral

# Rows of “This week” that stand open; the others are one tap away, so that a phone comes to “My cases”.
WEEK_ROWS = 8
# Entitlements that a leader's home names; the page of the figure has them all.
ENDS_FIRST = 4
TABS = (
    (10, "overview", "Overview", "case"),
    (30, "plan", "Plan", "case-plan"),
    (40, "contacts", "Contacts", "case-contacts"),
    (50, "services", "Services", "case-services"),
    (60, "people", "People", "case-people"),
    (70, "meetings", "Meetings", "case-meetings"),
    (80, "documents", "Documents", "case-documents"),
    (90, "chronology", "Chronology", "case-chronology"),
)


def tab(key: str, label: str, url_name: str) -> Callable[..., dict[str, Any] | None]:
    def entry(request: UserRequest, *, case: Case) -> dict[str, Any] | None:
        url = address(url_name, case.pk)
        return {"key": key, "label": label, "url": url} if url else None

    return entry


def history_tab(request: UserRequest, *, case: Case) -> dict[str, Any] | None:
    url = address("family-history", case.family_id)
    return {"key": "history", "label": "History", "url": url} if url else None


def who_sees_tab(request: UserRequest, *, case: Case) -> dict[str, Any]:
    return {"key": "who", "label": "Who sees it", "url": reverse("who-sees", args=["case", case.pk])}


def address(url_name: str, *args: object) -> str:
    """The address of a page, empty where the page is not installed."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def nav(request: UserRequest) -> dict[str, Any]:
    return {"label": "Cases", "url_name": "case-list"}


def sessions_nav(request: UserRequest) -> dict[str, Any]:
    return {"label": "My sessions", "url_name": "my-sessions"}


def supervision_nav(request: UserRequest) -> dict[str, Any]:
    return {"label": "Supervision", "url_name": "supervised-sessions"}


def my_work(request: UserRequest) -> dict[str, Any]:
    return home.my_work(request)


def overdue(request: UserRequest) -> dict[str, Any]:
    """What is overdue, from every app that fills `my_work`, the longest first."""
    rows = [row for part in _work(request) for row in part["overdue"]]
    return {"overdue": sorted(rows, key=lambda row: -(row["days_late"] or 0))}


def _work(request: UserRequest) -> list[dict[str, Any]]:
    kept = getattr(request, "_my_work", None)
    if kept is None:
        kept = request._my_work = slots.gather("my_work", request)  # type: ignore[attr-defined]
    return kept


def my_cases(request: UserRequest) -> dict[str, Any]:
    capacity = sum((role.capacity or 0) for role in duties(request.user).roles if role.role == Role.PRACTITIONER)
    rows = home.of_mine(request).cases
    return {"rows": rows, "own": sum(not row.covering for row in rows), "capacity": capacity}


def my_week(request: UserRequest) -> dict[str, Any]:
    """What is planned, the first rows open: all of today and tomorrow, and so many that few weeks need folding."""
    coming = [row for part in _work(request) for row in part["this_week"]]
    for row in coming:
        row["day"] = day_in_words(row["when"])
    coming.sort(key=lambda row: moment(row["when"]))
    tomorrow = timezone.localdate() + timedelta(days=1)
    open_rows = max(WEEK_ROWS, sum(timezone.localdate(moment(row["when"])) <= tomorrow for row in coming))
    if len(coming) < open_rows + 3:
        open_rows = len(coming)
    return {"this_week": coming[:open_rows], "later": coming[open_rows:], "new": home.of_mine(request).new}


def day_in_words(when: date | datetime) -> str:
    """“Today 10:00”, “Tue 24 Nov”."""
    at = timezone.localtime(when) if isinstance(when, datetime) else when
    day = at.date() if isinstance(at, datetime) else at
    word = "Today" if day == timezone.localdate() else f"{day:%a %-d %b}"
    return f"{word} {at:%H:%M}" if isinstance(at, datetime) else word


def leader_work(request: UserRequest) -> dict[str, Any]:
    work = home.of_clusters(request)
    loads = sorted(work.loads, key=lambda load: -load.load / load.capacity if load.capacity else 0)
    return {"loads": loads, "running_out": work.running_out, "ends_first": work.running_out[:ENDS_FIRST]}


def extensions(request: UserRequest) -> dict[str, Any] | None:
    asked = home.of_clusters(request).asked
    return {"asked": asked} if asked else None


def overdue_loans(request: UserRequest) -> dict[str, Any] | None:
    """Cases that were expected back before today."""
    if not numbers.of(request, "loans overdue"):
        return None
    late = [(loan, days) for loan, days in on_loan(duties(request.user).leads) if days]
    return {"loans": late} if late else None


def loans_out(request: UserRequest) -> dict[str, Any] | None:
    rows = on_loan(duties(request.user).clusters)
    return {"loans": rows} if rows else None


def significant(request: UserRequest, *, case: Case) -> dict[str, Any] | None:
    """Significant events of the chronology, from what the overview has loaded with the case."""
    pins = chronology.pins_of(case)
    return {"pins": pins} if pins else None


def board_caseload(request: UserRequest, *, referral: Referral) -> dict[str, Any]:
    return {"loads": caseload([referral.cluster_id])}


def cases_of_family(
    request: UserRequest, *, family: Family | None = None, referral: Any = None
) -> dict[str, Any] | None:
    """The family's cases: beside its record, and beside a referral of a sibling."""
    family_id: UUID = (referral if referral is not None else family).family_id  # type: ignore[union-attr]
    cases = list(
        Case.objects.filter(family_id=family_id)
        .annotate(lead=FilteredRelation("lead_workers", condition=Q(lead_workers__ends_on__isnull=True)))
        .annotate(lead_name=F("lead__worker__name"))
        .order_by("-opened_on")
    )
    return {"cases": cases} if cases else None


def family_workers(request: UserRequest, *, family: Family) -> dict[str, Any]:
    """Who works with the family today: lead worker and workers of the running services."""
    of_family = {"family": family}
    leads = LeadWorker.objects.filter(**of_family, ends_on__isnull=True).annotate(part=Value("Lead worker"))
    gives = CaseService.objects.filter(**of_family, status=CaseService.Status.ACTIVE).annotate(part=F("service__name"))
    columns = ("worker_id", "worker__name", "part")
    helpers = list(leads.values_list(*columns).union(gives.values_list(*columns)))
    return {"user_ids": {row[0] for row in helpers}, "helpers": helpers}


def fill_all() -> None:
    who_sees.fill()
    if merging.two_open_cases not in AGAINST:
        AGAINST.append(merging.two_open_cases)
    slots.fill("nav", order=40, template="cases:nav", selector=nav, policy=policies.sees_case_list)
    slots.fill(
        "nav", order=45, template="cases:supervision", selector=supervision_nav, policy=policies.is_clinical_supervisor
    )
    if digest.carry_on not in SWEEPS:
        SWEEPS.append(digest.carry_on)
    slots.fill("digest", order=30, template="cases:digest", selector=digest.of_cases)
    slots.fill("nav", order=42, template="cases:sessions", selector=sessions_nav, policy=policies.is_practitioner)
    slots.fill("my_work", order=12, template="cases:sessions", selector=session_work, policy=policies.is_practitioner)
    for order, key, label, url_name in TABS:
        slots.fill("case.tabs", order=order, template=f"cases:{key}", selector=tab(key, label, url_name))
    slots.fill("case.tabs", order=110, template="cases:history", selector=history_tab)
    slots.fill("case.tabs", order=111, template="cases:who_sees", selector=who_sees_tab)
    slots.fill("my_work", order=10, template="cases:my_work", selector=my_work, policy=policies.is_practitioner)
    slots.fill(
        "home.main", order=10, template="cases/slots/my_work.html", selector=overdue, policy=policies.is_practitioner
    )
    slots.fill(
        "home.main", order=25, template="cases/slots/my_cases.html", selector=my_cases, policy=policies.is_practitioner
    )
    slots.fill(
        "home.side",
        order=10,
        template="cases/slots/my_side.html",
        selector=lambda request: {},
        policy=policies.is_practitioner,
    )
    slots.fill(
        "home.side", order=25, template="cases/slots/my_week.html", selector=my_week, policy=policies.is_practitioner
    )
    # What only a leader can answer stands above the side, so that it is not the last thing on a phone.
    slots.fill(
        "home.main", order=15, template="cases/slots/extensions.html", selector=extensions, policy=policies.is_leader
    )
    slots.fill(
        "home.main", order=40, template="cases/slots/leader_main.html", selector=leader_work, policy=policies.is_leader
    )
    slots.fill(
        "home.side", order=30, template="cases/slots/leader_side.html", selector=leader_work, policy=policies.is_leader
    )
    numbers.count("loans overdue", overdue_of_leader)
    slots.fill(
        "home.side", order=45, template="cases/slots/on_loan.html", selector=overdue_loans, policy=policies.is_leader
    )
    slots.fill("ledger.beside", order=10, template="cases/slots/on_loan.html", selector=loans_out)
    slots.fill("case.overview.main", order=5, template="cases/slots/pins.html", selector=significant)
    slots.fill(
        "board.beside",
        order=40,
        template="cases/slots/caseload.html",
        selector=board_caseload,
        policy=policies.is_leader,
    )
    slots.fill(
        "board.beside",
        order=30,
        template="cases/slots/family_cases.html",
        selector=cases_of_family,
        policy=policies.staff_of_clusters,
    )
    slots.fill(
        "referral.known",
        order=10,
        template="cases/slots/known_cases.html",
        selector=cases_of_family,
        policy=policies.staff_of_clusters,
    )
    slots.fill(
        "family.beside",
        order=20,
        template="cases/slots/family_cases.html",
        selector=cases_of_family,
        policy=policies.staff_of_clusters,
    )
    slots.fill("family.workers", order=10, template="cases:workers", selector=family_workers)
