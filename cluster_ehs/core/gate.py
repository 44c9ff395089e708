"""What must be in place before anything of a real family is entered, and what holds it off until then.

`EHS_LIVE_DATA=yes` says that the service is live. It does not start while something is missing, and names it; until
it is set, production pages carry a line that the data must not be real. `manage.py check --deploy`, the start's log and
the settings page “Live data” say what is missing in the same words.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from cluster_ehs.core.clamd import is_address

logger = logging.getLogger("ehs.gate")
KEY_LENGTH = 50
PASSWORD_LENGTH = 12


@dataclass(frozen=True)
class Condition:
    """One thing that must be in place: its name, whether it is, and how it is put in place."""

    key: str
    name: str
    how: str
    is_met: Callable[[], bool]


def _has_secrets() -> bool:
    key = str(settings.SECRET_KEY)
    own = len(key) >= KEY_LENGTH and len(set(key)) > 10 and not key.startswith("development-only")
    return own and not settings.DEBUG and settings.PUBLIC_URL.startswith("https://")


def _has_passwords() -> bool:
    """Whoever logs in by a password has one of its own; a database may also take a certificate or the socket's user."""
    database, queue = urlsplit(settings.DATABASE_URL), urlsplit(settings.REDIS_URL)
    return (database.password is None or _is_own(database.password)) and _is_own(queue.password or "")


def _is_own(password: str) -> bool:
    return len(password) >= PASSWORD_LENGTH and len(set(password)) > 5


def _has_mail() -> bool:
    sent = settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend" and bool(settings.EMAIL_HOST)
    return sent and settings.EMAIL_HOST != "localhost" and not settings.DEFAULT_FROM_EMAIL.endswith("@localhost")


def _heads_are_elsewhere() -> bool:
    """The file lies on another file system than the program's own, in a folder that is there."""
    path = Path(settings.AUDIT_HEADS)
    own = (settings.BASE_DIR, Path(settings.VAR), Path(settings.FILES_ROOT))
    if not path.parent.is_dir() or any(path.is_relative_to(folder) for folder in own):
        return False
    return path.parent.stat().st_dev != Path(settings.BASE_DIR).stat().st_dev


CONDITIONS = (
    Condition(
        "secrets",
        "Secrets of its own and a public address with TLS",
        f"Set SECRET_KEY to {KEY_LENGTH} or more random characters, PUBLIC_URL to an https:// address and "
        "EHS_ENV to production.",
        _has_secrets,
    ),
    Condition(
        "passwords",
        "Passwords of its own for database and queue",
        f"Set DATABASE_URL and REDIS_URL with passwords of {PASSWORD_LENGTH} or more random characters.",
        _has_passwords,
    ),
    Condition(
        "second_factor",
        "A second factor for everybody who reads records",
        "Set EHS_SECOND_FACTOR to required, or leave it out in production.",
        lambda: bool(settings.SECOND_FACTOR_REQUIRED),
    ),
    Condition(
        "backup",
        "A target for back-ups",
        "Set EHS_BACKUP_TARGET to where the daily back-up goes, not this machine, and EHS_BACKUP_KEY to the key that "
        "it is sealed for (manage.py backup --new-key).",
        lambda: bool(settings.BACKUP_TARGET and settings.BACKUP_KEY),
    ),
    Condition(
        "mail",
        "Mail that reaches people",
        "Set EMAIL_HOST to the mail server and DEFAULT_FROM_EMAIL to an address that it may send from.",
        _has_mail,
    ),
    Condition(
        "retention",
        "A named owner of retention",
        "Set EHS_RETENTION_OWNER to the e-mail address of the person who reviews what is due for disposal.",
        lambda: "@" in settings.RETENTION_OWNER,
    ),
    Condition(
        "heads",
        "Heads of the history kept elsewhere",
        "Set EHS_AUDIT_HEADS to a file in a folder that is mounted from another machine.",
        _heads_are_elsewhere,
    ),
    Condition(
        "errors",
        "A reader of error reports",
        "Set EHS_ERRORS_TO to the e-mail addresses of those who mend the program.",
        lambda: bool(settings.ERRORS_TO),
    ),
)


# Advice and no condition: a place may scan elsewhere (its files' own disk, a gateway in front), a scanner takes
# gigabytes of memory, and files are checked by content, never run and never shown as pages here.
ADVICE = (
    Condition(
        "scanner",
        "A virus scanner for files that come in",
        "Set EHS_VIRUS_SCANNER to the address of a ClamAV daemon: tcp://host:3310 or unix:///path.",
        lambda: is_address(settings.VIRUS_SCANNER),
    ),
)


def missing() -> list[Condition]:
    return [condition for condition in CONDITIONS if not condition.is_met()]


def advised() -> list[Condition]:
    """What is not in place and holds nothing off."""
    return [condition for condition in ADVICE if not condition.is_met()]


def refuse_unready() -> None:
    """Raise ImproperlyConfigured when live data was switched on while something is missing; else log what is."""
    lacking = missing()
    if settings.LIVE_DATA and lacking:
        listed = "\n".join(f"- {condition.name}. {condition.how}" for condition in lacking)
        raise ImproperlyConfigured(
            f"EHS_LIVE_DATA is on, but not everything is in place for live data. Missing:\n{listed}"
        )
    if settings.PRODUCTION:
        for condition in lacking:
            logger.warning("Not for live data. Missing: %s. %s", condition.name, condition.how)
        for condition in advised():
            logger.warning("Advised: %s. %s", condition.name, condition.how)


def is_for_trying_out() -> bool:
    """Whether pages must say that the data is not to be real."""
    return bool(settings.PRODUCTION and not settings.LIVE_DATA)


@register(Tags.security, deploy=True)
def check_gate(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Of `manage.py check --deploy`: a warning for each thing that is missing."""
    found: list[CheckMessage] = [
        Warning(f"Not for live data. Missing: {condition.name}.", hint=condition.how, id=f"ehs.gate.{condition.key}")
        for condition in missing()
    ]
    if not settings.LIVE_DATA and not found:
        found.append(
            Warning(
                "Everything is in place, but live data is not switched on: pages say that it is for trying out.",
                hint="Set EHS_LIVE_DATA to yes.",
                id="ehs.gate.switch",
            )
        )
    found += [
        Warning(f"Advised: {condition.name}.", hint=condition.how, id=f"ehs.gate.{condition.key}")
        for condition in advised()
    ]
    return found
