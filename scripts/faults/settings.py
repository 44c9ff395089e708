"""The program's settings, with mail to a server of the run's own and less patience. Never used but by `make faults`."""

import os
import warnings
from datetime import timedelta

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
