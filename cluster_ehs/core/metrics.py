"""`GET /metrics` for Prometheus: how the service does, never what is in it.

Counts are of requests, tasks and jobs of the whole service; no number is of a Cluster, a family or a worker. Answered
like `/healthz` before anything else, and only to who sends `Authorization: Bearer` with `EHS_METRICS_TOKEN`; without
that setting there is no such page. The proxy does not pass it on.
"""

import hmac
import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import redis
from celery.signals import task_postrun
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import DatabaseError, connection
from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cluster_ehs.core import heartbeat, uploads
from cluster_ehs.core.backups import schedule
from cluster_ehs.core.models import Message
from cluster_ehs.core.request_ids import RequestIdMiddleware, Trail
from cluster_ehs.core.request_log import method_of

PATH = "/metrics"
QUEUE = "celery"
# Counted in Redis, because workers are other processes on other machines.
TASKS_KEY = "ehs:tasks"

log = logging.getLogger(__name__)

REQUESTS = Counter("ehs_requests_total", "Requests answered", ["view", "method", "status"])
SECONDS = Histogram(
    "ehs_request_seconds",
    "Seconds to answer a request",
    ["view"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
)
SIGN_IN_FAILURES = Counter("ehs_sign_in_failures_total", "Sign-ins refused: a wrong password or code")

# What waits to be done: a name of the kind of job, and how many are due and since when the oldest is.
JOBS: dict[str, Callable[[], tuple[int, datetime | None]]] = {}
# When something last went well that must happen regularly.
MOMENTS: dict[str, Callable[[], datetime | None]] = {}


def count_request(request: HttpRequest, response: HttpResponse, seconds: float, trail: Trail) -> None:
    view = trail.view or "none"
    REQUESTS.labels(view, method_of(request), str(response.status_code)).inc()
    SECONDS.labels(view).observe(seconds)


def count_failure(**_: Any) -> None:
    SIGN_IN_FAILURES.inc()


def count_task(sender: Any, state: str = "", **_: Any) -> None:
    """Celery's signal after each task. A queue that is away loses a count, not a task."""
    outcome = "done" if state == "SUCCESS" else "failed" if state == "FAILURE" else "again"
    try:
        with heartbeat.queue() as client:
            client.hincrby(TASKS_KEY, f"{sender.name}|{outcome}", 1)
    except redis.RedisError as error:
        log.warning("a task was not counted: the queue is down (%s)", type(error).__name__)


def mails_due() -> tuple[int, datetime | None]:
    due = Message.objects.filter(
        Q(send_after__isnull=True) | Q(send_after__lte=timezone.now()),
        sent_at__isnull=True,
        by_mail=Message.ByMail.ONCE,
    )
    return due.count(), due.aggregate(oldest=Min("created_at"))["oldest"]


def last_seal() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(at) FROM core_seal")
        return cursor.fetchone()[0]


JOBS["mail"] = mails_due
MOMENTS["seal"] = last_seal
MOMENTS["backup"] = schedule.last_backup_at


class State(Collector):
    """What is asked of database and queue at the moment of the question; what is away is not said, and `up` says so."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("ehs_up", "Whether a part answers", labels=["part"])
        for part, asked, down in (
            ("database", self.of_database, DatabaseError),
            ("queue", self.of_queue, redis.RedisError),
        ):
            try:
                yield from asked()
                up.add_metric([part], 1)
            except down as error:
                log.error("metrics: the %s is down (%s)", part, type(error).__name__)
                up.add_metric([part], 0)
        if (scanner := uploads.scanner_state()) != "none":
            up.add_metric(["scanner"], scanner == "ok")
        yield up

    def of_database(self) -> list[Metric]:
        now = timezone.now()
        count = GaugeMetricFamily("ehs_jobs_due", "Jobs that are due and not done", labels=["job"])
        age = GaugeMetricFamily(
            "ehs_job_oldest_seconds", "Age of the oldest job that is due; 0 when none is", labels=["job"]
        )
        for name, ask in JOBS.items():
            due, oldest = ask()
            count.add_metric([name], due)
            age.add_metric([name], (now - oldest).total_seconds() if oldest else 0)
        since = GaugeMetricFamily(
            "ehs_last_seconds", "Seconds since this last went well; absent when it never did", labels=["what"]
        )
        for name, moment in MOMENTS.items():
            if at := moment():
                since.add_metric([name], (now - at).total_seconds())
        return [count, age, since]

    def of_queue(self) -> list[Metric]:
        with heartbeat.queue() as client:
            waiting = client.llen(QUEUE)
            handed_out = client.hlen("unacked")
            workers = sum(1 for _ in client.scan_iter(f"{heartbeat.KEY}*", count=1000))
            tasks = client.hgetall(TASKS_KEY)
            files = client.hgetall(uploads.FILES_KEY)
        depth = GaugeMetricFamily("ehs_queue_depth", "Tasks in the queue", labels=["state"])
        depth.add_metric(["waiting"], waiting)
        depth.add_metric(["handed out"], handed_out)
        ended = CounterMetricFamily("ehs_tasks", "Tasks ended", labels=["task", "outcome"])
        for key, number in sorted(tasks.items()):
            name, _, outcome = key.decode().partition("|")
            ended.add_metric([name, outcome], int(number))
        checked = CounterMetricFamily("ehs_files_checked", "Files shown to the virus scanner", labels=["outcome"])
        for outcome in uploads.OUTCOMES:
            checked.add_metric([outcome], int(files.get(outcome.encode(), 0)))
        return [
            depth,
            ended,
            checked,
            GaugeMetricFamily("ehs_workers", "Workers that give signs of life", value=workers),
        ]


def shown() -> bytes:
    """All figures, of every process of this server."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)
        registry.register(State())
        return generate_latest(registry)
    registry.register(State())
    return generate_latest(REGISTRY) + generate_latest(registry)


def shows_token(request: HttpRequest) -> bool:
    """Whether a watching program asks; nobody does where no token is set."""
    token = settings.METRICS_TOKEN
    said = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(said.encode(), f"Bearer {token}".encode())


class MetricsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return self.get_response(request)
        if not shows_token(request):
            return HttpResponseNotFound(headers={"Cache-Control": "no-store"})
        return HttpResponse(shown(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


RequestIdMiddleware.done.append(count_request)
user_login_failed.connect(count_failure, dispatch_uid="metrics")
task_postrun.connect(count_task)
