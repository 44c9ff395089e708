"""After a disposal nothing of the family is left anywhere, and the history is whole all the same."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import audit, chain, drafts
from cluster_ehs.core.db import as_owner
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Message, Once
from cluster_ehs.core.scope import NamedActor, acting_as, figures
from cluster_ehs.core.tasks import queue_message
from families import files
from families.index import index_family, index_person
from families.models import Family, Person, StoredFile
from keeping.disposal import services
from keeping.disposal.places import places
from keeping.fields import Fate, Holds
from keeping.lines import LINES
from keeping.models import Disposal, DisposedFile, HeldFile, Hold, RightsRequest
from keeping.retention import services as retention
from monitoring.models import ReportRun
from tests.fixtures_cast import Cast, a_person, a_referral, a_user, as_, make_cast, sign_in
from tests.keeping.traces import left_of
from tests.world import make_world
from triage.models import Action

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "Zdeňka Novák"
BORN = date(2011, 3, 17)
# Names and numbers, the day of birth, the address and the telephone in every spelling that a text may have.
SIGNS = (
    r"\b(Zdeňka|Novák|Jaroslava|Petr\b|9434765919)|2011-03-17|\b17[/.-]0?3[/.-](20)?11\b|\b17 Mar(ch)? 2011"
    r"|Quillfeather|LS99 ?7QZ|7700[ -]?900[ -]?555|113[ -]?496[ -]?0777"
)
TOLD = (
    f"Ring {SAID}, born 17/03/2011 or 17 March 2011, of 77 quillfeather row LS997QZ, on 07700900555 or +44 7700 900 555"
)
BESIDE = "The girl of 17.03.2011 at 77 Quillfeather Row has 0113 4960777"


def sql(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    return settings.FILES_ROOT


def ended(family: UUID) -> None:
    """All that this family had is over, seven years ago: set past the triggers, by the owner."""
    with as_owner():
        for table in ("cases_case", "triage_ending"):
            sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        sql(
            "UPDATE cases_case SET status = 'closed', opened_on = '2019-01-01', closed_on = '2019-11-01'"
            " WHERE family_id = %s",
            family,
        )
        sql(
            'INSERT INTO triage_ending (id, cluster_id, family_id, created_at, referral_id, "where", ended_on,'
            " outcome_not_recorded) SELECT gen_random_uuid(), cluster_id, family_id, now(), id, 'triage', '2019-11-01',"
            " true FROM referrals_referral r WHERE family_id = %s"
            " AND NOT EXISTS (SELECT FROM triage_ending e WHERE e.referral_id = r.id)",
            family,
        )
        for table in ("cases_case", "triage_ending"):
            sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def name_everywhere(family: UUID) -> set[str]:
    """The name in every text of the family's rows and in every text that a disposal cleans. The tables met."""
    met = set()
    for label, line in LINES.items():
        model = apps.get_model(label)
        table = model._meta.db_table
        columns = {field.column: field for field in model._meta.concrete_fields}
        if line.fate == Fate.DROP and "family_id" in columns and not table.startswith("core_"):
            number = sql(f"SELECT count(*) FROM {table} WHERE family_id = %s", family)[0][0]
            if number:
                met.add(table)
            for name in line.that_hold(Holds.TEXT, Holds.NAME):
                room = columns[name].max_length or 10_000
                if room > 30:
                    # Some rules of a row keep a text empty.
                    with suppress(DatabaseError):
                        said = f'"{name}" = left(%s || "{name}", {room})'
                        sql(f"UPDATE {table} SET {said} WHERE family_id = %s", SAID, family)
    for table, column in places():
        model = next(model for model in apps.get_models() if model._meta.db_table == table)
        is_json = model._meta.get_field(column).get_internal_type() == "JSONField"
        said = f'to_jsonb(%s || "{column}"::text)' if is_json else f'left(%s || "{column}", 60)'
        if table != "monitoring_returnrun":
            with suppress(DatabaseError):
                sql(f'UPDATE {table} SET "{column}" = {said}', SAID + " ")
        met |= {table} if sql(f"SELECT count(*) FROM {table}")[0][0] else set()
    return met


@pytest.fixture
def cast(store: Path) -> Iterator[Cast]:
    cast = make_cast()
    yield cast


def agreed(cast: Cast, family: Family) -> Disposal:
    """Asked for by the leader and confirmed by the manager."""
    with as_(cast.leader):
        asked = services.ask(
            by=cast.leader, family=family, rule="six years", ended_on=None, due_on=timezone.localdate()
        )
    with as_(cast.manager), figures():
        services.answer(by=cast.manager, disposal=Disposal.objects.get(pk=asked.pk), yes=True)
    return asked


def a_file(cast: Cast, family: Family) -> str:
    kept = files.keep_content(name="letter.txt", content_type="text/plain", content=f"About {SAID}".encode())
    files.preview_place(kept.path).write_text(f"A picture of {SAID}")
    StoredFile.objects.create(
        cluster_id=family.cluster_id, family=family, author=cast.practitioner, title=f"Letter to {SAID}", **vars(kept)
    )
    return kept.path


def test_nothing_is_left_of_a_family_and_the_history_is_whole(cast: Cast, store: Path) -> None:
    world = make_world(cast)
    family = cast.family
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.child.pk).update(nhs_number="9434765919")
        Person.objects.filter(pk=cast.child.pk).update(birth_date=BORN)
        # In the world Jana is a name of every family's.
        Person.objects.filter(pk=cast.mother.pk).update(first_name="Jaroslava", telephone="07700 900555")
        home = {"address": "77 Quillfeather Row, Leeds", "postcode": "LS99 7QZ", "telephone": "0113 496 0777"}
        Family.objects.filter(pk=family.pk).update(**home)
        family.refresh_from_db()
        index_family(family)
        for person in Person.objects.filter(family=family):
            index_person(person)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("data.json", TOLD)
        about = RightsRequest.objects.filter(family=family)[0]
        keys = {"cluster_id": family.cluster_id, "family": family, "request": about}
        HeldFile.objects.create(**keys, kind="zip", content=packed.getvalue(), size=1, sha256="0")
        paths = [a_file(cast, family) for _ in range(2)]
        loose = files.keep_content(name="x.txt", content_type="text/plain", content=SAID.encode()).path
        drafts.save(
            user=cast.practitioner,
            key=f"contact:{cast.case.pk}",
            fields={"note": ["Petr was shy"], "file": [loose]},
            version=0,
        )
        drafts.save(user=cast.practitioner, key="other", fields={"note": [f"Ring {SAID}"]}, version=0)
        drafts.save(user=cast.practitioner, key="not-theirs", fields={"note": ["Ring the Wójcik family"]}, version=0)
        Once.objects.create(user_id=cast.practitioner.pk, key=str(uuid4()), result=f"/cases/{cast.case.pk}/")
        queue_message(key="m", to="x@example.org", subject="One waits", body="Look", family_id=family.pk, url="/x/")
        told, beside = (Action.objects.create(cluster=cast.cluster, meeting=cast.meeting, text="x") for _ in range(2))
    # What the pages themselves leave behind: sessions, looks, answers kept for a second press, counts.
    client = sign_in(Client(), cast.practitioner)
    for name, pk in (("family", family.pk), ("case", cast.case.pk), ("case-plan", cast.case.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 200
    assert family.reference in client.post(reverse("search"), {"q": "Zdeňka Novák"}, follow=True).content.decode()
    with as_owner():
        met = name_everywhere(family.pk)
        for action, text in ((told, TOLD), (beside, BESIDE)):
            Action.objects.filter(pk=action.pk).update(text=text)
        snapshot = {"tables": [{"rows": [["Referrals", 12]]}]}
        report = ReportRun.objects.exclude(snapshot=None).first()
        if report is None:
            report = ReportRun.objects.first()
        before = report.snapshot if report else snapshot
    assert len(met) > 60, sorted(met)
    ended(family.pk)
    assert chain.seal()
    before_it = {line.split(":")[0] for line in left_of(SIGNS, store.parent)}
    assert len(before_it) > 45
    assert {"file", "public.core_change", "public.core_draft", "public.keeping_heldfile"} <= before_it
    disposal = agreed(cast, family)
    assert services.carry_out_all() == 1

    assert not (left := left_of(SIGNS, store.parent)), left
    assert not any((store / path).exists() for path in [*paths, loose])
    with as_owner():
        assert sql("SELECT count(*) FROM core_draft WHERE key = 'not-theirs'") == [(1,)]
        rest = "Ring [removed], born [removed] or [removed], of [removed] [removed], on [removed] or [removed]"
        assert Action.objects.get(pk=told.pk).text == rest
        assert Action.objects.get(pk=beside.pk).text == "The girl of [removed] at [removed] has [removed]"
        done = Disposal.objects.get(pk=disposal.pk)
        assert (done.status, done.step, done.family_key) == ("done", "done", None)
        assert done.counts["families_person"] >= 4
        assert done.counts["files"] == 4
        assert done.counts["history"] > 100
        assert len(done.digest) == 64
        if report:
            assert ReportRun.objects.get(pk=report.pk).snapshot == before
        assert Family.objects.filter(pk=cast.other_family.pk).exists()
        assert chain.verify() == []
    assert chain.seal()
    with as_owner():
        assert chain.verify() == []
    assert world.records["other"]


def test_a_forged_disposal_is_found(cast: Cast) -> None:
    ended(cast.family.pk)
    with as_(cast.practitioner):
        audit.event(by=cast.practitioner, kind="note", text="Wrote a note", about=cast.family)
        Family.objects.filter(pk=cast.other_family.pk).update(telephone="1")
        Family.objects.filter(pk=cast.restricted_family.pk).update(telephone="1")
    agreed(cast, cast.family)
    services.carry_out_all()
    chain.seal()
    with as_owner():
        assert chain.verify() == []
        other = sql("SELECT min(id) FROM core_change WHERE family_id = %s", cast.other_family.pk)[0][0]
        sql("DELETE FROM core_change WHERE id = %s", other)
        assert [finding.kind for finding in chain.verify()] == ["removed"]
        sql("INSERT INTO core_disposed SELECT 1, %s, min(proof) FROM core_disposed", other)
        assert "does not vouch" in str(chain.verify()[0])
        mine = "INSERT INTO core_event (actor, kind, text, about) VALUES ('x', 'disposal.history', '', '') RETURNING id"
        proof = sql(mine)[0][0]
        sql("UPDATE core_disposed SET proof = %s WHERE entry = %s AND source = 1", proof, other)
        sql("UPDATE core_event SET text = 'digest ' || ehs_disposed_digest(id) WHERE id = %s", proof)
        assert "does not vouch" in str(chain.verify()[0]), "nobody asked for it and nobody confirmed it"
        agreed_by = "INSERT INTO core_event (actor, user_id, kind, text, about) VALUES ('x', %s, %s, '', '')"
        sql(agreed_by, cast.leader.pk, "disposal.asked")
        sql(agreed_by, cast.leader.pk, "disposal.confirmed")
        assert "does not vouch" in str(chain.verify()[0]), "one person asked and confirmed"
        sql(agreed_by, cast.manager.pk, "disposal.confirmed")
        assert chain.verify() == [], "this is what two people could have done"
        gone = sql("SELECT min(entry) FROM core_disposed WHERE source = 2")[0][0]
        sql("INSERT INTO core_event (id, actor, kind, text, about) VALUES (%s, 'x', 'note', 'A name', '')", gone)
        assert f"back: core_event {gone}: was disposed of and is there again" in map(str, chain.verify())


def test_nobody_disposes_alone_or_past_a_hold(cast: Cast) -> None:
    with as_(cast.leader), pytest.raises(Denied, match="still in the work"):
        retention.review(by=cast.leader, family=cast.family, decision="dispose", reason="Its time has come")
    ended(cast.family.pk)
    with as_(cast.leader):
        asked = services.ask(
            by=cast.leader, family=cast.family, rule="six years", ended_on=None, due_on=timezone.localdate()
        )
        with pytest.raises(Denied, match="second person"):
            services.answer(by=cast.leader, disposal=asked, yes=True)
    for user in (cast.practitioner, cast.other_leader, cast.supervisor):
        with as_(user), pytest.raises(Denied):
            services.answer(by=user, disposal=asked, yes=True)
        with as_(user):
            assert sql("SELECT ehs_answer_disposal(%s, true)", asked.pk) == [("role",)]
    # Whoever comes back into the work meanwhile is not disposed of: with a new request, or with the case opened again.
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        a_referral(cast.child, number=91)
    for opens in (None, "UPDATE cases_case SET status = 'open', closed_on = NULL WHERE family_id = %s"):
        if opens:
            with as_owner():
                sql("ALTER TABLE cases_case DISABLE TRIGGER USER")
                sql(opens, cast.family.pk)
                sql("ALTER TABLE cases_case ENABLE TRIGGER USER")
        with as_(cast.manager), figures(), pytest.raises(Denied, match="in the work again"):
            services.answer(by=cast.manager, disposal=Disposal.objects.get(pk=asked.pk), yes=True)
        ended(cast.family.pk)
    # Past the program: the application role itself may neither confirm nor dispose nor touch the history.
    for statement in (
        f"UPDATE keeping_disposal SET status = 'confirmed', answered_by_id = {cast.manager.pk} WHERE id = '{asked.pk}'",
        f"SELECT ehs_dispose('{asked.pk}')",
        f"SELECT ehs_forget_history('{asked.pk}', '{{}}', '{{}}', '')",
        "DELETE FROM core_change",
        "DELETE FROM keeping_disposal",
        "INSERT INTO core_disposed VALUES (1, 1, 1)",
    ):
        with pytest.raises(DatabaseError), acting_as(NamedActor.DISPOSAL):
            sql(statement)
    with as_(cast.leader):
        assert sql("SELECT ehs_answer_disposal(%s, true)", asked.pk) == [("same",)]
    with as_(cast.leader):
        retention.hold(by=cast.leader, family=cast.family, ground=Hold.Ground.CLAIM, reason="A claim was announced")
    with as_(cast.manager), figures(), pytest.raises(Denied, match="on hold"):
        services.answer(by=cast.manager, disposal=Disposal.objects.get(), yes=True)
    with as_(cast.leader):
        retention.lift(by=cast.leader, family=cast.family, reason="The claim was withdrawn")
    with as_(cast.manager), figures():
        services.answer(by=cast.manager, disposal=Disposal.objects.get(), yes=True)
    with as_(cast.manager), figures(), pytest.raises(Conflict):
        services.answer(by=cast.manager, disposal=Disposal.objects.get(), yes=False)
    # A hold that comes after the second person still stops it.
    with as_(cast.leader):
        retention.hold(by=cast.leader, family=cast.family, ground=Hold.Ground.POLICE, reason="A review has begun")
    with pytest.raises(DatabaseError):
        services.carry_out_all()
    with as_(cast.leader):
        assert Family.objects.filter(pk=cast.family.pk).exists()


def test_a_worker_killed_at_any_step_leaves_the_rest_to_the_next(cast: Cast, store: Path) -> None:
    family = cast.family
    with as_(cast.practitioner):
        paths = [a_file(cast, family) for _ in range(2)]
    ended(family.pk)
    disposal = agreed(cast, family)
    # In the middle of the database's part: all of it is undone, files and rows are there.
    with pytest.raises(InterruptedError), acting_as(NamedActor.DISPOSAL):
        sql("SELECT ehs_dispose(%s)", disposal.pk)
        raise InterruptedError
    with as_(cast.practitioner):
        assert Person.objects.filter(family=family).count() == 3
        assert Change.objects.filter(family_id=family.pk).exists()
    assert all((store / path).exists() for path in paths)
    # After it, before any file is removed.
    with acting_as(NamedActor.DISPOSAL):
        sql("SELECT ehs_dispose(%s)", disposal.pk)
    assert all((store / path).exists() for path in paths)
    # The end refuses while there are files.
    with pytest.raises(DatabaseError), acting_as(NamedActor.DISPOSAL):
        sql("SELECT ehs_disposal_done(%s)", disposal.pk)
    # A file is gone, its row not yet; and somebody looked at the page at the last moment.
    files.discard_content(paths[0])
    with acting_as(NamedActor.DISPOSAL):
        assert DisposedFile.objects.count() == 2
    with as_owner():
        sql("INSERT INTO core_look (actor, family_id, page) VALUES ('Asha', %s, 'case')", family.pk)
    # Twice at once, and once more afterwards.
    assert services.carry_out_all() == 1
    assert services.carry_out_all() == 0
    services.carry_out(disposal.pk)
    assert not any((store / path).exists() for path in paths)
    with as_owner():
        assert Disposal.objects.get(pk=disposal.pk).status == "done"
        assert sql("SELECT count(*) FROM core_look WHERE family_id = %s", family.pk) == [(0,)]
        assert Message.objects.filter(family_id=family.pk).count() == 0
        assert chain.verify() == []


def test_a_third_person_another_clusters_record_and_staff_keep_theirs(cast: Cast) -> None:
    """Petr also lives with another family; Jana is known in Cluster B; a worker is called Jana too."""
    with as_(cast.practitioner):
        other = Family.objects.get(pk=cast.referral.family_id)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        Person.objects.filter(family=cast.family, first_name="Petr").update(last_name="Wójcik")
        petr = a_person(other, "Petr", born=timezone.localdate() - timedelta(days=6 * 366))
        there = a_person(cast.other_family, "Jana")
        Person.objects.filter(pk=there.pk).update(last_name="Novák", upn="A123456789012")
        text = "Petr Wójcik, Jana Novák, Zdeňka Novák and Jana Example talked"
        action = Action.objects.create(cluster=cast.cluster, meeting=cast.meeting, text=text)
    jana = a_user("Jana Example", role="practitioner", cluster=cast.cluster)
    ended(cast.family.pk)
    agreed(cast, cast.family)
    services.carry_out_all()
    with as_(cast.practitioner):
        assert Action.objects.get(pk=action.pk).text == "Petr Wójcik, Jana Novák, [removed] and Jana Example talked"
        assert Person.objects.filter(pk=petr.pk).exists()
    with as_(cast.other_practitioner):
        assert Person.objects.get(pk=there.pk).upn == "A123456789012"
    jana.refresh_from_db()
    assert jana.name == "Jana Example"
