"""What the overview says beside goals and contacts: what is next, and how the practice principles stand [E]."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.html import format_html

from cases.models import Case, CaseMeeting, GoalAgreement, Task
from cases.selectors.case import case_with_family, who_is_who
from cases.selectors.chronology import with_pins
from cases.selectors.handover import workers_beside_case
from cluster_ehs.core.templatetags.ehs import short_date
from families.models import Involvement, Person


def cases() -> QuerySet[Case]:
    """A case with its open tasks, coming meetings and agreements, in the same query as the case itself."""
    tasks = (
        Task.objects.filter(case=OuterRef("pk"), done_at__isnull=True)
        .order_by("due_on")
        .values(data=JSONObject(what="what", due="due_on", owner="owner__name", outside="outside"))[:6]
    )
    meetings = (
        CaseMeeting.objects.filter(case=OuterRef("pk"), held_at__gt=timezone.now(), recorded_at__isnull=True)
        .order_by("held_at")
        .values(data=JSONObject(kind="kind", at="held_at"))[:4]
    )
    disagree = GoalAgreement.objects.filter(goal__plan__case=OuterRef("pk"), goal__status="live").values_list("agrees")
    return with_pins(case_with_family()).annotate(
        workers_had=workers_beside_case(),
        open_tasks=ArraySubquery(tasks),
        coming=ArraySubquery(meetings),
        answers=ArraySubquery(disagree),
    )


def next_rows(case: Case) -> list[tuple[Any, Any]]:
    """Dates and what happens then, what is overdue first."""
    today = timezone.localdate()
    rows: list[tuple[date, str]] = []
    if case.review_due_on:
        rows.append((case.review_due_on, "Plan review"))
    if case.next_step:
        rows.append((case.next_step_on or today, case.next_step))
    for meeting in case.coming:  # type: ignore[attr-defined]
        at = timezone.localtime(datetime.fromisoformat(meeting["at"]))
        rows.append((at.date(), f"{CaseMeeting.Kind(meeting['kind']).label}, {at:%H:%M}"))
    for task in case.open_tasks:  # type: ignore[attr-defined]
        rows.append((date.fromisoformat(task["due"]), f"{task['what']} ({task['outside'] or task['owner']})"))
    said: list[tuple[Any, Any]] = []
    for day, text in sorted(rows):
        if day < today:
            said.append(
                (
                    format_html('<span class="eh-late">{}</span>', short_date(day)),
                    format_html('{} <span class="eh-late">overdue</span>', text),
                )
            )
        else:
            said.append((short_date(day), text))
    return said


def family_in_the_plan(case: Case, people: list[Person]) -> list[tuple[bool, str]]:
    """Whether the family agrees with its goals, and who of the adults is not involved yet [E]."""
    answers = case.answers  # type: ignore[attr-defined]
    facts: list[tuple[bool, str]] = []
    if answers:
        words = "The family agrees with its goals"
        facts.append((all(answers), words if all(answers) else "Somebody in the family does not agree with a goal"))
    elif getattr(case, "plan", None):
        facts.append((False, "The family’s agreement with its goals is not recorded"))
    adults = [person for person in people if not person.is_child and not person.deceased]
    left_out = [who_is_who(p) for p in adults if p.involvement in {Involvement.NOT_YET, Involvement.UNKNOWN}]
    if left_out:
        facts.append((False, f"Not yet involved: {', '.join(left_out)}"))
    elif adults:
        facts.append((True, "Every adult is involved, or it is known why not"))
    return facts
