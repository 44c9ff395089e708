"""Police, MindMate and CSWS: by program, by file, by folder. Once, matched only without doubt, and never lost."""

import os
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.areas import by_postcode
from clusters.models import Cluster, School
from families.models import Person
from referrals import intake_folder
from referrals.intake_csv import FileError, receive_file
from referrals.intake_feed import Delivered, certain_child, deliver
from referrals.models import Intake, IntakeReject, Referral
from tests.fixtures_cast import Cast, a_person, as_, make_cast, sign_in

pytestmark = pytest.mark.django_db

UPN = "V383234521001"
BORN = date(2016, 5, 4)
GIVEN = {"first_name": "Zdenka", "last_name": "Novak", "birth_date": "2016-05-04", "upn": UPN}


@pytest.fixture
def child(cast: Cast) -> Person:
    """A child of Cluster A with a UPN, spelt with her accents."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        made = a_person(cast.family, "Zdeňka", born=BORN, upn=UPN)
        Person.objects.filter(pk=made.pk).update(last_name="Novák")
    return made


def sent(cast: Cast, external_id: str = "N-1", source: str = "police", **changes: Any) -> Delivered:
    how = {name: changes.pop(name) for name in ("harm", "school_urn") if name in changes}
    payload = {**GIVEN, "school_name": cast.school.name, "worrying": "Alone at night.", **changes}
    return deliver(source=source, external_id=external_id, payload=payload, **how)


def referrals(cast: Cast, child: Person) -> list[Referral]:
    with as_(cast.leader):
        return list(Referral.objects.filter(child=child).select_related("story", "intake", "school"))


def test_a_child_who_is_meant_beyond_doubt_gets_a_referral_to_screen(cast: Cast, child: Person) -> None:
    delivered = sent(cast, crime_number="INV/7", referrer_name="PC Invented")
    assert delivered.matched
    (made,) = referrals(cast, child)
    assert (made.status, made.channel, made.school) == ("to_screen", "police", cast.school)
    assert (made.story.worrying, made.referrer_name) == ("Alone at night.", "PC Invented")
    assert "INV/7" in made.story.notes
    assert (made.intake.state, made.intake.reference) == ("linked", delivered.reference)
    with as_(cast.leader):
        assert Person.objects.get(pk=child.pk).last_name == "Novák", "the record is not changed from outside"


def test_the_same_notification_twice_makes_one(cast: Cast, child: Person) -> None:
    first, second = sent(cast), sent(cast)
    assert (first.id, first.reference) == (second.id, second.reference)
    assert (second.new, second.matched, second.changed) == (False, False, False)
    assert len(referrals(cast, child)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"upn": ""},
        {"birth_date": "2016-05-05"},
        {"first_name": "Zdena"},
        {"last_name": "Nowak"},
        {"nhs_number": "9434765919", "upn": "J383234521002"},
        {"school_name": "A school of nowhere"},
        {"harm": True},
        {"first_name": ""},
    ],
    ids=["no number", "day", "first name", "last name", "other number", "no cluster", "harm", "no name"],
)
def test_with_any_doubt_it_waits_for_a_person(cast: Cast, child: Person, changes: dict[str, Any]) -> None:
    delivered = sent(cast, **changes)
    assert (delivered.new, delivered.matched) == (True, False)
    assert referrals(cast, child) == []
    with as_(cast.leader):
        assert Intake.objects.get(pk=delivered.id).state == "new"


def test_two_children_of_one_number_or_a_contradiction_are_left_to_a_person(cast: Cast, child: Person) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Person.objects.filter(pk=child.pk).update(nhs_number="9434765870")
    assert not sent(cast, "N-2", nhs_number="9434765919").matched
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        a_person(cast.family, "Zdeňka", born=BORN, upn=UPN)
    assert not sent(cast, "N-3").matched


def test_a_child_of_another_cluster_or_of_a_restricted_family_is_never_matched(cast: Cast, child: Person) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.other_cluster.pk, cast.cluster.pk]):
        Person.objects.filter(pk=child.pk).update(upn="")
        far = a_person(cast.other_family, "Zdenka", born=BORN, upn=UPN)
        hidden = a_person(cast.restricted_family, "Zdenka", born=BORN, upn=UPN)
        Person.objects.filter(pk__in=[far.pk, hidden.pk]).update(last_name="Novak")
    delivered = sent(cast)
    assert not delivered.matched
    with as_(cast.leader):
        assert Intake.objects.get(pk=delivered.id).cluster == cast.cluster


def test_a_record_that_was_merged_into_another_is_not_meant(cast: Cast, child: Person) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        gone = a_person(cast.family, "Zdeňka", born=BORN, upn=UPN)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('ehs.merged', 'on', true)")
        Person.objects.filter(pk=gone.pk).update(last_name="Novák", merged_into=child)
    assert sent(cast).matched
    assert len(referrals(cast, child)) == 1


def test_the_postcode_says_the_cluster_when_no_school_does(cast: Cast) -> None:
    Cluster.objects.filter(pk=cast.cluster.pk).update(postcodes="LS8 4, WF")
    Cluster.objects.filter(pk=cast.other_cluster.pk).update(postcodes="LS8, LS9\nBD1")
    found = {code: by_postcode(code) for code in ("ls84ab", "LS8 5AB", "LS81 2AA", "WF1 1AA", "BD12 1AA", "", "LS8")}
    ours, theirs = cast.cluster, cast.other_cluster
    assert list(found.values()) == [ours, theirs, None, ours, None, None, theirs]
    delivered = sent(cast, school_name="", postcode="LS8 4XY")
    with as_(cast.leader):
        assert Intake.objects.get(pk=delivered.id).cluster == ours


def test_a_urn_that_the_school_had_before_still_names_it(cast: Cast, child: Person) -> None:
    School.objects.filter(pk=cast.school.pk).update(urn="150001")
    cast.school.former_urns.create(urn="107001", name="Before", successor_urn="150001", source="register")
    assert sent(cast, school_name="", school_urn="107001").matched


def test_a_fear_of_harm_tells_the_leaders_at_once(cast: Cast, child: Person) -> None:
    delivered = sent(cast, harm=True)
    told = Message.objects.filter(key__startswith=f"harm:intake:{delivered.id}")
    assert [message.to for message in told] == [cast.leader.email]
    sent(cast, harm=True)
    assert told.count() == 1


def test_the_feed_reads_nothing_and_its_questions_are_its_own(cast: Cast, child: Person) -> None:
    sent(cast)
    with acting_as(NamedActor.FEED):
        assert not Person.objects.exists()
        assert not Intake.objects.exists()
        assert certain_child(cast.cluster, GIVEN) == (child.pk, cast.family.pk)
    with acting_as(NamedActor.FEED, family=cast.family.pk):
        assert set(Person.objects.values_list("family", flat=True)) == {cast.family.pk}
    with acting_as(NamedActor.SCHEDULER, family=cast.family.pk), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('ehs.granted')")
        assert cursor.fetchone()[0] == "{}"
    for question in (
        "ehs_feed_children(1, 'x', 'x', now()::date)",
        "ehs_feed_change(gen_random_uuid(), '{}', false, 1, 1)",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), as_(cast.leader), connection.cursor() as cursor:
            cursor.execute(f"SELECT {question}")


HEAD = "Incident number,Forename,Surname,DOB,UPN,School,Concern,Crime number\n"


def file_of(cast: Cast, *rows: str) -> bytes:
    return (HEAD + "".join(row.replace("SCHOOL", cast.school.name) + "\n" for row in rows)).encode()


def test_a_file_is_taken_row_by_row_and_a_row_that_cannot_be_is_kept_as_it_stood(cast: Cast, child: Person) -> None:
    content = file_of(
        cast,
        f"P1,Zdenka,Novak,04/05/2016,{UPN},SCHOOL,Alone,INV/1",
        "P2,Ada,Unknown,1 May,,SCHOOL,Shouting,INV/2",
        "P3,,,04/05/2016,,SCHOOL,Nobody is named,INV/3",
        "P4,Too,Many,,,SCHOOL,x,y,z",
    )
    result = receive_file(content=content, source="police", file_name="monday.csv")
    assert str(result) == "4 rows: 1 made into referrals, 1 to match, 0 changed, 0 known already, 2 rejected"
    assert len(referrals(cast, child)) == 1
    with as_(cast.leader):
        waiting = Intake.objects.get(external_id="P2")
        assert (waiting.payload["birth_date"], waiting.payload["crime_number"]) == ("1 May", "INV/2")
        rejects = list(IntakeReject.objects.all())
        assert [(r.row_number, r.reasons) for r in rejects] == [
            (4, ["it names no child"]),
            (5, ["it has more cells than there are headings"]),
        ]
        assert rejects[0].original["Concern"] == "Nobody is named"
        assert rejects[1].original["column 9"] == "z"
    again = receive_file(content=content, source="police", file_name="monday.csv")
    assert (again.known, again.matched, again.waiting) == (2, 0, 0)
    with as_(cast.leader):
        assert IntakeReject.objects.count() == 2
    with as_(cast.practitioner):
        assert not IntakeReject.objects.exists()


def test_a_row_without_a_name_of_its_own_is_known_by_its_words(cast: Cast) -> None:
    content = b"first_name;last_name;worrying\nAda;Invented;Alone\nAda;Invented;Alone\nAda;Invented;Cold\n"
    result = receive_file(content=content, source="spa", file_name="x.csv")
    assert (result.waiting, result.known) == (2, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "not text"),
        (b"a,b\n1,2\n", "headings"),
        (HEAD.encode(), "no rows"),
        (b"first_name,last_name\n" + b"A,B\n" * 3, "more than 2 rows"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(cast: Cast, content: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        receive_file(content=content, source="spa", file_name="x.csv", at_most=2)


def test_the_command_and_the_folder(
    cast: Cast, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "week.csv"
    path.write_bytes(file_of(cast, "P1,Ada,Invented,,,SCHOOL,Alone,"))
    call_command("receive_intake", str(path), "--source", "police")
    assert "1 to match" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no file"):
        call_command("receive_intake", str(tmp_path / "none.csv"), "--source", "spa")
    settings.INTAKE_FOLDER = str(tmp_path / "drop")
    folder = tmp_path / "drop" / "spa"
    folder.mkdir(parents=True)
    files = {
        "good.csv": file_of(cast, "S1,Ada,Invented,,,SCHOOL,Alone,"),
        "bad.csv": b"PK\x03\x04",
        "fresh.csv": file_of(cast, "S2,Ada,Invented,,,SCHOOL,Alone,"),
        "left.csv.taken": file_of(cast, "S3,Ada,Invented,,,SCHOOL,Alone,"),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
        age = {"fresh.csv": 0, "left.csv.taken": 3600}.get(name, 60)
        os.utime(folder / name, (time.time() - age,) * 2)
    intake_folder.sweep_folder()
    assert sorted(p.name for p in folder.iterdir()) == ["failed", "fresh.csv"]
    assert "not text" in (folder / "failed" / "bad.csv.reason.txt").read_text()
    with as_(cast.leader):
        assert set(Intake.objects.filter(source="spa").values_list("external_id", flat=True)) == {"S1", "S3"}


def test_a_file_sent_by_page_and_the_rows_that_were_not_taken(cast: Cast, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "monday.csv"
    path.write_bytes(file_of(cast, "P1,Ada,Invented,,,SCHOOL,Alone,", "P2,,,,,SCHOOL,<b>Nobody</b>,"))
    sign_in(client, cast.leader)
    with path.open("rb") as file:
        answer = client.post(reverse("intake-upload"), {"source": "police", "file": file}, follow=True)
    page = answer.content.decode()
    assert "1 to match" in page
    assert "It names no child" in page
    assert "&lt;b&gt;Nobody" in page
    with as_(cast.leader):
        reject = IntakeReject.objects.get()
    for _ in range(2):
        client.post(reverse("intake-reject-settle", args=[reject.pk]))
    with as_(cast.leader):
        assert IntakeReject.objects.get().settled_by == cast.leader
    assert "Nobody" not in client.get(reverse("intake-rejects")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_same_notification_from_two_sides_at_one_moment_makes_one_referral(transactional_db: None) -> None:
    cast = make_cast()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        child = a_person(cast.family, "Zdeňka", born=BORN, upn=UPN)
        Person.objects.filter(pk=child.pk).update(last_name="Novák")
    ready = threading.Barrier(2)
    found: list[Delivered] = []

    def go() -> None:
        try:
            ready.wait(timeout=20)
            found.append(sent(cast))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted((delivered.new, delivered.matched) for delivered in found) == [(False, False), (True, True)]
    assert len(referrals(cast, child)) == 1
