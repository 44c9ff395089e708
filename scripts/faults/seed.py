"""People and records for a run, in the database of the environment: `python -m scripts.faults.seed NUMBER KINDS`.

Prints one line of JSON: who is signed in, and for each of the KINDS of write (by comma) NUMBER of them, each with its
mark.
"""

import json
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from cluster_ehs.core.models import Draft  # noqa: E402
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user  # noqa: E402
from clusters.api_auth import SCOPES, digest_of  # noqa: E402
from clusters.models import ApiToken, User  # noqa: E402
from referrals import journey  # noqa: E402
from tests.fixtures_cast import (  # noqa: E402
    Cast,
    a_family,
    a_person,
    a_referral,
    a_service,
    a_term,
    an_open_case,
    make_cast,
    sign_in,
)

TOKEN = "ehs_of_a_run"  # noqa: S105 - of a database that lives as long as the run


@dataclass(frozen=True)
class Write:
    """One write: who sends what where, and how the database is asked how often it is there."""

    kind: str
    who: str
    path: str
    mark: str
    count: str
    data: dict[str, Any] = field(default_factory=dict)
    form: str = "fields"


def signed_in(user: User) -> Client:
    return sign_in(Client(SERVER_NAME="127.0.0.1"), user)


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def contacts(cast: Cast, number: int) -> list[Write]:
    fields = {"people": [str(cast.child.pk)], "kind": "phone", "attendance": "attended", "at-time": "00:05"}
    found = []
    for _ in range(number):
        mark = uuid.uuid4().hex
        data = {**fields, **parts("at", timezone.localdate()), "note": mark, "once": str(uuid.uuid4())}
        path = reverse("contact-new", args=[cast.case.pk])
        found.append(
            Write("contact", "practitioner", path, mark, "SELECT count(*) FROM cases_contactnote WHERE text = %s", data)
        )
    return found


def api_contacts(cast: Cast, number: int) -> list[Write]:
    found = []
    for _ in range(number):
        mark = uuid.uuid4().hex
        at = timezone.now().isoformat()
        data = {"kind": "home_visit", "at": at, "people": [str(cast.child.pk)], "note": mark}
        path = reverse("api-contact-list", args=[cast.case.pk])
        count = "SELECT count(*) FROM cases_contactnote WHERE text = %s"
        found.append(Write("api", "program", path, mark, count, data, "json"))
    return found


def draft_saves(cast: Cast, number: int) -> list[Write]:
    found = []
    for _ in range(number):
        mark = uuid.uuid4().hex
        data = {
            "key": mark,
            "data": {"note": [mark], "draft_page": [mark]},
            "version": 0,
            "title": "A note",
            "url": "/",
        }
        count = "SELECT count(*) FROM core_draft WHERE key = %s"
        found.append(Write("draft", "practitioner", reverse("draft-save"), mark, count, data, "json"))
    return found


def documents(cast: Cast, number: int) -> list[Write]:
    found = []
    for _ in range(number):
        mark = uuid.uuid4().hex
        path = reverse("case-documents", args=[cast.case.pk])
        count = "SELECT count(*) FROM families_storedfile WHERE name = %s || '.txt'"
        found.append(Write("document", "practitioner", path, mark, count, {"once": str(uuid.uuid4())}, "file"))
    return found


def referrals(cast: Cast, number: int) -> list[Write]:
    """A referral filled in page by page, copied under other names, to be sent."""
    client = signed_in(cast.practitioner)
    first = uuid.uuid4()
    begun = client.post(reverse("referral-start"), {"token": str(first), "name": "Štefan Rădulescu"})
    today = timezone.localdate()
    reason = a_term("reason", "semh_presenting")
    anxiety = a_term("reason", "semh_presenting.anxiety", parent=reason)
    answers: dict[str, dict[str, Any]] = {
        "child": {
            "first_name": "Štefan",
            "last_name": "Rădulescu",
            **parts("birth_date", today - timedelta(days=4000)),
            "gender": "male",
            "interpreter_needed": "no",
            "ethnicity": a_term("ethnicity", "WBRI").pk,
            "address": "7 Imaginary Lane",
            "postcode": "LS9 9ZZ",
        },
        "school": {"school": cast.school.pk, "year_group": "", "attendance_percent": "81.5"},
        "referrer": {
            **parts("received_on", today),
            "route": a_term("route", "mainstream_school").pk,
            "channel": "phone",
            "name": "Rae Invented",
        },
        "reasons": {f"reason_{reason.pk}": [anxiety.pk]},
        "story": {"worrying": "Late most Mondays.", "going_well": "Loves football."},
        "agreement": {
            "agreed": "yes",
            "agreed_by": "Ioana, mother",
            **parts("agreed_on", today),
            "agreed_how": "phone",
        },
        "risks": {"harm": "no", "visiting_risks": "", "address_not_shared": ""},
    }
    for section, data in answers.items():
        answer = client.post(f"{begun['Location']}{section}/", data)
        if answer.status_code != 302:
            raise SystemExit(f"The section {section} was refused: {answer.context['form'].errors}")
    found = []
    with acting_as_user(cast.practitioner.pk):
        whole = Draft.objects.get(key=journey.key_of(first))
        for _ in range(number):
            mark, pk = "R" + uuid.uuid4().hex, uuid.uuid4()
            data = json.loads(json.dumps(whole.data).replace("Rădulescu", mark).replace("R\\u0103dulescu", mark))
            url = reverse("referral-tasks", args=[pk])
            Draft.objects.create(user_id=whole.user_id, key=journey.key_of(pk), title=whole.title, url=url, data=data)
            count = (
                "SELECT count(*) FROM referrals_referral r JOIN families_person p ON p.id = r.child_id "
                "WHERE p.last_name = %s"
            )
            found.append(Write("referral", "practitioner", reverse("referral-check", args=[pk]), mark, count))
    return found


def decisions(cast: Cast, number: int) -> list[Write]:
    found = []
    for i in range(number):
        mark = uuid.uuid4().hex
        child = a_person(a_family(cast.cluster, f"Decided {i}", number=1000 + i), "Kim", school=cast.school)
        referral = a_referral(child, number=1000 + i, school=cast.school)
        data = {
            "response": "service",
            "services": [str(a_service("family_support").pk)],
            "priority": "3",
            "rationale": mark,
            "once": str(uuid.uuid4()),
        }
        path = reverse("screen-referral", args=[referral.pk])
        count = "SELECT count(*) FROM triage_decision WHERE rationale = %s"
        found.append(Write("decision", "leader", path, mark, count, data))
    return found


def closures(cast: Cast, number: int) -> list[Write]:
    found = []
    for i in range(number):
        child = a_person(a_family(cast.cluster, f"Closed {i}", number=5000 + i), "Kim", school=cast.school)
        referral = a_referral(child, number=5000 + i, school=cast.school, days_ago=40)
        case = an_open_case(referral, lead=cast.practitioner, leader=cast.leader, number=5000 + i)
        data = {
            "outcomes": ["completed_full"],
            **parts("closed_on", timezone.localdate()),
            "once": str(uuid.uuid4()),
        }
        path = reverse("case-close", args=[case.pk])
        count = "SELECT count(*) FROM outcomes_closure WHERE case_id = %s"
        found.append(Write("closure", "practitioner", path, str(case.pk), count, data))
    return found


MAKERS: dict[str, Callable[[Cast, int], list[Write]]] = {
    "contact": contacts,
    "api": api_contacts,
    "draft": draft_saves,
    "document": documents,
    "referral": referrals,
    "decision": decisions,
    "closure": closures,
}


def main(number: int, kinds: list[str]) -> None:
    with transaction.atomic():
        cast = make_cast()
    secret = {
        "name": "run",
        "digest": digest_of(TOKEN),
        "scopes": sorted(SCOPES),
        "expires_on": timezone.localdate() + timedelta(days=30),
    }
    ApiToken.objects.create(user=cast.practitioner, **secret)
    sessions = {who: signed_in(getattr(cast, who)).cookies["sessionid"].value for who in ("practitioner", "leader")}
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        records = [write for kind in kinds if kind in ("decision", "closure") for write in MAKERS[kind](cast, number)]
    others = [write for kind in kinds if kind not in ("decision", "closure") for write in MAKERS[kind](cast, number)]
    writes = records + others
    site = {"sessions": sessions, "token": TOKEN, "cluster": cast.cluster.pk, "child": str(cast.child.pk)}
    site |= {who: getattr(cast, who).pk for who in ("leader", "manager", "practitioner")}
    print(json.dumps({**site, "writes": [asdict(write) for write in writes]}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2].split(","))
