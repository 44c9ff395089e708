"""What an audit draws from, its questions, and the table of its answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery

from cases.models import AuditAnswer, AuditQuestion, AuditSample, Case, CaseAudit, CaseService, LeadWorker, Task
from cluster_ehs.core.figures import percentage

NOBODY = "nobody"


@dataclass(frozen=True)
class Drawable:
    case_id: UUID
    reference: str
    stratum: str


@dataclass(frozen=True)
class Line:
    """One question over the finished audits. The percentages are of those to which it applied."""

    question: AuditQuestion
    yes: int
    partly: int
    no: int
    not_applicable: int

    @property
    def applicable(self) -> int:
        return self.yes + self.partly + self.no

    def share(self, count: int) -> Decimal | None:
        return percentage(count, self.applicable)

    @property
    def shares(self) -> list[tuple[int, Decimal | None]]:
        return [(count, self.share(count)) for count in (self.yes, self.partly, self.no)]


def drawable(cluster_id: int, *, which: str, stratum: str, starts_on: date, ends_on: date) -> list[Drawable]:
    """The cases of a Cluster that the reader may see: open on the last day, or closed in the period, both ends in."""
    rows = Case.objects.filter(cluster_id=cluster_id, opened_on__lte=ends_on, imported=False)
    if which == AuditSample.Which.OPEN:
        rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=ends_on))
    else:
        rows = rows.filter(closed_on__gte=starts_on, closed_on__lte=ends_on)
    of_case = {"case": OuterRef("pk")}
    by: Any
    if stratum == AuditSample.Stratum.WORKER:
        by = LeadWorker.objects.filter(**of_case).order_by("-starts_on", "-created_at").values("worker__name")[:1]
    else:
        by = CaseService.objects.filter(**of_case).order_by("starts_on", "created_at").values("service__name")[:1]
    found = rows.annotate(by=Subquery(by)).values_list("pk", "reference", "by").order_by("reference")
    return [Drawable(pk, reference, name or NOBODY) for pk, reference, name in found]


def questions_on(day: date) -> list[AuditQuestion]:
    return list(AuditQuestion.objects.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=day)))


def all_questions() -> list[AuditQuestion]:
    return list(AuditQuestion.objects.order_by("retired_on", "order", "pk"))


def questions_of(sample: AuditSample) -> list[AuditQuestion]:
    found = AuditQuestion.objects.in_bulk(sample.questions)
    return sorted(found.values(), key=lambda question: (question.order, question.pk))


def samples(cluster_ids: Collection[int]) -> QuerySet[AuditSample]:
    rows = AuditSample.objects.filter(cluster_id__in=list(cluster_ids)).select_related("cluster", "drawn_by")
    return rows.annotate(
        drawn=Count("audits"), finished=Count("audits", filter=Q(audits__finished_at__isnull=False))
    ).order_by("-drawn_at")


def audits() -> QuerySet[CaseAudit]:
    answers = AuditAnswer.objects.select_related("question").order_by("question__order", "question_id")
    return CaseAudit.objects.select_related("case__family", "author", "moderator").prefetch_related(
        Prefetch("answers", queryset=answers), Prefetch("tasks", queryset=Task.objects.select_related("owner"))
    )


def of_case(case_id: UUID) -> list[CaseAudit]:
    """Finished audits of a case, for those who may read them."""
    rows = CaseAudit.objects.filter(case_id=case_id, finished_at__isnull=False).select_related("author")
    return list(rows.order_by("-finished_at"))


def summary(sample: AuditSample) -> tuple[list[Line], int]:
    """The table of a sample: a line per question over its finished audits, and how many those are."""
    finished = CaseAudit.objects.filter(sample=sample, finished_at__isnull=False)
    rows = AuditAnswer.objects.filter(audit__in=finished.values("pk")).values("question_id", "answer")
    counted = {(row["question_id"], row["answer"]): row["n"] for row in rows.annotate(n=Count("pk"))}
    scale = AuditAnswer.Scale.values
    lines = [
        Line(question, *(counted.get((question.pk, answer), 0) for answer in scale))
        for question in questions_of(sample)
    ]
    return lines, finished.count()


def headings() -> list[str]:
    return [
        "Question",
        "Applicable",
        "Yes",
        "Yes, % of applicable",
        "Partly",
        "Partly, % of applicable",
        "No",
        "No, % of applicable",
        "Not applicable",
    ]


def as_rows(lines: list[Line]) -> list[list[str | int | Decimal | None]]:
    rows: list[list[str | int | Decimal | None]] = []
    for line in lines:
        row: list[str | int | Decimal | None] = [line.question.text, line.applicable]
        for count, share in line.shares:
            row += [count, share]
        rows.append([*row, line.not_applicable])
    return rows
