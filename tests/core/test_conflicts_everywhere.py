"""Two editors of one record: the second is told, sees the other text, keeps the own, and nothing is overwritten.

Asked of every kind of record that counts its versions, through the form that people use.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import AuditSample, CaseAudit, Supervision
from cases.services.events import Details, plan_event
from cases.services.supervision import discuss_case, note_about_worker
from families.models import Circumstances
from tests.fixtures_cast import Cast, as_, sign_in
from tests.world import World, make_world
from triage.models import MessageTemplate

THEIRS, MINE = "What Ines wrote 🙂 שלום", "What Ben wrote: mornings"
# Kinds that count versions and are not edited as a form with words, each with its reason.
NO_FORM = {
    "core.Draft": "what is being typed, with versions of its own: test_drafts.py and test_drafts_property.py",
    "cases.Case": "no form changes it; its parts have versions",
    "cases.Plan": "no form changes it; its goals have versions",
    "referrals.Referral": "no form changes it once it is submitted; a reason is put in once, under a lock",
    "triage.MeetingPattern": "a weekday and an hour, no words; the second is refused (triage/services/planning.py)",
    "outcomes.NeedsRound": "asked with its own pages",
    "outcomes.AvertedStep": "asked with its own pages",
}


@dataclass(frozen=True)
class Editing:
    """The form of a kind of record: its URL and arguments, who opens it, and a field with words."""

    url_name: str
    arguments: Callable[[Cast, dict[str, Any]], list[Any]]
    field: str
    who: str = "practitioner"
    # What the two write, where it is a choice and no words: the value, and as the page says it.
    theirs: tuple[str, str] = (THEIRS, THEIRS)
    mine: str = MINE
    # What else the form wants.
    more: Callable[[Cast], dict[str, Any]] = lambda cast: {}


def pk(name: str) -> Callable[[Cast, dict[str, Any]], list[Any]]:
    return lambda cast, own: [own[name]]


def of_case(name: str) -> Callable[[Cast, dict[str, Any]], list[Any]]:
    return lambda cast, own: [own["case"], own[name]]


EDITORS = {
    "families.Family": Editing("family-edit", pk("family"), "address"),
    "families.Person": Editing("person-edit", pk("person"), "known_as"),
    "families.Relationship": Editing(
        "relationship-edit", pk("relationship"), "kind", theirs=("friend", "Friend of"), mine="neighbour"
    ),
    "families.SocialCareInvolvement": Editing(
        "social-care-edit", pk("social_care"), "kind", theirs=("court", "Care proceedings"), mine="looked_after"
    ),
    "families.Circumstances": Editing(
        "circumstances",
        pk("family"),
        "income",
        theirs=("benefits", "From benefits alone"),
        mine="work",
        more=lambda cast: {"changed": "no"},
    ),
    "families.Flag": Editing("flag-edit", pk("flag"), "text"),
    "families.Agreement": Editing("agreement-edit", pk("agreement"), "how"),
    "families.SharingDecision": Editing("sharing-edit", pk("sharing"), "what"),
    "triage.MessageTemplate": Editing("settings-message", pk("template"), "body", "manager"),
    "cases.CaseAudit": Editing("case-audit", pk("open_audit"), "summary", "leader"),
    "cases.ContactNote": Editing("note-correct", lambda cast, own: [own["contact"], own["note"]], "text"),
    "cases.Event": Editing("event-edit", pk("group"), "about"),
    "cases.EventSession": Editing("event-session-not-held", pk("group_session"), "why"),
    "cases.CaseMeeting": Editing(
        "case-meeting-record",
        of_case("case_meeting"),
        "decisions",
        more=lambda cast: {"people": [str(cast.mother.pk)]},
    ),
    "cases.Goal": Editing("goal-edit", of_case("goal"), "different"),
    "cases.SupervisionCase": Editing(
        "supervision-case", lambda cast, own: [own["supervision_record"], own["case"]], "notes", "leader"
    ),
    "cases.SupervisionNote": Editing(
        "supervision-note", lambda cast, own: [own["supervision_record"], cast.practitioner.pk], "wellbeing", "leader"
    ),
    "formulation.Assessment": Editing("assessment-edit", pk("assessment"), "organisation"),
    "formulation.Formulation": Editing("formulation-edit", pk("case"), "summary"),
}


def counted() -> set[str]:
    """Every kind of record with a version that is a number."""
    found = set()
    for model in apps.get_models():
        names = {field.name for field in model._meta.get_fields() if isinstance(field, models.IntegerField)}
        if "version" in names and not model._meta.proxy:
            found.add(model._meta.label)
    return found


FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)


class Forms(HTMLParser):
    """The forms of a page, each as what a browser would send of it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.select, self.area = "", ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        name, value = of.get("name") or "", of.get("value") or ""
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and name and self.forms:
            if of.get("type") in ("checkbox", "radio"):
                if "checked" in of:
                    self.forms[-1].setdefault(name, []).append(value if "value" in of else "on")
            elif of.get("type") not in ("submit", "button", "file", "image"):
                self.forms[-1].setdefault(name, []).append(value)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and self.forms:
            chosen = self.forms[-1].setdefault(self.select, [])
            if "selected" in of:
                chosen[:] = [value]
            elif not chosen:
                chosen.append(value)
        elif tag == "textarea" and self.forms:
            self.area = name
            self.forms[-1][name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea" and self.area:
            # A browser leaves out the first line's end.
            self.forms[-1][self.area] = ["".join(self.forms[-1][self.area]).strip()]
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.forms:
            self.forms[-1][self.area][0] += data


def with_parts(cast: Cast) -> World:
    """The world, and of each kind one that can still be changed."""
    world = make_world(cast)
    own = world.records["own"]
    with as_(cast.leader):
        part = discuss_case(
            by=cast.leader,
            supervision=Supervision.objects.get(pk=own["supervision_record"]),
            case=cast.case,
            worker=cast.practitioner,
            track="on_track",
            notes="Before",
            decisions="Go on",
        )
        assert part.version == 1
        note_about_worker(
            by=cast.leader,
            supervision=Supervision.objects.get(pk=own["supervision_record"]),
            worker=cast.practitioner,
            workload="Before",
        )
        sample = AuditSample.objects.get(pk=own["audit_sample"])
        CaseAudit.objects.filter(sample=sample).delete()
        keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
        own["open_audit"] = CaseAudit.objects.create(**keys, sample=sample, case=cast.case, author=cast.leader).pk
    with as_(cast.practitioner):
        group = plan_event(
            by=cast.practitioner,
            cluster=cast.cluster,
            kind="group",
            details=Details(title="Evenings", leaders=[cast.practitioner]),
            starts_at=timezone.now() + timedelta(days=2),
            weeks=2,
        )
        own |= {"group": group.pk, "group_session": group.sessions.all()[0].pk}
        Circumstances.objects.get_or_create(
            family_id=cast.family.pk,
            defaults={"cluster_id": cast.cluster.pk, "starts_on": timezone.localdate()},
        )
    own["template"] = MessageTemplate.objects.order_by("audience", "about", "language", "-version").first().pk
    return world


def test_every_kind_that_counts_versions_is_asked() -> None:
    assert counted() == EDITORS.keys() | NO_FORM.keys()


def test_the_second_of_two_editors_sees_both_texts(cast: Cast) -> None:
    world, wrong = with_parts(cast), []
    for label, editing in EDITORS.items():
        url = reverse(editing.url_name, args=editing.arguments(cast, world.records["own"]))
        client = sign_in(Client(), getattr(cast, editing.who))
        page = client.get(url)
        found = [form for form in Forms(page.content.decode()).forms if editing.field in form and "version" in form]
        if page.status_code != 200 or len(found) != 1:
            wrong.append(f"{label}: {url} answered {page.status_code} with {len(found)} forms of a known version")
            continue
        sent = {**found[0], **editing.more(cast)}
        value, label_of = editing.theirs
        first = client.post(url, {**sent, editing.field: value})
        if first.status_code not in (200, 302):
            wrong.append(f"{label}: the first is not taken: {first.status_code} {errors(first)}")
            continue
        # Another page, opened before: a form of its own with the version of before.
        own_token = {"once": str(uuid4())} if "once" in sent else {}
        second = client.post(url, {**sent, **own_token, editing.field: editing.mine})
        text = second.content.decode()
        theirs = label_of in FORM.sub("", text)
        mine = any(form.get(editing.field) == [editing.mine] for form in Forms(text).forms)
        if second.status_code != 409 or not theirs or not mine:
            wrong.append(f"{label}: {second.status_code}, theirs {theirs}, mine {mine} {errors(second)}")
            continue
        again = Forms(client.get(url).content.decode()).forms
        if not any(form.get(editing.field) == [value] for form in again):
            wrong.append(f"{label}: what was saved first was overwritten")
    assert not wrong, "\n".join(wrong)


def errors(answer: Any) -> str:
    form = (answer.context or {}).get("form") if answer.context else None
    return str(form.errors.as_text()) if form is not None and form.is_bound else ""
