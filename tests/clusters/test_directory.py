"""The partner directory read from a feed: a real server on the loopback, its faults, and what must survive them."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.directory import fetch, reader, sync
from clusters.directory.fetch import FeedError
from clusters.directory.following import merge
from clusters.directory.models import DirectoryEntry, Feed, FeedRun
from clusters.models import PartnerService
from clusters.services import directory, offers
from tests.clusters.feed_server import Directory, serving
from tests.fixtures_cast import Cast, as_, decided, sign_in
from triage.models import PassingOn

pytestmark = pytest.mark.django_db


def a_service(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"s{number}",
        "name": f"Invented group {number}",
        "status": "active",
        "description": f"<p>Help &amp; tea <b>{number}</b></p>",
        "url": f"https://group{number}.example",
        "last_modified": "2026-11-01",
        "organization": {"id": "o", "name": "Invented Trust"},
        "contacts": [{"id": "c", "phones": [{"id": "p", "number": f"0113 496 000{number}"}]}],
        **more,
    }


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Directory]:
    settings.FEEDS_MAY_BE_LOCAL = True
    monkeypatch.setattr(reader, "WAIT", 0)
    with serving() as running:
        running.services = [a_service(n) for n in range(1, 6)]
        yield running


@pytest.fixture
def feed(server: Directory, cast: Cast) -> Feed:
    return manage(cast, directory.add_feed, name="City directory", url=server.url, is_on=True, every_hours=24)


def manage(cast: Cast, act: Any, *about: Any, **values: Any) -> Any:
    with as_(cast.manager):
        return act(*about, by=cast.manager, **values)


def read(feed: Feed, **how: Any) -> FeedRun:
    run = sync.start(feed=feed, **how)
    assert run is not None
    sync.run_feed(run.pk)
    run.refresh_from_db()
    feed.refresh_from_db()
    return run


def partner(number: int) -> PartnerService:
    return DirectoryEntry.objects.get(external_id=f"s{number}").partner


def test_a_feed_of_several_pages_fills_the_directory_and_a_second_reading_changes_nothing(
    feed: Feed, server: Directory
) -> None:
    before = PartnerService.objects.count()
    run = read(feed)
    assert (run.status, run.complete, run.pages, run.seen, run.added, run.failed) == ("done", True, 3, 5, 5, 0)
    one = partner(1)
    assert (one.name, one.description, one.telephone) == ("Invented group 1", "Help & tea 1", "0113 496 0001")
    assert (one.website, one.retired_on) == ("https://group1.example", None)
    events = Event.objects.count()
    server.asked.clear()
    again = read(feed)
    assert (again.complete, again.seen, again.added, again.changed) == (True, 5, 0, 0)
    assert PartnerService.objects.count() == before + 5
    assert Event.objects.count() == events
    assert len(server.asked) == 3, "services that did not change are not asked for one by one"


def test_pages_that_have_not_changed_are_not_sent_again_and_their_services_stay(feed: Feed, server: Directory) -> None:
    server.etags = True
    read(feed)
    server.services[0]["name"] = "Renamed group"
    server.services[0]["last_modified"] = "2026-11-20"
    run = read(feed)
    assert (run.complete, run.seen, run.changed, run.retired) == (True, 5, 1, 0)
    assert partner(1).name == "Renamed group"
    assert partner(5).retired_on is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("500", "status 500"),
        ("malformed", "not JSON"),
        ("html", "text/html"),
        ("cut", "broke off"),
        ("huge", "larger than 8 MB"),
        ("silent", "too long"),
        ("to ftp://elsewhere.example/", "must begin with https"),
    ],
)
def test_a_feed_that_stops_half_way_keeps_what_it_gave_and_retires_nothing(
    feed: Feed, server: Directory, monkeypatch: pytest.MonkeyPatch, fault: str, words: str
) -> None:
    read(feed)
    monkeypatch.setattr(fetch, "TIMEOUT", 0.3)
    server.services = [a_service(1, name="New name", last_modified="later"), *server.services[2:]]
    server.faults[2] = fault
    run = read(feed)
    assert (run.status, run.complete, run.retired, run.page) == ("stopped", False, 0, 1)
    assert words in run.message
    assert "Page 2" in run.message
    assert partner(1).name == "New name", "the page before the fault is kept"
    assert not DirectoryEntry.objects.exclude(gone_at=None).exists()
    server.faults.clear()
    healed = read(feed)
    assert (healed.complete, healed.retired) == (True, 1)
    assert partner(2).retired_on == timezone.localdate()


@pytest.mark.parametrize("way", ["total", "nameless", "twice", "page"])
def test_a_feed_that_contradicts_itself_retires_nothing(feed: Feed, server: Directory, way: str) -> None:
    read(feed)
    server.services = server.services[:4]
    if way == "total":
        server.total = 5
    elif way == "nameless":
        server.services[1] = {"name": "Without an id"}
    elif way == "twice":
        server.services[3] = server.services[0]
        server.total = 3
    else:
        server.faults[2] = f"to {server.url}/services?page=1"
    run = read(feed)
    assert not run.complete
    assert "Nothing was retired" in run.message
    assert not PartnerService.objects.filter(entry__isnull=False).exclude(retired_on=None).exists()


def test_a_service_whose_own_page_fails_is_an_error_of_its_own_and_asked_again(feed: Feed, server: Directory) -> None:
    server.faults["s3"] = "500"
    run = read(feed)
    assert (run.complete, run.added, run.failed) == (True, 5, 1)
    assert run.errors[0]["where"] == "s3"
    assert partner(3).telephone == ""
    server.faults.clear()
    assert read(feed).changed == 1
    assert partner(3).telephone == "0113 496 0003"


def test_what_is_gone_is_retired_but_not_what_is_in_use_or_changed_by_hand_and_it_can_come_back(
    feed: Feed, server: Directory, cast: Cast
) -> None:
    read(feed)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        decision = decided(cast.referral, by=cast.leader, days_ago=1)
        PassingOn.objects.create(
            cluster=cast.cluster,
            family=cast.referral.family,
            decision=decision,
            partner=partner(1),
            sent_on=timezone.localdate(),
        )
    manage(cast, offers.change_partner, partner(2), telephone="0113 111 1111")
    gone, server.services = server.services[:3], server.services[3:]
    run = read(feed)
    assert (run.complete, run.retired, run.kept) == (True, 1, 2)
    assert [partner(n).retired_on for n in (1, 2)] == [None, None]
    assert partner(3).retired_on == timezone.localdate()
    reasons = dict(DirectoryEntry.objects.values_list("external_id", "kept_because"))
    assert (reasons["s1"], reasons["s2"]) == ("it is in use", "it was changed by hand")
    server.services = gone + server.services
    assert read(feed).changed == 1
    assert partner(3).retired_on is None


def test_what_a_manager_retired_is_not_brought_back_by_the_feed(feed: Feed, server: Directory, cast: Cast) -> None:
    read(feed)
    day = timezone.localdate() - timedelta(days=3)
    manage(cast, offers.change_partner, partner(1), retired_on=day)
    read(feed)
    assert partner(1).retired_on == day


def test_a_field_changed_by_hand_stays_the_others_follow_and_the_difference_is_decided(
    feed: Feed, server: Directory, cast: Cast
) -> None:
    read(feed)
    manage(cast, offers.change_partner, partner(1), telephone="0113 222 2222")
    server.services[0] |= {
        "name": "New name",
        "last_modified": "2026-11-21",
        "contacts": [{"phones": [{"number": "0113 333 3333"}]}],
    }
    read(feed)
    entry = DirectoryEntry.objects.get(external_id="s1")
    assert (entry.partner.name, entry.partner.telephone) == ("New name", "0113 222 2222")
    assert entry.conflicts == ["telephone"]
    read(feed)
    entry.refresh_from_db()
    assert entry.conflicts == ["telephone"], "also when the list alone is read, which has no telephone"
    with pytest.raises(Denied):
        directory.decide(entry, by=cast.leader, field="telephone", choice="take")
    manage(cast, directory.decide, entry, field="telephone", choice="keep")
    with pytest.raises(Conflict):
        manage(cast, directory.decide, entry, field="telephone", choice="take")
    read(feed)
    entry.refresh_from_db()
    assert entry.conflicts == [], "what was declined is not asked again"
    server.services[0] |= {"last_modified": "x", "contacts": [{"phones": [{"number": "0113 444 4444"}]}]}
    read(feed)
    entry.refresh_from_db()
    assert entry.conflicts == ["telephone"], "until the directory says something else"
    manage(cast, directory.decide, entry, field="telephone", choice="take")
    assert partner(1).telephone == "0113 444 4444"


def test_a_partner_kept_by_hand_is_taken_up_by_its_name_and_keeps_what_it_has(
    feed: Feed, server: Directory, cast: Cast
) -> None:
    mine = manage(cast, offers.add_partner, name="invented GROUP 1", telephone="0113 999 9999", order=3)
    run = read(feed)
    assert run.added == 4
    mine.refresh_from_db()
    assert (mine.name, mine.telephone, mine.website) == ("invented GROUP 1", "0113 999 9999", "https://group1.example")
    assert mine.entry.conflicts == ["name", "telephone"]


def test_two_services_of_one_name_and_what_is_no_address(feed: Feed, server: Directory) -> None:
    server.services = [
        a_service(1),
        a_service(2, name="Invented group 1", organization={"name": "Second Trust"}, url="javascript:alert(1)"),
        a_service(3, name="A" * 900, description="x" * 90_000, email="nobody"),
    ]
    run = read(feed)
    assert (run.complete, run.added, run.failed) == (True, 3, 2)
    assert partner(2).name == "Invented group 1 (Second Trust)"
    assert (partner(2).website, partner(3).email, len(partner(3).description)) == ("", "", 2000)
    assert read(feed).changed == 0


def test_a_service_that_the_feed_calls_defunct_is_retired(feed: Feed, server: Directory) -> None:
    read(feed)
    server.services[4] |= {"status": "defunct"}
    assert read(feed).retired == 1
    assert partner(5).retired_on == timezone.localdate()
    assert read(feed).retired == 0


def test_a_feed_that_lost_most_of_its_services_waits_for_a_person(feed: Feed, server: Directory) -> None:
    server.services = [a_service(n, id=f"s{n}") for n in range(1, 16)]
    server.per_page = 50
    read(feed)
    server.services = server.services[:2]
    run = read(feed)
    assert (run.retired, run.complete) == (0, True)
    assert "13 of 15 services are gone" in run.message
    assert read(feed, retire_many=True).retired == 13


def test_one_reading_at_a_time_and_a_killed_one_is_taken_up_again(feed: Feed, server: Directory) -> None:
    run = sync.start(feed=feed)
    assert run is not None
    assert sync.start(feed=feed) is None
    # A worker took it and died: the lease has run out in the middle.
    FeedRun.objects.filter(pk=run.pk).update(status="running", leased_until=timezone.now() + timedelta(minutes=1))
    assert not sync.run_feed(run.pk), "somebody else's"
    FeedRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1), seen=4, page=2)
    assert sync.run_feed(run.pk)
    run.refresh_from_db()
    assert (run.status, run.seen, run.added) == ("done", 5, 5)


def test_the_sweep_starts_what_is_due_and_only_what_is_on(feed: Feed) -> None:
    sync.carry_on()
    sync.carry_on()
    assert FeedRun.objects.filter(feed=feed).count() == 1
    feed.refresh_from_db()
    assert feed.next_at is not None
    FeedRun.objects.update(status="done")
    Feed.objects.update(next_at=timezone.now() - timedelta(minutes=1), is_on=False)
    sync.carry_on()
    assert FeedRun.objects.filter(feed=feed).count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://directory.example/api",
        "https://127.0.0.1/api",
        "https://[::1]/api",
        "https://2130706433/api",
        "https://[::ffff:10.0.0.1]/api",
        "https://[64:ff9b::10.0.0.1]/api",
        "https://[2002:0a00:0001::]/api",
        "https://[fd00::1]/api",
        "https://10.0.0.7/api",
        "https://169.254.169.254/latest/meta-data",
        "https://user:secret@directory.example/api",
        "https://localhost/api",
        "file:///etc/passwd",
    ],
)
def test_a_feed_leads_nowhere_inside(url: str, settings: Any) -> None:
    settings.FEEDS_MAY_BE_LOCAL = False
    # Refused before anything is asked: that nobody answers there would be another reason.
    with pytest.raises(FeedError, match=r"inside a private network|must begin with https|without a user name"):
        fetch.fetch(url)


def test_merging_takes_each_field_by_itself() -> None:
    local = {"a": "1", "b": "mine", "c": "", "d": "mine", "e": "same", "f": "mine"}
    given = {"a": "1", "b": "2", "f": "2"}
    found = merge(local, given, {"a": "9", "b": "3", "c": "4", "d": "5", "e": "same", "f": "2"})
    assert found.updates == {"a": "9", "c": "4"}
    assert found.conflicts == ["b", "d"]
    assert found.given == {"a": "9", "b": "2", "c": "4", "e": "same", "f": "2"}


def test_the_pages_of_a_feed(feed: Feed, server: Directory, cast: Cast, client: Client) -> None:
    read(feed)
    manage(cast, offers.change_partner, partner(1), telephone="0113 222 2222")
    server.services[0] |= {"last_modified": "x", "contacts": [{"phones": [{"number": "0113 333 3333"}]}]}
    read(feed)
    sign_in(client, cast.manager)
    page = client.get(reverse("settings-feed", args=[feed.pk])).content.decode()
    assert "Keep ours" in page
    assert "0113 333 3333" in page
    entry = DirectoryEntry.objects.get(external_id="s1")
    answer = client.post(reverse("settings-feed-entry", args=[entry.pk]), {"field": "telephone", "choice": "take"})
    assert answer.status_code == 302
    assert partner(1).telephone == "0113 333 3333"
    assert client.post(reverse("settings-feed-read", args=[feed.pk])).status_code == 302
    assert client.post(reverse("settings-feed-read", args=[feed.pk])).status_code == 409
    running = client.get(reverse("settings-feed", args=[feed.pk])).content.decode()
    assert "hx-trigger" in running
    assert "City directory" in client.get(reverse("settings-feeds")).content.decode()
    wrong = {"name": "Ours", "url": "http://localhost/x", "every_hours": "24", "is_on": "yes", "once": uuid.uuid4()}
    assert client.post(reverse("settings-feed-new"), wrong | {"url": "ftp://x.example/"}).status_code == 422
