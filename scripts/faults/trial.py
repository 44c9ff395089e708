"""One trial: people write while something happens, then everything is counted."""

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scripts.faults.people import Count, People
from scripts.faults.site import KINDS as EVERY_TIME
from scripts.faults.site import Site
from scripts.faults.table import Result

# Mails that are to go now; others wait for their time.
UNSENT = "SELECT count(*) FROM core_message WHERE sent_at IS NULL AND by_mail = 'once' AND send_after IS NULL"
# Rounds for each run that is asked for: some faults meet nothing.
IDLE_TOO = 3
# What goes wrong so often need not be shown again.
ENOUGH_WRONG = 5


@dataclass
class Trial:
    """What a fault works with. writes: of each kind those that nobody has sent yet."""

    site: Site
    runs: int
    rng: random.Random
    people: People
    writes: dict[str, list[dict[str, Any]]]
    result: Result
    count: Count

    def rounds(self) -> Iterator[int]:
        """As many as it takes to meet work so often as was asked, but not for ever."""
        for number in range(IDLE_TOO * self.runs):
            if self.result.runs >= self.runs or len(self.result.wrong) >= ENOUGH_WRONG:
                return
            yield number

    def next(self, kinds: Iterable[str] = EVERY_TIME) -> list[dict[str, Any]]:
        return [self.writes[kind].pop() for kind in kinds]

    def during(
        self,
        happen: Callable[[], None],
        writes: list[dict[str, Any]],
        *,
        within: float,
        struck: Callable[[], bool] | None = None,
    ) -> None:
        """Send the writes at random times within so many seconds, and let it happen at a random time among them.

        struck: whether the fault met any of them; unless given: whether anybody had to send again.
        """
        before = self.count.met
        failed: list[Exception] = []

        def send(write: dict[str, Any], after: float) -> None:
            time.sleep(after)
            try:
                self.people.deliver(write, self.count)
            except Exception as error:
                failed.append(error)

        threads = [
            threading.Thread(target=send, args=(write, self.rng.uniform(0, within)), daemon=True) for write in writes
        ]
        for thread in threads:
            thread.start()
        time.sleep(self.rng.uniform(0, within))
        happen()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        if struck() if struck else self.count.met > before:
            self.result.runs += 1
        else:
            self.result.idle += 1

    def judge(self) -> None:
        """Ask the database for each mark, and the folder for each file."""
        count, result = self.count, self.result
        result.acknowledged += len(count.acknowledged)
        for mark, write in count.acknowledged.items():
            times = self.site.one(write["count"], [mark])
            result.found += times > 0
            result.twice += times > 1
        result.clear, result.cut, result.unclear = count.clear, count.cut, len(count.unclear)
        result.wrong += [f"unclear page: {page}" for page in count.unclear]
        result.wrong += [f"given up: {write}" for write in count.given_up]
        with self.site.rows() as cursor:
            cursor.execute("SELECT path, size FROM families_storedfile")
            for path, size in cursor.fetchall():
                file = self.site.files / path
                if not file.is_file() or file.stat().st_size != size:
                    result.wrong.append(f"the file of a row is not there or not whole: {path}")


def beyond(count: Callable[[], int]) -> Callable[[], bool]:
    """Whether a count has grown since now."""
    before = count()
    return lambda: count() > before


def mails(trial: Trial, number: int) -> list[str]:
    """Note so many mails to be sent, as a service does in its transaction. Returns their ids."""
    made = []
    with trial.site.rows("owner") as cursor:
        for _ in range(number):
            cursor.execute(
                'INSERT INTO core_message (key, "to", subject, body, url, urgent, by_mail, created_at, tries, '
                "last_error) VALUES (gen_random_uuid(), 'who@example.org', 'You have a notice', '', '', false, 'once', "
                "now(), 0, '') RETURNING id"
            )
            made.append(f"<{cursor.fetchone()[0]}@early-help>")
    return made


def judge_mails(trial: Trial, made: list[str]) -> None:
    """Each must have been taken by the mail server once."""
    site, result = trial.site, trial.result

    def all_sent() -> bool:
        site.end_leases()
        return site.one(UNSENT) == 0

    try:
        site.until(all_sent, "")
    except RuntimeError:
        result.wrong.append(f"{site.one(UNSENT)} mails were never sent")
    result.acknowledged += len(made)
    result.found += sum(site.mail.ids[each] > 0 for each in made)
    result.twice += sum(site.mail.ids[each] > 1 for each in made)
