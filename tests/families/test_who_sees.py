"""“Who can see this?” says what each user can in fact read, with a reason for each."""

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from cases.models import (
    AuditSample,
    CaseAudit,
    CaseMeeting,
    Contact,
    ContactNote,
    Cover,
    Plan,
    ServiceHandover,
    Supervision,
    SupervisionCase,
)
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import User
from families.emergency import break_glass
from families.models import Family, Flag, StoredFile
from families.who_sees.askable import ASKABLE
from families.who_sees.selectors import UNKNOWN, readers_of
from formulation.models import Factor, Formulation
from keeping.requests.services import log_request
from outcomes.models import Instrument, Measure, MeasureResult
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries

PEOPLE = (
    "practitioner",
    "colleague",
    "leader",
    "therapist",
    "supervisor",
    "manager",
    "guest",
    "referrer",
    "other_practitioner",
    "other_leader",
)


@pytest.fixture
def records(cast: Cast) -> dict[str, list[Any]]:
    """One of each askable record, open, private and restricted."""
    found: dict[str, list[Any]] = {kind: [] for kind in ASKABLE}
    found["family"] = [cast.family, cast.restricted_family, cast.other_family]
    found["referral"] = [cast.referral, cast.case_referral, cast.restricted_referral, cast.other_referral]
    found["case"] = [cast.case, cast.restricted_case, cast.other_case]
    found["contact"] = [cast.contact, cast.session]
    now = timezone.now()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        found["family"].append(Family.objects.get(pk=cast.referral.family_id))
        for case, worker in ((cast.case, cast.practitioner), (cast.restricted_case, cast.colleague)):
            keys = {"cluster_id": case.cluster_id, "family_id": case.family_id}
            Plan.objects.create(**keys, case=case, agreed_on=now.date())
            CaseMeeting.objects.create(
                **keys, case=case, held_at=now, author=worker, recorded_at=now, recorded_by=worker
            )
            made = Formulation.objects.create(**keys, case=case, made_on=now.date(), author=worker)
            Factor.objects.create(**keys, formulation=made, p="presenting", text="Late mornings")
            found["formulation"].append(made)
        keys = {"cluster_id": cast.cluster.pk, "family": cast.family}
        for private, author in ((False, cast.practitioner), (True, cast.therapist)):
            found["document"].append(
                StoredFile.objects.create(
                    **keys,
                    name="a.pdf",
                    content_type="application/pdf",
                    size=1,
                    sha256="x",
                    path="x",
                    author=author,
                    private=private,
                )
            )
        Flag.objects.create(
            **keys, kind=Flag.Kind.ADDRESS_NOT_SHARED, text="Not to be told", not_to_be_told=cast.mother
        )
    narrower(cast, found)
    with as_(cast.other_practitioner):
        break_glass(by=cast.other_practitioner, family_id=cast.family.pk, reason="Police ask for her tonight")
    with as_(cast.manager):
        break_glass(by=cast.manager, family_id=cast.restricted_family.pk, reason="Nobody who is named is in today")
    return found


def narrower(cast: Cast, found: dict[str, list[Any]]) -> None:
    """What belongs to a case and is read by fewer than work in the Cluster, or by others."""
    now = timezone.now()
    keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        service = cast.case.services.get(worker=cast.therapist)
        people = {"from_worker": cast.practitioner, "to_worker": cast.therapist, "author": cast.practitioner}
        for private in (False, True):
            passed = {"case_service": service, "handed_on": now.date(), "text": "x", "private": private}
            found["handover"].append(ServiceHandover.objects.create(**keys, **people, **passed))
        days = {"starts_on": now.date(), "ends_on": now.date()}
        drawn = {"which": "open", "stratum": "worker", "wanted": 1, "frame": 1, "seed": 1, "questions": []}
        for finished in (None, now):
            sample = AuditSample.objects.create(cluster=cast.cluster, **drawn, **days, drawn_by=cast.leader)
            audit = {"sample": sample, "case": cast.case, "stratum": "x", "author": cast.leader}
            judged = {"finished_at": finished, "judgement": "good" if finished else ""}
            found["audit"].append(CaseAudit.objects.create(**keys, **audit, **judged))
        held = Supervision.objects.create(
            cluster=cast.cluster, supervisor=cast.colleague, held_at=now, author=cast.colleague
        )
        Cover.objects.create(
            **keys,
            **days,
            case=cast.case,
            worker=cast.practitioner,
            covering=cast.therapist,
            must_know="x",
            made_by=cast.leader,
        )
        instrument = Instrument.objects.filter(in_use=True)[0]
        for service_of, author in ((None, cast.practitioner), (service, cast.therapist)):
            taken = {"case": cast.case, "instrument": instrument, "occasion": "start", "taken_on": now.date()}
            measure = Measure.objects.create(**keys, **taken, case_service=service_of, author=author)
            MeasureResult.objects.create(**keys, measure=measure, answers={}, author=author)
            found["measure"].append(Measure.objects.get(pk=measure.pk))
    with as_(cast.colleague):
        found["supervision"].append(
            SupervisionCase.objects.create(
                **keys,
                supervision=held,
                case=cast.case,
                worker=cast.practitioner,
                track="on_track",
                author=cast.colleague,
                held_at=now,
            )
        )
    with as_(cast.practitioner):
        for kind in ("access", "complaint"):
            found["request"].append(
                log_request(
                    by=cast.practitioner,
                    family=cast.family,
                    person=cast.child,
                    kind=kind,
                    asker="parent",
                    channel="phone",
                    received_on=now.date(),
                    asker_name="Jana Novák",
                    wanted="Everything",
                )
            )


def in_fact(person: User, table: str, column: str, pk: Any) -> bool:
    with as_(person), connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = %s)", [pk])
        return cursor.fetchone()[0]


def test_the_answer_is_what_each_user_can_in_fact_read(cast: Cast, records: dict[str, list[Any]]) -> None:
    people = [getattr(cast, name) for name in PEOPLE]
    askers = (cast.leader, cast.colleague, cast.other_leader, cast.therapist)
    asked = 0
    for kind, rows in records.items():
        for record in rows:
            can = [
                [person.pk for person in people if in_fact(person, p.table, p.column, record.pk)] for p in parts(kind)
            ]
            asker = next(one for one in askers if one.pk in can[0])
            with as_(asker):
                answered = readers_of(parts(kind), record.pk)
            assert [sorted(one) for one in answered] == [sorted(one) for one in can], f"{kind} {record}"
            asked += 1
    assert asked == 26
    # The cases that matter, named, so that an equal mistake on both sides would be seen.
    with as_(cast.leader):
        took_place, written = readers_of(parts("contact"), cast.session.pk)
    assert {cast.leader.pk, cast.practitioner.pk} <= took_place and cast.manager.pk not in took_place
    assert written == {cast.therapist.pk, cast.supervisor.pk}
    with as_(cast.colleague):
        named = {cast.colleague.pk, cast.manager.pk}
        assert readers_of(parts("family"), cast.restricted_family.pk) == [named, named], "the record, and the address"


def parts(kind: str) -> Any:
    return ASKABLE[kind].parts


def test_each_reader_has_a_reason_and_the_page_opens_for_workers_alone(
    cast: Cast, records: dict[str, list[Any]], client: Client
) -> None:
    askers = (cast.leader, cast.other_leader, cast.colleague, cast.therapist)
    for kind, rows in records.items():
        for record in rows:
            # Whoever reads its text, where there is any.
            reads = (o for p in reversed(parts(kind)) for o in askers if in_fact(o, p.table, p.column, record.pk))
            sign_in(client, next(reads))
            answer = client.get(f"/who/{kind}/{record.pk}/")
            assert answer.status_code == 200, f"{kind} {record}"
            assert UNKNOWN not in answer.text, f"{kind} {record}"
    sign_in(client, cast.leader)
    text = words(client.get(f"/who/family/{cast.family.pk}/").text)
    assert "Asha Example, Child and family practitioner Lead worker Works with the family: Family support" in text
    assert "Pat Elsewhere, Child and family practitioner Opened it in an emergency, until" in text
    assert "The address is not to be told to Jana Novák." in text
    assert "Mo Example" not in text
    session = words(client.get(f"/who/contact/{cast.session.pk}/").text)
    assert "What was written 2 people Lee Example, Children's therapist Wrote it" in session.replace("’", "'").replace(
        "&#x27;", "'"
    )
    assert "Sol Example, Clinical supervisor Clinical supervisor of Lee Example, who wrote it" in session
    agenda = words(client.get(f"/who/referral/{cast.referral.pk}/").text)
    assert "Gus Example, Panel guest Guest of the meeting of" in agenda
    assert "Referrers of Invented Primary School see one line of it" in agenda
    complaint = words(client.get(f"/who/request/{records['request'][1].pk}/").text)
    assert "Asha Example, Child and family practitioner Logged it" in complaint
    assert "Dee Example, Cluster leader Deals with it" in complaint and "Ben Example" not in complaint
    audits = [words(client.get(f"/who/audit/{audit.pk}/").text) for audit in records["audit"]]
    assert "Asha Example" not in audits[0], "not finished"
    assert "Asha Example, Child and family practitioner Lead worker" in audits[1]
    sign_in(client, cast.therapist)
    handed = words(client.get(f"/who/handover/{records['handover'][1].pk}/").text).replace("&#x27;", "'")
    assert "3 people Asha Example, Child and family practitioner Wrote it Handed it over" in handed
    assert "Sol Example, Clinical supervisor Clinical supervisor of Lee Example" in handed
    sign_in(client, cast.colleague)
    restricted = words(client.get(f"/who/case/{cast.restricted_case.pk}/").text)
    assert "Ben Example, Child and family practitioner Named on this restricted record" in restricted
    assert "Dee Example" not in restricted


def words(html: str) -> str:
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace(" ,", ",").split()).replace(" ,", ",")


def test_asking_costs_the_same_for_a_hundred_people_and_leaves_the_asker_as_before(
    cast: Cast, records: dict[str, list[Any]], client: Client
) -> None:
    sign_in(client, cast.leader)
    address = f"/who/contact/{cast.session.pk}/"
    client.get(address)
    few = queries(client, address)
    for number in range(100):
        user = User.objects.create_user(name=f"Invented {number}", email=f"i{number}@example.org")
        user.roles.create(
            role="practitioner", cluster=cast.cluster, post="family_practitioner", starts_on=timezone.localdate()
        )
    many = queries(client, address)
    assert len(many) == len(few) <= 20
    with as_(cast.practitioner):
        readers_of(parts("contact"), cast.session.pk)
        assert Contact.objects.filter(pk=cast.session.pk).exists()
        assert not ContactNote.objects.filter(contact=cast.session).exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('ehs.user_id')")
            assert cursor.fetchone()[0] == str(cast.practitioner.pk)


def test_nobody_asks_without_being_somebody_nor_of_a_table_without_walls(cast: Cast) -> None:
    for table, scoped in (("families_family", False), ("clusters_user", True), ("no_such", True)):
        question = f'[{{"table": "{table}", "column": "id", "id": "{cast.family.pk}"}}]'
        who = str(cast.leader.pk) if scoped else ""
        refused = pytest.raises(DatabaseError, match="a person asks")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('ehs.user_id', %s, true)", [who])
            cursor.execute("SELECT * FROM ehs_who_reads(%s::jsonb)", [question])
