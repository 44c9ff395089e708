"""No password that is known from a breach, or built from such ones [NIST SP 800-63B 3.1.1.2, OWASP ASVS 5.0 6.2].

Nothing leaves the machine. Two lists come with packages (Django's 20,000; those of zxcvbn, which also sees what is put
together from them). A service may keep the whole list of Pwned Passwords beside it: `EHS_BREACHED_PASSWORDS`.
There are no rules of composition: length, and not being known, are what counts.
"""

import re
from hashlib import sha1
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

# Of zxcvbn's scale: 3 needs more than 10^8 guesses, far more than the limits of attempts let through.
ENOUGH = 3
LONGEST = 72
# Characters that stand beside words that everybody knows.
BESIDE = 8
# What anybody would try who knows where a person works (docs/signing-in.md); a service adds its own to them.
# fmt: off
WORDS = (
    "leeds", "city", "council", "yorkshire", "cluster", "clusters", "early",
    "help", "earlyhelp", "ehs", "family", "families", "child", "children",
    "young", "people", "school", "schools", "referral", "screening", "safeguarding",
    "mindmate", "practitioner", "leader", "manager", "therapist", "counsellor", "supervisor",
    "support", "worker", "office", "team", "service", "0113",
)
# fmt: on
LINE = re.compile(rb"[0-9A-F]{40}")


class BuiltFromKnown:
    """Refuses what is tried first: breached passwords, keyboard rows, years, the person's own words and the work's."""

    def validate(self, password: str, user: Any = None) -> None:
        own = f"{getattr(user, 'name', '')} {getattr(user, 'email', '') or ''} {settings.LABELS['service']}"
        words = [*re.findall(r"\w+", own), *settings.PASSWORD_WORDS, *WORDS]
        result = zxcvbn(password[:LONGEST], user_inputs=words)
        if result["score"] < ENOUGH or is_of_the_place(password, words):
            raise ValidationError(
                "This password is made of words or patterns that are tried first. "
                "Choose three or four words that do not belong together.",
                code="password_known",
            )

    def get_help_text(self) -> str:
        return "Not a password that is known from elsewhere, nor one made from it."


def is_of_the_place(password: str, words: list[str]) -> bool:
    """Whether such a word stands in it, and too little beside: zxcvbn takes three of them in a row for a good one."""
    known = sorted({word.lower() for word in words if len(word) > 2}, key=len, reverse=True)
    rest, found = re.subn("|".join(map(re.escape, known)), "", password.lower())
    return bool(found) and len(rest) < BESIDE


class NotBreached:
    """Refuses what stands in the service's copy of a list of breached passwords; no copy refuses nothing.

    The file: a line for each password, its SHA-1 in capital letters, sorted, whatever follows it (`…:count`), as Pwned
    Passwords gives it out. It is searched where it lies: some thirty reads, whatever its size.
    """

    def __init__(self, path: str | None = None) -> None:
        self.path = path

    def validate(self, password: str, user: Any = None) -> None:
        path = self.path if self.path is not None else settings.BREACHED_PASSWORDS
        if path and stands_in(Path(path), password):
            raise ValidationError(
                "This password is known from a breach elsewhere. Choose another one, and change it where you use it.",
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return "Not a password that is known from a breach."


def stands_in(path: Path, password: str) -> bool:
    """Whether the sorted list holds the password. Raises OSError when the file cannot be read."""
    wanted = sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as lines:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            lines.seek(middle)
            if middle:
                lines.readline()
            line = lines.readline()
            found = LINE.match(line)
            if found is None or found[0] > wanted:
                high = middle
            elif found[0] == wanted:
                return True
            else:
                low = middle + 1
        lines.seek(0)
        return lines.readline().startswith(wanted)
