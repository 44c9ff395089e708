"""The Celery application. Tasks are found in every app's `tasks.py`."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import beat_init, before_task_publish, setup_logging, task_postrun, task_prerun, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cluster_ehs.core import gate, request_ids
from cluster_ehs.core.heartbeat import Heartbeat
from cluster_ehs.core.walls_check import refuse_unsafe_role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")

app = Celery("cluster_ehs", task_cls="cluster_ehs.core.tasks:ScopedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)
before_task_publish.connect(request_ids.send_along)
task_prerun.connect(request_ids.begin_task)
task_postrun.connect(request_ids.end_task)


@setup_logging.connect
def _log_as_the_web_does(**_: Any) -> None:
    dictConfig(settings.LOGGING)


@worker_init.connect
@beat_init.connect
def _check_role(**_: Any) -> None:
    """Celery logs what a receiver raises and goes on; only leaving stops the start."""
    try:
        refuse_unsafe_role()
        gate.refuse_unready()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
