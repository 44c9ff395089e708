"""The program's settings with a meter in front and one empty page. Never used but by the benchmark."""

import warnings

from cluster_ehs.settings import *  # noqa: F403
from cluster_ehs.settings import MIDDLEWARE as REAL

# Styles and scripts are not asked for here, so they need not have been collected.
warnings.filterwarnings("ignore", message="No directory at")

MIDDLEWARE = ["scripts.bench.meter.Meter", *REAL]
ROOT_URLCONF = "scripts.bench.urls"
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
