"""How gunicorn serves, in development as in production; WEB_CONCURRENCY sets the number of processes."""

import os
import shutil
import tempfile
from typing import Any

# Before anything counts: the processes of one server add up their figures in this folder.
figures = tempfile.mkdtemp(prefix="ehs-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures

from prometheus_client import multiprocess  # noqa: E402 (decides at import where it counts)

from cluster_ehs.core import logs  # noqa: E402

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
# Web processes give the database less time than the others (core/patience.py).
raw_env = ["EHS_PART=web"]
# More than can be answered soon is not taken at all: the proxy says 503 instead of letting people wait.
backlog = 64
graceful_timeout = 30
# PDF and spreadsheets leave memory behind; a process gives it back by ending now and then.
max_requests = 5000
max_requests_jitter = 500
errorlog = "-"
logconfig_dict = logs.config(json_lines=os.environ.get("EHS_ENV") == "production")
# No access log: the proxy keeps one, and addresses of records are not for a second place.
accesslog = None


def child_exit(server: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    shutil.rmtree(figures, ignore_errors=True)
