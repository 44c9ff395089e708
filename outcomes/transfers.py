"""A family moves to another Cluster: offered here, accepted or declined there, ended here. Nothing else crosses."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from cases.models import Case, CaseStatus, Goal, GoalStatus
from cases.policies import check_leads
from cases.services.common import tell
from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor, Named
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, aside
from clusters.models import Cluster, Role, StaffRole, Term, User, Vocabulary
from families.models import Agreement, Family
from families.services import new_family, restrict, save_person
from outcomes.letters import PARTS, case_of, parts_of, write_letter
from outcomes.models import IncomingTransfer, ReceivedRecord, Transfer, TransferStatus
from outcomes.services import GoalEnd, ask_closure, sign_off_closure
from outcomes.workflow import TRANSFER
from referrals.models import Agreed, Channel, Referral, Status
from referrals.services import submit_referral
from triage.models import Ending, Offer, Outcome, PassingOn
from triage.selectors.state import AWAITED, was_offered
from triage.services.endings import lock_referral, record_ending
from triage.workflow import OFFER

# Who ends on the sending side what nobody there has to close.
MOVED = Named(str(NamedActor.TRANSFER))
# Who refers a family that moves here.
SENDER = "Cluster leader there"


def leaders_of(cluster_id: int) -> list[User]:
    """The leaders of a Cluster today."""
    roles = StaffRole.objects.today().filter(cluster_id=cluster_id, role=Role.LEADER, user__is_active=True)
    return list({row.user_id: row.user for row in roles.select_related("user").order_by("user__name")}.values())


def _call(function: str, *values: Any) -> Any:
    places = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({places})", values)
        return cursor.fetchone()[0]


@transaction.atomic
def offer_transfer(
    *,
    by: User,
    referral: Referral,
    to_cluster: Cluster,
    agreement: Agreement | None,
    parts: Collection[str],
    why: str,
    for_user: User | None = None,
) -> Transfer:
    """Offer a decided referral, with its case if it has one, to another Cluster.

    `parts` are what the family agreed to share (keys of PARTS). A restricted family is offered to a leader by name.
    Raises Denied unless a leader acts, Conflict, ValidationError by field.
    """
    check_leads(by, referral.cluster_id, "offer a family to another Cluster")
    referral = lock_referral(referral)
    if referral.status != Status.DECIDED:
        raise Conflict("Only a referral that is decided and has not ended can be offered to another Cluster.")
    if Transfer.objects.filter(
        family_id=referral.family_id, status__in=[TransferStatus.OFFERED, TransferStatus.ACCEPTED]
    ).exists():
        raise Conflict("This family has been offered to another Cluster already.")
    case = case_of(referral)
    family = Family.objects.get(pk=referral.family_id)
    wrong = {}
    if agreement is None or agreement.family_id != referral.family_id or agreement.withdrawn_on:
        wrong["agreement"] = "Choose the family's agreement: without one nothing moves. Record it on the family's page."
    if to_cluster.pk == referral.cluster_id or to_cluster.retired_on:
        wrong["to_cluster"] = "Choose another Cluster."
    if not set(parts) <= {key for key, _ in parts_of(referral, case)}:
        wrong["parts"] = "Choose parts from the list."
    if not why.strip():
        wrong["why"] = "Say why the family moves."
    if for_user and for_user not in leaders_of(to_cluster.pk):
        wrong["for_user"] = "Choose a leader of that Cluster."
    elif family.restricted and for_user is None:
        wrong["for_user"] = "This record is restricted: choose the leader there who may open it."
    if wrong or agreement is None:
        raise ValidationError(wrong)
    transfer = Transfer.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        referral=referral,
        to_cluster=to_cluster,
        for_user=for_user,
        agreement=agreement,
        why=why.strip(),
        letter=write_letter(referral=referral, case=case, agreement=agreement, parts=list(parts), why=why.strip()),
        offered_by=by,
        offered_at=timezone.now(),
    )
    if not _call("ehs_send_transfer", transfer.pk):
        raise Conflict("The transfer could not be sent. Load the page again.")
    shared = ", ".join(PARTS[key].lower() for key in PARTS if key in parts) or "names and birth dates only"
    audit.event(by=by, kind="transfer", text=f"Offered to {to_cluster}; shared: {shared}", about=transfer)
    for leader in [for_user] if for_user else leaders_of(to_cluster.pk):
        tell(
            leader,
            key=f"transfer:{transfer.pk}:{leader.pk}",
            subject="A family is offered to your Cluster",
            text="Another Cluster offers a family that moves. Sign in to accept or decline.",
            url_name="transfer-in",
            pk=transfer.pk,
        )
    return transfer


@transaction.atomic
def withdraw_transfer(*, by: User, transfer: Transfer) -> Transfer:
    """Take an offer back before it is answered; nothing of the letter stays there. Raises Denied, Conflict."""
    check_leads(by, transfer.cluster_id, "withdraw a transfer")
    transfer = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)
    TRANSFER.step(transfer.status, TransferStatus.WITHDRAWN)
    transfer.status = TransferStatus.WITHDRAWN
    transfer.save(update_fields=["status"])
    if not _call("ehs_withdraw_transfer", transfer.pk):
        raise Conflict("It has been answered meanwhile. Load the page again.")
    audit.event(by=by, kind="transfer", text="Transfer withdrawn", about=transfer)
    return transfer


def _answer(incoming: IncomingTransfer, *, accepts: bool, reason: str) -> dict[str, Any]:
    letter = _call("ehs_answer_transfer", incoming.pk, accepts, reason)
    if letter is None:
        now = IncomingTransfer.objects.select_related("answered_by").filter(pk=incoming.pk).first()
        who = f" by {now.answered_by}" if now and now.answered_by else ""
        state = now.get_status_display().lower() if now else "no longer there"
        raise Conflict(f"This transfer was answered meanwhile{who}: {state}. Nothing was changed.")
    return json.loads(letter) if isinstance(letter, str) else letter


@transaction.atomic
def accept_transfer(*, by: User, incoming: IncomingTransfer) -> Referral:
    """Make the family and a referral here of what the letter says, to be screened as any other.

    The letter stands in the family's own record from now on; a restricted family stays restricted, to who accepts.
    Raises Denied, Conflict.
    """
    check_leads(by, incoming.cluster_id, "accept a transfer")
    letter = _answer(incoming, accepts=True, reason="")
    cluster, sender = Cluster.objects.get(pk=incoming.cluster_id), Cluster.objects.get(pk=incoming.from_cluster_id)
    family = new_family(by=by, cluster=cluster, name=letter["family"], **letter["address"])
    child = None
    for row in letter["people"]:
        born = date.fromisoformat(row["birth_date"]) if row["birth_date"] else None
        fields = {"first_name": row["first_name"], "last_name": row["last_name"], "birth_date": born}
        person = save_person(by=by, family=family, check=False, is_child=row["is_child"], **fields)
        child = person if row["named"] else child
    referral = submit_referral(
        by=by,
        cluster=cluster,
        received_on=timezone.localdate(),
        route=_route(),
        channel=Channel.PAPER,
        child=child,
        child_details=None if child else {"last_name": letter["family"]},
        family=family,
        referrer={"name": incoming.offered_by_name, "organisation": sender.name, "role": SENDER},
        story={"worrying": f"Moves here from {sender.name}: {letter['why']}"},
        agreed=Agreed.YES,
        agreed_by=letter["agreed"]["by"],
        agreed_on=date.fromisoformat(letter["agreed"]["on"]),
    )
    ReceivedRecord.objects.create(
        cluster_id=cluster.pk,
        family_id=family.pk,
        referral=referral,
        from_cluster=sender,
        letter=letter,
        received_by=by,
    )
    if incoming.restricted:
        restrict(by=by, family=family, restricted=True, readers=[])
    audit.event(by=by, kind="transfer", text=f"Received from {sender.name}", about=referral)
    _end_there(by, incoming)
    return referral


def _end_there(by: User, incoming: IncomingTransfer) -> None:
    """On the sending side, in the same transaction: with no case open and no return awaited, nobody need press a
    button. A closure is a leader's to sign, and a partner must be told: those are left to the leader there."""
    family = _call("ehs_moved_family", incoming.pk)
    with aside(NamedActor.TRANSFER, family=family, back_to=by.pk):
        transfer = Transfer.objects.select_related("to_cluster", "offered_by").get(pk=incoming.pk)
        done = not _left_to_do(transfer)
        if done:
            _finish(MOVED, transfer)
        tell(
            transfer.offered_by,
            key=f"transfer-accepted:{transfer.pk}",
            subject="A family that you offered has been accepted",
            text="It has ended with you." if done else "Sign in to end it with you.",
            url_name="transfer",
            pk=transfer.pk,
        )


def _left_to_do(transfer: Transfer) -> bool:
    """Whether the sending leader has something to close or somebody to tell first."""
    awaited = PassingOn.objects.filter(AWAITED, decision__family_id=transfer.family_id)
    return Case.objects.open().filter(family_id=transfer.family_id).exists() or awaited.exists()


def _route() -> Term:
    routes = Term.objects.of(Vocabulary.ROUTE).current()
    return routes.filter(code="other").first() or routes.order_by("-order")[0]


@transaction.atomic
def decline_transfer(*, by: User, incoming: IncomingTransfer, reason: str) -> None:
    """Say no, with the reason; nothing of the letter stays here. Raises Denied, Conflict, ValidationError."""
    check_leads(by, incoming.cluster_id, "decline a transfer")
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the other Cluster reads it."})
    _answer(incoming, accepts=False, reason=reason)


@transaction.atomic
def finish_transfer(*, by: User, transfer: Transfer) -> Transfer:
    """End the accepted family here with the outcome moved: the open case with all its referrals, or the referral.

    Raises Denied unless a leader acts, Conflict unless it was accepted there.
    """
    check_leads(by, transfer.cluster_id, "end what has moved")
    transfer = Transfer.objects.select_for_update(of=("self",)).select_related("to_cluster").get(pk=transfer.pk)
    TRANSFER.step(transfer.status, TransferStatus.ENDED)
    lock_referral(transfer.referral)
    case = Case.objects.open().filter(family_id=transfer.family_id).first()
    if case:
        _close(by, case, transfer.to_cluster.name)
    return _finish(by, transfer)


def _finish(by: Actor, transfer: Transfer) -> Transfer:
    """Places on waiting lists are given up, and every decided referral of the family ends as moved."""
    TRANSFER.step(transfer.status, TransferStatus.ENDED)
    offers = Offer.objects.filter(family_id=transfer.family_id, status=Offer.Status.WAITING)
    for offer in offers.select_for_update(of=("self",)):
        OFFER.step(offer.status, Offer.Status.WITHDRAWN)
        offer.status = Offer.Status.WITHDRAWN
        offer.save(update_fields=["status"])
    decided = Referral.objects.filter(family_id=transfer.family_id, status=Status.DECIDED)
    for referral in decided.select_for_update(of=("self",)).order_by("pk"):
        where = Ending.Where.BEFORE_START if was_offered(referral) else Ending.Where.TRIAGE
        record_ending(by=by, referral=referral, where=where, outcomes={Outcome.MOVED})
    transfer.status = TransferStatus.ENDED
    transfer.save(update_fields=["status"])
    audit.event(by=by, kind="transfer", text=f"Moved to {transfer.to_cluster}: ended here", about=transfer)
    return transfer


def _close(by: User, case: Case, where: str) -> None:
    """The usual closure, asked for and signed off by the leader at once: the plan goes on in the other Cluster."""
    if case.status != CaseStatus.OPEN:
        raise Conflict("A closure of the case waits for its sign-off. Return it or sign it off first.")
    live = Goal.objects.filter(plan__case=case, status=GoalStatus.LIVE)
    ends = [GoalEnd(goal.pk, GoalStatus.CHANGED, None, f"Goes on in {where}.") for goal in live]
    closure = ask_closure(
        by=by,
        case=case,
        outcomes=[Outcome.MOVED],
        closed_on=timezone.localdate(),
        goals=ends,
        exit_plan={"in_place": f"Help goes on in {where}."},
    )
    sign_off_closure(by=by, closure=closure)
