"""Read by Python at its start where libfaketime turns the clock (`Site.environment`).

libfaketime 0.9.10 refuses clock_nanosleep(), by which Python sleeps, when it leaves the monotonic clock alone; and with
a monotonic clock that it turns as well, whoever waits for a time waits for ever.
"""

import select
import time
from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    select.select([], [], [], max(0.0, float(seconds)))


time.sleep = sleep
