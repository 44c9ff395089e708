"""Two editors, lost answers, ended sessions, restarts: whatever the order, no text that was acknowledged is lost.

Each run draws its own order. The editors type marks that occur nowhere else; a mark counts as acknowledged once the
server has said so to the page that sent it. At the end every acknowledged mark stands in the record, in its history,
in a draft, or in what was kept of a form that could not be taken. The pages do what the real ones do: they take a
conflict by putting what they need of the other text into their own. The server and the database are the real ones.
"""

import json
import random
import re
import uuid
from dataclasses import dataclass, field
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cases.models import Goal
from cases.services import set_goal
from cluster_ehs.core.models import Change, Draft
from clusters.models import User
from tests.fixtures_cast import Cast, as_, sign_in

RUNS = 200
STEPS = 3
MARK = re.compile(r"m\d+x")


@dataclass
class Tab:
    """A page with the form of a goal open in it, as a browser with the script runs it."""

    user: User
    url: str
    key: str
    client: Client = field(default_factory=Client)
    page: str = ""
    text: str = ""
    version: int = 0
    record: str = "1"
    once: str = ""
    who: str = ""
    sent: set[str] = field(default_factory=set)

    def open(self) -> None:
        sign_in(self.client, self.user)
        html = unescape(self.client.get(self.url).content.decode())
        self.page, self.once = uuid.uuid4().hex, str(uuid.uuid4())
        self.version = int(re.search(r'data-draft-version="(\d+)"', html)[1])
        self.record = re.search(r'name="version" value="(\d+)"', html)[1]
        self.who = re.search(r'name="who" value="([^"]+)"', html)[1]
        self.text = re.search(r'name="different"[^>]*>\s*(.*?)</textarea>', html, re.DOTALL)[1]

    def save(self, lost: bool) -> set[str]:
        """Save while typing. The marks that this page now knows to be safe."""
        data = {"words": ["Mornings"], "different": [self.text], "draft_page": [self.page], "version": [self.record]}
        body = json.dumps({"key": self.key, "data": data | {"who": [self.who]}, "version": self.version})
        answer = self.client.post(reverse("draft-save"), body, content_type="application/json")
        if lost:
            return set()
        if answer.status_code == 200:
            self.version = answer.json()["version"]
            return set(MARK.findall(self.text))
        if answer.status_code == 409:
            self.version = answer.json()["version"]
            self.take(answer.json()["data"].get("different", [""])[0])
        return set()

    def take(self, theirs: str) -> None:
        """The person puts what stands in the other text and not in theirs into their own."""
        new = [mark for mark in MARK.findall(theirs) if mark not in self.text]
        self.text = " ".join([self.text, *new]).strip()

    def submit(self, lost: bool) -> set[str]:
        sent = {
            "words": "Mornings", "different": self.text, "version": self.record, "once": self.once, "who": self.who,
            "draft_key": self.key, "draft_version": str(self.version), "draft_page": self.page,
        }  # fmt: skip
        answer = self.client.post(self.url, sent)
        if lost:
            return set()
        marks = set(MARK.findall(self.text))
        if answer.status_code == 409:
            html = unescape(answer.content.decode())
            self.record = re.search(r'name="version" value="(\d+)"', html)[1]
            for theirs in re.findall(r"<blockquote>(.*?)</blockquote>", html, re.DOTALL):
                self.take(theirs)
            self.once = str(uuid.uuid4())
            return set()
        assert answer.status_code == 302, answer.status_code
        if "/account/login/" not in answer["Location"]:
            self.open()
        # Taken, or kept for after the next sign-in: the page said so either way.
        return marks


def drafts_of(user: User) -> bool:
    with as_(user):
        return Draft.objects.exclude(key__startswith="kept:").exists()


def everything_kept(cast: Cast, goal: Goal) -> set[str]:
    found = []
    for user in (cast.practitioner, cast.leader):
        with as_(user):
            found += [json.dumps(draft.data) for draft in Draft.objects.all()]
    with as_(cast.leader):
        found.append(Goal.objects.get(pk=goal.pk).different)
        for change in Change.objects.filter(table_name="cases_goal", row_id=str(goal.pk)):
            found += [json.dumps(change.before), json.dumps(change.after)]
    return set(MARK.findall(" ".join(found)))


def test_no_acknowledged_text_is_lost_in_200_interleavings(cast: Cast) -> None:
    with as_(cast.practitioner):
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Mornings")
    url = reverse("goal-edit", args=[cast.case.pk, goal.pk])
    counts = dict.fromkeys(("saved", "conflicts", "lost", "ended", "restarts"), 0)
    mark = 0
    acknowledged: set[str] = set()
    for run in range(RUNS):
        dice = random.Random(run)
        if run % 8 == 0:
            # One person with two tabs, or two people with the same record.
            users = (cast.practitioner, dice.choice((cast.practitioner, cast.leader)))
            tabs = [Tab(user, url, f"goal:{goal.pk}") for user in users]
            for tab in tabs:
                tab.open()
            if not any(drafts_of(user) for user in users):
                # What the record says is written anew; its history keeps it.
                for tab in tabs:
                    tab.text = ""
        for _ in range(STEPS):
            tab = dice.choice(tabs)
            lost = dice.random() < 0.25
            what = dice.choices(("save", "submit", "ended", "restart", "again"), (10, 4, 2, 2, 1))[0]
            if what == "again":
                # Somebody comes back on another device: a new page, which shows what was kept.
                tab.client = Client()
                tab.open()
                continue
            mark += 1
            before = tab.text = f"{tab.text} m{mark}x".strip()
            if what == "ended":
                Session.objects.all().delete()
                counts["ended"] += 1
            act = tab.submit if what == "submit" or dice.random() < 0.2 else tab.save
            if what == "restart":
                # The server stops before it has answered: what it had not committed is gone.
                counts["restarts"] += 1
                with transaction.atomic():
                    act(True)
                    transaction.set_rollback(True)
                continue
            said = act(lost)
            acknowledged |= said
            counts["saved"] += bool(said)
            counts["lost"] += lost
            counts["conflicts"] += not said and not lost and tab.text != before
            if what == "ended":
                for each in tabs:
                    sign_in(each.client, each.user)
        if run % 20 == 19:
            missing = acknowledged - everything_kept(cast, goal)
            assert not missing, (run, sorted(missing)[:5], counts)
    assert acknowledged - everything_kept(cast, goal) == set()
    assert len(acknowledged) > 200, counts
    assert min(counts.values()) > 10, counts


@pytest.mark.parametrize("name", ["goal", "note"])
def test_the_property_can_fail(cast: Cast, name: str) -> None:
    """A server that took the last text over the first would be found out: the second page is refused."""
    with as_(cast.practitioner):
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Mornings")
    tabs = [Tab(cast.practitioner, reverse("goal-edit", args=[cast.case.pk, goal.pk]), f"{name}:1") for _ in range(2)]
    for number, tab in enumerate(tabs):
        tab.open()
        tab.version, tab.text = 0, f"m{number}x"
    assert tabs[0].save(lost=False) == {"m0x"}
    assert tabs[1].save(lost=False) == set()
    assert set(MARK.findall(tabs[1].text)) == {"m0x", "m1x"}
