"""Reading a feed into the partner services, once, whatever happens to the worker or the feed in the middle.

Each page is one transaction: what it adds and changes stays when the feed stops after it. Whatever would remove
something waits for the end and for a feed that told all it has. A lease says whose the run is; a run that is taken up
again begins at the first page, and finds what it has done already unchanged.
"""

import logging
from datetime import timedelta
from typing import Any

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import LEASE
from clusters.changes import change, record
from clusters.directory import use
from clusters.directory.fetch import FeedError
from clusters.directory.following import merge
from clusters.directory.models import DirectoryEntry, Feed, FeedRun
from clusters.directory.reader import Page, Row, read_details, read_pages
from clusters.models import PartnerService, User

TASK = "clusters.run_feed"
TRIES = 5
ERRORS_KEPT = 100
FAILURES_IN_A_ROW = 10
# A feed that lost more than this part of its services has more likely a fault than a bad year.
LOST_AT_MOST = 0.5
FEW = 10
STOPPED = "An error in the program stopped the run. What was read before it stays."

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has taken the run over."""


class Directory:
    """The feed as it stands in the history."""

    pk = None
    actor_name = "partner directory"


def start(*, feed: Feed, author: User | None = None, retire_many: bool = False) -> FeedRun | None:
    """Put a reading of the feed in the queue; None when one is under way already."""
    try:
        with transaction.atomic():
            run = FeedRun.objects.create(feed=feed, author=author, retire_many=retire_many)
            Feed.objects.filter(pk=feed.pk).update(next_at=timezone.now() + timedelta(hours=feed.every_hours))
    except IntegrityError:
        return None
    run_soon(run.pk)
    return run


def run_soon(run_id: int) -> None:
    """After the commit, tell a worker. When the message is lost, the sweep finds the run."""
    transaction.on_commit(lambda: current_app.send_task(TASK, [run_id]), robust=True)


def carry_on() -> None:
    """For the sweep: start what is due, hand out again what waits or whose worker has gone."""
    now = timezone.now()
    for feed in Feed.objects.filter(Q(next_at__isnull=True) | Q(next_at__lte=now), is_on=True)[:20]:
        start(feed=feed)
    for pk in FeedRun.objects.filter(_left(now), status__in=FeedRun.OPEN).values_list("pk", flat=True)[:20]:
        run_soon(pk)


def run_feed(run_id: int) -> bool:
    """Carry out a run that waits or that its worker left. True when this call brought it to its end."""
    run = _lease(run_id)
    if run is None:
        return False
    try:
        _carry_out(run)
    except LeaseLost:
        return False
    except SoftTimeLimitExceeded:
        FeedRun.objects.filter(pk=run.pk, leased_until=run.leased_until).update(leased_until=None)
        return False
    except FeedError as error:
        log.warning("reading of feed %s stopped: %s", run.feed_id, error.__cause__ or error)
        _end(run, FeedRun.Status.STOPPED, f"Page {run.page + 1}: {error} Nothing was retired.")
    except OperationalError:
        # The database was away: the lease runs out and the sweep hands the run out again.
        raise
    except Exception:
        log.exception("reading of feed %s stopped", run.feed_id)
        _end(run, FeedRun.Status.STOPPED, STOPPED)
    return True


def _left(now: Any) -> Q:
    return Q(leased_until__isnull=True) | Q(leased_until__lt=now)


def _lease(run_id: int) -> FeedRun | None:
    now = timezone.now()
    with transaction.atomic():
        run = (
            FeedRun.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("feed")
            .filter(_left(now), pk=run_id, status__in=FeedRun.OPEN)
            .first()
        )
        if run is None:
            return None
        run.status, run.leased_until, run.tries = FeedRun.Status.RUNNING, now + LEASE, run.tries + 1
        run.page = run.pages = run.seen = run.failed = 0
        run.errors = []
        run.save()
    if run.tries > TRIES:
        _end(run, FeedRun.Status.STOPPED, f"Given up after {TRIES} attempts. Nothing was retired.")
        return None
    return run


def _carry_out(run: FeedRun) -> None:
    feed, seen, known = run.feed, set[str](), dict(run.feed.pages)
    doubts, twice, totals = 0, 0, set[int]()
    for page in read_pages(feed.url, known):
        details = _details(run, _wanting(feed, page))
        with acting_as(NamedActor.SCHEDULER):
            _store(run, page, {row.external_id: row for row in details})
        twice += len(set(page.ids) & seen) + len(page.ids) - len(set(page.ids))
        seen |= set(page.ids)
        doubts += page.nameless
        if page.total is not None:
            totals.add(page.total)
        known[page.url] = {"etag": page.etag, "ids": list(page.ids), "total": page.total, "pages": page.pages}
        if not page.etag or (page.rows is not None and any(row.problems for row in [*page.rows, *details])):
            known.pop(page.url)
    why = _incomplete(seen=len(seen), totals=totals, doubts=doubts, twice=twice)
    _finish(run, why=why, known=known)


def _incomplete(*, seen: int, totals: set[int], doubts: int, twice: int) -> str:
    """Why what was read may not be all; empty when it is."""
    if doubts:
        return f"{doubts} of its services have no id."
    if len(totals) > 1:
        return "The feed changed while it was being read."
    if totals and totals != {seen}:
        return f"The feed says that it has {totals.pop()} services and gave {seen}."
    if twice:
        return f"{twice} services came twice, so others may be missing."
    return ""


def _wanting(feed: Feed, page: Page) -> list[Row]:
    """Services whose contacts must be asked for: the list does not hold them, and they are new or have changed."""
    rows = [row for row in page.rows or [] if not row.has_contacts]
    known = dict(
        DirectoryEntry.objects.filter(feed=feed, external_id__in=[row.external_id for row in rows]).values_list(
            "external_id", "last_modified"
        )
    )
    return [row for row in rows if not row.last_modified or known.get(row.external_id) != row.last_modified]


def _details(run: FeedRun, rows: list[Row]) -> list[Row]:
    """The services with their contacts, or as the list has them, to be asked again next time.

    Raises FeedError when so many in a row fail that the feed has rather stopped.
    """
    found, failures = [], 0
    for row in rows:
        _prolong(run)
        try:
            found.append(_detailed(run.feed, row))
            failures = 0
        except FeedError as error:
            failures += 1
            if failures == FAILURES_IN_A_ROW:
                raise
            row.problems.append(f"its page could not be read: {error}")
            row.last_modified = ""
            found.append(row)
    return found


def _prolong(run: FeedRun) -> None:
    """Keep the lease while services are asked one by one. Raises LeaseLost."""
    now = timezone.now()
    if run.leased_until and run.leased_until - now < LEASE / 2:
        if not FeedRun.objects.filter(pk=run.pk, leased_until=run.leased_until).update(leased_until=now + LEASE):
            raise LeaseLost
        run.leased_until = now + LEASE


def _detailed(feed: Feed, row: Row) -> Row:
    found = read_details(feed.url, row)
    found.fields = {**row.fields, **found.fields}
    found.organisation = found.organisation or row.organisation
    found.last_modified = found.last_modified or row.last_modified
    return found


def _store(run: FeedRun, page: Page, details: dict[str, Row]) -> None:
    """One page, in the caller's transaction: its services, the run's counts, the lease."""
    entries = {
        entry.external_id: entry
        for entry in DirectoryEntry.objects.select_for_update(of=("self", "partner"))
        .select_related("partner")
        .filter(feed_id=run.feed_id, external_id__in=page.ids)
    }
    added = changed = failed = 0
    for row in {row.external_id: row for row in page.rows or []}.values():
        row = details.get(row.external_id, row)
        entry = entries.get(row.external_id)
        if row.problems:
            failed += 1
            run.errors = [*run.errors, {"where": row.external_id, "what": row.problem}][:ERRORS_KEPT]
        if row.ended:
            # Listed as ended: for us it is as good as gone, which the end of the run sees to.
            page = Page(**{**page.__dict__, "ids": tuple(i for i in page.ids if i != row.external_id)})
            continue
        if entry is None:
            added += _add(run.feed, row)
        else:
            changed += _follow(entry, row)
    DirectoryEntry.objects.filter(feed_id=run.feed_id, external_id__in=page.ids).update(
        seen_in=run, seen_at=timezone.now()
    )
    run.page, run.pages = page.number, page.pages
    until = timezone.now() + LEASE
    still_ours = FeedRun.objects.filter(pk=run.pk, leased_until=run.leased_until).update(
        leased_until=until,
        page=page.number,
        pages=page.pages,
        seen=F("seen") + len(page.ids),
        added=F("added") + added,
        changed=F("changed") + changed,
        failed=F("failed") + failed,
        errors=run.errors,
    )
    if not still_ours:
        raise LeaseLost
    run.leased_until = until


def _add(feed: Feed, row: Row) -> int:
    """A service that is new here: it fills a partner service of the same name that was kept by hand, or a new one."""
    name = row.fields.get("name", "")
    if not name:
        return 0
    partner = PartnerService.objects.filter(name__iexact=name, entry=None).first()
    entry = DirectoryEntry(feed=feed, external_id=row.external_id, organisation=row.organisation)
    made = partner is None
    if partner is None:
        partner = PartnerService(order=1000, name=_free_name(row))
        fields = {field: value for field, value in row.fields.items() if field != "name"}
        for field, value in fields.items():
            setattr(partner, field, value)
        partner.save()
        record(by=Directory(), kind="partner", text=f"Added {partner} from {feed}.", about=partner)
        entry.given = {**fields, "name": partner.name}
    entry.partner = partner
    _take(entry, row)
    entry.save()
    return int(made)


def _free_name(row: Row) -> str:
    """The service's name; with its organisation, then with its id, when another is called so."""
    name = row.fields["name"]
    longer = f"{name[:80]} ({row.organisation[:70]})" if row.organisation else name
    tries = (name, longer, f"{name[:100]} ({row.external_id[:50]})")
    taken = set(PartnerService.objects.filter(name__in=tries).values_list("name", flat=True))
    return next((text for text in tries if text not in taken), f"{name[:60]} ({row.external_id[:90]})")


def _follow(entry: DirectoryEntry, row: Row) -> int:
    """A service that is known: 1 when its partner service changed."""
    before = entry.last_modified
    texts = _take(entry, row)
    if entry.gone_at:
        entry.gone_at, entry.kept_because = None, ""
        if entry.retired_on and entry.partner.retired_on == entry.retired_on:
            texts += change(entry.partner, {"retired_on": None}, by=Directory(), kind="partner")
        entry.retired_on = None
    if row.problems and not row.last_modified:
        entry.last_modified = before if row.has_contacts else ""
    entry.save()
    return int(bool(texts))


def _take(entry: DirectoryEntry, row: Row) -> list[str]:
    """Merge what is offered into the entry and its partner service. Returns what changed, in words."""
    # What a list leaves out was told with the service itself, at this reading or before.
    told = {**entry.offered, **row.fields}
    offered = dict(told)
    # A name that another partner service has was made longer when it came; it stays so while the feed's is the same.
    if "name" in offered and entry.offered.get("name", offered["name"]) == offered["name"] and "name" in entry.given:
        offered["name"] = entry.given["name"]
    if "name" in offered and PartnerService.objects.filter(name=offered["name"]).exclude(pk=entry.partner.pk).exists():
        offered["name"] = _free_name(row)
    merged = merge(entry.local(), entry.given, offered)
    texts = change(entry.partner, merged.updates, by=Directory(), kind="partner") if merged.updates else []
    entry.given = merged.given
    entry.offered = told
    entry.conflicts = [n for n in merged.conflicts if entry.declined.get(n) != told[n]]
    entry.organisation = row.organisation or entry.organisation
    entry.last_modified, entry.problem = row.last_modified, row.problem
    return texts


def _finish(run: FeedRun, *, why: str, known: dict[str, Any]) -> None:
    """The end of a reading that reached the last page: retire what is gone, when the feed told all it has."""
    retired = kept = 0
    message = f"{why} Nothing was retired." if why else ""
    with acting_as(NamedActor.SCHEDULER):
        if not why:
            gone = DirectoryEntry.objects.select_for_update(of=("self", "partner")).select_related("partner")
            missing = list(gone.filter(~Q(seen_in=run) | Q(seen_in=None), feed_id=run.feed_id))
            new = [entry for entry in missing if entry.gone_at is None]
            held = DirectoryEntry.objects.filter(feed_id=run.feed_id, gone_at=None).count()
            if len(new) > FEW and len(new) > held * LOST_AT_MOST and not run.retire_many:
                message = (
                    f"{len(new)} of {held} services are gone from the feed. Nothing was retired: "
                    "look at the feed, and read it again with “retire however many are gone” if that is right."
                )
            else:
                retired, kept = _retire(missing)
        Feed.objects.filter(pk=run.feed_id).update(pages=known if not why else {})
    FeedRun.objects.filter(pk=run.pk).update(retired=retired, kept=kept, complete=not why)
    _end(run, FeedRun.Status.DONE, message)


def _retire(missing: list[DirectoryEntry]) -> tuple[int, int]:
    """Retire partner services that the feed no longer has, but for those in use or changed by hand."""
    today, now = timezone.localdate(), timezone.now()
    busy = use.used({entry.partner_id for entry in missing})
    retired = kept = 0
    for entry in missing:
        entry.gone_at = entry.gone_at or now
        entry.kept_because = ""
        if entry.partner.retired_on is None:
            if entry.partner_id in busy:
                entry.kept_because = "it is in use"
            elif entry.by_hand:
                entry.kept_because = "it was changed by hand"
            else:
                change(entry.partner, {"retired_on": today}, by=Directory(), kind="partner")
                entry.retired_on = today
                retired += 1
        kept += bool(entry.kept_because)
        entry.save(update_fields=["gone_at", "kept_because", "retired_on"])
    return retired, kept


def _end(run: FeedRun, status: FeedRun.Status, message: str) -> None:
    FeedRun.objects.filter(pk=run.pk, leased_until=run.leased_until).update(
        status=status, message=message.strip(), finished_at=timezone.now(), leased_until=None
    )
