"""Files of a case: kept by those who write, opened by those who read, refused when they are not what they say."""

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from families.models import StoredFile
from tests.fixtures_cast import as_, sign_in


def send(client, cast, name, content):
    return client.post(
        reverse("case-documents", args=[cast.case.pk]),
        {"file": SimpleUploadedFile(name, content), "kind": "Letter", "once": str(uuid.uuid4())},
    )


def test_a_file_is_kept_and_opened(cast, client, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    sign_in(client, cast.practitioner)
    assert send(client, cast, "letter.pdf", b"%PDF-1.7 invented").status_code == 302
    assert "letter.pdf" in client.get(reverse("case-documents", args=[cast.case.pk])).content.decode()
    with as_(cast.practitioner):
        file = StoredFile.objects.get()
    for user, status in ((cast.colleague, 200), (cast.other_practitioner, 404), (cast.manager, 404)):
        sign_in(client, user)
        assert client.get(reverse("family-file", args=[file.pk])).status_code == status


def test_what_is_refused_leaves_nothing_behind(cast, client, settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    sign_in(client, cast.practitioner)
    for name, content, said in (
        ("letter.pdf", b"MZ not a letter", "not what its name says"),
        ("big.txt", b"a" * (1024 * 1024 + 1), "larger than 1 MB"),
        ("empty.txt", b"", "empty"),
    ):
        answer = send(client, cast, name, content)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    sign_in(client, cast.colleague)
    assert send(client, cast, "letter.pdf", b"%PDF-1.7 invented").status_code == 403
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    with as_(cast.leader):
        assert not StoredFile.objects.exists()
