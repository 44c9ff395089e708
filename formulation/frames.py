"""The frame around a formulation: the tabs of its case, or the referral whose screening begins it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse

from cases.models import Case
from cases.pages import case_page
from cases.selectors.case import people_of, who_is_who
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Denied
from clusters.http import UserRequest
from families.policies import check_open
from formulation import selectors
from formulation.models import Assessment
from formulation.policies import can_formulate_at_screening
from referrals.models import Referral

NOT_YOURS = "A formulation is read by the practitioners and leaders of the Cluster."


def case_frame(request: UserRequest, pk: UUID) -> dict[str, Any]:
    """The frame of the case. Formulations are free text: read by the Cluster's staff."""
    page = case_page(request, pk, tab="formulation")
    if not selectors.reads_text(request.user, case=page["case"]):
        raise Denied(NOT_YOURS)
    return {
        **page,
        "layout": "cases/layout.html",
        "referral": None,
        "back_url": reverse("case", args=[pk]),
        "read_url": reverse("case-formulation", args=[pk]),
        "edit_url": reverse("formulation-edit", args=[pk]),
    }


def referral_frame(request: UserRequest, pk: UUID) -> dict[str, Any]:
    """The frame of a referral; `case` is the one that took it up, if one has."""
    found = Referral.objects.select_related("child", "family", "cluster", "case_link__case").filter(pk=pk).first()
    if found is None:
        raise Http404
    check_open(request.user, found.family)
    if request.method == "GET":
        audit.look(by=request.user, at=found, page="referral: formulation")
    link = getattr(found, "case_link", None)
    people = people_of(found.family_id)
    return {
        "referral": found,
        "case": link.case if link else None,
        "family": found.family,
        "people": people,
        "can_write": link is None and can_formulate_at_screening(request.user, found),
        "identity": {
            "name": f"{found.family.name} family",
            "line": " · ".join(who_is_who(p) for p in people if p.in_household or not p.is_child),
            "tags": [(found.get_status_display(), "blue")],
            "more": f"referral {found.reference}",
        },
        "layout": "formulation/referral.html",
        "back_url": reverse("referral", args=[pk]),
        "read_url": reverse("referral-formulation", args=[pk]),
        "edit_url": reverse("referral-formulation-edit", args=[pk]),
    }


def frame_of(request: UserRequest, record: Assessment) -> dict[str, Any]:
    """The frame of the case or referral that an assessment belongs to."""
    if record.case_id:
        return case_frame(request, record.case_id)
    return referral_frame(request, record.referral_id)  # type: ignore[arg-type]


def rows_of(page: dict[str, Any]) -> dict[str, Any]:
    """What the frame's formulations are found by."""
    case: Case | None = page["case"]
    return {"referral": page["referral"], "case": None} if page["referral"] else {"case": case}
