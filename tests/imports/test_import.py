"""What becomes of a row: the state table, labels, rejects with every reason, nothing twice."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone

from cases.models import Case, LeadWorker
from cluster_ehs.core.models import Change, Event
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, School, StaffRole, User
from clusters.references import next_reference
from families.models import Family, Person, PersonToken, SendNeed
from imports import engine
from imports.clusters import free_prefix
from imports.models import ValueMapping
from imports.writing import Writer
from referrals.models import Referral, ReferralReason, Story
from tests.imports.sheets import a_row, bring_in, reasons_of, write_csv, write_xlsx
from triage.models import Decision, Ending, EndingOutcome, Offer, PassingOn

pytestmark = pytest.mark.django_db
NAME = "Invented Valley"


@contextmanager
def inside(name: str = NAME) -> Iterator[Cluster]:
    cluster = Cluster.objects.get(name=name)
    with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk]):
        yield cluster


@pytest.fixture
def sheet(tmp_path: Path) -> Any:
    def sheet(*rows: dict[str, Any]) -> Path:
        return write_csv(tmp_path / "sheet.csv", rows)

    return sheet


SERVED = {"response": "Service received", "services": "Family support", "decision_date": "2021-03-10"}
OPENED = SERVED | {"opened": "2021-04-01", "lead_worker": "Wendy Past"}
CLOSED = {"closed": "2021-06-01", "outcomes": "moved"}
TRIAGED = {"response": "Triaged and passed to other services", "decision_date": "2021-03-10"}


@pytest.mark.parametrize(
    ("said", "status", "offers", "case", "ending"),
    [
        ({}, "to_screen", [], "", None),
        (SERVED, "decided", ["waiting"], "", None),
        (OPENED, "decided", ["started"], "open", None),
        (
            OPENED | {"closed": "2021-06-01", "outcomes": "moved"},
            "ended",
            ["started"],
            "closed",
            ("case", "2021-06-01"),
        ),
        (OPENED | {"closed": "2021-06-01"}, "ended", ["started"], "closed", ("case", "2021-06-01")),
        (SERVED | {"outcomes": "family"}, "ended", ["withdrawn"], "", ("before_start", "2021-03-10")),
        (
            SERVED | {"outcomes": "family", "closed": "2021-05-05"},
            "ended",
            ["withdrawn"],
            "",
            ("before_start", "2021-05-05"),
        ),
        (SERVED | {"closed": "2021-05-05"}, "ended", ["withdrawn"], "", ("before_start", "2021-05-05")),
        (TRIAGED, "ended", [], "", ("triage", "2021-03-10")),
        (TRIAGED | {"closed": "2021-03-20", "outcomes": "passed_on"}, "ended", [], "", ("triage", "2021-03-20")),
        (
            {"response": "refused", "services": "Family support"},
            "ended",
            ["withdrawn"],
            "",
            ("triage", "2021-03-04"),
        ),
    ],
)
def test_the_state_table(
    sheet: Any, said: dict[str, str], status: str, offers: list[str], case: str, ending: tuple[str, str] | None
) -> None:
    assert bring_in(sheet(a_row(**said)))["added"] == 1
    with inside():
        referral = Referral.objects.get()
        assert (referral.status, referral.imported, referral.channel) == (status, True, "imported")
        assert list(Offer.objects.values_list("status", flat=True)) == offers
        assert [c.status for c in Case.objects.all()] == [case] * bool(case)
        found = Ending.objects.first()
        assert (found and (found.where, found.ended_on.isoformat())) == ending
        if found:
            assert found.outcome_not_recorded == ("outcomes" not in said)
            assert found.outcomes.count() == ("outcomes" in said)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"outcomes": "moved"}, "outcomes: is given for a referral that is undecided"),
        ({"opened": "2021-04-01"}, "opened: is given for a referral that is undecided"),
        ({"closed": "2021-04-01"}, "closed: is given for a referral that is undecided"),
        ({"services": "Family support"}, "services: is given for a referral that is undecided"),
        (OPENED | {"outcomes": "moved"}, "outcomes: are given for a case that is open"),
        (TRIAGED | {"opened": "2021-04-01"}, "opened: is given, but by its response the referral got no service"),
        (OPENED | {"closed": "2021-03-31"}, "closed: is before the day the case was opened"),
        (TRIAGED | {"closed": "2021-03-01"}, "closed: is before the day the referral was received"),
        (TRIAGED | {"decision_date": "2021-03-01"}, "decision_date: is before the day the referral was received"),
        ({"received": ""}, "received: must be there and is empty"),
        ({"reference": ""}, "reference: must be there and is empty"),
        ({"child_last_name": " "}, "child_last_name: must be there and is empty"),
        ({"reasons": ""}, "reasons: must be there and is empty"),
        ({"received": "31/02/2021"}, "received: “31/02/2021” is a day that does not exist"),
        ({"date_of_birth": "2021-03-05"}, "date_of_birth: Date of birth is later than the day"),
        ({"date_of_birth": "1995-01-01"}, "date_of_birth: Date of birth makes the child 26 years old"),
        ({"age": "twelve"}, "age: “twelve” is not a whole number from 0 to 25"),
        ({"age": "26"}, "age: “26” is not a whole number from 0 to 25"),
        ({"sessions": "-1"}, "sessions: “-1” is not a whole number"),
        ({"upn": "A801200005001"}, "upn: UPN is not right"),
        ({"nhs_number": "9434765871"}, "nhs_number: NHS number is not right"),
        ({"route": "Martians"}, "route: “Martians” is not known, and no mapping says what it means"),
        ({"reasons": "Family; Nothing"}, "reasons: “Nothing” is not known"),
        ({"reasons": "=1+1"}, "reasons: holds a formula (=1+1). Put the value in its place"),
        ({"kept by us": "=A1"}, "kept by us: holds a formula"),
        ({"notes": "#REF!"}, "notes: holds the spreadsheet error #REF!"),
        ({"interpreter": "maybe"}, "interpreter: “maybe” is neither yes nor no"),
        ({"school": "123456"}, "school: no school has the URN 123456"),
        ({"address": "x" * 201}, "address: is longer than 200 characters (201)"),
        ({"year_group": "the older ones"}, "year_group: “the older ones” is not known"),
    ],
)
def test_a_row_that_cannot_go_in_says_why(sheet: Any, said: dict[str, str], says: str) -> None:
    result = bring_in(sheet(a_row(**said)))
    assert (result["added"], result["rejected"]) == (0, 1)
    assert len(reasons_of(result)) == 1
    assert reasons_of(result)[0].startswith(says)


def test_a_date_in_the_future_is_refused(sheet: Any) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    (reason,) = reasons_of(bring_in(sheet(a_row(received=tomorrow.isoformat()))))
    assert reason == f"received: {tomorrow:%d/%m/%Y} is in the future"


def test_a_rejected_row_has_every_reason_in_the_order_of_the_columns_and_the_others_go_in(
    sheet: Any, tmp_path: Path
) -> None:
    bad = a_row(
        reference="R2", received="", route="Martians", upn="B80", outcomes="moved", **{"kept by us": "-2+3", "": "x"}
    )
    path = write_csv(tmp_path / "s.csv", [a_row(), bad, a_row(reference="R3", child_first_name="Cid")])
    out = tmp_path / "rejects.csv"
    result = bring_in(path, rejects=out)
    assert (result["rows"], result["added"], result["rejected"]) == (3, 2, 1)
    assert result["rejects"][0]["row"] == 3
    assert [reason.partition(":")[0] for reason in reasons_of(result)] == ["received", "route", "upn", "outcomes"]
    with out.open(encoding="utf-8-sig", newline="") as file:
        (kept,) = list(csv.DictReader(file))
    assert kept["rejected row"] == "3"
    assert kept["rejected because"] == "; ".join(reasons_of(result))
    assert (kept["reference"], kept["route"], kept["upn"]) == ("R2", "Martians", "B80")
    # What a spreadsheet would run is guarded.
    assert kept["kept by us"] == "'-2+3"

    # Corrected, the file of rejects is itself a sheet.
    text = out.read_text("utf-8-sig").replace("Martians", "Police").replace(",B80,", ",,").replace(",moved,", ",,")
    out.write_text(text.replace("R2,,", "R2,2021-03-04,"), "utf-8")
    again = bring_in(out)
    assert (again["added"], again["rejected"]) == (1, 0)
    with inside():
        assert Story.objects.get(referral__reference="R2").as_imported["kept by us"] == "-2+3"


def test_importing_again_adds_nothing(sheet: Any) -> None:
    path = sheet(a_row(**OPENED, upn="B801200005001"), a_row(reference="R2", child_first_name="Bob", school="Acorn"))
    tables = (Referral, Family, Person, Case, Decision, Offer, LeadWorker, PersonToken, Event)
    assert bring_in(path)["added"] == 2
    with inside():
        before = [table.objects.count() for table in tables]
    users = User.objects.count(), School.objects.count(), StaffRole.objects.count()
    again = bring_in(path)
    assert (again["added"], again["known"], again["rejected"]) == (0, 2, 0)
    with inside():
        assert [table.objects.count() for table in tables] == before
    assert (User.objects.count(), School.objects.count(), StaffRole.objects.count()) == users


def test_the_same_reference_in_another_cluster_is_another_referral(sheet: Any) -> None:
    path = sheet(a_row())
    assert bring_in(path)["added"] == 1
    assert bring_in(path, cluster="Invented Hill")["added"] == 1


def test_the_same_reference_twice_in_a_sheet_is_refused_the_second_time(sheet: Any) -> None:
    result = bring_in(sheet(a_row(), a_row(child_first_name="Bob")))
    assert (result["added"], result["rejected"]) == (1, 1)
    assert reasons_of(result) == ["reference: “R1” stands in row 2 already"]


def test_a_dry_run_writes_nothing_and_makes_no_cluster(sheet: Any, tmp_path: Path) -> None:
    users, schools = User.objects.count(), School.objects.count()
    path = sheet(a_row(**OPENED, school="A new one"), a_row(reference="R2", route="Martians"))
    result = bring_in(path, dry_run=True, rejects=tmp_path / "r.csv")
    assert (result["dry_run"], result["added"], result["rejected"]) == (True, 1, 1)
    assert not Cluster.objects.filter(name=NAME).exists()
    assert (User.objects.count(), School.objects.count()) == (users, schools)
    assert (tmp_path / "r.csv").read_text("utf-8-sig").count("\n") == 2
    Cluster.objects.create(name=NAME, prefix="IV")
    assert bring_in(path, dry_run=True)["added"] == 1
    with inside():
        assert not Referral.objects.exists()


def test_labels_are_matched_without_case_accents_and_punctuation(sheet: Any) -> None:
    said = {
        "route": "CHILDRENS social-work   services",
        "ethnicity": "roma / roma gypsy",
        "first_language": "ENGLISH",
        "interpreter": "N",
        "gender": "F",
        "year_group": "Year 4",
        "reasons": "semh cause: ADHD ASC Query; School: Atténdance; environment",
        "response": "Service Received and Triaged for another service",
        "services": "childrens therapy; FAMILY SUPPORT",
        "partner_services": "the beck; mindmate",
        "sen_diagnosed": "ASC; phys",
        "sen_queried": "MLD",
    }
    result = bring_in(sheet(a_row(**said)))
    assert result["added"] == 1, result["rejects"]
    with inside():
        referral = Referral.objects.select_related("route", "child__ethnicity", "child__first_language").get()
        child = referral.child
        assert referral.route.code == "csws"
        assert (child.ethnicity.code, child.first_language.code) == ("WROM", "ENG")
        assert (child.gender, child.interpreter_needed, child.year_group) == ("female", False, "4")
        assert {str(reason) for reason in ReferralReason.objects.select_related("category", "reason")} == {
            "SEMH cause: ADHD/ASC query",
            "School: Attendance",
            "Environment",
        }
        assert {s.service.code for s in Offer.objects.all()} == {"childrens_therapy", "family_support"}
        assert PassingOn.objects.count() == 2
        assert set(SendNeed.objects.values_list("type__code", "status")) == {
            ("ASD", "diagnosed"),
            ("PHYS", "diagnosed"),
            ("MLD", "queried"),
        }


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("African", "AFRICAN_ONLY"),
        ("Mixed race", "MIXED_ONLY"),
        ("South Asian", "SOUTH_ASIAN_ONLY"),
        ("Other", "OTHER_ONLY"),
        ("Information not obtained", "NOBT"),
        ("Any other ethnic background", "OOTH"),
        ("Any other black background", "BOTH"),
        ("white british", "WBRI"),
        ("apkn", "APKN"),
        ("", None),
    ],
)
def test_every_ethnicity_of_the_published_table_is_a_label(sheet: Any, written: str, code: str | None) -> None:
    assert bring_in(sheet(a_row(ethnicity=written)))["added"] == 1
    with inside():
        ethnicity = Person.objects.select_related("ethnicity").get().ethnicity
        assert (ethnicity and ethnicity.code) == code


def test_outcomes_whose_label_holds_a_semicolon_are_one(sheet: Any) -> None:
    label = "Service completed (needs met in full or in part; NFA)"
    other = "Other substantial unresolved issues (safeguarding; legal action for attendance)"
    rows = [
        a_row(**OPENED, closed="2021-06-01", outcomes=label),
        a_row(reference="R2", child_first_name="Bob", **TRIAGED, outcomes=f"{label}; {other}; Moved"),
    ]
    assert bring_in(sheet(*rows))["added"] == 2
    with inside():
        found = EndingOutcome.objects.values_list("ending__referral__reference", "outcome")
        assert sorted(found) == [("R1", "completed"), ("R2", "completed"), ("R2", "moved"), ("R2", "unresolved")]


def test_other_words_for_gender_are_kept(sheet: Any) -> None:
    bring_in(sheet(a_row(gender="Non-binary")))
    with inside():
        child = Person.objects.get()
        assert (child.gender, child.gender_words) == ("other", "Non-binary")


def test_a_sub_reason_alone_is_enough_unless_two_categories_have_it(sheet: Any) -> None:
    result = bring_in(sheet(a_row(reasons="Anxiety"), a_row(reference="R2", reasons="Physical health need; Other")))
    assert result["added"] == 2
    term = ReferralReason._meta.get_field("reason").related_model
    family = term.objects.get(vocabulary="reason", code="family")
    term.objects.create(vocabulary="reason", code="family.anxiety", label="Anxiety", parent=family)
    result = bring_in(sheet(a_row(reference="R3", reasons="Anxiety")))
    (reason,) = reasons_of(result)
    assert reason == "reasons: “Anxiety” may mean “Family: Anxiety” or “SEMH presenting behaviours: Anxiety”. Say which"


def test_a_mapping_file_translates_words_and_headings(sheet: Any, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "own.csv",
        [a_row(route="PC Plod", reasons="Sad; School", gender="Lad", **{"Pupil's number": "B801200005001"})],
    )
    text = path.read_text().replace(",upn,", ",unused,")
    path.write_text(text)
    words = tmp_path / "map.csv"
    words.write_text(
        "column,from,to\nroute,pc plod,Police\nreasons,SAD,SEMH presenting behaviours: Low mood\n"
        "gender,Lad,male\ncolumn,Pupil's number,upn\n",
        "utf-8",
    )
    result = bring_in(path, map=words)
    assert result["added"] == 1, result
    with inside():
        referral = Referral.objects.select_related("route", "child").get()
        assert (referral.route.code, referral.child.gender, referral.child.upn) == ("police", "male", "B801200005001")
        assert "SEMH presenting behaviours: Low mood" in {
            str(r) for r in ReferralReason.objects.select_related("category", "reason")
        }


def test_the_words_a_cluster_has_taught_the_page_are_known_to_the_command(sheet: Any, tmp_path: Path) -> None:
    bring_in(sheet(a_row()))
    cluster = Cluster.objects.get(name=NAME)
    with inside():
        ValueMapping.objects.create(cluster=cluster, column="route", written="pc plod", meant="Police")
        ValueMapping.objects.create(cluster=cluster, column="gender", written="lad", meant="female")
    words = tmp_path / "map.csv"
    words.write_text("column,from,to\ngender,Lad,male\n", "utf-8")
    result = bring_in(sheet(a_row(reference="R2", route="PC Plod", gender="Lad")), map=words)
    assert result["added"] == 1, result
    with inside():
        referral = Referral.objects.select_related("route", "child").get(reference="R2")
        assert (referral.route.code, referral.child.gender) == ("police", "male")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("from,to\na,b\n", "needs the headings column, from and to"),
        ("column,from,to\ncolour,a,b\n", "Line 2 of the mapping file: there is no column “colour”"),
        ("column,from,to\nroute,a,\n", "from and to must both be there"),
        ("column,from,to\nroute,Plod,Polise\n", "leads “Plod” in route to “Polise”, which is not known.*“Police”"),
        ("column,from,to\ncolumn,Pupil,pupil_no\n", "there is no column “pupil_no”"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_refused(sheet: Any, tmp_path: Path, text: str, says: str) -> None:
    words = tmp_path / "map.csv"
    words.write_text(text, "utf-8")
    with pytest.raises(CommandError, match=says):
        call_command("import_referrals", sheet(a_row()), cluster=NAME, map=words)
    assert not Cluster.objects.filter(name=NAME).exists()


def test_unknown_words_come_with_the_nearest(sheet: Any) -> None:
    result = bring_in(sheet(a_row(route="Main stream skool"), a_row(reference="R2", route="Main stream skool")))
    (unknown,) = result["unknown"]
    assert (unknown["column"], unknown["text"], unknown["rows"]) == ("route", "Main stream skool", 2)
    assert unknown["nearest"][0] == "Mainstream school"


def test_the_row_as_it_was_is_kept_and_the_history_names_the_importer(sheet: Any) -> None:
    bring_in(sheet(a_row(narrative="Late most Mondays", notes="Rang twice", **{"kept by us": "blue folder"})))
    with inside():
        story = Story.objects.get()
        assert (story.worrying, story.notes) == ("Late most Mondays", "Rang twice")
        assert story.as_imported["kept by us"] == "blue folder"
        assert story.as_imported["received"] == "2021-03-04"
        assert set(Change.objects.values_list("actor", flat=True)) == {"importer"}
        assert "R1 imported from sheet.csv, row 2" in Event.objects.get().text
        assert PersonToken.objects.filter(token="example").exists()


def test_references_of_our_own_form_are_kept_clear_of(sheet: Any) -> None:
    cluster = Cluster.objects.create(name=NAME, prefix="IV")
    bring_in(sheet(a_row(reference="IV-2026-0041")))
    assert next_reference(cluster, year=2026) == "IV-2026-0042"


def test_a_row_that_the_database_refuses_stands_alone_in_the_rejects(
    sheet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [a_row(reference=f"R{n}", child_first_name=f"Child {n}") for n in range(7)]
    write = Writer.write

    def refuse_one(self: Writer, found: list[Any]) -> None:
        write(self, found)
        if any(row.reference == "R3" for row in found):
            raise IntegrityError("as if a rule of the database were broken")

    monkeypatch.setattr(Writer, "write", refuse_one)
    result = bring_in(sheet(*rows))
    assert (result["added"], result["rejected"]) == (6, 1)
    assert reasons_of(result) == ["could not be stored: as if a rule of the database were broken"]
    with inside():
        assert Referral.objects.count() == 6


def test_batches_are_stored_one_by_one_and_each_is_whole(sheet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BATCH", 3)
    rows = [a_row(reference=f"R{n}", child_first_name=f"Child {n % 4}", family="7", **OPENED) for n in range(8)]
    assert bring_in(sheet(*rows))["added"] == 8
    with inside():
        assert (Family.objects.count(), Case.objects.count(), Referral.objects.count()) == (1, 1, 8)
        assert Family.objects.get().reference.startswith("IV-F2021-")


def test_spreadsheet_cells_of_other_kinds(tmp_path: Path) -> None:
    row = a_row(
        reference=17,
        received=date(2021, 3, 4),
        age=9,
        family=12.0,
        nhs_number=9434765919,
        interpreter=True,
        postcode="LS8",
    )
    assert bring_in(write_xlsx(tmp_path / "s.xlsx", [row], above=[["A title"]]))["added"] == 1
    with inside():
        referral = Referral.objects.select_related("child", "family").get()
        assert (referral.reference, referral.age_given, referral.family.own_number) == ("17", 9, "12")
        assert (referral.child.nhs_number, referral.child.interpreter_needed) == ("9434765919", True)


def test_the_age_counts_only_without_a_birth_date(sheet: Any) -> None:
    bring_in(sheet(a_row(age="nine or so", date_of_birth="2012-02-01"), a_row(reference="R2", age="9")))
    with inside():
        ages = {r.reference: (r.age_given, r.age_at_referral) for r in Referral.objects.select_related("child")}
        assert ages == {"R1": (None, 9), "R2": (9, 9)}


def test_the_command_says_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    missing.write_text("reference,received,route,gender,upn\n1,2,3,4,5\n")
    for path, says in ((tmp_path / "none.csv", "no file"), (missing, "no column child_last_name, reasons")):
        with pytest.raises(CommandError, match=says):
            call_command("import_referrals", path, cluster=NAME)
    assert not Cluster.objects.filter(name=NAME).exists()


def test_prefixes_are_initials_and_free(db: None) -> None:
    found = []
    for name in ("Hyde Park Cluster", "Holme Pierrepont", "Hanging Pond", "Zed", "Zee"):
        found.append(free_prefix(name))
        Cluster.objects.create(name=name, prefix=found[-1])
    assert found == ["HP", "HOL", "HAN", "ZE", "ZEE"]
