"""The pilot cohort: made, imported and counted, it gives every published figure."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from stdnum.gb import nhs, upn

from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster
from families.identifiers import check_nhs_number, check_upn, upn_warning
from families.models import Family, Person
from imports.pilot import Cohort, write_pilot_cohort
from monitoring.published import PERIOD, REFERRALS, published_rows
from referrals.models import Referral


def counted(cluster: str) -> dict[tuple[str, str], tuple[int, int]]:
    out = io.StringIO()
    call_command(
        "monitoring_tables",
        cluster=[cluster],
        start=PERIOD[0].isoformat(),
        end=PERIOD[1].isoformat(),
        stdout=out,
        stderr=io.StringIO(),
    )
    rows = csv.DictReader(io.StringIO(out.getvalue()))
    return {(r["table"], r["row"]): (int(r["count"]), int(r["denominator"])) for r in rows}


def test_made_imported_and_counted_it_gives_every_published_count(db: None, tmp_path: Path) -> None:
    sheet, out = tmp_path / "pilot.xlsx", io.StringIO()
    call_command("make_pilot_cohort", sheet, stdout=io.StringIO())
    call_command("import_referrals", sheet, cluster="Pilot Cluster", stdout=out)
    assert "187 rows: 187 added, 0 known already, 0 rejected." in out.getvalue()
    published = {(row.table, row.row): (row.count, row.denominator) for row in published_rows()}
    assert counted("Pilot Cluster") == published

    # The figures come from the records: take one away and they change.
    cluster = Cluster.objects.get(name="Pilot Cluster")
    with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk]):
        child = Person.objects.filter(gender="female", ethnicity__code="WBRI").first()
        child.gender = "male"
        child.save()
    changed = counted("Pilot Cluster")
    assert changed["gender", "Female"][0] == published["gender", "Female"][0] - 1

    call_command("import_referrals", sheet, cluster="Pilot Cluster", stdout=out)
    assert "187 rows: 0 added, 187 known already, 0 rejected." in out.getvalue()
    with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk]):
        assert Referral.objects.count() == REFERRALS
        assert Person.objects.count() == REFERRALS
        assert 150 < Family.objects.count() < REFERRALS


def test_it_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        assert write_pilot_cohort(tmp_path / name) == REFERRALS
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


@pytest.mark.parametrize("seed", [1, 2, 3, 99])
def test_another_seed_gives_other_people_and_the_same_counts(seed: int) -> None:
    rows, usual = Cohort(seed).rows(), Cohort().rows()
    assert [row["reasons"] for row in rows] != [row["reasons"] for row in usual]

    def entries(found: list[dict[str, str]], entry: str) -> int:
        return sum(row["reasons"].split("; ").count(entry) for row in found)

    for entry in ("SEMH presenting behaviours: Anxiety", "Family: Domestic abuse", "Environment", "Other"):
        assert entries(rows, entry) == entries(usual, entry) > 0
    assert not any(len(set(r["reasons"].split("; "))) < len(r["reasons"].split("; ")) for r in rows)


def test_its_identifiers_are_well_formed_and_belong_to_nobody() -> None:
    rows = Cohort().rows()
    upns = [row["upn"] for row in rows if row["upn"]]
    numbers = [row["nhs_number"] for row in rows if row["nhs_number"]]
    assert len(set(upns)) == len(upns) > 100
    assert len(set(numbers)) == len(numbers) > 100
    for number in upns:
        assert check_upn(number) == number
        assert upn_warning(number)
        assert not upn.is_valid(number)
    for number in numbers:
        assert check_nhs_number(number) == number
        assert nhs.is_valid(number)
        assert number.startswith("999")


@pytest.mark.parametrize(("name", "says"), [("pilot.csv", "name it OUT.xlsx"), ("nowhere/pilot.xlsx", "no folder")])
def test_the_command_says_what_is_wrong_with_the_file(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("make_pilot_cohort", tmp_path / name)
