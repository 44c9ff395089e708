"""What Clusters offer and what it may use up, where families are passed to, and the code lists."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from clusters import policies
from clusters.changes import change, record, said, wrong
from clusters.models import Cluster, Entitlement, PartnerService, Service, Term, User, Vocabulary


@transaction.atomic
def add_service(
    *, by: User, name: str, kind: str, cluster: Cluster | None = None, order: int = 0, check_in_weeks: int = 4
) -> Service:
    """A service of every Cluster (`cluster` empty) or of one."""
    policies.check_manage(by)
    service = Service(
        name=name,
        kind=kind,
        cluster=cluster,
        order=order,
        check_in_weeks=check_in_weeks,
        code=free_code(Service, name),
    )
    service.full_clean()
    service.save()
    record(by=by, kind="service", text=f"Added the service {service}.", about=service)
    return service


@transaction.atomic
def change_service(service: Service, *, by: User, **values: Any) -> Service:
    policies.check_manage(by)
    service = Service.objects.select_for_update().get(pk=service.pk)
    change(service, values, by=by, kind="service")
    return service


@transaction.atomic
def add_entitlement(
    *, by: User, service: Service, cluster: Cluster | None, effective_from: date, **values: Any
) -> Entitlement:
    """What the service may use up from a day on. Earlier entitlements stay: cases begun under them keep them [E].

    Raises ValidationError naming the field when one of that day exists already, or when it says nothing.
    """
    policies.check_set_entitlement(by, cluster)
    if Entitlement.objects.filter(service=service, cluster=cluster, effective_from=effective_from).exists():
        raise wrong("effective_from", f"{service} already has an entitlement from {said(effective_from)}.")
    if not values.get("weeks") and not values.get("intervention_sessions"):
        raise wrong("weeks", "Enter the weeks or the sessions at most.")
    entitlement = Entitlement(service=service, cluster=cluster, effective_from=effective_from, **values)
    entitlement.full_clean()
    entitlement.save()
    where = f" in {cluster}" if cluster else ""
    record(
        by=by,
        kind="entitlement",
        text=f"{service}{where} from {said(effective_from)}: {entitlement.in_words}.",
        about=entitlement,
    )
    return entitlement


@transaction.atomic
def add_partner(*, by: User, **values: Any) -> PartnerService:
    policies.check_manage(by)
    partner = PartnerService(**values)
    partner.full_clean()
    partner.save()
    record(by=by, kind="partner", text=f"Added the partner service {partner}.", about=partner)
    return partner


@transaction.atomic
def change_partner(partner: PartnerService, *, by: User, **values: Any) -> PartnerService:
    policies.check_manage(by)
    partner = PartnerService.objects.select_for_update().get(pk=partner.pk)
    change(partner, values, by=by, kind="partner")
    return partner


@transaction.atomic
def add_term(*, by: User, vocabulary: str, label: str, parent: Term | None = None, **values: Any) -> Term:
    """A new entry at the end of its list. A sub-reason is counted as “Category: Sub-reason” (Table 10)."""
    policies.check_manage(by)
    siblings = Term.objects.of(vocabulary).filter(parent=parent)
    refuse_same_label(siblings, label)
    term = Term(
        vocabulary=vocabulary,
        code=free_code(Term, label, prefix=f"{parent.code}." if parent else "", vocabulary=vocabulary),
        label=label,
        parent=parent,
        order=next_place(vocabulary, parent),
        source="added here",
        **values,
    )
    if vocabulary == Vocabulary.REASON and not term.published_as:
        term.published_as = f"{parent.label}: {label}" if parent else label
    term.full_clean()
    term.save()
    listed = term.get_vocabulary_display()
    record(by=by, kind="vocabulary", text=f"{listed}: added “{label}”.", about=term)
    return term


@transaction.atomic
def change_term(term: Term, *, by: User, **values: Any) -> Term:
    """Rename, count differently, retire or bring back. Old records keep the entry and show its new name."""
    policies.check_manage(by)
    term = Term.objects.select_for_update(of=("self",)).select_related("parent").get(pk=term.pk)
    if "label" in values:
        refuse_same_label(
            Term.objects.of(term.vocabulary).filter(parent=term.parent).exclude(pk=term.pk), values["label"]
        )
    change(term, values, by=by, kind="vocabulary", called=f"{term.get_vocabulary_display()}, {term.label}")
    return term


@transaction.atomic
def move_term(term: Term, *, by: User, down: bool) -> None:
    """One place up or down among the entries of the same list and category; at the end nothing happens."""
    policies.check_manage(by)
    siblings = list(
        Term.objects.select_for_update(of=("self",))
        .of(term.vocabulary)
        .filter(parent_id=term.parent_id)
        .order_by("order", "label", "pk")
    )
    place = next(number for number, sibling in enumerate(siblings) if sibling.pk == term.pk)
    other = place + 1 if down else place - 1
    if not 0 <= other < len(siblings):
        return
    places = sorted({sibling.order for sibling in siblings})
    if len(places) < len(siblings):
        places = [(number + 1) * 10 for number in range(len(siblings))]
    siblings[place], siblings[other] = siblings[other], siblings[place]
    for sibling, order in zip(siblings, places, strict=True):
        sibling.order = order
    Term.objects.bulk_update(siblings, ["order"])
    record(
        by=by,
        kind="vocabulary",
        text=f"{term.get_vocabulary_display()}: moved “{term.label}” {'down' if down else 'up'}.",
        about=term,
    )


def next_place(vocabulary: str, parent: Term | None) -> int:
    """After the last of the list; after the last of its category, and before the next category, for a sub-reason."""
    within = Term.objects.of(vocabulary)
    if parent is None:
        return (within.aggregate(last=Max("order"))["last"] or 0) + 10
    return (within.filter(parent=parent).aggregate(last=Max("order"))["last"] or parent.order) + 1


def refuse_same_label(siblings: Any, label: str) -> None:
    same = siblings.filter(label__iexact=label.strip()).first()
    if same is not None:
        state = ", which is retired: bring it back instead" if same.retired_on else ""
        raise wrong("label", f"There is already an entry “{same.label}”{state}.")


def free_code(model: type[Service] | type[Term], name: str, *, prefix: str = "", **within: Any) -> str:
    """A code from the name that nothing has yet; codes never change afterwards."""
    base = (prefix + slugify(name).replace("-", "_"))[:36] or f"{prefix}entry"
    taken = set(model.objects.filter(code__startswith=base, **within).values_list("code", flat=True))
    return next(code for code in (base, *(f"{base}_{n}" for n in range(2, 1000))) if code not in taken)
