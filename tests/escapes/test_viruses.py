"""Files with a virus in them, shown to a real ClamAV before anything of them is kept; and a ClamAV that is away."""

import os
import shutil
import signal
import socketserver
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import models
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from cluster_ehs.core import clamd, gate, heartbeat, uploads
from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster
from families.models import Family, Person, StoredFile
from keeping.models import HeldEntry, HeldFile, RedactedDocument, RightsRequest
from referrals import intake_folder
from referrals.models import Intake
from tests.core.test_layers import sources
from tests.escapes.test_uploads import PDF, office, picture
from tests.fixtures_cast import Cast, as_, sign_in
from tests.referrals.test_journey import begin

ROOT = Path(__file__).resolve().parents[2]
MARK = b"an-invented-virus-that-only-these-tests-know"
CALLED = "Invented.Marker.UNOFFICIAL"
HEAD = b"external_id,first_name,last_name,worrying\n"
CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"


class Scanner:
    """ClamAV's daemon with one signature, on a socket of its own; nothing is fetched."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "clamd.sock"
        self.address = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None
        signatures = folder / "signatures"
        signatures.mkdir(mode=0o755)
        (signatures / "invented.ndb").write_text(f"Invented.Marker:0:*:{MARK.hex()}\n")
        self.conf = folder / "clamd.conf"
        self.conf.write_text(
            f"DatabaseDirectory {signatures}\nLocalSocket {self.socket}\nForeground yes\n"
            "StreamMaxLength 1M\nMaxThreads 2\n"
        )

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        command = [CLAMD, "--config-file", str(self.conf)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if clamd.answers(self.address):
                return
            assert self.process.poll() is None, "clamd did not start"
            time.sleep(0.05)
        pytest.fail("clamd does not answer")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def send(self, what: signal.Signals) -> None:
        assert self.process
        os.kill(self.process.pid, what)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanner]:
    if not Path(CLAMD).exists():
        pytest.skip("clamd is not installed (Debian package: clamav-daemon)")
    scanner = Scanner(tmp_path_factory.mktemp("clamd"))
    scanner.start()
    yield scanner
    scanner.kill()


@pytest.fixture
def scanner(daemon: Scanner, settings: Any) -> Scanner:
    settings.VIRUS_SCANNER = daemon.address
    return daemon


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


def kept(settings: Any) -> list[Path]:
    return [path for path in Path(settings.FILES_ROOT).rglob("*") if path.is_file()]


def counted() -> dict[str, int]:
    with heartbeat.queue() as client:
        return {key.decode(): int(number) for key, number in client.hgetall(uploads.FILES_KEY).items()}


def letter(name: str = "Zdenka.pdf", content: bytes = PDF + MARK) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@dataclass
class Way:
    """One way by which a file comes in: who sends it where, the field, and what is typed beside it."""

    who: str
    url: Callable[[Cast, Client], str]
    field: str
    file: Callable[[], SimpleUploadedFile]
    typed: Callable[[Cast], dict[str, str]] = field(default=lambda cast: {})
    shown: str = ""


def documents(cast: Cast, client: Client) -> str:
    return reverse("case-documents", args=[cast.case.pk])


def sheet(name: str = "sheet.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, HEAD + b"P1,Ada,Invented," + MARK + b"\n")


WAYS = {
    "a document": Way("practitioner", documents, "files", letter, lambda cast: {"title": "From CAMHS"}, "From CAMHS"),
    "a document packed in another": Way(
        "practitioner", documents, "files", lambda: letter("Zdenka.docx", office({"word/media/1.bin": MARK}))
    ),
    "the file of a referral": Way("practitioner", lambda cast, client: f"{begin(client)}files/", "file", letter),
    "a sheet to import": Way(
        "leader",
        lambda cast, client: reverse("import-list"),
        "file",
        sheet,
        lambda cast: {"cluster": str(cast.cluster.pk)},
    ),
    "a register": Way(
        "manager",
        lambda cast, client: reverse("settings-register"),
        "file",
        sheet,
        lambda cast: {"authority": "384"},
        'value="384"',
    ),
    "notifications": Way(
        "leader",
        lambda cast, client: reverse("intake-upload"),
        "file",
        sheet,
        lambda cast: {"source": "spa"},
        'value="spa" checked',
    ),
    "attendance": Way(
        "practitioner",
        lambda cast, client: reverse("attendance-file", args=[cast.case.pk]),
        "file",
        sheet,
        lambda cast: {"text": "child,from,to"},
        "child,from,to",
    ),
}


def test_what_the_scanner_finds_is_refused_at_its_field_and_nothing_of_it_is_kept(
    cast: Cast, client: Client, scanner: Scanner, settings: Any
) -> None:
    before = counted().get("found", 0)
    for what, way in WAYS.items():
        person, file = getattr(cast, way.who), way.file()
        sign_in(client, person)
        url = way.url(cast, client)
        answer = client.post(url, {way.field: file, "once": str(uuid.uuid4()), **way.typed(cast)})
        assert answer.status_code == 422, what
        errors = answer.context["form"].errors
        assert list(errors) == [way.field], what
        assert errors[way.field] == [
            f"{file.name} is not kept: the virus scanner found “{CALLED}” in it. "
            "Tell whoever looks after your computers"
        ], what
        assert way.shown in answer.text, f"{what}: what was typed"
        with as_(cast.manager):
            said = Event.objects.filter(kind="settings.virus").latest("pk")
        assert (said.user_id, said.actor, said.family_id) == (person.pk, person.actor_name, None), what
        assert CALLED in said.text
        assert "Zdenka" not in said.text, "a file's name may be a child's"
    assert kept(settings) == []
    assert counted()["found"] - before == len(WAYS)
    with as_(cast.practitioner):
        assert not StoredFile.objects.filter(family=cast.family).exists()
    sign_in(client, cast.manager)
    assert CALLED in client.get(reverse("settings-changes")).text


def test_among_several_files_each_that_is_wrong_is_named_and_none_is_kept(
    cast: Cast, client: Client, scanner: Scanner, settings: Any
) -> None:
    sign_in(client, cast.practitioner)
    files = [letter("one.pdf"), SimpleUploadedFile("two.png", picture()), letter("three.pdf")]
    answer = client.post(documents(cast, client), {"files": files, "once": str(uuid.uuid4())})
    said = answer.context["form"].errors["files"]
    assert [error.split()[0] for error in said] == ["one.pdf", "three.pdf"]
    assert kept(settings) == []


def test_what_is_clean_is_kept_as_it_came_and_what_is_too_long_is_not(
    cast: Cast, client: Client, scanner: Scanner, settings: Any
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100_000
    sign_in(client, cast.practitioner)
    for name, content in (("small.pdf", PDF), ("spooled.pdf", PDF + os.urandom(700_000))):
        data = {"files": SimpleUploadedFile(name, content), "once": str(uuid.uuid4())}
        assert client.post(documents(cast, client), data).status_code == 302, name
        assert content in [path.read_bytes() for path in kept(settings)], name
    data = {"files": SimpleUploadedFile("long.pdf", PDF + os.urandom(3_000_000)), "once": str(uuid.uuid4())}
    answer = client.post(documents(cast, client), data)
    assert "long.pdf is too large to be checked for viruses" in answer.text
    assert len(kept(settings)) == 2


@pytest.mark.parametrize("away", ["killed", "silent", "no address"])
def test_while_the_scanner_is_away_nothing_unchecked_is_kept_and_the_text_goes_in_without(
    cast: Cast, client: Client, scanner: Scanner, settings: Any, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("attendance-file", args=[cast.case.pk])
    text = "child,from,to,percentage\nZdeňka,2026-09-07,2026-09-11,80\n"
    monkeypatch.setattr(uploads, "SECONDS", 0.3)
    if away == "killed":
        scanner.kill()
    elif away == "silent":
        scanner.send(signal.SIGSTOP)
    else:
        settings.VIRUS_SCANNER = "clamav:3310"
    try:
        began = time.monotonic()
        several = [letter("one.pdf", PDF), letter("two.pdf", PDF)]
        answer = client.post(documents(cast, client), {"files": several, "title": "From CAMHS"})
        assert time.monotonic() - began < 10
        assert answer.status_code == 422
        assert answer.context["form"].errors["files"] == [
            "one.pdf cannot be checked for viruses at this moment, so it is not kept. Go on without it and add it later"
        ]
        assert "From CAMHS" in answer.text
        sent = client.post(url, {"file": SimpleUploadedFile("a.csv", text.encode()), "text": text})
        assert "a.csv cannot be checked" in sent.text
        assert client.post(url, {"text": text}).context["lines"], "without the file it goes on"
    finally:
        if away == "killed":
            scanner.start()
        elif away == "silent":
            scanner.send(signal.SIGCONT)
    assert kept(settings) == []
    settings.VIRUS_SCANNER = scanner.address
    monkeypatch.setattr(uploads, "SECONDS", 30.0)
    assert client.post(documents(cast, client), {"files": letter("one.pdf", PDF)}).status_code == 302, "it is back"


def test_the_folder_takes_nothing_unchecked(cast: Cast, scanner: Scanner, settings: Any, tmp_path: Path) -> None:
    settings.INTAKE_FOLDER = str(tmp_path / "drop")
    folder = tmp_path / "drop" / "spa"
    folder.mkdir(parents=True)
    school = f"S1,Ada,Invented,Alone at night,{cast.school.urn}\n".encode()
    for name, content in {"bad.csv": HEAD + MARK, "good.csv": HEAD.strip() + b",school_urn\n" + school}.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, (time.time() - 60,) * 2)
    settings.VIRUS_SCANNER = "unix:///nowhere/clamd.sock"
    intake_folder.sweep_folder()
    assert sorted(path.name for path in folder.iterdir()) == ["bad.csv", "good.csv"], "they wait"
    settings.VIRUS_SCANNER = scanner.address
    intake_folder.sweep_folder()
    assert [path.name for path in folder.iterdir()] == ["failed"]
    assert CALLED in (folder / "failed" / "bad.csv.reason.txt").read_text()
    with as_(cast.leader):
        assert list(Intake.objects.filter(source="spa").values_list("external_id", flat=True)) == ["S1"]


# What each command reads: how it is called with a bad file there, and a good one where it needs another.
COMMANDS: dict[tuple[str, str], Callable[[str, str], list[str]]] = {
    ("receive_intake", "file"): lambda bad, good: [bad, "--source", "police"],
    ("import_schools", "file"): lambda bad, good: [bad],
    ("import_schools", "links"): lambda bad, good: [good, "--links", bad],
    ("import_referrals", "file"): lambda bad, good: [bad, "--cluster", "Invented"],
    ("import_referrals", "map"): lambda bad, good: [good, "--cluster", "Invented", "--map", bad],
}
WRITTEN = {("make_pilot_cohort", "out"), ("import_referrals", "rejects")}


def test_each_command_that_reads_a_file_is_called_here() -> None:
    ours = {
        name: app
        for name, app in get_commands().items()
        if isinstance(app, str) and (ROOT / app.split(".")[0]).is_dir()
    }
    assert ours["scan_files"] == "cluster_ehs.core"
    paths = {
        (name, action.dest)
        for name, app in ours.items()
        for action in load_command_class(app, name).create_parser("manage.py", name)._actions
        if action.type is Path
    }
    assert paths - WRITTEN == set(COMMANDS)


@pytest.mark.parametrize("way", COMMANDS, ids=" ".join)
def test_a_command_takes_nothing_unchecked(
    cast: Cast, scanner: Scanner, settings: Any, tmp_path: Path, way: tuple[str, str]
) -> None:
    bad, good = tmp_path / "Zdenka.csv", tmp_path / "good.csv"
    bad.write_bytes(HEAD + b"P1,Ada,Invented," + MARK + b"\n")
    good.write_bytes(HEAD)
    words = [way[0], *COMMANDS[way](str(bad), str(good))]
    with pytest.raises(CommandError, match=f"Zdenka.csv is not kept: the virus scanner found “{CALLED}” in it"):
        call_command(*words)
    with as_(cast.manager):
        said = Event.objects.filter(kind="settings.virus").latest("pk").text
    assert CALLED in said
    assert "Zdenka" not in said
    settings.VIRUS_SCANNER = "unix:///nowhere/clamd.sock"
    with pytest.raises(
        CommandError, match=r"cannot be checked for viruses: the scanner is away\. Nothing of it is taken"
    ):
        call_command(*words)
    with as_(cast.leader):
        assert not Intake.objects.filter(source="police").exists()
    assert not Cluster.objects.filter(name="Invented").exists()


def test_what_was_kept_before_is_looked_at_by_the_command(
    cast: Cast,
    client: Client,
    settings: Any,
    scanner: Scanner,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.VIRUS_SCANNER = ""
    sign_in(client, cast.practitioner)
    for content in (PDF, PDF + MARK):
        assert client.post(documents(cast, client), {"files": letter(content=content)}).status_code == 302
    with pytest.raises(CommandError, match="EHS_VIRUS_SCANNER is not set"):
        call_command("scan_files")
    settings.VIRUS_SCANNER = scanner.address
    gone, scan = Path(settings.FILES_ROOT) / "a", clamd.scan

    def one_goes_meanwhile(*given: Any, **more: Any) -> str:
        (gone / "2").unlink(missing_ok=True)
        return scan(*given, **more)

    gone.mkdir()
    for name in "12":
        (gone / name).write_bytes(PDF)
    monkeypatch.setattr(clamd, "scan", one_goes_meanwhile)
    with pytest.raises(CommandError, match="3 files were looked at, something was found in 1"):
        call_command("scan_files")
    path = next(path for path in kept(settings) if MARK in path.read_bytes())
    name = str(path.relative_to(settings.FILES_ROOT))
    assert capsys.readouterr().out == f"{name}: {CALLED}\n"
    with as_(cast.manager):
        assert name in Event.objects.get(kind="settings.virus").text
    settings.VIRUS_SCANNER = "unix:///nowhere"
    with pytest.raises(CommandError, match="is away"):
        call_command("scan_files")


# Below FILES_ROOT all is looked at, whatever the row that names it.
IN_FILES = {
    "clusters.RegisterFile.path",
    "clusters.RegisterFile.links_path",
    "families.StoredFile.path",
    "families.PreviewJob.path",
    "imports.ImportRun.path",
    "keeping.DisposedFile.path",
    "keeping.HeldEntry.file_path",
}
IN_THE_DATABASE = {"keeping.RedactedDocument.content", "keeping.HeldFile.content"}
# Written by the program out of its own figures: nothing of it came in as a file.
MADE_HERE = {"monitoring.ReportFile.content", "monitoring.ReturnFile.content", "monitoring.ExtractFile.content"}


def test_each_place_where_a_content_is_kept_is_named_here() -> None:
    """A new one is found, and is to be looked at by `scan_files`, or is made here."""
    places = {
        f"{model._meta.label}.{each.name}"
        for model in apps.get_models()
        for each in model._meta.local_fields
        if isinstance(each, models.BinaryField | models.FileField | models.FilePathField) or each.name.endswith("path")
    }
    assert places == IN_FILES | IN_THE_DATABASE | MADE_HERE


def test_what_is_kept_in_the_database_is_looked_at_too(
    cast: Cast, scanner: Scanner, capsys: pytest.CaptureFixture[str]
) -> None:
    families = (cast.family, cast.other_family, cast.restricted_family)
    rows = [row for family in families for row in copy_of(cast, family)]
    assert {f"{row._meta.label}.content" for row in rows} == IN_THE_DATABASE
    with pytest.raises(CommandError, match="9 files were looked at, something was found in 9"):
        call_command("scan_files")
    found = {f"{row._meta.db_table} {row.pk}: {CALLED}" for row in rows}
    assert set(capsys.readouterr().out.splitlines()) == found
    with as_(cast.manager):
        said = " ".join(Event.objects.filter(kind="settings.virus").values_list("text", flat=True))
    assert all(str(row.pk) in said for row in rows)


def copy_of(cast: Cast, family: Family) -> list[RedactedDocument | HeldFile]:
    """A copy of what is held with a virus in each part: two documents, one of a private note, and the file."""
    with acting_as(NamedActor.IMPORTER, clusters=[family.cluster_id]):
        keys: dict[str, Any] = {"cluster_id": family.cluster_id, "family": family}
        person = Person.objects.create(**keys, first_name="Ada", last_name="Invented")
        asked = RightsRequest.objects.create(
            **keys,
            reference=f"AR-{family.reference}",
            kind="access",
            person=person,
            asker="person",
            channel="email",
            received_on=timezone.localdate(),
            handler=cast.leader,
            logged_by=cast.leader,
        )
        keys |= {"request": asked}
        content = {"content": PDF + MARK, "size": 1, "sha256": "0" * 64}
        made: list[RedactedDocument | HeldFile] = [HeldFile.objects.create(**keys, kind="pdf", **content)]
        for number, private in enumerate((False, True)):
            whose = {"private": private, "author": cast.therapist if private else None}
            entry = HeldEntry.objects.create(**keys, number=number, section="files", title="A letter", **whose)
            given = {"name": "a.pdf", "content_type": "application/pdf", "reason": "others", "made_by": cast.leader}
            made.append(RedactedDocument.objects.create(**keys, **whose, **given, **content, entry=entry))
    return made


def test_without_a_scanner_files_are_taken_and_live_data_is_advised_to_have_one(
    cast: Cast, client: Client, settings: Any, scanner: Scanner
) -> None:
    page = reverse("settings-live")
    sign_in(client, cast.manager)
    assert "Each file that comes in is checked" in client.get(page).text
    assert "ehs.gate.scanner" not in [found.id for found in gate.check_gate()]
    settings.METRICS_TOKEN, token = "of-this-test", {"authorization": "Bearer of-this-test"}
    assert 'ehs_up{part="scanner"} 1.0' in client.get("/metrics", headers=token).text
    settings.VIRUS_SCANNER = "unix:///nowhere/clamd.sock"
    assert "No file is taken until it answers" in client.get(page).text
    figures = client.get("/metrics", headers=token).text
    assert 'ehs_up{part="scanner"} 0.0' in figures
    assert 'ehs_files_checked_total{outcome="not checked"}' in figures
    settings.VIRUS_SCANNER = ""
    assert "Set EHS_VIRUS_SCANNER" in client.get(page).text
    assert "ehs.gate.scanner" in [found.id for found in gate.check_gate()]
    assert "scanner" not in {condition.key for condition in gate.missing()}, "advice stops no start"
    assert 'part="scanner"' not in client.get("/metrics", headers=token).text
    sign_in(client, cast.practitioner)
    assert client.post(documents(cast, client), {"files": letter()}).status_code == 302


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("tcp://clamav:3310", True),
        ("tcp://clamav", True),
        ("tcp://[::1]:3310", True),
        ("unix:///run/clamav/clamd.ctl", True),
        ("", False),
        ("clamav:3310", False),
        ("tcp://:3310", False),
        ("tcp://clamav:x", False),
        ("unix://run/clamd.ctl", False),
        ("http://clamav:3310", False),
    ],
)
def test_an_address_of_a_scanner(address: str, good: bool) -> None:
    assert clamd.is_address(address) is good
    if not good and address:
        with pytest.raises(clamd.ScannerAway):
            clamd.scan(address, [b"x"], seconds=1)


class Saying(socketserver.BaseRequestHandler):
    """Hears a whole content and says what it was told to, whatever was in it."""

    answer = b""

    def handle(self) -> None:
        heard = b""
        while not heard.endswith(bytes(4)):
            heard += self.request.recv(65536)
        assert heard == b"zINSTREAM\0" + len(PDF).to_bytes(4, "big") + PDF + bytes(4)
        self.request.sendall(self.answer)


def test_only_a_plain_verdict_lets_a_file_through(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Saying) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.VIRUS_SCANNER = f"tcp://127.0.0.1:{server.server_address[1]}"
        try:
            for said in (b"", b"\0", b"stream: OK but", b"stream: Can't allocate memory ERROR\0", b"OK\0", b"PONG\0"):
                monkeypatch.setattr(Saying, "answer", said)
                with pytest.raises(ValidationError) as refused:
                    uploads.check("a.pdf", [PDF])
                assert refused.value.code == uploads.NOT_CHECKED, said
            monkeypatch.setattr(Saying, "answer", b"stream: OK\0")
            uploads.check("a.pdf", [PDF])
        finally:
            server.shutdown()


def every_form() -> Iterator[type[forms.BaseForm]]:
    """Each form of the program: all its pages are imported."""
    assert get_resolver().url_patterns
    waiting: list[Any] = [forms.BaseForm]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            if Path(ROOT, *each.__module__.split(".")[:1]).is_dir() and not each.__module__.startswith("tests"):
                yield each


def test_there_is_no_other_way_in() -> None:
    """A new form with a file in it, a view that reads files by itself, an API that takes them: each is found here."""
    fields = {
        f"{form.__module__}.{form.__name__}.{name}": each
        for form in every_form()
        for name, each in getattr(form, "base_fields", {}).items()
        if isinstance(each, forms.FileField)
    }
    assert len(fields) >= 8, "documents, copies, referrals, notifications, attendance, sheets, registers, links"
    assert [name for name, each in fields.items() if not isinstance(each, uploads.UploadField)] == []
    by_hand = []
    for path in sources():
        rest = path.read_text()
        for given_to_a_form in ("request.FILES or None,", "request.FILES or None)", "request.POST, request.FILES)"):
            rest = rest.replace(given_to_a_form, "")
        # A page whose session has ended keeps what was typed, and of files their names.
        rest = rest.replace("[file.name for file in request.FILES.values()]", "")
        by_itself = ("request.FILES", "MultiPartParser", "FileUploadParser", "FileField(", "ImageField(")
        if any(word in rest for word in by_itself):
            by_hand.append(str(path.relative_to(ROOT)))
    assert by_hand == []
