"""allauth's list of sessions without allauth's handlers, which note the key of the cookie (`sessions` has ours)."""

from allauth.usersessions.apps import UserSessionsConfig


class SessionListConfig(UserSessionsConfig):
    def ready(self) -> None:
        """Nothing is connected here."""
