"""The people at work in the city of the environment: `python -m scripts.load.run OUT.json MINUTES`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import count, pairwise
from pathlib import Path
from statistics import quantiles

import django

django.setup()

from django.urls import reverse  # noqa: E402

from cases.models import Case, CaseStatus  # noqa: E402
from cluster_ehs.core.scope import acting_as_user  # noqa: E402
from clusters.models import User  # noqa: E402
from families.models import Person as Child  # noqa: E402
from referrals.models import Referral  # noqa: E402
from scripts.bench.city import CLUSTERS, PASSWORD, WORKERS  # noqa: E402
from scripts.bench.client import Client  # noqa: E402
from scripts.load.people import Asked, Person, Records  # noqa: E402
from scripts.serving import ROOT, serving  # noqa: E402
from triage.models import Meeting  # noqa: E402

PEOPLE, TIMES = 100, 3
# In so many places one practitioner may be signed in.
PLACES = 3
OVERLOAD_SECONDS, AFTERWARDS_SECONDS = 120, 120


def processes(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    for command in (["worker", "--loglevel", "ERROR", "--concurrency", "1"], ["beat", "--loglevel", "ERROR"]):
        yield subprocess.Popen(  # noqa: S603 - a fixed command
            [sys.executable, "-m", "celery", "-A", "cluster_ehs", *command], cwd=ROOT, env=environment
        )


@contextmanager
def background(environment: dict[str, str]) -> Iterator[None]:
    """Worker and beat beside the web, as they always are."""
    started = list(processes(environment))
    try:
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def p95(asked: list[Asked]) -> float:
    return quantiles([one.seconds for one in asked], n=100, method="inclusive")[94] if len(asked) > 1 else 0.0


def refused(one: Asked) -> bool:
    """Turned away for the moment, with a time to try again."""
    return one.status == 503 and one.retry_after


def wrong(asked: list[Asked]) -> list[Asked]:
    """Those that got no answer, or a 5xx that is no such refusal."""
    return [one for one in asked if one.status == 0 or (one.status >= 500 and not refused(one))]


def recovered_after(asked: list[Asked], since: float) -> float | None:
    """Seconds after which 95 of 100 answers of each ten seconds to come take under a second; None when never."""
    end = max((one.at for one in asked), default=since)
    after = None
    begin = since
    while begin < end - 5:
        window = [one for one in asked if begin <= one.at < begin + 10]
        well = p95(window) < 1 and not any(one.status == 0 or one.status >= 500 for one in window)
        after = (begin - since if after is None else after) if well else None
        begin += 5
    return after


def staff() -> Iterator[tuple[str, str]]:
    """(role, address) of people all over the city, mostly practitioners, again and again."""
    for number in count():
        if number % 50 == 49:
            yield "manager", "manager@example.org"
        elif number % 8 == 7:
            yield "leader", f"w{number % CLUSTERS}-0@example.org"
        else:
            yield "practitioner", f"w{number % CLUSTERS}-{1 + number // CLUSTERS % (WORKERS - 1)}@example.org"


def records(email: str, role: str) -> Records | None:
    """What this person opens: the own open cases, or for a leader those of the Cluster. None: has no case."""
    if role == "manager":
        return Records([], [], [], [], "")
    user = User.objects.get(email=email)
    with acting_as_user(user.pk):
        cases = Case.objects.filter(status=CaseStatus.OPEN)
        if role == "practitioner":
            cases = cases.filter(lead_workers__worker=user, lead_workers__ends_on=None)
        some = list(cases.order_by("pk")[:8])
        if not some:
            return None
        referrals = Referral.objects.order_by("-received_on")[:20]
        boards = [
            reverse("board", args=[meeting.pk, item.referral_id])
            for meeting in Meeting.objects.all()[:1]
            for item in meeting.items.all()[:10]
        ]
        name = Child.objects.filter(is_child=True, family_id=some[0].family_id).first()
        return Records(
            [reverse("case", args=[case.pk]) for case in some],
            [reverse("family", args=[case.family_id]) for case in some],
            [reverse("referral", args=[referral.pk]) for referral in referrals],
            boards,
            name.last_name if name else "Shaw",
        )


def hire(address: str, wanted: int, log: list[Asked], started: float) -> list[Person]:
    """People who have signed in, each from an address of their own as behind the proxy."""
    known: dict[str, Records | None] = {}
    times: Counter[str] = Counter()
    people: list[Person] = []
    for role, email in staff():
        if email not in known:
            known[email] = records(email, role)
        if not (opens := known[email]):
            continue
        if role == "practitioner":
            # Who is there a second time works on other cases: nobody writes the same note in two places at once.
            opens = replace(opens, cases=opens.cases[times[email] :: PLACES])
            times[email] += 1
            if not opens.cases:
                continue
        number = len(people)
        client = Client(address, headers={"X-Forwarded-For": f"10.7.{number // 250}.{number % 250 + 1}"})
        client.sign_in(email, PASSWORD)
        people.append(Person(client, role, opens, log, number, started))
        if len(people) == wanted:
            break
    return people


def wait(seconds: float, title: str) -> None:
    print(f"{title} for {seconds:.0f} s …", flush=True)
    time.sleep(seconds)


def main(out: Path, minutes: float) -> None:
    environment = {**os.environ, "TRUSTED_PROXIES": "1"}
    with background(environment), serving("scripts.bench.wsgi", environment={"TRUSTED_PROXIES": "1"}) as address:
        log: list[Asked] = []
        started = time.monotonic()
        people = hire(address, PEOPLE * TIMES, log, started)
        begin = {"usual": time.monotonic() - started}
        for person in people[:PEOPLE]:
            person.start()
        wait(minutes * 60, f"{PEOPLE} people")
        begin["overload"] = time.monotonic() - started
        for person in people[PEOPLE:]:
            person.start()
        wait(OVERLOAD_SECONDS, f"{PEOPLE * TIMES} people")
        for person in people[PEOPLE:]:
            person.stop.set()
        begin["afterwards"] = time.monotonic() - started
        wait(AFTERWARDS_SECONDS, f"{PEOPLE} people again")
        begin["end"] = time.monotonic() - started
        for person in people:
            person.stop.set()
    found: dict[str, object] = {}
    for (phase, since), (_, until) in pairwise(begin.items()):
        found[phase] = summary([one for one in log if since <= one.at < until], until - since)
    found["recovered_after"] = recovered_after(log, begin["afterwards"])
    found["each_ten_seconds"] = [
        [since, len(some), round(p95(some), 2), Counter(one.what for one in some if one.seconds > 1).most_common(5)]
        for since in range(0, int(begin["end"]), 10)
        if (some := [one for one in log if since <= one.at < since + 10])
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1))


def summary(asked: list[Asked], seconds: float) -> dict[str, object]:
    by_kind: dict[str, list[Asked]] = {}
    for one in asked:
        by_kind.setdefault(one.what, []).append(one)
    return {
        "asked": len(asked),
        "a_second": len(asked) / seconds,
        "p50": quantiles([one.seconds for one in asked], n=2)[0] if len(asked) > 1 else 0.0,
        "p95": p95(asked),
        "longest": max((one.seconds for one in asked), default=0.0),
        "refused": sum(map(refused, asked)),
        "wrong": [asdict(one) for one in wrong(asked)][:50],
        "refused_otherwise": [
            [*refusal, times]
            for refusal, times in Counter(
                (one.what, one.status, one.why) for one in asked if 400 <= one.status < 500
            ).most_common(5)
        ],
        "by_kind": {what: {"asked": len(ones), "p95": p95(ones)} for what, ones in sorted(by_kind.items())},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
