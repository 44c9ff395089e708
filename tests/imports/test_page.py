"""The page of imports: from the upload to the result, for the leader of the Cluster alone."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from imports import engine, running, services
from imports.models import ImportRun, RejectedRow, ValueMapping
from imports.policies import check_import_into
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_, sign_in
from tests.imports.sheets import a_row, write_csv, write_xlsx

URL = "/imports/"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT / "imports"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """What a worker was asked for; the tests carry it out themselves."""
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(
        services.current_app, "send_task", lambda name, args: found.append((args[0], args[1])), raising=True
    )
    yield found


def upload(content: bytes | Path, name: str = "sheet.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.read_bytes() if isinstance(content, Path) else content)


def posted(client: Client, cast: Cast, file: SimpleUploadedFile, **more: str) -> Any:
    return client.post(URL, {"cluster": cast.cluster.pk, "file": file, "by_address": "on", **more})


@pytest.fixture
def a_sheet(tmp_path: Path) -> Path:
    rows = [
        a_row(reference="S1"),
        a_row(reference="S2", child_first_name="Bob", route="PC Plod"),
        a_row(reference="S3", received="31/02/2021", **{"kept by us": "=cmd|' /C calc'!A0"}),
        a_row(reference="S4", child_first_name="Cid", **{"kept by us": "+44 113"}),
    ]
    return write_csv(tmp_path / "sheet.csv", rows)


def run_of(cast: Cast) -> ImportRun:
    with as_(cast.leader):
        return ImportRun.objects.get()


def test_from_upload_to_result(cast: Cast, client: Client, a_sheet: Path, files: Path, asked: list[Any]) -> None:
    sign_in(client, cast.leader)
    assert posted(client, cast, upload(a_sheet)).status_code == 302
    run = run_of(cast)
    url = reverse("import-run", args=[run.pk])
    page = client.get(url)
    text = page.content.decode()
    assert (run.rows, run.preview["ready"], run.preview["rejected"]) == (4, 2, 2)
    assert "“PC Plod” in route means" in text
    assert "31/02/2021” is a day that does not exist" in text
    assert "Column “kept by us” is" in text
    assert "Example" in text

    # What a word means is remembered for the Cluster, and the file is looked at again.
    (name,) = [n for n, (column, _) in page.context["form"].asked.items() if column == "route"]
    assert client.post(url, {name: "Police"})["Location"] == url
    assert "PC Plod” in route means" not in client.get(url).content.decode()
    with as_(cast.leader):
        assert ValueMapping.objects.get().meant == "Police"
    assert run_of(cast).preview["ready"] == 3

    assert client.post(reverse("import-start", args=[run.pk]))["Location"] == url
    assert run_of(cast).status == "queued"
    assert client.post(reverse("import-start", args=[run.pk])).status_code == 409
    progress = client.get(reverse("import-progress", args=[run.pk]))
    assert "0 of about 4 rows" in progress.content.decode()
    assert "HX-Refresh" not in progress

    assert running.run_import(run.pk, cast.cluster.pk) is True
    done = run_of(cast)
    assert (done.status, done.rows, done.added, done.known, done.rejected) == ("done", 4, 3, 0, 1)
    assert list(files.iterdir()) == []
    assert client.get(reverse("import-progress", args=[run.pk]))["HX-Refresh"] == "true"
    text = client.get(url).content.decode()
    assert "received: “31/02/2021” is a day that does not exist" in text
    with as_(cast.leader):
        assert Referral.objects.get(reference="S2").author == cast.leader

    # The rows that did not go in, with what a spreadsheet would run made harmless.
    got = client.get(reverse("import-rejects", args=[run.pk]))
    (row,) = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert (row["rejected row"], row["reference"], row["received"]) == ("4", "S3", "31/02/2021")
    assert row["kept by us"] == "'=cmd|' /C calc'!A0"
    assert "sheet.csv" in client.get(URL).content.decode()


def test_a_second_delivery_and_a_second_worker_do_nothing(cast: Cast, client: Client, a_sheet: Path) -> None:
    sign_in(client, cast.leader)
    posted(client, cast, upload(a_sheet))
    run = run_of(cast)
    client.post(reverse("import-start", args=[run.pk]))
    leased = running._lease(run.pk, cast.cluster.pk)
    assert leased is not None
    assert running.run_import(run.pk, cast.cluster.pk) is False
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        ImportRun.objects.update(leased_until=timezone.now())
    assert running.run_import(run.pk, cast.cluster.pk) is True
    assert running.run_import(run.pk, cast.cluster.pk) is False
    assert run_of(cast).added == 2
    # The first worker wakes up: what it holds is no longer its own.
    running._end(leased, ImportRun.Status.FAILED, "too late")
    assert run_of(cast).status == "done"


def test_a_run_whose_worker_died_goes_on_where_its_last_batch_ended(
    cast: Cast, client: Client, tmp_path: Path, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BATCH", 2)
    rows = [a_row(reference=f"S{n}", child_first_name=f"Child {n}") for n in range(7)]
    rows[1]["received"] = rows[4]["received"] = "soon"
    sign_in(client, cast.leader)
    posted(client, cast, upload(write_csv(tmp_path / "s.csv", rows)))
    run = run_of(cast)
    client.post(reverse("import-start", args=[run.pk]))
    count, stored = running._count, 0

    def die_in_the_third_batch(found: ImportRun, batch: Any) -> None:
        nonlocal stored
        stored += 1
        if stored == 3:
            raise KeyboardInterrupt
        count(found, batch)

    monkeypatch.setattr(running, "_count", die_in_the_third_batch)
    with pytest.raises(KeyboardInterrupt):
        running.run_import(run.pk, cast.cluster.pk)
    monkeypatch.setattr(running, "_count", count)
    left = run_of(cast)
    assert (left.status, left.done_rows, left.added, left.rejected) == ("running", 4, 3, 1)
    assert running.run_import(run.pk, cast.cluster.pk) is False
    asked.clear()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        ImportRun.objects.update(leased_until=timezone.now())
    running.carry_on()
    assert asked == []
    assert running.run_import(run.pk, cast.cluster.pk) is True
    done = run_of(cast)
    assert (done.status, done.done_rows, done.added, done.known, done.rejected) == ("done", 7, 5, 0, 2)
    with as_(cast.leader):
        assert Referral.objects.filter(reference__startswith="S").count() == 5
        assert [row.row_number for row in RejectedRow.objects.all()] == [3, 6]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("sheet.xlsx", b"reference,received,route,child_last_name,reasons\n", "named .xlsx and holds text"),
        ("sheet.pdf", b"reference,received,route,child_last_name,reasons\n", "must be named .xlsx or .csv"),
        ("sheet.csv", b"a,b,c\n1,2,3\n", "no row of headings"),
        ("sheet.csv", b"reference,received,route,child_last_name,reasons\n", "no rows below the headings"),
        ("sheet.xlsx", b"PK\x03\x04 nothing", "damaged"),
    ],
)
def test_what_is_no_sheet_is_refused_on_the_field(
    cast: Cast, client: Client, files: Path, name: str, content: bytes, says: str
) -> None:
    page = posted(sign_in(client, cast.leader), cast, upload(content, name))
    assert page.status_code == 422
    assert says in str(page.context["form"].errors["file"])
    assert list(files.iterdir()) == []
    with as_(cast.leader):
        assert not ImportRun.objects.exists()


def test_a_workbook_named_as_text_is_refused(cast: Cast, client: Client, tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "s.xlsx", [a_row()])
    page = posted(sign_in(client, cast.leader), cast, upload(book, "s.csv"))
    assert "named .csv and holds a workbook" in str(page.context["form"].errors["file"])


def test_a_file_over_20_mb_is_refused(cast: Cast, client: Client, settings: Any, a_sheet: Path) -> None:
    settings.UPLOAD_LIMIT_BYTES = 100
    page = posted(sign_in(client, cast.leader), cast, upload(a_sheet))
    assert "larger than 20 MB" in str(page.context["form"].errors["file"])


def test_a_missing_column_is_asked_for_and_nothing_starts_without(cast: Cast, client: Client, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "s.csv", [a_row(reference="S1", **{"How it came": "Police"})])
    path.write_text(path.read_text().replace(",route,", ",not used,", 1))
    sign_in(client, cast.leader)
    posted(client, cast, upload(path))
    run = run_of(cast)
    url = reverse("import-run", args=[run.pk])
    assert "must be there are missing: route" in client.get(url).content.decode()
    refused = client.post(reverse("import-start", args=[run.pk]))
    assert "Say first which columns are route" in refused.content.decode()
    form = client.get(url).context["form"]
    (name,) = [n for n, (_, text) in form.asked.items() if text == "How it came"]
    client.post(url, {name: "route"})
    assert (run_of(cast).preview["missing"], run_of(cast).preview["ready"]) == ([], 1)
    assert client.post(reverse("import-start", args=[run.pk])).status_code == 302
    running.run_import(run.pk, cast.cluster.pk)
    assert run_of(cast).added == 1


def test_a_double_submit_makes_one_import(cast: Cast, client: Client, a_sheet: Path) -> None:
    sign_in(client, cast.leader)
    token = str(client.get(URL).context["form"]["once"].value())
    urls = {posted(client, cast, upload(a_sheet), once=token)["Location"] for _ in range(2)}
    assert len(urls) == 1
    run_of(cast)


def test_a_file_can_be_removed_instead(cast: Cast, client: Client, a_sheet: Path, files: Path) -> None:
    sign_in(client, cast.leader)
    posted(client, cast, upload(a_sheet))
    run = run_of(cast)
    assert client.get(reverse("import-discard", args=[run.pk])).status_code == 405
    assert client.post(reverse("import-discard", args=[run.pk]))["Location"] == URL
    with as_(cast.leader):
        assert not ImportRun.objects.exists()


def test_who_may_and_who_may_not(cast: Cast, client: Client, a_sheet: Path) -> None:
    sign_in(client, cast.leader)
    posted(client, cast, upload(a_sheet))
    run = run_of(cast)
    pages = [reverse(f"import-{name}", args=[run.pk]) for name in ("run", "progress", "rejects")]
    for who, listed, one in (
        (cast.practitioner, 403, 403),
        (cast.manager, 403, 404),
        (cast.other_leader, 200, 404),
        (cast.other_practitioner, 403, 404),
        (cast.referrer, 403, 404),
    ):
        sign_in(client, who)
        assert client.get(URL).status_code == listed, who
        assert {client.get(page).status_code for page in pages} == {one}, who
        assert client.post(reverse("import-start", args=[run.pk])).status_code == one, who
    assert client.post(URL, {"cluster": cast.cluster.pk}).status_code == 403
    with pytest.raises(Denied, match="own Cluster only"):
        check_import_into(cast.leader, cast.other_cluster.pk)
    with pytest.raises(Denied, match="by the leader"):
        check_import_into(cast.practitioner, cast.cluster.pk)
    sign_in(client, cast.other_leader)
    assert posted(client, cast, upload(a_sheet)).context["form"].errors["cluster"]


def test_the_sweep_hands_out_what_waits_and_forgets_what_nobody_started(
    cast: Cast,
    client: Client,
    a_sheet: Path,
    files: Path,
    asked: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    sign_in(client, cast.leader)
    for _ in range(2):
        posted(client, cast, upload(a_sheet))
    with as_(cast.leader):
        first, second = ImportRun.objects.all()
    client.post(reverse("import-start", args=[first.pk]))
    with django_capture_on_commit_callbacks(execute=True):
        running.carry_on()
    assert asked[-1] == (str(first.pk), cast.cluster.pk)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        ImportRun.objects.filter(pk=second.pk).update(created_at=timezone.now() - running.KEPT_UNSTARTED * 2)
    running.carry_on()
    with as_(cast.leader):
        assert [run.pk for run in ImportRun.objects.all()] == [first.pk]
    assert len(list(files.iterdir())) == 1


def test_a_file_that_is_gone_and_an_error_end_a_run_with_words(
    cast: Cast, client: Client, a_sheet: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, cast.leader)
    for _ in range(2):
        posted(client, cast, upload(a_sheet))
    with as_(cast.leader):
        gone, broken = ImportRun.objects.all()
    for run in (gone, broken):
        client.post(reverse("import-start", args=[run.pk]))
    services.path_of(gone).unlink()
    assert running.run_import(gone.pk, cast.cluster.pk) is True
    monkeypatch.setattr(engine.Importer, "store", lambda self, batch: 1 / 0)
    assert running.run_import(broken.pk, cast.cluster.pk) is True
    with as_(cast.leader):
        said = {run.pk: (run.status, run.message) for run in ImportRun.objects.all()}
    assert said[gone.pk] == ("failed", "The file is no longer there. Upload it again.")
    assert said[broken.pk] == ("failed", running.STOPPED)
    assert "ended early" in client.get(reverse("import-run", args=[gone.pk])).content.decode()
