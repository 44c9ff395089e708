"""Statutory returns: every column in its place, every code in its list, one child one number, and who gets the file."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from cases.models import Case, SocialCareStep
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Role
from families.models import Family, Person
from formulation.models import AssessedChild, Assessment
from monitoring.models import ReturnFile, ReturnRun
from monitoring.returns import annex_a, layout, services, ssd
from monitoring.returns.annex_a import months_before, source
from monitoring.returns.people import main_code
from monitoring.returns.validate import validate, wrong
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_referral, a_term, a_user, as_, sign_in
from triage.models import StepUp

TOKEN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
CODES = Path(layout.__file__).parent / "codes"
TODAY = timezone.localdate


def made(module, cast: Cast, *, both: bool = False) -> dict[str, list[dict]]:
    clusters = [cast.cluster.pk, *([cast.other_cluster.pk] if both else [])]
    with acting_as(NamedActor.RETURNS, clusters=clusters):
        return {listing.key: [e.values for e in entries] for listing, entries in module.make(clusters, TODAY())}


def an_assessment(cast: Cast, *people: Person, begun: int, completed: int | None = None, why: str = "") -> Assessment:
    keys = {"cluster_id": cast.case.cluster_id, "family_id": people[0].family_id}
    case = Case.objects.get(family_id=people[0].family_id)
    day = TODAY() - timedelta(days=completed) if completed is not None else None
    found = Assessment.objects.create(
        **keys, case=case, starts_on=TODAY() - timedelta(days=begun), organisation="Riverside Invented",
        author=cast.practitioner,
    )  # fmt: skip
    if day:
        ending = {"status": "ended", "ended_on": day} if why else {"status": "completed", "completed_on": day}
        Assessment.objects.filter(pk=found.pk).update(**ending, why_ended=why)
    for person in people:
        AssessedChild.objects.create(**keys, assessment=found, person=person)
    return found


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """A child in all three lists, one of a restricted family, and what must not be in any."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        Person.objects.filter(pk=cast.child.pk).update(
            gender="female", ethnicity=a_term("ethnicity", "WROR"), birth_date=date(TODAY().year - 9, 1, 1)
        )
        petr = Person.objects.get(first_name="Petr")
        eli = Person.objects.get(first_name="Eli")
        an_assessment(cast, cast.child, petr, begun=90, completed=60)
        an_assessment(cast, eli, begun=300)
        an_assessment(cast, cast.child, begun=400, completed=300)
        an_assessment(cast, cast.child, begun=10, completed=9, why="mistake")
        keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
        for days, outcome in ((200, "advice"), (150, "no_action"), (5, "")):
            stepped = StepUp.objects.create(
                **keys, referral=cast.case_referral, stepped_up_at=timezone.localtime() - timedelta(days=days),
                stepped_up_by=cast.practitioner, taken_by="Kit Invented",
            )  # fmt: skip
            SocialCareStep.objects.create(
                **keys, case=cast.case, direction="up", stepped_on=TODAY() - timedelta(days=days), step_up=stepped,
                decided_by="Dee", why="Unsafe at home", meanwhile="stays", outcome=outcome,
                outcome_on=TODAY() - timedelta(days=days - 3) if outcome else None, recorded_by=cast.practitioner,
            )  # fmt: skip
        a_referral(cast.child, number=95, days_ago=250)
    return cast


def test_every_published_column_is_there_and_in_order() -> None:
    """Read here from the published tables themselves, not through the code that writes them."""
    with (CODES / "annexa_lists_columns.csv").open() as file:
        rows = list(csv.DictReader(file))
    for number, listing in layout.annex_a().items():
        wanted = [
            r["column"] for r in sorted((r for r in rows if r["list"] == str(number)), key=lambda r: int(r["order"]))
        ]
        assert listing.headings == wanted
    assert [len(listing.columns) for listing in layout.annex_a().values()] == [7, 8, 11]
    with (CODES / "ssd_fields.csv").open() as file:
        fields = list(csv.DictReader(file))
    for table, listing in layout.ssd().items():
        assert listing.headings == [r["field"] for r in fields if r["table"] == table]
    assert [len(listing.columns) for listing in layout.ssd().values()] == [15, 8, 9]
    # What a row fills is a column: a slip of the pen would be left out without a word.


@pytest.mark.parametrize("module", [annex_a, ssd])
def test_every_cell_stands_in_a_column_and_every_code_in_its_list(filled: Cast, module) -> None:
    clusters = [filled.cluster.pk, filled.other_cluster.pk]
    with acting_as(NamedActor.RETURNS, clusters=clusters):
        found = module.make(clusters, TODAY())
    for listing, entries in found:
        assert entries
        for entry in entries:
            assert set(entry.values) <= set(listing.headings)
            for column in listing.columns:
                value = str(entry.values.get(column.name, ""))
                assert column.codes is None or not value or value in column.codes, (listing.key, column.name, value)


def test_a_small_example_checked_by_hand(filled: Cast) -> None:
    lists = made(annex_a, filled)
    year = TODAY().year
    child = filled.child.pk.hex
    who = {
        "Child Unique ID": child, "Gender": "b) Female", "Ethnicity": "e) WROM", "Date of Birth": f"01/01/{year - 9}",
        "Age of Child (Years)": 9,
    }  # fmt: skip

    def ago(days: int) -> str:
        return f"{TODAY() - timedelta(days=days):%d/%m/%Y}"

    # Received 30 days ago; that of 250 days ago is beyond six months.
    assert [row for row in lists["List 1"] if row["Child Unique ID"] == child] == [
        who | {"Date of Contact": ago(30), "Contact Source": "e) 2A: Schools"}
    ]
    organisation = {"Organisation completing assessment": "Riverside Invented"}
    assert [row for row in lists["List 2"] if row["Child Unique ID"] == child] == [
        who | {"Assessment start date": ago(90), "Assessment completion date": ago(60)} | organisation
    ]
    # Petr's too, and that of the restricted family, which began ten months ago and still goes on.
    assert len(lists["List 2"]) == 3
    step = {
        "Referral Source": "p1) 5D: LA services",
        "Allocated Team": annex_a.CSWS,
        "Allocated Worker": "Kit Invented",
    }
    number = "Number of Referrals in Last 12 Months"
    # That of 200 days ago is beyond six months, and counts in the twelve of the later ones.
    assert lists["List 3"] == [
        who | step | {"Date of referral": ago(150), "Referral NFA?": "a) Yes", number: 2},
        who | step | {"Date of referral": ago(5), "Referral NFA?": "", number: 3},
    ]  # fmt: skip
    with acting_as(NamedActor.RETURNS, clusters=[filled.cluster.pk]):
        problems = validate(annex_a.make([filled.cluster.pk], TODAY()))
    assert [(p.column, p.what, p.page) for p in problems] == [("Referral NFA?", "is missing", "step-outcome")]
    tables = made(ssd, filled)
    (episode,) = [row for row in tables["ssd_early_help_episodes"] if row["earl_person_id"] == child]
    assert (episode["earl_episode_start_date"], episode["earl_episode_end_date"]) == (
        filled.case.opened_on.isoformat(), "",
    )  # fmt: skip
    assert episode["earl_episode_worker_id"] == str(filled.practitioner.pk)
    (person,) = [row for row in tables["ssd_person"] if row["pers_person_id"] == child]
    assert (person["pers_surname"], person["pers_sex"], person["pers_gender"]) == ("Novák", "F", "02")
    people, workers = tables["ssd_person"], tables["ssd_professionals"]
    assert {row["earl_person_id"] for row in tables["ssd_early_help_episodes"]} == {r["pers_person_id"] for r in people}
    named = {row["earl_episode_worker_id"] for row in tables["ssd_early_help_episodes"]} - {""}
    assert named == {row["prof_professional_id"] for row in workers}


def test_one_child_has_one_number_in_every_list_cluster_and_choice_of_clusters(filled: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[filled.cluster.pk, filled.other_cluster.pk]):
        there = Person.objects.get(first_name="Chidi")
        Person.objects.filter(pk__in=[there.pk, filled.child.pk]).update(nhs_number="9434765919")
    both = made(annex_a, filled, both=True)
    of_novak = {row["Child Unique ID"] for rows in both.values() for row in rows if row["Ethnicity"] == "e) WROM"}
    assert of_novak == {min(there.pk.hex, filled.child.pk.hex)}
    assert sum(row["Child Unique ID"] in of_novak for row in both["List 1"]) == 2
    alone = made(annex_a, filled)
    assert {row["Child Unique ID"] for row in alone["List 3"]} == of_novak


def test_a_restricted_family_is_counted_without_what_names_it(filled: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[filled.cluster.pk]):
        eli = Person.objects.get(first_name="Eli")
        Person.objects.filter(pk=eli.pk).update(nhs_number="9434765919", gender="male")
    rows = [row for rows in made(annex_a, filled).values() for row in rows if row["Child Unique ID"] == eli.pk.hex]
    assert rows and all(row["Date of Birth"] == "" and row["Age of Child (Years)"] == 9 for row in rows)
    tables = made(ssd, filled)
    (person,) = [row for row in tables["ssd_person"] if row["pers_person_id"] == eli.pk.hex]
    assert {name for name, value in person.items() if value} == {
        "pers_person_id", "pers_sex", "pers_gender", "pers_ethnicity", "pers_send_flag",
    }  # fmt: skip
    episode = next(row for row in tables["ssd_early_help_episodes"] if row["earl_person_id"] == eli.pk.hex)
    assert episode["earl_episode_worker_id"] == ""
    assert not any(row["prof_professional_name"] == filled.colleague.name for row in tables["ssd_professionals"])


def test_nothing_of_an_address_is_in_any_file(filled: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[filled.cluster.pk]):
        Family.objects.filter(cluster=filled.cluster).update(
            address="7 Hidden Yard", postcode="LS99 9ZZ", telephone="0113 496 0777"
        )
        Person.objects.filter(cluster=filled.cluster).update(other_address="8 Secret Lane", telephone="0113 496 0777")
    for kind in ("annex_a", "ssd"):
        for file in files_of(run_of(filled, kind), filled):
            for hidden in ("Hidden Yard", "LS99", "Secret Lane", "0777"):
                assert hidden not in text_of(file)


def run_of(cast: Cast, kind: str = "annex_a") -> ReturnRun:
    with as_(cast.manager):
        run = services.ask(
            by=cast.manager, kind=kind, clusters=[cast.cluster], as_at=TODAY(), reason="The inspection of this week"
        )
    assert services.make_return(run.pk)
    run.refresh_from_db()
    return run


def files_of(run: ReturnRun, cast: Cast) -> list[ReturnFile]:
    with as_(cast.manager):
        return list(ReturnFile.objects.filter(run=run))


def text_of(file: ReturnFile) -> str:
    if file.name.endswith(".csv"):
        return bytes(file.content).decode("utf-8-sig")
    book = load_workbook(BytesIO(bytes(file.content)))
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def test_the_files_hold_the_lists_and_nothing_but(filled: Cast) -> None:
    run = run_of(filled)
    files = {file.name: file for file in files_of(run, filled)}
    day = f"annex-a-{TODAY()}"
    assert set(files) == {f"{day}.xlsx", *(f"{day}-list-{n}.csv" for n in (1, 2, 3))}
    book = load_workbook(BytesIO(bytes(files[f"{day}.xlsx"].content)))
    for number, listing in layout.annex_a().items():
        rows = list(csv.reader(StringIO(text_of(files[f"{day}-list-{number}.csv"]))))
        sheet = [
            ["" if c is None else str(c) for c in row] for row in book[f"List {number}"].iter_rows(values_only=True)
        ]
        assert rows[0] == listing.headings and rows == sheet
        assert len(rows) - 1 == run.counts[listing.title]
    # A second delivery of the same message makes nothing.
    assert not services.make_return(run.pk)


def test_a_manager_checks_first_says_why_and_alone_takes_the_file(filled: Cast, client: Client) -> None:
    other = a_user("Max Example", role=Role.MANAGER)
    sign_in(client, filled.manager)
    day = TODAY()
    query = {
        "kind": "annex_a",
        "cluster": filled.cluster.pk,
        "as_at-day": day.day,
        "as_at-month": day.month,
        "as_at-year": day.year,
    }
    page = client.get(reverse("returns"), query)
    body = page.content.decode()
    assert "Referral NFA?" in body and filled.case_referral.reference in body
    for hidden in ("Novák", "Zdeňka", "Kit Invented", filled.child.pk.hex):
        assert hidden not in body
    address = page.wsgi_request.get_full_path()
    assert client.post(address, {"reason": "", "with_gaps": "on"}).status_code == 422
    assert client.post(address, {"reason": "The inspection"}).status_code == 422
    assert not ReturnRun.objects.exists()
    answer, again = (client.post(address, {"reason": "The inspection", "with_gaps": "on", "once": TOKEN}) for _ in "12")
    assert again.url == answer.url
    run = ReturnRun.objects.get()
    assert answer.url == reverse("return-run", args=[run.pk])
    assert "being made" in client.get(answer.url).content.decode()
    services.make_return(run.pk)
    shown = client.get(answer.url).content.decode()
    name = f"annex-a-{day}-list-2.csv"
    assert name in shown and "Novák" not in shown
    taken = client.get(reverse("return-file", args=[run.pk, name]))
    assert taken.status_code == 200 and b"Riverside Invented" in taken.content
    with as_(filled.leader):
        said = list(Event.objects.filter(cluster_id=filled.cluster.pk).values_list("kind", "text"))
    assert any(kind == "return.asked" and "The inspection" in text for kind, text in said)
    assert any(kind == "download" and name in text for kind, text in said)
    sign_in(client, other)
    assert client.get(reverse("return-file", args=[run.pk, name])).status_code == 403
    assert name not in client.get(answer.url).content.decode()
    sign_in(client, filled.leader)
    assert client.get(reverse("returns")).status_code == 403


def test_the_database_shows_a_file_to_its_asker_alone_and_lets_nobody_write_one(filled: Cast) -> None:
    run = run_of(filled)
    for reader in (filled.leader, filled.practitioner, a_user("Max Example", role=Role.MANAGER)):
        with as_(reader):
            assert not ReturnFile.objects.exists()
    with acting_as(NamedActor.FIGURES):
        assert not ReturnFile.objects.exists()
    with as_(filled.manager):
        assert ReturnFile.objects.count() == 4
        # The manager still reads no family's rows.
        assert not Person.objects.exists() and not Referral.objects.exists()
        assert ReturnFile.objects.filter(run=run)._raw_delete("default") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            ReturnFile.objects.create(run=run, asked_by=filled.manager, name="mine.csv", content=b"", sha256="x")
    with acting_as(NamedActor.RETURNS, clusters=[filled.cluster.pk]):
        assert Person.objects.filter(pk=filled.child.pk).update(last_name="Changed") == 0


def test_files_go_after_two_weeks_and_what_was_asked_stays(filled: Cast) -> None:
    run = run_of(filled)
    assert run.expires_on == TODAY() + timedelta(days=14)
    services.carry_on()
    assert len(files_of(run, filled)) == 4
    ReturnRun.objects.filter(pk=run.pk).update(expires_on=TODAY() - timedelta(days=1))
    services.carry_on()
    run.refresh_from_db()
    assert files_of(run, filled) == [] and run.status == "removed"
    assert run.reason == "The inspection of this week" and run.counts["List 2: Early help"] == 3


def test_only_managers_ask_and_a_killed_worker_is_followed_by_another(filled: Cast) -> None:
    with as_(filled.leader), pytest.raises(Denied):
        services.ask(by=filled.leader, kind="ssd", clusters=[filled.cluster], as_at=TODAY(), reason="Why not")
    with as_(filled.manager):
        run = services.ask(by=filled.manager, kind="ssd", clusters=[filled.cluster], as_at=TODAY(), reason="A trial")
    held = timezone.now() + timedelta(minutes=5)
    ReturnRun.objects.filter(pk=run.pk).update(leased_until=held)
    assert not services.make_return(run.pk)
    ReturnRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert services.make_return(run.pk)


def test_what_a_cell_may_hold() -> None:
    columns: Sequence[layout.Column] = layout.annex_a()[1].columns
    by_name = {column.name: column for column in columns}
    assert wrong(by_name["Gender"], "Male") == "“Male” is not in the code list"
    assert wrong(by_name["Gender"], "a) Male") == ""
    assert wrong(by_name["Date of Contact"], "") == "is missing"
    assert wrong(by_name["Date of Birth"], "") == ""
    assert wrong(by_name["Date of Contact"], "2026-01-31") == "“2026-01-31” is not a date as day/month/year"
    assert wrong(by_name["Age of Child (Years)"], 0) == ""
    long = layout.Column("earl_episode_reason", True, size=100)
    assert wrong(long, "x" * 101) == "is longer than 100 characters"


def test_sources_ethnicities_and_months() -> None:
    assert [source("health", role) for role in ("GP", "School nurse", "Paediatrician", "")] == [
        "g) 3A: Health services", "i) 3C: Health services", "l) 3F: Health services", "l) 3F: Health services",
    ]  # fmt: skip
    assert source("self_or_family", "") == "a) 1A: Individual" and source("added_by_a_cluster", "") == ""
    assert [main_code(*each) for each in (("WBRI", None), ("BSOM", "BAFR"), (None, None), ("MIXED_ONLY", None))] == [
        "WBRI", "BAFR", "NOBT", "MOTH",
    ]  # fmt: skip
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(datetime(2026, 1, 15, tzinfo=timezone.get_current_timezone()).date(), 6) == date(2025, 7, 15)
