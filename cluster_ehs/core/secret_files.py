"""A secret may be a file that a vault mounts: `SECRET_KEY_FILE=/run/secrets/key` stands for `SECRET_KEY=…`.

What is in the environment is read by whoever sees the process or its container described; a file is not.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SECRETS = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_BACKUP_URL",
    "REDIS_URL",
    "EMAIL_HOST_PASSWORD",
    "EHS_OIDC_CLIENT_SECRET",
    "EHS_METRICS_TOKEN",
    "EHS_AUDIT_HEADS_KEYS_BEFORE",
)


def read() -> None:
    """Put the content of each such file in its place. Raises ImproperlyConfigured for one that cannot be read, and for
    a secret that is given in both ways: which of them counts would be a guess."""
    for name in SECRETS:
        place = os.environ.get(f"{name}_FILE", "")
        if not place:
            continue
        if os.environ.get(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Leave one of them out.")
        try:
            os.environ[name] = Path(place).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {type(error).__name__}.") from None
        # So that a process that starts itself anew does not find both.
        del os.environ[f"{name}_FILE"]


# Here, because the modules of the settings look into the environment while they are imported.
read()
