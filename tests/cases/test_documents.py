"""Files of a case: kept by those who write, opened by those who read, refused when they are not what they say."""

import uuid
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from cluster_ehs.core import pdf
from cluster_ehs.core.models import Draft
from clusters.models import ClinicalSupervision
from families import previews
from families.files import drawing_place, place, preview_place
from families.models import Flag, PreviewJob, StoredFile
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries

GPS = 0x8825


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


def a_picture(colour: str = "green", *, size: tuple[int, int] = (2000, 900)) -> bytes:
    """As a telephone sends it: lying on its side, with where it was taken."""
    picture, out = Image.new("RGB", size, colour), BytesIO()
    exif = picture.getexif()
    exif[0x0112] = 6
    exif.get_ifd(GPS)[1] = "N"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def a_pdf() -> bytes:
    out, document = BytesIO(), pikepdf.new()
    document.add_blank_page(page_size=(300, 400))
    document.save(out)
    return out.getvalue()


def send(client: Client, cast: Cast, *files: tuple[str, bytes], **more: Any) -> Any:
    return client.post(
        reverse("case-documents", args=[cast.case.pk]),
        {"files": [SimpleUploadedFile(name, content) for name, content in files], "once": str(uuid.uuid4()), **more},
        follow=True,
    )


def page(client: Client, cast: Cast) -> str:
    return client.get(reverse("case-documents", args=[cast.case.pk])).content.decode()


def stored(cast: Cast, **only: Any) -> StoredFile:
    with as_(cast.practitioner):
        return StoredFile.objects.get(**only)


def one(cast: Cast, file: StoredFile, name: str = "case-document") -> str:
    return reverse(name, args=[cast.case.pk, file.pk])


def contents(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_file_says_what_it_is_and_is_opened_inside_the_walls(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    day = timezone.localdate() - timedelta(days=3)
    more = {
        "kind": "From school",
        "title": "Attendance letter",
        "people": [str(cast.child.pk)],
        "dated_on-day": day.day,
        "dated_on-month": day.month,
        "dated_on-year": day.year,
    }
    assert "The file is kept." in send(client, cast, ("../../brief.pdf", a_pdf()), **more).content.decode()
    text = page(client, cast)
    for said in ("Attendance letter", "From school", cast.child.first_name):
        assert said in text, said
    file = stored(cast)
    assert (file.dated_on, file.name) == (day, "brief.pdf")
    address = reverse("family-file", args=[file.pk])
    for user, status in ((cast.colleague, 200), (cast.other_practitioner, 404), (cast.manager, 404)):
        sign_in(client, user)
        assert client.get(address).status_code == status
        assert client.get(one(cast, file)).status_code == status
    sign_in(client, cast.colleague)
    answer = client.get(address)
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Content-Disposition"].startswith("attachment")
    chronology = client.get(reverse("case-chronology", args=[cast.case.pk]), {"person": str(cast.child.pk)})
    assert "Attendance letter" in chronology.content.decode()


def test_several_from_a_phone_keep_what_can_be_kept_and_name_the_rest(
    cast: Cast, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    sign_in(client, cast.practitioner)
    text = send(
        client,
        cast,
        ("one.jpg", a_picture()),
        ("two.jpg", a_picture("red")),
        ("holiday.jpg", b"<script>alert(1)</script>"),
        ("empty.png", b""),
        ("big.txt", b"a" * (1024 * 1024 + 1)),
        title="At home",
    ).content.decode()
    for said in (
        "2 files are kept.",
        "holiday.jpg is not what its name says",
        "empty.png is empty",
        "larger than 1 MB",
    ):
        assert said in text, said
    assert "At home: one.jpg" in text
    # The same once more, alone and beside a new one: kept once.
    text = send(client, cast, ("again.jpg", a_picture())).content.decode()
    assert "again.jpg is here already" in text
    assert "The file is kept." in send(client, cast, ("a.jpg", a_picture()), ("b.txt", b"New.")).content.decode()
    with as_(cast.practitioner):
        assert StoredFile.objects.count() == 3
    assert len(contents(tmp_path)) == 3


def test_what_is_refused_leaves_nothing_behind(cast: Cast, client: Client, tmp_path: Path) -> None:
    sign_in(client, cast.practitioner)
    for name, content, said in (
        ("letter.pdf", b"MZ not a letter", "not what its name says"),
        ("page.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "not what its name says"),
        ("empty.txt", b"", "empty"),
    ):
        answer = send(client, cast, (name, content), title="Keep these words")
        assert answer.status_code == 422
        assert said in answer.content.decode() and "Keep these words" in answer.content.decode()
    assert send(client, cast).status_code == 422
    sign_in(client, cast.colleague)
    assert send(client, cast, ("letter.pdf", a_pdf())).status_code == 403
    assert contents(tmp_path) == []
    with as_(cast.leader):
        assert not StoredFile.objects.exists() and not PreviewJob.objects.exists()


def test_previews_are_drawn_anew_upright_and_without_where_they_were_taken(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    send(client, cast, ("photo.jpg", a_picture()), ("letter.pdf", a_pdf()), ("note.txt", b"No preview."))
    assert "being made" in client.get(one(cast, stored(cast, name="photo.jpg"))).content.decode()
    assert previews.make_previews() == 2
    assert PreviewJob.objects.count() == 0
    for name in ("photo.jpg", "letter.pdf"):
        file = stored(cast, name=name)
        answer = client.get(one(cast, file, "document-preview"))
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        small = Image.open(BytesIO(b"".join(answer.streaming_content)))
        assert max(small.size) <= previews.WIDEST and not dict(small.getexif())
        if name == "photo.jpg":
            assert small.height > small.width
        assert one(cast, file, "document-preview") in client.get(one(cast, file)).content.decode()
    sign_in(client, cast.other_practitioner)
    assert client.get(one(cast, stored(cast, name="photo.jpg"), "document-preview")).status_code == 404
    assert client.get(one(cast, stored(cast, name="note.txt"), "document-preview")).status_code == 404


def test_a_worker_that_is_killed_leaves_the_preview_to_the_next_and_what_cannot_be_drawn_is_left(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sign_in(client, cast.practitioner)
    send(client, cast, ("photo.jpg", a_picture()))
    real = previews._redraw

    def killed(source: Path, target: Path) -> None:
        target.write_bytes(b"half a pict")
        raise SystemExit

    monkeypatch.setattr(previews, "_redraw", killed)
    with pytest.raises(SystemExit):
        previews.make_previews()
    monkeypatch.setattr(previews, "_redraw", real)
    file = stored(cast)
    assert not preview_place(file.path).exists(), "no half picture is shown"
    # What is killed with SIGKILL does not even tidy up.
    left = drawing_place(file.path)
    left.mkdir()
    (left / "small.jpg").write_bytes(b"half a pict")
    assert previews.make_previews() == 0, "its lease has not ended"
    PreviewJob.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert previews.make_previews() == 1
    assert preview_place(file.path).exists()
    assert not left.exists(), "no half picture is kept for ever"
    # Damaged, though its beginning looks right.
    send(client, cast, ("torn.jpg", a_picture("red")[:200]), ("torn.pdf", b"%PDF-1.7 torn"))
    assert previews.make_previews() == 0
    assert "No preview could be made" in client.get(one(cast, stored(cast, name="torn.pdf"))).content.decode()
    assert previews.make_previews() == 0, "not tried for ever"
    assert len(contents(tmp_path)) == 4


def test_a_removed_file_stays_struck_through_and_only_a_leader_opens_it(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    send(client, cast, ("wrong family.jpg", a_picture()))
    file = stored(cast)
    previews.make_previews()
    assert client.post(one(cast, file), {"why": ""}).status_code == 422
    sign_in(client, cast.therapist)
    assert client.post(one(cast, file), {"why": "Not mine to say"}).status_code == 403
    sign_in(client, cast.practitioner)
    assert client.post(one(cast, file), {"why": "It is of another family."}).status_code == 302
    assert client.post(one(cast, file), {"why": "Again."}).status_code == 409
    text = page(client, cast)
    assert "<s>" in text and "It is of another family." in text
    download, small = reverse("family-file", args=[file.pk]), one(cast, file, "document-preview")
    assert [client.get(url).status_code for url in (download, small)] == [403, 403]
    assert place(file.path).exists()
    sign_in(client, cast.leader)
    assert client.get(download).status_code == 200
    # It may be kept again, on purpose.
    sign_in(client, cast.practitioner)
    assert "The file is kept." in send(client, cast, ("right.jpg", a_picture())).content.decode()


def test_private_material_is_for_its_author_and_the_clinical_supervisor(cast: Cast, client: Client) -> None:
    sign_in(client, cast.therapist)
    send(client, cast, ("drawing.jpg", a_picture()), kind="Therapy or counselling material", title="Her drawing")
    with as_(cast.therapist):
        file = StoredFile.objects.get()
        assert file.private, "its kind makes it so"
    assert "Her drawing" in page(client, cast)
    assert ClinicalSupervision.objects.filter(supervisor=cast.supervisor, worker=cast.therapist).exists()
    with as_(cast.supervisor):
        assert StoredFile.objects.get().pk == file.pk
    for user in (cast.practitioner, cast.leader):
        sign_in(client, user)
        assert "Her drawing" not in page(client, cast)
        assert client.get(one(cast, file)).status_code == 404
        assert client.get(reverse("family-file", args=[file.pk])).status_code == 404
        history = client.get(reverse("family-history", args=[cast.family.pk])).content.decode()
        assert "Her drawing" not in history and "drawing.jpg" not in history


@pytest.mark.skipif(bool(pdf.MISSING), reason=pdf.MISSING)
def test_a_letter_is_filled_from_the_case_changed_and_kept_with_its_words(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        Flag.objects.create(
            cluster=cast.cluster, family=cast.family, kind="address_not_shared", not_to_be_told=cast.mother
        )
    sign_in(client, cast.practitioner)
    url = reverse("case-letter", args=[cast.case.pk])
    text = client.get(url).content.decode()
    assert cast.child.first_name in text and cast.practitioner.name in text
    assert cast.family.address not in text and "Address withheld" in text
    words = {"to_name": "Jana", "subject": "When we meet next", "body": "On Tuesday at ten, at home. شكراً"}
    assert client.post(url, {**words, "body": " "}).status_code == 422
    # Each text has a draft of its own; a letter that is kept takes its draft with it, and no other.
    choice = client.get(url).context["choice"]
    keys = [f"letter:{cast.case.pk}:{each.pk}" for each in choice[:2]]
    save = {"key": keys[0], "data": {"body": ["On Tuesday at"], "draft_page": ["a"]}, "version": 0}
    version = client.post(reverse("draft-save"), save, content_type="application/json").json()["version"]
    again = client.get(url).content.decode()
    assert f'data-draft-key="{keys[0]}"' in again and "On Tuesday at</textarea>" in again
    other = client.get(url, {"text": choice[1].pk}).content.decode()
    assert f'data-draft-key="{keys[1]}"' in other and "On Tuesday at" not in other
    assert "Letter" in client.get("/").content.decode()
    words["draft_version"] = str(version)
    answer = client.post(url, {**words, "once": str(uuid.uuid4())})
    assert answer.status_code == 302
    file = stored(cast)
    assert (file.content_type, file.kind, file.title) == ("application/pdf", "Letter", "When we meet next")
    with as_(cast.practitioner):
        assert not Draft.objects.filter(key__startswith="letter:").exists()
    assert "On Tuesday at ten" in client.get(answer["Location"]).content.decode()
    assert pikepdf.open(place(file.path)).Root.MarkInfo.Marked
    sign_in(client, cast.colleague)
    assert client.get(url).status_code == 403


@pytest.mark.parametrize("number", [5, 25, 100])
def test_the_list_costs_the_same_with_5_25_and_100(cast: Cast, client: Client, number: int) -> None:
    with as_(cast.practitioner):
        StoredFile.objects.bulk_create(
            StoredFile(
                cluster=cast.cluster,
                family=cast.family,
                name=f"{n}.pdf",
                content_type="application/pdf",
                size=1,
                sha256=str(n),
                path=f"families/aa/{n}",
                author=cast.practitioner,
            )
            for n in range(number)
        )
    sign_in(client, cast.practitioner)
    assert len(queries(client, reverse("case-documents", args=[cast.case.pk]))) <= 12
