"""Settings: services and entitlements, partner services, code lists."""

from copy import copy

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clusters import policies, selectors
from clusters.forms import EntitlementForm, PartnerForm, ServiceForm, TermForm
from clusters.http import UserRequest
from clusters.models import PartnerService, Service, Term, Vocabulary
from clusters.people import duties
from clusters.services import offers
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_safe
def service_list(request: UserRequest) -> HttpResponse:
    policies.check_see_settings(request.user)
    return settings_page(request, "clusters/service_list.html", offers=selectors.offers(request.user))


@require_http_methods(FORM)
def service_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = ServiceForm(request.POST or None)

    def act() -> str:
        values = {name: value for name, value in form.values.items() if name != "retired_on"}
        return reverse("settings-service", args=[offers.add_service(by=request.user, **values).pk])

    return form_page(
        request, form, title="Add a service", act=act, done="The service is added.", back=reverse("settings-services")
    )


@require_safe
def service(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_see_settings(request.user)
    found = get_object_or_404(Service.objects.select_related("cluster"), pk=pk)
    if found.cluster is not None:
        policies.check_see_cluster(request.user, found.cluster)
    offer = selectors.offers(request.user, [found])[0]
    return settings_page(request, "clusters/service.html", service=found, offer=offer)


@require_http_methods(FORM)
def service_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(Service, pk=pk)
    form = ServiceForm(request.POST or None, instance=copy(found))
    back = reverse("settings-service", args=[pk])

    def act() -> str:
        offers.change_service(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"Change {found}", act=act, done="Saved.", back=back)


@require_http_methods(FORM)
def entitlement_new(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_see_settings(request.user)
    found = get_object_or_404(Service, pk=pk)
    if found.cluster is not None:
        policies.check_set_entitlement(request.user, found.cluster)
    held = duties(request.user)
    own = None if held.is_manager or len(held.leads) != 1 else next(iter(held.leads))
    form = EntitlementForm(request.POST or None, user=request.user, initial={"cluster": own})
    back = reverse("settings-service", args=[pk])

    def act() -> str:
        offers.add_entitlement(by=request.user, service=found, **form.values)
        return back

    return form_page(
        request,
        form,
        title=f"A new entitlement for {found}",
        act=act,
        done="Saved. Cases begun under an earlier entitlement keep it.",
        back=back,
        lead="The earlier entitlement stays for the cases that began under it.",
    )


@require_safe
def partner_list(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    return settings_page(request, "clusters/partner_list.html", partners=selectors.partner_list())


@require_http_methods(FORM)
def partner_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = PartnerForm(request.POST or None, initial={"order": 1000})
    back = reverse("settings-partners")

    def act() -> str:
        offers.add_partner(by=request.user, **form.values)
        return back

    return form_page(
        request, form, title="Add a partner service", act=act, done="The partner service is added.", back=back
    )


@require_http_methods(FORM)
def partner_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(PartnerService, pk=pk)
    form = PartnerForm(request.POST or None, instance=copy(found))
    back = reverse("settings-partners")

    def act() -> str:
        offers.change_partner(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"Change {found}", act=act, done="Saved.", back=back)


@require_safe
def vocabulary_list(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    return settings_page(request, "clusters/vocabulary_list.html", vocabularies=selectors.vocabulary_list())


def listed(vocabulary: str) -> Vocabulary:
    if vocabulary not in Vocabulary.values:
        raise Http404
    return Vocabulary(vocabulary)


@require_safe
def vocabulary(request: UserRequest, vocabulary: str) -> HttpResponse:
    policies.check_manage(request.user)
    found = listed(vocabulary)
    terms = selectors.terms_of(found)
    counted = any(term.published_as for term in terms)
    return settings_page(request, "clusters/vocabulary.html", vocabulary=found, terms=terms, counted=counted)


@require_http_methods(FORM)
def term_new(request: UserRequest, vocabulary: str) -> HttpResponse:
    policies.check_manage(request.user)
    found = listed(vocabulary)
    form = TermForm(request.POST or None, vocabulary=found)
    back = reverse("settings-vocabulary", args=[found.value])

    def act() -> str:
        term = offers.add_term(by=request.user, vocabulary=found.value, **form.values)
        return f"{back}#term-{term.pk}"

    return form_page(request, form, title=f"Add to {found.label}", act=act, done="The entry is added.", back=back)


@require_http_methods(FORM)
def term_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(Term.objects.select_related("parent"), pk=pk)
    form = TermForm(request.POST or None, vocabulary=found.vocabulary, instance=copy(found))
    back = reverse("settings-vocabulary", args=[found.vocabulary])

    def act() -> str:
        offers.change_term(found, by=request.user, **form.values)
        return f"{back}#term-{found.pk}"

    return form_page(
        request,
        form,
        title=f"Change “{found}”",
        act=act,
        done="Saved.",
        back=back,
        lead=f"Records that have this entry show its new name. Where it is from: {found.source or 'not said'}.",
    )


@require_POST
def term_move(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Term, pk=pk)
    down = request.POST.get("to") == "down"
    offers.move_term(found, by=request.user, down=down)
    messages.success(request, f"Moved “{found}” {'down' if down else 'up'}.")
    return redirect(f"{reverse('settings-vocabulary', args=[found.vocabulary])}#term-{found.pk}")
