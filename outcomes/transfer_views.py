"""Transfers to another Cluster: offering one, what became of it, and what others offer to us."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.policies import check_leads
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import answered
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster, Role, StaffRole
from clusters.people import duties
from families.models import Agreement
from outcomes.letters import case_of, parts_of
from outcomes.models import IncomingTransfer, ReceivedRecord, Transfer, TransferStatus
from outcomes.transfer_forms import AnswerTransferForm, TransferForm
from outcomes.transfers import accept_transfer, decline_transfer, finish_transfer, offer_transfer, withdraw_transfer
from outcomes.views import act
from referrals.models import Referral


@require_safe
def transfers(request: UserRequest) -> HttpResponse:
    """What we have offered, and what others offer to us."""
    leads = duties(request.user).leads
    if not leads:
        raise Denied("Transfers to and from other Clusters are read by the leaders of a Cluster.")
    context = {
        "out": Transfer.objects.filter(cluster_id__in=leads).select_related("to_cluster", "referral__child")[:100],
        "coming": IncomingTransfer.objects.filter(cluster_id__in=leads).select_related("from_cluster")[:100],
    }
    return render(request, "outcomes/transfers.html", context)


@require_http_methods(["GET", "POST"])
def transfer_new(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    """Offer a decided referral, with its case, to another Cluster."""
    referral = get_object_or_404(Referral.objects.select_related("child", "cluster"), pk=referral_pk)
    check_leads(request.user, referral.cluster_id, "offer a family to another Cluster")
    roles = StaffRole.objects.today().filter(role=Role.LEADER, user__is_active=True, cluster__retired_on=None)
    roles = roles.exclude(cluster_id=referral.cluster_id).select_related("user", "cluster")
    leaders = [(role.user, role.cluster) for role in roles.order_by("cluster__name", "user__name")]
    back = reverse("screen-referral", args=[referral_pk])
    form = TransferForm(
        posted(request),
        clusters=list(Cluster.objects.filter(retired_on=None).exclude(pk=referral.cluster_id)),
        leaders=[(user, cluster) for user, cluster in leaders if cluster],
        agreements=list(Agreement.objects.filter(family_id=referral.family_id, withdrawn_on=None)),
        possible=parts_of(referral, case_of(referral)),
        cancel_url=back,
    )

    def make() -> str:
        made = offer_transfer(by=request.user, referral=referral, **form.values)
        messages.success(request, f"{referral.reference} is offered to {made.to_cluster}.")
        return reverse("transfer", args=[made.pk])

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    audit.look(by=request.user, at=referral, page="Offer to another Cluster")
    context = {"form": form, "referral": referral, "title": "Offer to another Cluster", "back_url": back}
    status = 422 if request.method == "POST" else 200
    return render(request, "outcomes/transfer_form.html", context, status=status)


@require_safe
def transfer(request: UserRequest, pk: UUID) -> HttpResponse:
    """What was offered, as it was sent, and the answer."""
    found = get_object_or_404(Transfer.objects.select_related("to_cluster", "for_user", "referral__child"), pk=pk)
    check_leads(request.user, found.cluster_id, "read a transfer")
    audit.look(by=request.user, at=found, page="Transfer")
    context = {
        "transfer": found,
        "letter": found.letter,
        "offered": found.status == TransferStatus.OFFERED,
        "accepted": found.status == TransferStatus.ACCEPTED,
    }
    return render(request, "outcomes/transfer.html", context)


@require_POST
def transfer_end(request: UserRequest, pk: UUID) -> HttpResponse:
    """End here what was accepted there, or take an unanswered offer back."""
    found = get_object_or_404(Transfer.objects.select_related("referral"), pk=pk)
    check_leads(request.user, found.cluster_id, "end a transfer")
    if request.POST.get("to") == "withdraw":
        withdraw_transfer(by=request.user, transfer=found)
        messages.success(request, "The offer is taken back.")
    else:
        finish_transfer(by=request.user, transfer=found)
        messages.success(request, "Ended here: the family has moved.")
    return redirect("transfer", pk=pk)


@require_http_methods(["GET", "POST"])
def transfer_in(request: UserRequest, pk: UUID) -> HttpResponse:
    """What another Cluster offers, and the answer."""
    found = get_object_or_404(IncomingTransfer.objects.select_related("from_cluster", "answered_by"), pk=pk)
    form = AnswerTransferForm(posted(request), cancel_url=reverse("transfers"))
    if request.method == "POST" and (url := answered(user_id=request.user.pk, key=getattr(form, "token", None))):
        return redirect(url)

    def make() -> str:
        if form.values["answer"] == "decline":
            decline_transfer(by=request.user, incoming=found, reason=form.values["reason"])
            messages.success(request, "Declined; the other Cluster is told why.")
            return reverse("transfers")
        referral = accept_transfer(by=request.user, incoming=found)
        messages.success(request, f"Accepted: {referral.reference} is to be screened.")
        return reverse("screen-referral", args=[referral.pk])

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    context: dict[str, Any] = {"incoming": found, "letter": found.letter, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "outcomes/transfer_in.html", context, status=status)


@require_safe
def received(request: UserRequest, pk: UUID) -> HttpResponse:
    """What came with a family from another Cluster, as it was sent."""
    found = get_object_or_404(ReceivedRecord.objects.select_related("from_cluster", "referral__child"), pk=pk)
    if found.cluster_id not in duties(request.user).clusters:
        raise Denied("What another Cluster sent is read by the staff of the Cluster that received it.")
    audit.look(by=request.user, at=found, page="Received from another Cluster")
    return render(request, "outcomes/received.html", {"received": found, "letter": found.letter})
