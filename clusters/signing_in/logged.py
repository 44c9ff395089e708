"""Each attempt to get in, in the log: what was shown or refused, by which factor, whose [OWASP ASVS 5.0 16.3.1].

A person is a number; an address that was typed is a mark that says nothing by itself (`attempts.mark_of`), the same in
each line about it, whether or not there is such an account. Where it came from has the proxy's log under the same id.
"""

import logging
from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from cluster_ehs.core import metrics
from clusters.models import User
from clusters.signing_in import attempts, second_factor

log = logging.getLogger("ehs.sign_in")


def write(says: str, *, level: int = logging.INFO, **fields: Any) -> None:
    log.log(level, says, extra={"fields": {name: value for name, value in fields.items() if value}})


def refused(factor: str, *, user: User | None = None, email: str = "", why: str = "") -> None:
    """Something that was shown did not open: factor is password, totp, recovery_codes, passkey, directory or token."""
    mark = attempts.mark_of(email) if email else ""
    write("refused", level=logging.WARNING, factor=factor, user=user.pk if user else None, account=mark, why=why)


def shown(user: User, method: str, **more: Any) -> None:
    """A step went well: the password, a code, a passkey, the directory; a first one, or asked for again."""
    write("shown", factor=more.get("type") or method, user=user.pk, again=bool(more.get("reauthenticated")))


def signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    factors = [str(one.get("type") or one.get("method")) for one in request.session.get(second_factor.METHODS, [])]
    write("signed in", user=user.pk, account=attempts.mark_of(user.email or ""), factors=factors)


def signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        write("signed out", user=user.pk)


def password_refused(credentials: dict[str, Any], **_: Any) -> None:
    refused("password", email=str(credentials.get("email", "")))


def code_refused(user: User, authenticator: Any, **_: Any) -> None:
    metrics.count_failure()
    refused(str(authenticator.type), user=user)


authentication_step_completed.connect(shown, dispatch_uid="log_shown")
authentication_failed.connect(code_refused, dispatch_uid="log_code_refused")
user_logged_in.connect(signed_in, dispatch_uid="log_signed_in")
user_logged_out.connect(signed_out, dispatch_uid="log_signed_out")
user_login_failed.connect(password_refused, dispatch_uid="log_password_refused")
