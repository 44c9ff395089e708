"""Which database login the process is using, and the short time in which it is the owner.

The web and worker processes only ever log in as the application role. `migrate` and the
set-up of the tests need the owner of the tables; they ask for it here, by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dj_database_url
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Point the default connection at the same database as its owner, and back afterwards.

    Raises ImproperlyConfigured when DATABASE_OWNER_URL is not set.
    """
    if not settings.DATABASE_OWNER_URL:
        raise ImproperlyConfigured("DATABASE_OWNER_URL is not set. It is required to change the database's structure.")
    owner = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(USER=owner["USER"], PASSWORD=owner["PASSWORD"])
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
