"""Transfers between Clusters, as the homes and a referral's pages show them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from cluster_ehs.core import numbers
from clusters.http import UserRequest
from clusters.people import duties
from outcomes.models import IncomingTransfer, Transfer, TransferStatus
from outcomes.transfers import SENDER
from referrals.models import Referral, Status


def transfers_to_act_on(request: UserRequest) -> dict[str, Any] | None:
    """Families offered to us and not answered, and ours that were accepted and are to be ended here."""
    coming, accepted = numbers.of(request, "transfers offered"), numbers.of(request, "transfers accepted")
    return {"coming": coming, "accepted": accepted} if coming or accepted else None


def count_transfers() -> None:
    """Called once, when the app is ready."""
    numbers.count("transfers offered", lambda request: _of_leader(request, IncomingTransfer, TransferStatus.OFFERED))
    numbers.count("transfers accepted", lambda request: _of_leader(request, Transfer, TransferStatus.ACCEPTED))


def _of_leader(request: HttpRequest, model: type[Model], status: str) -> QuerySet | None:
    leads = duties(request.user).leads  # type: ignore[arg-type]
    return model._default_manager.filter(cluster_id__in=leads, status=status) if leads else None


def transfer_of_referral(request: UserRequest, *, referral: Any) -> dict[str, Any] | None:
    """The offer of this referral to another Cluster, what came with it from one, or the way to offer it."""
    of = duties(request.user)
    undecided = referral.status == Status.TO_SCREEN
    if referral.cluster_id not in of.clusters or (undecided and referral.referrer_role != SENDER):
        # Nothing that came from outside, and nothing that could go: the board need not ask.
        return None
    found = (
        Referral.objects.filter(pk=referral.pk)
        .values("received", "received__from_cluster__name")
        .annotate(
            transfer=Subquery(Transfer.objects.filter(referral=OuterRef("pk")).values("pk")[:1]),
            state=Subquery(Transfer.objects.filter(referral=OuterRef("pk")).values("status")[:1]),
        )
        .first()
    )
    leads = referral.cluster_id in of.leads
    may_offer = leads and referral.status == Status.DECIDED
    if found is None or not (found["received"] or found["transfer"] or may_offer):
        return None
    state = TransferStatus(found["state"]).label if found["state"] else ""
    return {"found": found, "state": state, "leads": leads, "may_offer": may_offer, "referral": referral}
