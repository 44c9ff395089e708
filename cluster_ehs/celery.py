"""The Celery application. Tasks are found in every app's `tasks.py`."""

import os

from celery import Celery

from cluster_ehs.core.heartbeat import Heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")

app = Celery("cluster_ehs", task_cls="cluster_ehs.core.tasks:ScopedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Heartbeat)
