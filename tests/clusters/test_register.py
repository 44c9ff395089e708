"""Schools from a file of the register: what would change, what stays, and that a second time changes nothing."""

import csv
import io
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clusters.directory.models import FormerUrn, RegisterFile
from clusters.models import School
from clusters.services import places, register
from families.models import Person
from tests.fixtures_cast import Cast, as_, sign_in

pytestmark = pytest.mark.django_db

HEADINGS = [
    "URN",
    "LA (code)",
    "EstablishmentNumber",
    "EstablishmentName",
    "EstablishmentTypeGroup (code)",
    "EstablishmentStatus (code)",
    "OpenDate",
    "CloseDate",
    "PhaseOfEducation (code)",
    "Postcode",
]


def row(urn: str, name: str, **more: str) -> dict[str, str]:
    return {
        "URN": urn,
        "LA (code)": "383",
        "EstablishmentNumber": "",
        "EstablishmentName": name,
        "EstablishmentTypeGroup (code)": "4",
        "EstablishmentStatus (code)": "1",
        "OpenDate": "01-09-1990",
        "CloseDate": "",
        "PhaseOfEducation (code)": "2",
        "Postcode": "LS1 1AA",
    } | {{"la": "LA (code)", "status": "EstablishmentStatus (code)", "number": "EstablishmentNumber",
          "phase": "PhaseOfEducation (code)", "group": "EstablishmentTypeGroup (code)", "opened": "OpenDate",
          "closed": "CloseDate", "postcode": "Postcode"}[name]: value for name, value in more.items()}  # fmt: skip


def sheet(*rows: dict[str, str], encoding: str = "cp1252") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def link(old: str, new: str) -> dict[str, str]:
    return {"URN": old, "LinkURN": new, "LinkType": "Successor"}


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def school(cast: Cast) -> School:
    School.objects.filter(pk=cast.school.pk).update(urn="107001", name="Oak School", phase="primary", register={})
    cast.school.refresh_from_db()
    return cast.school


def load(cast: Cast, *rows: dict[str, str], links: list[dict[str, str]] | None = None, **how: Any) -> RegisterFile:
    with as_(cast.manager):
        found = register.receive(
            by=cast.manager,
            file=SimpleUploadedFile("edubase.csv", sheet(*rows)),
            links=SimpleUploadedFile("links.csv", sheet(*links)) if links else None,
            authority="383",
        )
        assert register.apply_file(found, by=cast.manager, **how)
    found.refresh_from_db()
    return found


CLOSED = {"status": "2", "closed": "31-08-2026"}
ACADEMY = {"opened": "01-09-2026", "group": "10"}


def test_a_school_whose_urn_changes_goes_on_with_its_members_and_keeps_the_old_one(cast: Cast, school: School) -> None:
    memberships = list(school.memberships.values())
    with as_(cast.leader):
        children = Person.objects.filter(school=school).count()
    rows = [row("107001", "Oak School", **CLOSED), row("150001", "Oak Academy", **ACADEMY)]
    links = [link("107001", "150001")]
    found = load(cast, *rows, links=links)
    assert found.counts == {"unchanged": 0, "urn": 1, "rejected": 0}
    school.refresh_from_db()
    # The name was typed here, so ours stays; the register had given none before.
    assert (school.urn, school.name, school.closed_on) == ("150001", "Oak School", None)
    old = FormerUrn.objects.get()
    assert (old.urn, old.ends_on, old.successor_urn) == ("107001", date(2026, 8, 31), "150001")
    assert list(school.memberships.values()) == memberships
    with as_(cast.leader):
        assert Person.objects.filter(school=school).count() == children
    again = load(cast, *rows, links=links)
    assert "urn" not in again.counts
    assert "new" not in again.counts
    assert FormerUrn.objects.count() == 1


def test_a_closed_school_ends_stays_a_member_and_is_no_longer_offered(cast: Cast, school: School) -> None:
    load(cast, row("107001", "Oak School", **CLOSED))
    school.refresh_from_db()
    assert (school.urn, school.closed_on, school.successor) == ("107001", date(2026, 8, 31), None)
    assert school.memberships.get().ends_on is None
    assert not School.objects.open().filter(pk=school.pk).exists()
    load(cast, row("107001", "Oak School"))
    school.refresh_from_db()
    assert school.closed_on is None, "the register took it back"


def test_two_schools_that_became_one_are_closed_and_point_to_it(cast: Cast, school: School) -> None:
    other = School.objects.create(name="Elm School", urn="107002")
    rows = [
        row("107001", "Oak School", **CLOSED),
        row("107002", "Elm School", **CLOSED),
        row("150009", "Oak and Elm School", **ACADEMY),
    ]
    links = [link("107001", "150009"), link("107002", "150009")]
    found = load(cast, *rows, links=links)
    assert found.counts == {"unchanged": 0, "joined": 2, "new": 1, "rejected": 0}
    joined = School.objects.get(urn="150009")
    assert set(joined.predecessors.all()) == {school, other}
    school.refresh_from_db()
    assert school.closed_on == date(2026, 8, 31)
    assert load(cast, *rows, links=links).counts == {"unchanged": 3, "rejected": 0}


def test_a_successor_that_is_only_concluded_can_be_refused(
    cast: Cast, school: School, client: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    rows = [
        row("107001", "Oak School", number="2001", **CLOSED),
        row("150001", "Oak Academy", number="2001", **ACADEMY),
    ]
    sign_in(client, cast.manager)
    data = {"file": SimpleUploadedFile("edubase.csv", sheet(*rows)), "authority": "383", "once": str(uuid.uuid4())}
    url = client.post(reverse("settings-register"), data)["Location"]
    page = client.get(url).content.decode()
    assert "It is the successor" in page
    assert 'value="107001"' in page
    school.refresh_from_db()
    assert school.urn == "107001", "nothing has changed yet"
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{url}apply/", {})
    assert not list(tmp_path.glob("registers/*")), "an applied file is not kept"
    school.refresh_from_db()
    assert (school.urn, school.closed_on) == ("107001", date(2026, 8, 31))
    assert School.objects.filter(urn="150001").exists()
    assert client.post(f"{url}apply/", {}).status_code == 409


def test_only_schools_of_the_authority_are_added_and_a_second_time_adds_none(cast: Cast) -> None:
    before = School.objects.count()
    rows = [
        row("107101", "Saint Zoë’s School"),
        row("107102", "Hill Special School", group="5", phase="0"),
        row("107103", "Elsewhere School", la="380"),
        row("107104", "A College", group="1", phase="6"),
        row("107105", "Closed long ago", **CLOSED),
        row("107106", "Planned School", status="4"),
        row("107107", "Closing School", status="3", closed="31-08-2099"),
    ]
    found = load(cast, *rows)
    assert found.counts == {"unchanged": 0, "new": 3, "rejected": 0}
    assert School.objects.get(urn="107101").name == "Saint Zoë’s School"
    assert School.objects.get(urn="107102").phase == "special"
    assert School.objects.open().filter(urn="107107", closed_on=date(2099, 8, 31)).exists()
    assert School.objects.count() == before + 3
    assert load(cast, *rows).counts == {"unchanged": 3, "rejected": 0}


def test_what_was_changed_by_hand_stays_and_the_rest_follows(cast: Cast) -> None:
    load(cast, row("107101", "Register School"))
    found = School.objects.get(urn="107101")
    with as_(cast.manager):
        places.change_school(found, by=cast.manager, name="As we call it")
    again = load(cast, row("107101", "Renamed School", phase="7"))
    found.refresh_from_db()
    assert (found.name, found.phase) == ("As we call it", "all_through")
    assert "ours is “As we call it”" in again.changes[0]["text"]


def test_a_school_without_a_urn_gets_it_by_its_name(cast: Cast) -> None:
    mine = School.objects.create(name="ash school", phase="other")
    load(cast, row("107200", "Ash School"))
    mine.refresh_from_db()
    assert (mine.urn, mine.opened_on) == ("107200", date(1990, 9, 1))
    assert School.objects.filter(name__iexact="ash school").count() == 1


def test_rows_that_cannot_be_read_are_listed_with_every_reason(cast: Cast) -> None:
    found = load(cast, row("107300", "Good School"), row("12", "", opened="yesterday", status="9"))
    assert found.counts["new"] == 1
    assert found.rejects[0]["row"] == 3
    assert len(found.rejects[0]["reasons"]) == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xef\xbb\xbf", "no column"),
        (b"PK\x03\x04workbook", "not text"),
        (b"URN,Name\n1,2\n", "no column"),
        (b"URN,\x00", "not text"),
        (sheet(row("107001", "x"))[:-1] + b',"' + b"y" * 200_000, "cannot be read as CSV"),
        (sheet(*[row(str(n), "x") for n in range(300)]), "More than 200 rows"),
    ],
    ids=["empty", "workbook", "other file", "binary", "giant cell", "nothing readable"],
)
def test_a_file_that_is_no_register_is_refused_and_not_kept(
    cast: Cast, client: Client, tmp_path: Path, content: bytes, words: str
) -> None:
    sign_in(client, cast.manager)
    answer = client.post(
        reverse("settings-register"),
        {"file": SimpleUploadedFile("edubase.csv", content), "authority": "383"},
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not RegisterFile.objects.exists()
    assert not list(tmp_path.rglob("registers/*"))


def test_schools_that_changed_after_the_preview_are_looked_at_again(cast: Cast, school: School) -> None:
    with as_(cast.manager):
        found = register.receive(
            by=cast.manager,
            file=SimpleUploadedFile("edubase.csv", sheet(row("107001", "Oak School"), row("107400", "New School"))),
            links=None,
            authority="383",
        )
        School.objects.create(name="New School", urn="107400")
        assert not register.apply_file(found, by=cast.manager)
    found.refresh_from_db()
    assert (found.status, found.counts.get("new")) == ("checked", None)


def test_the_command_says_what_it_would_do_does_it_and_does_nothing_twice(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "edubase.csv"
    path.write_bytes(sheet(row("107500", "Command School"), encoding="utf-8"))
    call_command("import_schools", str(path), "--dry-run")
    assert "new: Command School (107500)" in capsys.readouterr().out
    assert not School.objects.filter(urn="107500").exists()
    call_command("import_schools", str(path))
    call_command("import_schools", str(path))
    assert "1 unchanged" in capsys.readouterr().out.splitlines()[-1]
    assert School.objects.filter(urn="107500").count() == 1
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(CommandError, match="no column"):
        call_command("import_schools", str(path))


def test_a_child_keeps_a_school_that_closed(cast: Cast, school: School, client: Client) -> None:
    School.objects.filter(pk=school.pk).update(closed_on=timezone.localdate() - timedelta(days=1))
    with as_(cast.leader):
        child = Person.objects.filter(school=school).first()
        assert child is not None
    sign_in(client, cast.leader)
    page = client.get(reverse("person-edit", args=[child.pk])).content.decode()
    assert f'<option value="{school.pk}" selected' in page


def test_a_file_that_nobody_applied_is_put_away(
    cast: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with as_(cast.manager):
        found = register.receive(
            by=cast.manager,
            file=SimpleUploadedFile("edubase.csv", sheet(row("107001", "Oak School"))),
            links=None,
            authority="383",
        )
    RegisterFile.objects.update(created_at=timezone.now() - timedelta(days=8))
    with django_capture_on_commit_callbacks(execute=True):
        register.put_away_forgotten()
    found.refresh_from_db()
    assert found.status == "discarded"
    assert not list(tmp_path.glob("registers/*"))
