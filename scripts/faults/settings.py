"""The program's settings, with mail to a server of the run's own and less patience. Never used but by `make faults`."""

import os
import sys
import warnings
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from random import uniform
from time import sleep
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.db import connection

from cluster_ehs.core import patience
from cluster_ehs.settings import *  # noqa: F403
from cluster_ehs.settings import CELERY_BEAT_SCHEDULE as REAL

warnings.filterwarnings("ignore", message="No directory at")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ.get("FAULTS_MAIL_PORT", "25"))
EMAIL_TIMEOUT = 2
EMAIL_USE_TLS = False
# Forty seconds for each link that hangs would make the run a day long.
patience.SECONDS = 4.0
# The sweep of a minute, hurried for the same reason.
CELERY_BEAT_SCHEDULE = {**REAL, "sweep": {"task": "cluster_ehs.core.sweep", "schedule": timedelta(seconds=2)}}
CELERY_BEAT_SCHEDULE_FILENAME = os.environ.get("FAULTS_BEAT_FILE", "celerybeat-schedule")
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "CRITICAL"}}
# A feed may be one of the run's own.
FEEDS_MAY_BE_LOCAL = True

# Seconds at most before each statement of a task: a quick one would be over before anybody could kill it.
SLOW = 0.008


def _slowly(execute: Callable[..., Any], *what: Any) -> Any:
    sleep(uniform(0, SLOW))  # noqa: S311 - no secret
    return execute(*what)


if MARK := os.environ.get("FAULTS_MARK", ""):
    # Whoever is to kill a worker in the middle of a task reads here which one it is at, and in which process.
    @task_prerun.connect(weak=False)
    def _at(sender: Any = None, **_: Any) -> None:
        # A back-up is due at any hour of a run. (Settings come before models, so it cannot be imported above.)
        sys.modules["cluster_ehs.core.backups.schedule"].DUE_FROM = time(0)  # type: ignore[attr-defined]
        connection.execute_wrappers[:] = [_slowly]
        Path(MARK).write_text(f"{os.getpid()} {sender.name}")

    @task_postrun.connect(weak=False)
    def _done(**_: Any) -> None:
        Path(MARK).write_text("")
