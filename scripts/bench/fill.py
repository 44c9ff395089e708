"""Fills the database of the environment with a city: `python -m scripts.bench.fill REFERRALS`."""

import json
import sys

import django

django.setup()

from scripts.bench.city import counts, make_city  # noqa: E402

make_city(int(sys.argv[1]))
print(json.dumps(counts()))
