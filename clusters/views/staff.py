"""Settings: staff, roles, clinical supervision."""

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clusters import leaving, policies, selectors
from clusters.account_changes import policies as account_changes
from clusters.account_changes.forms import PersonForm
from clusters.forms import EndForm, InviteForm, RoleForm, RoleTermsForm, StaffFilterForm, SupervisionForm
from clusters.http import UserRequest
from clusters.models import ClinicalSupervision, Role, StaffRole, User
from clusters.people import duties
from clusters.roles import policies as role_policies
from clusters.roles.views import ASKED
from clusters.services import staff
from clusters.services.staff import role_in_words
from clusters.signing_in.policies import can_end_sign_ins, can_reset_second_factor
from clusters.signing_in.services import has_a_way_in
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_safe
def staff_list(request: UserRequest) -> HttpResponse:
    policies.check_see_settings(request.user)
    form = StaffFilterForm(request.GET, user=request.user)
    wanted = form.cleaned_data if form.is_valid() else {}
    people = selectors.staff_list(
        request.user,
        cluster=wanted.get("cluster"),
        role=wanted.get("role", ""),
        left=wanted.get("state") == "left",
    )
    return settings_page(request, "clusters/staff_list.html", filter=form, people=people)


@require_http_methods(FORM)
def invite(request: UserRequest) -> HttpResponse:
    policies.check_see_settings(request.user)
    held = duties(request.user)
    own = next(iter(held.leads)) if len(held.leads) == 1 else None
    form = InviteForm(request.POST or None, user=request.user, initial={"role": Role.PRACTITIONER, "cluster": own})

    def act() -> str:
        person, new = staff.invite(by=request.user, **form.values)
        if not new:
            messages.info(request, f"{person} had an account already, so no mail was sent.")
        return reverse("settings-person", args=[person.pk])

    return form_page(
        request,
        form,
        title="Invite somebody",
        act=act,
        done=ASKED if request.POST.get("role") == Role.MANAGER else "The role is given.",
        back=reverse("settings-staff"),
        lead="They get a mail with a link to choose a password. It works once, for a week.",
    )


@require_safe
def person(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    policies.check_see_person(request.user, found)
    held = duties(request.user)
    roles = [
        {
            "role": role,
            "now": selectors.is_now(role),
            "over": role.ends_on is not None and role.ends_on <= max(role.starts_on, timezone.localdate()),
            "may": policies.can_end_role(request.user, role),
        }
        for role in selectors.roles_of(found)
        if held.is_manager or role.cluster_id in held.leads
    ]
    return settings_page(
        request,
        "clusters/person.html",
        person=found,
        roles=roles,
        answers_for=can_end_sign_ins(request.user, found),
        may_reset=can_reset_second_factor(request.user, found) and has_a_way_in(found),
        may_ask_account=account_changes.can_ask(request.user, found),
        account_asked=found.account_requests.filter(status="waiting").select_related("asked_by"),
        may_ask=role_policies.can_ask(request.user, found),
        asked=found.manager_requests.filter(status="waiting").select_related("asked_by").first(),
    )


@require_http_methods(FORM)
def person_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST or None, instance=copy(found))
    back = reverse("settings-person", args=[pk])

    def act() -> str:
        staff.change_person(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"Change {found}", act=act, done="Saved.", back=back)


@require_POST
def invite_again(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    staff.invite_again(found, by=request.user)
    messages.success(request, f"A link is on its way to {found}.")
    return redirect("settings-person", pk)


@require_http_methods(FORM)
def leave(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(User, pk=pk)
    left_behind = leaving.held_by(found, timezone.localdate())
    if left_behind and request.method != "POST":
        back = reverse("settings-person", args=[found.pk])
        return settings_page(request, "clusters/holds.html", person=found, holdings=left_behind, back_url=back)
    if request.method == "POST":
        staff.leave(found, by=request.user)
        messages.success(request, f"{found}’s account is closed.")
        return redirect("settings-person", pk)
    return settings_page(
        request,
        "clusters/confirm.html",
        title=f"{found} leaves?",
        text=(
            "All roles end today, API tokens stop working and the account is closed: from the next click on, "
            "nothing opens. What was written stays under the name."
        ),
        action="Close the account",
        back_url=reverse("settings-person", args=[pk]),
    )


@require_http_methods(FORM)
def come_back(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        staff.come_back(found, by=request.user)
        messages.success(request, f"{found}’s account is open again, and an invitation is on its way.")
        return redirect("settings-person", pk)
    return settings_page(
        request,
        "clusters/confirm.html",
        title=f"{found} comes back?",
        text="The account is opened with a new invitation. Roles are given anew.",
        action="Open the account",
        calm=True,
        back_url=reverse("settings-person", args=[pk]),
    )


@require_http_methods(FORM)
def role_new(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    policies.check_see_person(request.user, found)
    form = RoleForm(request.POST or None, user=request.user)
    back = reverse("settings-person", args=[pk])

    def act() -> str:
        staff.give_role(by=request.user, to=found, **form.values)
        return back

    done = ASKED if request.POST.get("role") == Role.MANAGER else "The role is given."
    return form_page(request, form, title=f"A role for {found}", act=act, done=done, back=back)


@require_http_methods(FORM)
def role_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(StaffRole.objects.select_related("user", "cluster", "school"), pk=pk)
    policies.check_end_role(request.user, found)
    form = RoleTermsForm(request.POST or None, instance=copy(found))
    back = reverse("settings-person", args=[found.user_id])

    def act() -> str:
        staff.change_role(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"{found.user}: {role_in_words(found)}", act=act, done="Saved.", back=back)


def may_hand_over(user: User, holding: leaving.Holding) -> bool:
    return holding.cluster.pk in duties(user).leads


@require_http_methods(FORM)
def role_end(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(StaffRole.objects.select_related("user", "cluster", "school"), pk=pk)
    policies.check_end_role(request.user, found)
    left_behind = leaving.held_after(found, timezone.localdate())
    form = EndForm(request.POST or None, label="First day without the role", submit_label="End the role")
    back = reverse("settings-person", args=[found.user_id])

    def act() -> str:
        staff.end_role(found, by=request.user, **form.values)
        return back

    return form_page(
        request,
        form,
        title=f"End a role of {found.user}",
        act=act,
        done="The role ends.",
        back=back,
        lead=role_in_words(found),
        to_come=found.starts_on > timezone.localdate(),
        template="clusters/role_end.html",
        holdings=[(holding, may_hand_over(request.user, holding)) for holding in left_behind],
        role=found,
    )


@require_safe
def supervision_list(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    rows = [{"pair": pair, "now": selectors.is_now(pair)} for pair in selectors.supervision_list()]
    return settings_page(request, "clusters/supervision_list.html", rows=rows)


@require_http_methods(FORM)
def supervision_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = SupervisionForm(request.POST or None)
    back = reverse("settings-supervision")

    def act() -> str:
        staff.add_supervision(by=request.user, **form.values)
        return back

    return form_page(
        request,
        form,
        title="Clinical supervision of a worker",
        act=act,
        done="Saved.",
        back=back,
        lead="In that time the supervisor reads the worker's sessions and their notes.",
    )


@require_http_methods(FORM)
def supervision_end(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(ClinicalSupervision.objects.select_related("supervisor", "worker"), pk=pk)
    form = EndForm(request.POST or None, label="First day without it", submit_label="End it")
    back = reverse("settings-supervision")

    def act() -> str:
        staff.end_supervision(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"{found}: end", act=act, done="Saved.", back=back)
