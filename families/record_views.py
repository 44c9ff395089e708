"""Changing a family's record: its people, flags, agreements, and who may read it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cluster_ehs.core import audit
from cluster_ehs.core.form_answers import differences
from cluster_ehs.core.once import answered, once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from families import policies, services
from families.form_pages import editable_family as _family
from families.form_pages import form_page as _page
from families.form_pages import with_version as _with_version
from families.forms import AgreementForm, FamilyForm, FlagForm, PersonForm, RestrictForm
from families.models import Agreement, Family, Flag, Involvement, Person
from families.search import Asked, Match, alike
from families.selectors import colleagues_of


@require_http_methods(["GET", "POST"])
def family_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    family = _family(request, pk)
    options: dict[str, Any] = {"cancel_url": reverse("family", args=[pk]), "version": family.version}
    form = FamilyForm(posted(request), initial=FamilyForm.said(family), **options)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_family(by=request.user, family=family, version=form.seen_version or 0, **form.values)
        except services.Stale as stale:
            now = Family.objects.get(pk=pk)
            return _both_texts(request, family, FamilyForm, FamilyForm.said(now), stale, "Change the family")
        messages.success(request, "The family’s details were saved.")
        return redirect("family", pk=pk)
    if request.method == "GET":
        audit.look(by=request.user, at=family, page="family")
    return _page(request, family, form, "Change the family")


def _both_texts(
    request: UserRequest,
    family: Family,
    form_class: Any,
    said: dict[str, Any],
    stale: services.Stale,
    title: str,
    **options: Any,
) -> HttpResponse:
    """Two people edited the same record: the second is told and sees both; neither text is lost."""
    form = form_class(_with_version(request, stale.now.version), version=stale.now.version, **options)
    form.cancel_url = reverse("family", args=[family.pk])
    form.is_valid()
    return _page(request, family, form, title, theirs=differences(form, said), conflict=True)


@require_http_methods(["GET", "POST"])
def person_new(request: UserRequest, pk: UUID) -> HttpResponse:
    """Add a person; before one is made, those who may be the same are shown."""
    family = _family(request, pk)
    initial = {
        "last_name": family.name,
        "is_child": request.GET.get("child") == "yes",
        "in_household": True,
        "involvement": Involvement.UNKNOWN,
        "gender": "unknown",
    }
    form = PersonForm(posted(request), initial=initial, cancel_url=reverse("family", args=[pk]))
    found: list[Match] = []
    if request.method == "POST" and form.is_valid():
        # Sent a second time, the person just added would be the one who is alike.
        if earlier := answered(user_id=request.user.pk, key=form.token):
            return redirect(earlier)
        found = _alike(request, family, form)
        if not found or "none_of_these" in request.POST:
            url = once(
                user_id=request.user.pk,
                key=form.token,
                make=lambda: _add(request, family, form),
            )
            return redirect(url)
    return _page(request, family, form, "Add a person", alike=found)


def _alike(request: UserRequest, family: Family, form: PersonForm) -> list[Match]:
    values = form.cleaned_data
    return alike(
        duties(request.user).clusters,
        Asked(
            name=f"{values['first_name']} {values['last_name']}",
            known_as=values["known_as"],
            birth_date=values["birth_date"],
            upn=values["upn"],
            nhs_number=values["nhs_number"],
            address=values["other_address"] or family.address,
            postcode="" if values["other_address"] else family.postcode,
            school_id=values["school"].pk if values["school"] else None,
        ),
    )


def _add(request: UserRequest, family: Family, form: PersonForm) -> str:
    person = services.save_person(by=request.user, family=family, needs=form.needs, **form.details)
    messages.success(request, f"{person} was added to the family.")
    return reverse("family", args=[family.pk])


@require_http_methods(["GET", "POST"])
def person_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    person = get_object_or_404(Person.objects.select_related("family__cluster"), pk=pk)
    family = _family(request, person.family_id)
    title = f"Change {person}"
    options: dict[str, Any] = {"cancel_url": reverse("family", args=[family.pk]), "version": person.version}
    options["person"] = person
    said = None if request.method == "POST" else PersonForm.said(person)
    form = PersonForm(posted(request), initial=said, **options)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_person(
                by=request.user,
                family=family,
                person=person,
                version=form.seen_version or 0,
                needs=form.needs,
                **form.details,
            )
        except services.Stale as stale:
            now = Person.objects.select_related(*PersonForm.LINKED).get(pk=pk)
            return _both_texts(request, family, PersonForm, PersonForm.said(now), stale, title, person=now)
        messages.success(request, f"The details of {person} were saved.")
        return redirect("family", pk=family.pk)
    if request.method == "GET":
        audit.look(by=request.user, at=family, page="person")
    return _page(request, family, form, title)


@require_http_methods(["GET", "POST"])
def flag_new(request: UserRequest, pk: UUID) -> HttpResponse:
    family = _family(request, pk)
    form = FlagForm(posted(request), family=family, cancel_url=reverse("family", args=[pk]))
    if request.method == "POST" and form.is_valid():
        once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: str(services.add_flag(by=request.user, family=family, **form.values).pk),
        )
        messages.success(request, "The flag was set.")
        return redirect("family", pk=pk)
    return _page(request, family, form, "Set a flag")


@require_POST
def flag_end(request: UserRequest, pk: UUID) -> HttpResponse:
    flag = get_object_or_404(Flag.objects.select_related("family"), pk=pk)
    services.end_flag(by=request.user, flag=flag)
    messages.success(request, "The flag was ended. It stays in the history.")
    return redirect("family", pk=flag.family_id)


@require_http_methods(["GET", "POST"])
def agreement_new(request: UserRequest, pk: UUID) -> HttpResponse:
    family = _family(request, pk)
    form = AgreementForm(posted(request), cancel_url=reverse("family", args=[pk]))
    if request.method == "POST" and form.is_valid():
        once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: str(services.record_agreement(by=request.user, family=family, **form.values).pk),
        )
        messages.success(request, "The agreement was recorded.")
        return redirect("family", pk=pk)
    return _page(request, family, form, "Record an agreement")


@require_POST
def agreement_withdraw(request: UserRequest, pk: UUID) -> HttpResponse:
    agreement = get_object_or_404(Agreement.objects.select_related("family"), pk=pk)
    services.withdraw_agreement(by=request.user, agreement=agreement)
    messages.success(request, "It was recorded that the family withdrew its agreement.")
    return redirect("family", pk=agreement.family_id)


@require_http_methods(["GET", "POST"])
def family_restrict(request: UserRequest, pk: UUID) -> HttpResponse:
    """A leader closes a record to all but named people, or opens it again."""
    family = _family(request, pk)
    policies.check_restrict(request.user, family)
    named = set(family.named_readers.values_list("user_id", flat=True))
    form = RestrictForm(
        posted(request),
        initial={"restricted": family.restricted, "readers": list(named)},
        colleagues=colleagues_of(family, but=request.user),
        cancel_url=reverse("family", args=[pk]),
        with_token=False,
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        services.restrict(
            by=request.user, family=family, restricted=values["restricted"], readers=list(values["readers"])
        )
        messages.success(request, "Who may read this record was saved.")
        return redirect("family", pk=pk)
    lead = "Only the people named here, and you, will find or open it: for example when it is a colleague’s family."
    return _page(request, family, form, "Who may read this record", lead=lead)
