"""The Celery application. Tasks are found in every app's `tasks.py`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

from cluster_ehs.core.heartbeat import Heartbeat
from cluster_ehs.core.walls_check import refuse_unsafe_role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")

app = Celery("cluster_ehs", task_cls="cluster_ehs.core.tasks:ScopedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)


@worker_init.connect
@beat_init.connect
def _check_role(**_: Any) -> None:
    refuse_unsafe_role()
