"""The response to a referral: exactly one, with its reasons, who made it and where [E Table 12]."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.tasks import queue_message
from clusters.models import NeedLevel, PartnerService, Service, User
from families.models import Person
from referrals.models import Referral, Status
from referrals.workflow import REFERRAL
from triage import policies
from triage.models import (
    RESPONSES_PASSED_ON,
    RESPONSES_WITH_SERVICE,
    Decision,
    Ending,
    Meeting,
    Offer,
    Outcome,
    PassingOn,
    Response,
    StepUp,
)
from triage.services.endings import check_triage_outcomes, lock_referral, record_ending
from triage.services.meetings import take_place


@dataclass(frozen=True)
class Offered:
    """A service of a decision: for whom, if not for the whole family, and how urgently."""

    service: Service
    person: Person | None = None
    priority: int = Offer.Priority.ROUTINE


@dataclass(frozen=True)
class Sent:
    """A partner service that a referral is passed to: what was sent, and when an answer is expected."""

    partner: PartnerService
    what: str = ""
    answer_by: date | None = None

    def news_due_on(self, today: date) -> date:
        return self.answer_by or today + timedelta(days=self.partner.answer_days)


@transaction.atomic
def decide(
    *,
    by: User,
    referral: Referral,
    response: str,
    rationale: str,
    services: Sequence[Offered] = (),
    partners: Sequence[PartnerService | Sent] = (),
    meeting: Meeting | None = None,
    outcomes: Collection[Outcome] = (),
    need_level: NeedLevel | None = None,
) -> Decision:
    """Give a referral its one response; offered services start to wait today.

    `meeting` is None outside a meeting. `outcomes` end a referral at triage that has no service and
    that nobody is to hand back; one that is only passed on then ends as passed on by itself.
    `need_level` is the level of need as the Cluster judges it now, against the authority's thresholds.

    Raises Denied unless a leader of the Cluster acts, Conflict naming who decided first and when,
    ValidationError by field.
    """
    policies.check_decide(by, referral)
    response = _check_response(response)
    sent = [partner if isinstance(partner, Sent) else Sent(partner) for partner in partners]
    to = [each.partner for each in sent]
    referral = lock_referral(referral)
    _check_undecided(referral)
    _check_consistent(referral, response, rationale, services, to, outcomes)
    if any(each.answer_by and each.answer_by <= timezone.localdate() for each in sent):
        raise ValidationError({"answer_by": "The answer must be expected on a day to come."})
    if meeting:
        take_place(by=by, meeting=meeting, referral=referral)
    REFERRAL.step(referral.status, Status.DECIDED)
    referral.status = Status.DECIDED
    referral.save(update_fields=["status"])
    now, today = timezone.now(), timezone.localdate()
    place = {"cluster_id": referral.cluster_id, "family_id": referral.family_id}
    decision = Decision.objects.create(
        **place,
        referral=referral,
        response=response,
        rationale=rationale.strip(),
        need_level=need_level,
        decided_on=today,
        decided_at=now,
        decided_by=by,
        meeting=meeting,
    )
    Offer.objects.bulk_create(
        Offer(
            **place,
            decision=decision,
            service=offered.service,
            person=offered.person,
            priority=offered.priority,
            waiting_since=today,
        )
        for offered in services
    )
    PassingOn.objects.bulk_create(
        PassingOn(
            **place,
            decision=decision,
            partner=each.partner,
            sent_on=today,
            sent_what=each.what.strip(),
            news_due_on=each.news_due_on(today),
            return_expected=each.partner.returns_expected,
        )
        for each in sent
    )
    audit.event(by=by, kind="decision", text=_words(referral, response, services, to), about=referral)
    return_expected = any(partner.returns_expected for partner in to)
    if response == Response.PASSED_ON and not return_expected:
        outcomes = {Outcome.PASSED_ON, *outcomes}
    if outcomes:
        record_ending(by=by, referral=referral, where=Ending.Where.TRIAGE, outcomes=outcomes)
    _tell_referrer(referral)
    return decision


def _check_response(response: str) -> Response:
    try:
        return Response(response)
    except ValueError:
        raise ValidationError({"response": "Choose the response to the referral."}) from None


def _check_undecided(referral: Referral) -> None:
    if referral.status == Status.TO_SCREEN:
        return
    first = Decision.objects.select_related("decided_by").filter(referral_id=referral.pk).first()
    if first is None:
        raise Conflict("This referral is no longer to be screened. Load the page again.")
    who = first.decided_by.name if first.decided_by else "an earlier import"
    raise Conflict(f"Decided by {who} {_when(first.decided_at)}. What you entered was not recorded.")


def _when(at: datetime) -> str:
    local = timezone.localtime(at)
    if local.date() == timezone.localdate():
        return f"at {local:%H:%M}"
    return f"on {local.day} {local:%B %Y} at {local:%H:%M}"


def _check_consistent(
    referral: Referral,
    response: Response,
    rationale: str,
    services: Sequence[Offered],
    partners: Sequence[PartnerService],
    outcomes: Collection[Outcome],
) -> None:
    wrong: dict[str, Any] = {}
    if not rationale.strip():
        wrong["rationale"] = "Say why, in a sentence or two. The referrer may ask, and so may the family."
    if response in RESPONSES_WITH_SERVICE:
        if not services:
            wrong["services"] = "Choose at least one service: this response means that one is offered."
        elif policies.waits_for_step_up(referral):
            wrong["services"] = policies.STEP_UP_FIRST
        if outcomes:
            wrong["outcomes"] = "A referral that gets a service has no ending yet."
    elif services:
        wrong["services"] = f"“{response.label}” offers no service. Choose another response or untick the services."
    if response in RESPONSES_PASSED_ON:
        if not partners:
            wrong["partners"] = "Choose at least one partner service that it is passed to."
    elif partners:
        wrong["partners"] = f"“{response.label}” passes nothing on. Choose another response or untick the partners."
    if "services" not in wrong and (why := _unfit_services(referral, services)):
        wrong["services"] = why
    retired = [p.name for p in partners if p.retired_on and p.retired_on <= timezone.localdate()]
    if retired:
        wrong["partners"] = f"No longer in the directory: {', '.join(retired)}."
    if outcomes and "outcomes" not in wrong:
        if any(partner.returns_expected for partner in partners):
            wrong["outcomes"] = "It is expected back, so it has no ending yet."
        else:
            check_triage_outcomes(outcomes)
    if wrong:
        raise ValidationError(wrong)


def _unfit_services(referral: Referral, services: Sequence[Offered]) -> str:
    today = timezone.localdate()
    for offered in services:
        service = offered.service
        if service.cluster_id not in (None, referral.cluster_id) or (
            service.retired_on and service.retired_on <= today
        ):
            return f"{service.name} is not offered in this Cluster."
        if offered.person and offered.person.family_id != referral.family_id:
            return f"{service.name}: choose somebody of this family."
        if offered.priority not in Offer.Priority.values:
            return f"{service.name}: choose a priority."
    if len({(o.service.pk, o.person and o.person.pk) for o in services}) < len(services):
        return "The same service is chosen twice for the same person."
    return ""


def _words(
    referral: Referral, response: Response, services: Sequence[Offered], partners: Sequence[PartnerService]
) -> str:
    parts = [f"Referral {referral.reference} decided: {response.label}"]
    if services:
        parts.append("offered: " + ", ".join(o.service.name for o in services))
    if partners:
        parts.append("passed to: " + ", ".join(p.name for p in partners))
    return "; ".join(parts)


def _tell_referrer(referral: Referral) -> None:
    """A mail that names nobody: the reference the referrer knows, and where to read more."""
    if not referral.referrer_email:
        return
    queue_message(
        key=f"decided:{referral.pk}",
        to=referral.referrer_email,
        subject=f"Referral {referral.reference} has been decided",
        body=(
            f"The referral {referral.reference} has been decided.\n\n"
            f"If you have a sign-in, you can see where it stands: {settings.PUBLIC_URL}/\n"
            "If you have none, the Cluster will be in touch with you or the family.\n"
        ),
    )


@transaction.atomic
def step_up(*, by: User, referral: Referral, taken_by: str, csws_reference: str, at: datetime | None = None) -> StepUp:
    """Record that a concern of significant harm was taken to Children's Social Work Services.

    A referral that was not flagged before is flagged by it. `at` must not lie in the future.
    Raises Denied for anyone who is not staff of the Cluster, ValidationError by field.
    """
    policies.check_step_up(by, referral)
    at = at or timezone.now()
    if not taken_by.strip():
        raise ValidationError({"taken_by": "Enter the name of the person at CSWS who took it."})
    if not csws_reference.strip():
        raise ValidationError({"csws_reference": "Enter the reference that CSWS gave, or that they gave none."})
    if at > timezone.now():
        raise ValidationError({"at": "The step-up cannot lie in the future."})
    referral = lock_referral(referral)
    if not referral.harm_flagged_at:
        referral.harm_flagged_at, referral.harm_flagged_by = timezone.now(), by
        referral.save(update_fields=["harm_flagged_at", "harm_flagged_by"])
    taken = StepUp.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        referral=referral,
        stepped_up_at=at,
        stepped_up_by=by,
        taken_by=taken_by.strip(),
        csws_reference=csws_reference.strip(),
    )
    audit.event(
        by=by, kind="step_up", text=f"Referral {referral.reference} stepped up to CSWS ({taken.taken_by})", about=taken
    )
    return taken
