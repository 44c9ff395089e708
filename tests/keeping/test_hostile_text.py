"""Texts that were made to take long: to look through them takes as long as they are, not the square of it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from cases.selectors import meetings
from families.models import Family, Person
from imports.reader import plain
from keeping.subject_access.marking import _words_in
from keeping.subject_access.models import HeldEntry
from keeping.subject_access.others import Others
from keeping.subject_access.redaction import redacted
from monitoring.suite.outside import FIGURE_IN_BRACKETS, SENTENCE
from referrals.intake_csv import name_of
from triage import letters

LENGTH = 200_000
SECONDS = 0.5


def long(piece: str) -> str:
    return (piece * (LENGTH // len(piece) + 1))[:LENGTH]


HOSTILE = {
    "addresses begun": long("a@"),
    "dots": long("a."),
    "one run": long("a"),
    "one run before an end": long("a") + "@",
    "a domain without end": "a@" + long("b-"),
    "mail": long("a@b.c "),
    "brackets": "+44" + long("("),
    "begun numbers": long("(0 "),
    "digits apart": long("0 1"),
    "spaces after a title": "Mr" + long(" "),
    "titles": long("Mr "),
    "kin": long("uncle "),
    "spaces after kin": long("uncle   \t "),
    "names": long("Will Young "),
    "names of others": long("Will "),
    "postcodes": long("LS8 1"),
    "lines": long("-"),
}


def took(work: Callable[[], Any]) -> float:
    """Seconds of this process, so that a busy machine does not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


@pytest.fixture(scope="module")
def others() -> Others:
    family = Family(name="Novák", address="1 Invented Row, Leeds", postcode="LS8 1AA")
    me = Person(first_name="Ema", last_name="Novák", family=family)
    will = Person(first_name="Will", last_name="Carter", family=family, other_address="-" * 200)
    return Others(
        subject=me, shares_home=True, people=[me, will], family=family, staff=frozenset({"Will Young", "Asha Example"})
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_words_about_others_are_looked_for_in_the_time_that_the_text_is_long(others: Others, text: str) -> None:
    assert took(lambda: others.find(text)) < 4 * SECONDS
    assert took(lambda: others.find(text[: LENGTH // 4])) < SECONDS


class AMark:
    def __init__(self, start: int) -> None:
        self.line, self.start, self.end, self.reason = 0, start, start + 1, "others"


def test_a_line_with_ten_thousand_marks_is_drawn_and_marked_again_at_once() -> None:
    text = "a " * 10_000
    marks: list[Any] = [AMark(start) for start in range(0, len(text), 2)]
    lines = [{"label": "Note", "name": "text", "text": text, "value": text, "other": False}]
    assert took(lambda: redacted(lines, marks)) < SECONDS
    entry = HeldEntry(lines=lines)
    pattern = meetings.re.compile("a")
    assert took(lambda: list(_words_in(entry, pattern, "others", None, marks))) < SECONDS  # type: ignore[arg-type]


@pytest.mark.parametrize("piece", ["a", "1", "{", "{a", "1 ", " ", "(1", "é_- ", ". ", "%(a"])
def test_so_do_headings_letters_and_notes_of_figures(piece: str) -> None:
    text = long(piece)
    for work in (
        lambda: name_of(text),
        lambda: plain(text),
        lambda: letters.fill(text, {}),
        lambda: SENTENCE.split(text),
        lambda: FIGURE_IN_BRACKETS.sub("", text),
    ):
        assert took(work) < SECONDS
    assert FIGURE_IN_BRACKETS.sub("", "Years 3 to 6  (12) and (none) or(1 of 2)") == "Years 3 to 6 and (none) or"


def test_an_address_without_a_word_withholds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for secret, text, kept in (
        ("?", "Where they live is not known.", "Where they live is not known."),
        ("a a a a a a a b", long("a "), long("a ")),
        ("1 Row", long("1  "), long("1  ")),
    ):
        monkeypatch.setattr(meetings, "withheld_words", lambda *_, secret=secret: [secret])
        begun = time.process_time()
        assert meetings.for_outside(text, Family(), [], []) == kept
        assert time.process_time() - begun < SECONDS
