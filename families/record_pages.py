"""Pages that change ties, involvement, circumstances, agreement and decisions to share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from cluster_ehs.core.forms import EhsForm
from cluster_ehs.core.once import answered
from clusters.http import UserRequest
from families import record_services as services
from families.form_pages import ask, editable_family
from families.forms import AgreementForm, FlagForm
from families.models import (
    Agreement,
    Circumstances,
    Family,
    Flag,
    Person,
    Relationship,
    SharingDecision,
    SocialCareInvolvement,
)
from families.record_forms import CircumstancesForm, RelationshipForm, SharingForm, SocialCareForm, agreement_said

asked = require_http_methods(["GET", "POST"])


def _people(family: Family) -> list[Person]:
    return list(Person.objects.filter(family_id=family.pk).order_by("-is_child", "birth_date", "first_name"))


def _found(request: UserRequest, model: Any, pk: UUID, *linked: str) -> tuple[Any, Family]:
    """The record and its family, when the user may change it."""
    record = get_object_or_404(model.objects.select_related(*linked), pk=pk)
    return record, editable_family(request, record.family_id)


@asked
def relationship_new(request: UserRequest, pk: UUID) -> HttpResponse:
    family = editable_family(request, pk)
    people = _people(family)
    chosen = next((person for person in people if str(person.pk) == request.GET.get("person")), None)
    return ask(
        request,
        family,
        lambda *args, **options: RelationshipForm(*args, people=people, editing=False, **options),
        title="Add a relationship",
        done="The relationship was recorded.",
        save=lambda form: services.save_relationship(by=request.user, family=family, **form.values),
        initial={"person": chosen},
        lead="Brothers, sisters and half-siblings follow from their parents: record the parents of each child.",
    )


@asked
def relationship_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    record, family = _found(request, Relationship, pk, "person", "other")
    people = _people(family)
    return ask(
        request,
        family,
        lambda *args, **options: RelationshipForm(*args, people=people, editing=True, **options),
        title="Change a relationship",
        done="The relationship was saved.",
        record=record,
        said=RelationshipForm.said,
        save=lambda form: services.save_relationship(
            by=request.user, family=family, relationship=record, version=form.seen_version or 0, **form.values
        ),
    )


@asked
def social_care_new(request: UserRequest, pk: UUID) -> HttpResponse:
    family = editable_family(request, pk)
    people = [person for person in _people(family) if person.is_child]
    return ask(
        request,
        family,
        lambda *args, **options: SocialCareForm(*args, people=people, editing=False, **options),
        title="Record social care involvement",
        done="The period was recorded.",
        save=lambda form: services.add_social_care(by=request.user, family=family, **form.values),
        lead="Each period on its own, also those before our work began.",
    )


@asked
def social_care_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    record, family = _found(request, SocialCareInvolvement, pk, "person")
    return ask(
        request,
        family,
        lambda *args, **options: SocialCareForm(*args, people=[], editing=True, **options),
        title=f"Social care involvement of {record.person.short_name}",
        done="The period was saved.",
        record=record,
        said=SocialCareForm.said,
        save=lambda form: services.change_social_care(
            by=request.user, family=family, involvement=record, version=form.seen_version or 0, **form.values
        ),
    )


@asked
def circumstances(request: UserRequest, pk: UUID) -> HttpResponse:
    family = editable_family(request, pk)
    if request.method == "POST" and answered(user_id=request.user.pk, key=request.POST.get("once")):
        # Sent a second time: what the first delivery made is there now, and would be taken for another's.
        return redirect("family", pk=pk)
    now = Circumstances.objects.valid().filter(family_id=family.pk, ends_on__isnull=True).first()
    counted = Person.objects.filter(family_id=family.pk, in_household=True, deceased=False).count()

    def save(form: EhsForm) -> Circumstances:
        values = {"changed": False, **form.values}
        version = (form.seen_version or 0) if now else None
        return services.save_circumstances(by=request.user, family=family, version=version, **values)

    return ask(
        request,
        family,
        lambda *args, **options: CircumstancesForm(*args, counted=counted, editing=now is not None, **options),
        title="How they live",
        done="It was saved how the family lives.",
        record=now,
        said=CircumstancesForm.said,
        initial={"housing": "unknown", "income": "unknown"},
        save=save,
    )


@asked
def sharing_new(request: UserRequest, pk: UUID) -> HttpResponse:
    family = editable_family(request, pk)
    people = _people(family)
    return ask(
        request,
        family,
        lambda *args, **options: SharingForm(*args, people=people, editing=False, **options),
        title="Record a decision to share, or not",
        done="The decision was recorded.",
        save=lambda form: services.save_sharing(by=request.user, family=family, **form.values),
        lead="Apart from the family’s agreement: to keep a child safe, information is shared without it.",
    )


@asked
def sharing_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    record, family = _found(request, SharingDecision, pk, "person")
    people = _people(family)
    return ask(
        request,
        family,
        lambda *args, **options: SharingForm(*args, people=people, editing=True, **options),
        title="Change a decision to share, or not",
        done="The decision was saved.",
        record=record,
        said=SharingForm.said,
        save=lambda form: services.save_sharing(
            by=request.user, family=family, sharing=record, version=form.seen_version or 0, **form.values
        ),
    )


@asked
def flag_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    record, family = _found(request, Flag, pk, "not_to_be_told", "address_of")
    return ask(
        request,
        family,
        lambda *args, **options: FlagForm(*args, family=family, submit_label="Save the flag", **options),
        title="Change a flag",
        done="The flag was saved.",
        record=record,
        said=FlagForm.said,
        save=lambda form: services.change_flag(
            by=request.user, family=family, flag=record, version=form.seen_version or 0, **form.values
        ),
    )


@asked
def agreement_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    record, family = _found(request, Agreement, pk)
    return ask(
        request,
        family,
        lambda *args, **options: AgreementForm(*args, submit_label="Save the agreement", **options),
        title="Change an agreement",
        done="The agreement was saved.",
        record=record,
        said=agreement_said,
        save=lambda form: services.change_agreement(
            by=request.user, family=family, agreement=record, version=form.seen_version or 0, **form.values
        ),
    )
