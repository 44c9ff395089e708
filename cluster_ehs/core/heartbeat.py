"""A worker's sign of life, kept in the queue and read by `/healthz`."""

import logging
from typing import Any

import redis
from celery import bootsteps
from django.conf import settings

BEAT_SECONDS = 10
KEPT_SECONDS = 35  # three beats may be missed
ANSWER_SECONDS = 2
KEY = "ehs:worker:"
# The process that makes back-ups does no other work: its life says nothing about the others'.
BACKUP = "backup@"

log = logging.getLogger(__name__)


def queue() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
    )


class Heartbeat(bootsteps.StartStopStep):
    """Given by the worker's own main loop: a worker that hangs stops giving it."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        if parent.hostname.startswith(BACKUP):
            return
        self.beat(parent)
        self.timer = parent.timer.call_repeatedly(BEAT_SECONDS, self.beat, (parent,), priority=10)

    def stop(self, parent: Any) -> None:
        if self.timer:
            self.timer.cancel()
        try:
            with queue() as client:
                client.delete(KEY + parent.hostname)
        except redis.RedisError:
            log.warning("the worker's sign of life could not be taken back; it runs out by itself")

    def beat(self, parent: Any) -> None:
        try:
            with queue() as client:
                client.set(KEY + parent.hostname, "1", ex=KEPT_SECONDS)
        except redis.RedisError as error:
            log.warning("no sign of life given: the queue is down (%s)", type(error).__name__)
