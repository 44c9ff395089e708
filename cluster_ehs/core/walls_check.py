"""The start-up check: the program does not serve under a role that could look over the walls."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

_BYPASS = """
SELECT r.rolname, r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c WHERE c.relrowsecurity AND pg_has_role(current_user, c.relowner, 'MEMBER'))
FROM pg_roles r WHERE r.rolname = current_user OR r.rolname = session_user
"""


def refuse_unsafe_role() -> None:
    """Raise ImproperlyConfigured, naming the role and why, when it could bypass the row policies."""
    with connection.cursor() as cursor:
        cursor.execute(_BYPASS)
        rows = cursor.fetchall()
    for role, superuser, bypass, owner in rows:
        reasons = [
            reason
            for true, reason in (
                (superuser, "it is a superuser"),
                (bypass, "it has BYPASSRLS"),
                (owner, "it owns, or belongs to the owner of, tables with row policies"),
            )
            if true
        ]
        if reasons:
            raise ImproperlyConfigured(
                f"The database role '{role}' could bypass the row policies: {' and '.join(reasons)}. "
                "Log in as ehs_app (deploy/roles.sql)."
            )
