"""The link with which somebody sets the first password: single use, for a week.

It carries no secret of its own: it is signed, and names the state of the account in which it was made. Setting a
password, a newer invitation or leaving changes that state, so every older link is dead.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from clusters.models import User

SALT = "clusters.invitation"
VALID_FOR = timedelta(days=7)


def fingerprint(user: User) -> str:
    state = f"{user.pk}:{user.email}:{user.password}:{user.last_login}"
    return salted_hmac(SALT, state, algorithm="sha256").hexdigest()[:32]


def link(user: User) -> str:
    """The address to mail. A user without a usable password has a random one, made anew by each invitation."""
    key = signing.dumps([user.pk, fingerprint(user)], salt=SALT)
    return settings.PUBLIC_URL + reverse("invitation", args=[key])


def invited(key: str) -> User | None:
    """Who was invited with this key; None when it was used, replaced, is over a week old or never was."""
    try:
        pk, seen = signing.loads(key, salt=SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or user.has_usable_password() or not constant_time_compare(seen, fingerprint(user)):
        return None
    return user
