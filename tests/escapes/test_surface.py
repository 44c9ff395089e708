"""Every form and every parameter of the program, with what does not belong there: nothing of it may take hold."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, models
from django.db.models import Max
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from cluster_ehs.core.models import Change
from clusters.models import Cluster, School, StaffRole, User
from tests.escapes.conftest import Walked
from tests.escapes.surface import TYPED, Form, Forms, readable
from tests.fixtures_cast import as_

pytestmark = pytest.mark.slow
ELSEWHERE = "https://evil.example/taken"
OFF_SITE = re.compile(r"^(?:[a-z]+:)?[/\\]{2}|^[a-z]+:", re.IGNORECASE)
SECRET = re.compile(r"Okafor|Chidi|Adaeze|\bEze\b|Waiting1\b")
URLENCODED = "application/x-www-form-urlencoded"
# Forms that name another Cluster on purpose, with the table in which that name stands.
CROSSING = {
    ("transfer-new", "outcomes_transfer"),
    ("transfer-in", "outcomes_receivedrecord"),
    ("case-lend", "cases_loan"),
    # A school is known to the whole city.
    ("event-new", "cases_event"),
    ("event-edit", "cases_event"),
}
# Pages of invented examples alone.
INVENTED = frozenset({"gallery"})
# Addresses of forms that this walk may not send: they end the walker's own sign-in.
NOT_SENT = {"account_logout"}
# Kinds of files that the people who walk are given.
READ = frozenset({"text/csv", "application/pdf"})
REDIRECTS = ("next", "back", "url", "return", "return_to", "redirect", "to", "from", "referer")


@pytest.fixture(autouse=True)
def _no_scope_left_behind() -> None:
    """In place of the one for all tests: a scope ends with its request here (`Attacker.sending`)."""


def sent(form: Form, values: dict[str, Any]) -> tuple[bytes, str]:
    if any(f.kind == "file" for f in form.fields.values()):
        files = {
            f.name: SimpleUploadedFile("letter.txt", b"A letter of the school.")
            for f in form.fields.values()
            if f.kind == "file"
        }
        plain = {name: "" if value is None else value for name, value in values.items()}
        return encode_multipart(BOUNDARY, {**plain, **files}), MULTIPART_CONTENT
    return urlencode(values, doseq=True).encode(), URLENCODED


def test_most_forms_are_found(walked: Walked) -> None:
    """A page that no longer shows its form would leave the form unattacked."""
    assert len({name for name, _, _ in walked.surface.forms}) > 220


def test_nul_and_broken_characters_in_every_text_are_told_and_never_an_error(walked: Walked) -> None:
    wrong = []
    for form in walked.surface.forms.values():
        values = form.typed()
        for known in form.fields.values():
            if known.kind in TYPED and known.name not in ("csrfmiddlewaretoken", "who", "draft_key"):
                values[known.name] = "Zed\x00\udcff' OR 1=1 --"
        body, kind = sent(form, {n: str(v).encode(errors="surrogateescape") for n, v in values.items()})
        try:
            answer = walked.attacker(form.person).send("POST", form.url, data=body, content_type=kind)
        except DatabaseError as error:
            wrong.append(f"{form.name} by {form.person}: {error}")
            continue
        if answer.status_code >= 500:
            wrong.append(f"{form.name} by {form.person}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


class Foreign:
    """What belongs to Cluster B, by table: what a form of Cluster A must not take."""

    def __init__(self, walked: Walked) -> None:
        cast = walked.world.cast
        self.cast = cast
        self.own: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.all: set[str] = set()
        for user, keep in ((cast.leader, self._own), (cast.other_leader, self._foreign)):
            with as_(user):
                for model in apps.get_models():
                    if model._meta.managed and isinstance(model._meta.pk, models.UUIDField):
                        for pk in model._base_manager.values_list("pk", flat=True)[:200]:
                            keep(model._meta.db_table, str(pk))
        self.all -= set(self.own)
        self.family = str(cast.other_family.pk)
        # Columns that lead to people, Clusters and schools, by table.
        self.columns: dict[str, dict[str, int]] = {}
        numbers = {User: cast.other_practitioner.pk, Cluster: cast.other_cluster.pk, School: cast.other_school.pk}
        for model in apps.get_models():
            self.columns[model._meta.db_table] = {
                f.column: numbers[f.related_model] for f in model._meta.concrete_fields if f.related_model in numbers
            }

    def _own(self, table: str, pk: str) -> None:
        self.own[pk] = table

    def _foreign(self, table: str, pk: str) -> None:
        self.ids.setdefault(table, pk)
        self.all.add(pk)

    def values(self, form: Form, number: int) -> dict[str, Any]:
        """The form with a foreign record wherever it chooses one, and with fields that it does not have."""
        values = form.typed()
        for known in form.fields.values():
            offered = [known.value, *known.options]
            table = next((self.own[value] for value in offered if value in self.own), None)
            if table or any(_is_uuid(value) for value in offered if known.kind != "hidden"):
                values[known.name] = self.ids.get(table or "", self.family)
            elif known.options and all(value.isdigit() for value in known.options if value):
                values[known.name] = str(number)
            elif known.kind in TYPED and known.kind != "hidden" and not known.value:
                values[known.name] = "Typed by somebody"
        extra = {
            "cluster": self.cast.other_cluster.pk,
            "cluster_id": self.cast.other_cluster.pk,
            "family": self.family,
            "family_id": self.family,
            "case": self.ids["cases_case"],
            "person": self.ids["families_person"],
            "author": self.cast.other_practitioner.pk,
            "by": self.cast.other_practitioner.pk,
            "user": self.cast.other_practitioner.pk,
            "is_staff": "on",
            "is_superuser": "on",
            "created_at": "2001-01-01",
            **dict.fromkeys(REDIRECTS, ELSEWHERE),
        }
        return {**{name: value for name, value in extra.items() if name not in form.fields}, **values}

    def taken(self, mark: int) -> list[str]:
        """Columns of rows changed since that lead to Cluster B or to somebody who works there."""
        with as_(self.cast.leader):
            changes = list(Change.objects.filter(id__gt=mark, after__isnull=False).values_list("table_name", "after"))
        found = []
        for table, after in changes:
            for column, value in after.items():
                if str(value) in self.all or (value is not None and self.columns.get(table, {}).get(column) == value):
                    found.append(f"{table}.{column}")
        return found


def _is_uuid(value: str) -> bool:
    try:
        return len(value) == 36 and bool(UUID(value))
    except ValueError:
        return False


def _rights() -> list[tuple[Any, ...]]:
    """Who may what, apart from the people themselves: a form must not add to it for another Cluster."""
    return sorted(StaffRole.objects.values_list("user_id", "role", "cluster_id", "ends_on"), key=str)


def test_records_people_and_places_of_another_cluster_take_hold_in_no_form(walked: Walked) -> None:
    foreign = Foreign(walked)
    cast = walked.world.cast
    wrong, refused, taken = [], 0, 0
    numbers = (cast.other_practitioner.pk, cast.other_cluster.pk)
    for form in walked.surface.forms.values():
        if form.name in NOT_SENT | INVENTED or form.person == "manager":
            continue
        choosing = any(f.options and f.options[0].isdigit() for f in form.fields.values())
        for number in numbers if choosing else numbers[:1]:
            with as_(cast.leader):
                mark = Change.objects.aggregate(last=Max("id"))["last"] or 0
            body, kind = sent(form, foreign.values(form, number))
            url = form.url + ("&" if "?" in form.url else "?") + urlencode(dict.fromkeys(REDIRECTS, ELSEWHERE))
            rights = _rights()
            with walked.attacker(form.person).sending("POST", url, data=body, content_type=kind) as answer:
                where = f"{form.name} by {form.person}"
                if answer.status_code >= 500:
                    wrong.append(f"{where}: {answer.status_code}")
                    continue
                if OFF_SITE.match(answer.headers.get("Location", "")):
                    wrong.append(f"{where}: leads to {answer.headers['Location']}")
                if not answer.streaming and SECRET.search(answer.content.decode(errors="replace")):
                    wrong.append(f"{where}: names a family of the other Cluster")
                if answer.status_code == 302:
                    taken += 1
                    held = {name for name in foreign.taken(mark) if (form.name, name.split(".")[0]) not in CROSSING}
                    wrong += [f"{where}: {name}" for name in sorted(held)]
                    gained = [right for right in _rights() if right not in rights and right[2] == cast.other_cluster.pk]
                    wrong += [f"{where}: a role in the other Cluster" for _ in gained]
                    if User.objects.filter(is_staff=True).exists():
                        wrong.append(f"{where}: somebody became a superuser")
                else:
                    refused += 1
    assert not wrong, "\n".join(wrong)
    assert refused > 100, "too little was refused for this to have been an attack"
    assert taken > 20, "too little was taken for extra fields to have been tried"


HOSTILE = {
    "nul": "\x00'\")) UNION SELECT first_name FROM families_person --",
    "number": "9" * 40,
    "broken": b"%ff\xff\xfe../../etc/passwd",
}


def test_every_parameter_of_every_address_with_nonsense_sql_and_foreign_ids(walked: Walked) -> None:
    surface, cast = walked.surface, walked.world.cast
    wrong, tried = [], 0
    for page in surface.pages:
        names = surface.asked[page.address.name] - {"csrfmiddlewaretoken"}
        if not names or page.address.name == "gallery":
            continue
        attacker = walked.attacker(page.person)
        foreign = {"record": str(cast.other_family.pk), "place": str(cast.other_cluster.pk)}
        for what, value in {**HOSTILE, **foreign}.items():
            query = urlencode([*((name, value) for name in names), *((name, ELSEWHERE) for name in REDIRECTS)])
            # A record is asked for as a fragment of a page, too: it is judged by the same views.
            fragment = {"HTTP_HX_REQUEST": "true"} if what == "record" else {}
            answer = attacker.send("GET", f"{page.url}?{query}", **fragment)
            tried += 1
            where = f"{page.address.name} by {page.person} ({what}, {sorted(names)})"
            if answer.status_code >= 500:
                wrong.append(f"{where}: {answer.status_code}")
            elif OFF_SITE.match(answer.headers.get("Location", "")):
                wrong.append(f"{where}: leads to {answer.headers['Location']}")
            else:
                text = readable(answer)
                if SECRET.search(text):
                    wrong.append(f"{where}: names a family of the other Cluster")
                if re.search(r"(?:href|action|src)=\"(?:https:)?//evil", text):
                    wrong.append(f"{where}: a link leads elsewhere")
    assert not wrong, "\n".join(wrong)
    assert tried > 100
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM families_family")
        assert cursor.fetchone() == (0,), "without a scope there is nothing"
    assert urlsplit(ELSEWHERE).netloc


# --- pages as they are sent ---
class Inline(HTMLParser):
    """What a strict policy would not run or draw."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attributes}
        if tag == "style" or (tag == "script" and not names.get("src") and names.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        for name, value in names.items():
            if name.startswith("on") or name == "style" or value.strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}")


def test_no_page_holds_script_or_style_of_its_own(walked: Walked) -> None:
    found = []
    for page in walked.surface.pages:
        if page.html:
            inline = Inline()
            inline.feed(page.html)
            found += [f"{page.address.name}: {what}" for what in set(inline.found)]
    assert not found, "\n".join(found)
    judge = Inline()
    judge.feed('<p onclick="x()" style="a:b"><a href=" JavaScript:x">x</a><script>x</script><style>a</style>')
    assert len(judge.found) == 5


def test_every_answer_has_its_policy_and_is_framed_and_kept_by_nobody(walked: Walked) -> None:
    assert len(walked.surface.pages) > 250
    wrong = []
    for page in walked.surface.pages:
        kind = page.answer.headers["Content-Type"]
        if (kind.startswith("text/") or "xml" in kind) and "charset=" not in kind:
            wrong.append(f"{page.address.name}: {kind} without its characters")
        policy = page.answer.headers.get("Content-Security-Policy", "")
        parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        if page.answer.streaming or "sandbox" in parts:
            assert (policy, page.answer.headers["X-Content-Type-Options"]) == ("default-src 'none'; sandbox", "nosniff")
            assert "no-store" in page.answer.headers["Cache-Control"], page.address.name
            continue
        checks = {
            "default-src": parts.get("default-src") == "'none'",
            "script-src": "'self'" in parts.get("script-src", "") and "unsafe" not in parts["script-src"],
            "style-src": parts.get("style-src") == "'self'",
            "frame-ancestors": parts.get("frame-ancestors") == "'none'",
            "object-src": parts.get("object-src") == "'none'",
            "base-uri": parts.get("base-uri") == "'none'",
            "form-action": parts.get("form-action") == "'self'",
            "frame": page.answer.headers.get("X-Frame-Options") == "DENY",
            "type": page.answer.headers.get("X-Content-Type-Options") == "nosniff",
            "referrer": page.answer.headers.get("Referrer-Policy") == "same-origin",
            "opener": page.answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin",
            "kept": "no-store" in page.answer.headers.get("Cache-Control", ""),
            "server": "Server" not in page.answer.headers and "X-Powered-By" not in page.answer.headers,
        }
        wrong += [f"{page.address.name}: {name}" for name, right in checks.items() if not right]
    assert not wrong, "\n".join(wrong)


# A reader leaves traces: the look, the download, the session, that a notice was read, and a finding of the data's
# quality that is put right by now is closed when its record is opened. The history has a row of each.
TRACES = frozenset({"core_look", "core_event", "core_change", "core_message", "django_session", "monitoring_finding"})


def test_opening_any_page_changes_no_record(walked: Walked) -> None:
    """Another site can make a browser open each of our addresses, and no token is asked for that."""
    assert walked.surface.written >= {"core_look", "core_event"}, "what is written is seen"
    assert walked.surface.written <= TRACES


DATES = re.compile(r"-(?:day|month|year)$")


def test_no_form_puts_what_is_typed_into_an_address(walked: Walked) -> None:
    """An address stays in the history of a browser and the logs of others: what is searched for is posted."""
    found, seen = [], 0
    for page in walked.surface.pages:
        if page.address.name in INVENTED:
            continue
        forms = Forms(page.person, page.url)
        forms.feed(page.html)
        for form in forms.forms:
            if form.method == "GET":
                seen += 1
                typed = [
                    f.name for f in form.fields.values() if f.kind in TYPED - {"hidden"} and not DATES.search(f.name)
                ]
                found += [f"{page.address.name}: {name}" for name in typed]
    assert seen > 10
    assert found == []


def test_no_page_names_the_other_cluster_s_families(walked: Walked) -> None:
    found = [
        f"{p.person}: {p.url}"
        for p in walked.surface.pages
        if SECRET.search(p.html + p.file) and p.address.name not in INVENTED
    ]
    assert not found, "\n".join(found)


def test_files_given_out_were_read_for_it(walked: Walked) -> None:
    kinds = {p.answer.headers["Content-Type"].split(";")[0] for p in walked.surface.pages if p.file.strip()}
    assert kinds >= READ, kinds
    assert any("Zdeňka" in p.file for p in walked.surface.pages), "a family of the own Cluster is in one of them"


SQL = ("' OR '1'='1", "x' UNION SELECT first_name FROM families_person --", "%", "_", "*", "\\", ":* | !x", "a' & 'b")


def test_sql_and_patterns_in_a_search_find_nobody(walked: Walked) -> None:
    assert "search" in {name for name, _, _ in walked.surface.forms}
    for typed in (*SQL, "Chidi Okafor", "HI-2026-0001", str(walked.world.cast.other_family.pk)):
        body = urlencode({"q": typed, "name": typed}).encode()
        answer = walked.attacker("leader A").send("POST", reverse("search"), data=body, content_type=URLENCODED)
        assert answer.status_code in (200, 422), typed
        found = re.sub(r"<(?:title|h1|input|p)\b[^>]*>[^<]*", "", answer.text)
        assert not re.search(r"Okafor|Chidi|Adaeze|Novák|Zdeňka|Wójcik|Smith-Jones", found), typed
