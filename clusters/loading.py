"""The code lists that the program ships, brought into the database.

A reload inserts what is missing and touches nothing that is there: a label, an order or a retirement that a
manager changed stays changed. Rows are known by their code (entitlements by service and date), never by their
label, so a renamed entry is not inserted again. Nothing is ever removed: what is out of use is retired.
"""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from django.db import transaction

from clusters.models import Entitlement, NeedLevel, PartnerService, Service, Term, ThresholdDocument, Vocabulary

FOLDER = Path(__file__).parent / "vocabularies"


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one shipped list, in its order."""
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


@transaction.atomic
def load_everything() -> int:
    """Insert what is missing of every list; returns how many rows were inserted."""
    added = sum(load_terms(vocabulary, rows(vocabulary)) for vocabulary in Vocabulary.values)
    return added + load_services() + load_entitlements() + load_partner_services() + load_thresholds()


def load_terms(vocabulary: str, entries: Iterable[dict[str, str]]) -> int:
    """Parents first: a child may stand in the same file, after or before its parent."""
    known = dict(Term.objects.of(vocabulary).values_list("code", "pk"))
    missing = [entry for entry in entries if entry["code"] not in known]
    for depth in (False, True):
        Term.objects.bulk_create(
            [
                Term(
                    vocabulary=vocabulary,
                    code=entry["code"],
                    label=entry["label"],
                    parent_id=known[entry["parent"]] if depth else None,
                    group=entry["group"],
                    published_as=entry["published_as"],
                    order=int(entry["order"]),
                    source=entry["source"],
                )
                for entry in missing
                if bool(entry["parent"]) is depth
            ],
            ignore_conflicts=True,
        )
        known = dict(Term.objects.of(vocabulary).values_list("code", "pk"))
    return len(missing)


def load_services() -> int:
    known = set(Service.objects.values_list("code", flat=True))
    missing = [
        Service(code=row["code"], name=row["name"], kind=row["kind"], order=int(row["order"]))
        for row in rows("services")
        if row["code"] not in known
    ]
    Service.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def load_entitlements() -> int:
    services = dict(Service.objects.values_list("code", "pk"))
    known = set(Entitlement.objects.filter(cluster=None).values_list("service_id", "effective_from"))
    missing = [
        Entitlement(
            service_id=services[row["service"]],
            effective_from=date.fromisoformat(row["effective_from"]),
            weeks=number(row["weeks"]),
            assessment_sessions=number(row["assessment_sessions"]) or 0,
            intervention_sessions=number(row["intervention_sessions"]),
            session_minutes=number(row["session_minutes"]),
            rhythm=row["rhythm"],
            extendable=row["extendable"] == "yes",
            source=row["source"],
        )
        for row in rows("entitlements")
        if (services[row["service"]], date.fromisoformat(row["effective_from"])) not in known
    ]
    Entitlement.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def load_partner_services() -> int:
    known = set(PartnerService.objects.exclude(code=None).values_list("code", flat=True))
    missing = [
        PartnerService(
            code=row["code"],
            name=row["name"],
            returns_expected=row["returns_expected"] == "yes",
            is_social_care=row["is_social_care"] == "yes",
            order=int(row["order"]),
        )
        for row in rows("partner_services")
        if row["code"] not in known
    ]
    PartnerService.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def load_thresholds() -> int:
    """The levels of a document that is not there yet; one that a manager wrote or ended stays as it is."""
    known = set(ThresholdDocument.objects.values_list("authority", "starts_on"))
    added: dict[tuple[str, date], ThresholdDocument] = {}
    for row in rows("thresholds"):
        key = (row["authority"], date.fromisoformat(row["starts_on"]))
        if key in known:
            continue
        if key not in added:
            added[key] = ThresholdDocument.objects.create(
                authority=key[0], name=row["name"], starts_on=key[1], source=row["source"]
            )
        NeedLevel.objects.create(
            document=added[key],
            order=int(row["order"]),
            label=row["label"],
            description=row["description"],
            above_early_help=row["above_early_help"] == "yes",
        )
    return len(added)


def number(text: str) -> int | None:
    return int(text) if text else None
