"""Transfers between Clusters, as the homes and a referral's pages show them."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from clusters.http import UserRequest
from clusters.people import duties
from outcomes.models import IncomingTransfer, Transfer, TransferStatus
from outcomes.transfers import SENDER
from referrals.models import Referral, Status


def transfers_to_act_on(request: UserRequest) -> dict[str, Any] | None:
    """Families offered to us and not answered, and ours that were accepted and are to be ended here; in one query."""
    leads = duties(request.user).leads
    coming = IncomingTransfer.objects.filter(cluster_id__in=leads, status=TransferStatus.OFFERED)
    ours = Transfer.objects.filter(cluster_id__in=leads, status=TransferStatus.ACCEPTED)
    rows = coming.values_list("status").union(ours.values_list("status"), all=True)
    states = [row[0] for row in rows]
    if not states:
        return None
    return {"coming": states.count(TransferStatus.OFFERED), "accepted": states.count(TransferStatus.ACCEPTED)}


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
