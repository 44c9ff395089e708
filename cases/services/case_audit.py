"""Case-file audit: drawing the sample, answering, finishing, moderating, and the questions themselves."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import AuditAnswer, AuditQuestion, AuditSample, Case, CaseAudit
from cases.policies import check_leads
from cases.selectors.case_audit import Drawable, drawable, questions_on
from cases.services.common import keys
from cases.services.stale import check_version
from cases.services.tasks import ToDo, tasks_of
from cluster_ehs.core import audit as trace
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import figures
from clusters import changes
from clusters.models import Cluster, User
from clusters.policies import check_manage

MOST_SEED = 999_999


@dataclass(frozen=True)
class Given:
    """The answer to a question, with a comment."""

    answer: str
    comment: str = ""


def spread(frame: Iterable[Drawable], wanted: int, seed: int) -> list[Drawable]:
    """A random sample, spread over the strata in proportion to their size, each with at least one while there is room.

    The same frame, number and seed give the same sample, in the same order.
    """
    generator = random.Random(seed)  # noqa: S311 - drawn again by the seed that the page shows; no secret
    strata: dict[str, list[Drawable]] = {}
    for one in sorted(frame, key=lambda one: one.reference):
        strata.setdefault(one.stratum, []).append(one)
    for name in sorted(strata):
        generator.shuffle(strata[name])
    # Round robin by what each stratum still lacks of its share.
    total, taken = sum(map(len, strata.values())), dict.fromkeys(sorted(strata), 0)
    chosen: list[Drawable] = []
    while len(chosen) < min(wanted, total):
        lacks = {
            name: (taken[name] == 0, len(strata[name]) * wanted / total - taken[name])
            for name in taken
            if taken[name] < len(strata[name])
        }
        name = max(lacks, key=lambda name: (*lacks[name], name))
        chosen.append(strata[name][taken[name]])
        taken[name] += 1
    return chosen


@transaction.atomic
def draw_sample(
    *,
    by: User,
    cluster: Cluster,
    which: str,
    stratum: str,
    starts_on: date,
    ends_on: date,
    wanted: int,
    seed: int | None = None,
) -> AuditSample:
    """Draw cases of a Cluster for an audit, from those that the leader may see. Raises Denied, ValidationError."""
    check_leads(by, cluster.pk, "draw a sample of case files")
    if ends_on < starts_on:
        raise ValidationError({"ends_on": "The last day must be on or after the first"})
    frame = drawable(cluster.pk, which=which, stratum=stratum, starts_on=starts_on, ends_on=ends_on)
    if not frame:
        raise ValidationError({"which": "There is no such case in this period"})
    questions = questions_on(timezone.localdate())
    if not questions:
        raise ValidationError("There is no question to ask. A manager adds them in the settings.")
    chosen_seed = secrets.randbelow(MOST_SEED) + 1 if seed is None else seed
    sample = AuditSample.objects.create(
        cluster=cluster,
        which=which,
        stratum=stratum,
        starts_on=starts_on,
        ends_on=ends_on,
        wanted=wanted,
        frame=len(frame),
        seed=chosen_seed,
        questions=[question.pk for question in questions],
        drawn_by=by,
    )
    drawn = spread(frame, wanted, chosen_seed)
    cases = Case.objects.in_bulk([one.case_id for one in drawn])
    CaseAudit.objects.bulk_create(
        CaseAudit(**keys(cases[one.case_id]), sample=sample, case_id=one.case_id, stratum=one.stratum, author=by)
        for one in drawn
    )
    text = f"Drew {len(drawn)} of {len(frame)} case files for an audit"
    trace.event(by=by, kind="case_audit.drawn", text=text, about=sample)
    return sample


def _locked(by: User, audit: CaseAudit) -> CaseAudit:
    check_leads(by, audit.cluster_id, "audit case files")
    return CaseAudit.objects.select_for_update(of=("self",)).select_related("sample", "case").get(pk=audit.pk)


@transaction.atomic
def answer_audit(
    *,
    by: User,
    audit: CaseAudit,
    answers: Mapping[int, Given],
    judgement: str = "",
    summary: str = "",
    tasks: Iterable[ToDo] = (),
    finish: bool = False,
    version: int | None = None,
) -> CaseAudit:
    """Save what has been answered so far, or finish. Finished it no longer changes.

    answers: by question id. Raises Denied, Conflict (finished), Stale, ValidationError (what is missing to finish; a
    “no” without a comment; `owner`).
    """
    row = _locked(by, audit)
    if row.finished_at:
        raise Conflict("This audit is finished and no longer changes. The second reader can comment on it.")
    check_version(row, version)
    asked = set(row.sample.questions)
    wrong: dict[str, Any] = {}
    for pk, given in answers.items():
        if given.answer in ("no", "partly") and finish and not given.comment.strip():
            wrong[f"comment_{pk}"] = "Say in a few words why"
    if finish:
        wrong |= {f"answer_{pk}": "Answer this question to finish" for pk in asked - answers.keys()}
        if not judgement:
            wrong["judgement"] = "Choose an overall judgement to finish"
    if wrong:
        raise ValidationError(wrong)
    row.judgement, row.summary, row.author, row.version = judgement, summary.strip(), by, row.version + 1
    row.finished_at = timezone.now() if finish else None
    row.save(update_fields=["judgement", "summary", "author", "version", "finished_at"])
    row.answers.exclude(question_id__in=answers).delete()
    there = {answer.question_id: answer for answer in row.answers.all()}
    for pk, given in answers.items():
        if pk not in asked:
            continue
        answer = there.get(pk) or AuditAnswer(**keys(row), audit=row, question_id=pk)
        answer.answer, answer.comment, answer.author = given.answer, given.comment.strip(), by
        answer.save()
    tasks_of(row.case, tasks, by=by, case_audit=row)
    if finish:
        trace.event(by=by, kind="case.audited", text="The case file was audited", about=row)
    return row


@transaction.atomic
def moderate(*, by: User, audit: CaseAudit, agrees: bool, moderation: str = "") -> CaseAudit:
    """A second reader agrees with a finished audit, or says where not. Raises Denied, Conflict, ValidationError."""
    row = _locked(by, audit)
    if not row.finished_at:
        raise Conflict("This audit is not finished yet.")
    if row.moderated_at:
        raise Conflict(f"{row.moderator} has moderated this audit in the meantime.")
    if row.author_id == by.pk:
        raise Denied("The second reader is somebody else than the first.")
    if not agrees and not moderation.strip():
        raise ValidationError({"moderation": "Enter where you see it otherwise"})
    row.moderator, row.moderated_at, row.agrees, row.moderation = by, timezone.now(), agrees, moderation.strip()
    row.save(update_fields=["moderator", "moderated_at", "agrees", "moderation"])
    trace.event(by=by, kind="case.audit_moderated", text="The audit of the case file was moderated", about=row)
    return row


@transaction.atomic
def save_question(
    *, by: User, text: str, help: str = "", order: int = 0, retired_on: date | None = None, pk: int | None = None
) -> AuditQuestion:
    """Add or change a question. What was asked keeps its wording once it has been answered: retire it, add another.

    Raises Denied, ValidationError (`text`).
    """
    check_manage(by)
    question = AuditQuestion.objects.select_for_update().get(pk=pk) if pk else AuditQuestion()
    others = AuditQuestion.objects.exclude(pk=pk) if pk else AuditQuestion.objects.all()
    if others.filter(text__iexact=text.strip()).exists():
        raise ValidationError({"text": "There is such a question already"})
    with figures():
        asked = bool(pk) and AuditSample.objects.filter(questions__contains=[pk]).exists()
    if asked and question.text != text.strip():
        raise ValidationError(
            {"text": "This question has been asked. Put a day to its end and add the new wording as a question."}
        )
    question.text, question.help, question.order, question.retired_on = text.strip(), help.strip(), order, retired_on
    question.full_clean()
    question.save()
    word = "changed" if pk else "added"
    changes.record(by=by, kind="audit_question", text=f"Audit question {word}: “{question.text}”", about=question)
    return question
