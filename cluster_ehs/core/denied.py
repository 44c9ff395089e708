from django.core.exceptions import PermissionDenied


class Denied(PermissionDenied):
    """An act that the person may not do, with the reason in words for people. Answered as 403."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooOften(Exception):
    """More in a minute than anybody does by hand: a program at work. Nothing was done. Answered as 429."""


class Conflict(Exception):
    """Somebody else was first. `reason` says who and when; nothing was written. Answered as 409."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
