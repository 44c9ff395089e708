"""Of a case, and of what belongs to it and has its own readers, it can be asked who sees it (`families.who_sees`)."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseAudit, Contact, Cover, ServiceHandover, SupervisionCase
from families.who_sees.askable import Askable, Part, may_be_asked


def fill() -> None:
    may_be_asked(
        Askable(
            kind="case",
            load=lambda pk: Case.objects.filter(pk=pk).select_related("family__cluster").first(),
            title=lambda case: f"Case {case.reference}",
            back=lambda case: reverse("case", args=[case.pk]),
            parts=(
                Part("The case and that contacts took place", "cases_case"),
                Part("The plan and its goals", "cases_plan", "case_id"),
                Part("Meetings of the team around the family", "cases_casemeeting", "case_id"),
            ),
            note=lambda case: "Each session’s own page says who reads its notes.",
        )
    )
    may_be_asked(
        Askable(
            kind="contact",
            load=lambda pk: Contact.objects.filter(pk=pk).select_related("family__cluster", "author").first(),
            title=lambda contact: f"{contact.get_kind_display()} by {contact.author}",
            back=lambda contact: reverse("contact", args=[contact.pk]),
            parts=(
                Part("That it took place", "cases_contact"),
                Part("What was written", "cases_contactnote", "contact_id", text=True),
            ),
            note=lambda contact: "These are notes of therapy or counselling." if contact.private else "",
        )
    )
    may_be_asked(
        Askable(
            kind="handover",
            load=lambda pk: ServiceHandover.objects.filter(pk=pk).select_related("family__cluster", "author").first(),
            title=lambda handover: f"Handover of a service, {handover.handed_on:%-d %B %Y}",
            back=lambda handover: reverse("case-services", args=[handover.case_service.case_id]),
            parts=(Part("What the next worker must know", "cases_servicehandover", text=True),),
            people=lambda handover: (
                (handover.author_id, "Wrote it"),
                (handover.from_worker_id, "Handed it over"),
                (handover.to_worker_id, "Took it over"),
            ),
        )
    )
    may_be_asked(
        Askable(
            kind="audit",
            load=lambda pk: CaseAudit.objects.filter(pk=pk).select_related("family__cluster", "author").first(),
            title=lambda audit: "Audit of a case",
            back=lambda audit: reverse("case-audit", args=[audit.pk]),
            parts=(
                Part("The audit and its judgement", "cases_caseaudit"),
                Part("The answers", "cases_auditanswer", "audit_id"),
            ),
            people=lambda audit: (
                (audit.author_id, "Reads the case for the audit"),
                (audit.moderator_id, "Second reader"),
                *_covering(audit),
            ),
            narrow=lambda audit: True,
            note=lambda audit: "" if audit.finished_at else "Finished, it is read by those who work on the case too.",
        )
    )
    may_be_asked(
        Askable(
            kind="supervision",
            load=lambda pk: (
                SupervisionCase.objects.filter(pk=pk).select_related("family__cluster", "author", "supervision").first()
            ),
            title=lambda part: f"What was said of a case in supervision, {timezone.localtime(part.held_at):%-d %B %Y}",
            back=lambda part: reverse("supervision-record", args=[part.supervision_id]),
            parts=(Part("What was said and decided", "cases_supervisioncase"),),
            people=lambda part: (
                (part.author_id, "Wrote it"),
                (part.supervision.supervisor_id, "Holds the supervision"),
                *_covering(part),
            ),
            narrow=lambda part: True,
        )
    )


def _covering(record: Any) -> list[tuple[int | None, str]]:
    """Whoever looks after the case while its worker is away."""
    return [(cover.covering_id, "Covers in the case") for cover in Cover.objects.today().filter(case_id=record.case_id)]
