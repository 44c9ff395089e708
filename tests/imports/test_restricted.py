"""A sheet changes no record that is closed to whoever brings it, and its answer does not tell that there is one."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Case
from cluster_ehs.core.models import Change, Event
from cluster_ehs.core.scope import NamedActor, acting_as, figures
from clusters.models import StaffRole
from families import duplicates
from families.models import Family, NamedReader, Person
from imports import engine, running, services
from imports.acting import importing
from imports.labels import Mapping
from imports.models import ImportRun
from imports.reader import open_sheet
from monitoring.models import Finding
from monitoring.quality.services import check_cluster
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_
from tests.imports.sheets import a_row, bring_in, write_csv

UPN = "V383234521001"
SERVED = {"response": "Service received", "services": "Family support", "decision_date": "2021-03-10"}
OPEN = SERVED | {"opened": "2021-04-01", "sessions": 4}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    monkeypatch.setattr(services.current_app, "send_task", lambda name, args: None)


@pytest.fixture
def eve(cast: Cast) -> Person:
    """The restricted child, with everything by which a sheet knows somebody."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Family.objects.filter(pk=cast.restricted_family.pk).update(own_number="77")
        Person.objects.filter(pk=cast.restricted_referral.child_id).update(upn=UPN)
        return Person.objects.get(pk=cast.restricted_referral.child_id)


@pytest.fixture
def sheet(tmp_path: Path, eve: Person) -> Path:
    """By name and birth date, by UPN, by the family's own number, by name and address."""
    home = {"child_last_name": "Smith-Jones", "address": "1 Invented Row", "postcode": "LS8 1AA"}
    born = str(eve.birth_date)
    named = {"child_first_name": "Eve-Rose", "child_last_name": "Smith-Jones", "date_of_birth": born}
    rows = [
        a_row(reference="S1", **named, received="2026-03-04", ethnicity="WBRI", nhs_number="9434765919"),
        a_row(reference="S2", child_first_name="Evie", upn=UPN, **OPEN),
        a_row(reference="S3", child_first_name="Una", family="77", **OPEN),
        a_row(reference="S4", child_first_name="Joe", **home),
    ]
    return write_csv(tmp_path / "sheet.csv", rows)


def as_it_is(cast: Cast) -> list[Any]:
    """All that a sheet could have changed of the restricted record."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        of = {"family_id": cast.restricted_family.pk}
        rows = [list(model.objects.filter(**of).order_by("pk").values()) for model in (Person, Referral, Case)]
        return [*rows, *(model.objects.filter(**of).count() for model in (Event, Change))]


def brought(cast: Cast, sheet: Path) -> tuple[dict[str, Any], ImportRun]:
    """What the page said before, and the run."""
    with as_(cast.leader):
        file = SimpleUploadedFile("sheet.csv", sheet.read_bytes())
        run = services.receive_file(by=cast.leader, cluster=cast.cluster, file=file, by_address=True)
        services.start_import(by=cast.leader, run=run)
    assert running.run_import(run.pk, cast.cluster.pk)
    with as_(cast.leader):
        return run.preview, ImportRun.objects.get(pk=run.pk)


def name_the_leader(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        NamedReader.objects.create(cluster=cast.cluster, family=cast.restricted_family, user=cast.leader)


def test_what_is_closed_to_the_leader_is_neither_found_nor_filled(cast: Cast, eve: Person, sheet: Path) -> None:
    before = as_it_is(cast)
    said, run = brought(cast, sheet)
    assert (said["ready"], said["known"], said["rejected"]) == (4, 0, 0)
    assert (run.status, run.added, run.known, run.rejected) == ("done", 4, 0, 0)
    assert as_it_is(cast) == before
    with as_(cast.leader):
        # Nothing is missing either: every row that was added is there to be read.
        made = Referral.objects.filter(reference__startswith="S")
        assert set(made.values_list("reference", flat=True)) == {"S1", "S2", "S3", "S4"}
    # Who may read both records is shown that they may be one child; to the leader there is no such pair to count.
    duplicates.sweep()
    with as_(cast.colleague):
        pairs = duplicates.queue([cast.cluster.pk], status="open")
        assert {eve.pk} < {one for pair in pairs for one in (pair.one_id, pair.two_id)}
    with as_(cast.leader):
        seen = duplicates.queue([cast.cluster.pk], status="open")
        assert eve.pk not in {one for pair in seen for one in (pair.one_id, pair.two_id)}
        assert seen.count() == len(seen)
    # Nor does the check of data quality, which names references to whoever reads figures.
    check_cluster(cast.cluster.pk)
    with as_(cast.leader), figures():
        assert not Finding.objects.filter(rule__code="duplicate", family_id=cast.restricted_family.pk).exists()
        found = {
            UUID(record)
            for record in Finding.objects.filter(rule__code="duplicate").values_list("record_id", flat=True)
        }
        assert found <= {pair.pk for pair in seen}


def test_a_leader_who_is_named_goes_on_as_ever(cast: Cast, eve: Person, sheet: Path) -> None:
    name_the_leader(cast)
    _, run = brought(cast, sheet)
    assert run.added == 4
    with as_(cast.leader):
        assert set(Referral.objects.filter(reference__startswith="S").values_list("family_id", flat=True)) == {
            cast.restricted_family.pk
        }
        assert Person.objects.get(pk=eve.pk).nhs_number == "9434765919"


def test_the_command_acts_for_nobody_so_all_of_them_are_closed(cast: Cast, eve: Person, sheet: Path) -> None:
    name_the_leader(cast)
    before = as_it_is(cast)
    counts = [bring_in(sheet, cast.cluster.name, dry_run=dry) for dry in (True, False)]
    assert [(said["added"], said["known"], said["rejected"]) for said in counts] == [(4, 0, 0)] * 2
    assert as_it_is(cast) == before


def test_a_number_is_taken_once_whoever_reads_its_record(cast: Cast, eve: Person, tmp_path: Path) -> None:
    before = as_it_is(cast)
    path = write_csv(tmp_path / "s.csv", [a_row(reference=cast.restricted_referral.reference)])
    said, run = brought(cast, path)
    assert (said["ready"], said["known"], said["rejected"]) == (0, 1, 0)
    assert (run.added, run.known, run.rejected) == (0, 1, 0)
    assert as_it_is(cast) == before


def test_a_record_that_is_restricted_meanwhile_gets_nothing_more(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BATCH", 1)
    rows = [a_row(reference=f"T{n}", date_of_birth="2014-02-01") for n in range(3)]
    with open_sheet(write_csv(tmp_path / "s.csv", rows), also={}) as opened:
        with importing(cast.cluster, cast.leader):
            importer = engine.Importer(
                cluster=cast.cluster, sheet=opened, mapping=Mapping(), source="s.csv", author=cast.leader
            )
        for batch in importer.batches():
            with importing(cast.cluster, cast.leader):
                importer.store(batch)
            assert batch.added == 1
            with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
                (first,) = Referral.objects.filter(reference="T0").values_list("family_id", flat=True)
                Family.objects.filter(pk=first).update(restricted=True)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        of = dict(Referral.objects.filter(reference__startswith="T").values_list("reference", "family_id"))
    assert of["T0"] != of["T1"] == of["T2"]


def test_who_leads_no_longer_imports_no_longer(cast: Cast, eve: Person, sheet: Path) -> None:
    with as_(cast.leader):
        file = SimpleUploadedFile("sheet.csv", sheet.read_bytes())
        run = services.receive_file(by=cast.leader, cluster=cast.cluster, file=file, by_address=True)
        services.start_import(by=cast.leader, run=run)
    StaffRole.objects.filter(user=cast.leader).update(ends_on="2026-01-01")
    assert running.run_import(run.pk, cast.cluster.pk)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        ended = ImportRun.objects.get(pk=run.pk)
        assert (ended.status, ended.message, ended.added) == ("failed", running.NOT_THEIRS, 0)
        assert not Referral.objects.filter(reference__startswith="S").exists()
