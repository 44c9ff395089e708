"""How a case goes: which contact when, how the scores move. The same course is written for past and present cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from cases.models import Attendance
from demo.clock import moment
from demo.households import Household
from demo.stories import Note
from demo.stories.bank import BETWEEN, MISSED

WHOLE = 22 * 7
SHAPES = ("steady", "steady", "dip", "dip", "plateau", "slow", "worse")
MINUTES = {
    "home_visit": 60,
    "school_visit": 40,
    "phone": 10,
    "video": 25,
    "message": 5,
    "accompanied": 90,
    "meeting": 50,
}


@dataclass(frozen=True)
class Visit:
    """One contact of a course. scored: whether the family was asked for scores. far: 0 to 1, how far the case is."""

    at: datetime
    note: Note
    attendance: str = Attendance.ATTENDED
    scored: bool = False
    far: float = 0.0

    @property
    def attended(self) -> bool:
        return self.attendance == Attendance.ATTENDED


def visits(
    home: Household, *, opened: date, until: date, random: Random, rhythm: int = 10, stretch: bool = False
) -> Iterator[Visit]:
    """The contacts from the opening to a day, in the order of time; each note at most once.

    stretch: a case that is open for longer than usual is seen until that day, less often.
    """
    story = home.story
    notes = list(story.first) + _mixed(story.middle, BETWEEN, random)
    setback = len(notes) // 2 + 1
    notes[setback:setback] = story.setback
    notes += story.better
    whole = max(WHOLE, (until - opened).days) if stretch else WHOLE
    pace = max(rhythm, whole // (len(notes) + 1))
    day = opened + timedelta(days=random.randint(1, 5))
    for number, note in enumerate(notes):
        day -= timedelta(days=max(0, day.weekday() - 4))
        if day < opened:
            day = opened
        if day > until:
            return
        at = moment(day, random.choice((9, 10, 11, 13, 14, 15, 16)), random.choice((0, 15, 30, 45)))
        if number > 2 and random.random() < 0.09:
            missed, text = random.choice(
                ((Attendance.NOT_ATTENDED, MISSED[0]), (Attendance.CANCELLED_FAMILY, MISSED[1]))
            )
            yield Visit(at - timedelta(hours=1), Note(text), missed)
        yield Visit(
            at,
            note,
            scored=note.kind not in ("message", "phone") and number > 0,
            far=min((day - opened).days / whole, 1.0),
        )
        day += timedelta(days=pace + random.randint(-2, 3))


def _mixed(story: tuple[Note, ...], between: tuple[Note, ...], random: Random) -> list[Note]:
    """The story's own notes in their order, with short ones in between."""
    rest = random.sample(between, len(between))
    mixed = []
    for number, note in enumerate(story):
        mixed.append(note)
        if number % 2 == 1 or random.random() < 0.5:
            mixed.append(rest.pop())
    return mixed


@dataclass(frozen=True)
class Line:
    """The scores of one goal over time."""

    baseline: int
    target: int
    shape: str

    @classmethod
    def draw(cls, random: Random) -> "Line":
        return cls(random.randint(1, 4), random.randint(7, 9), random.choice(SHAPES))

    def at(self, far: float, random: Random) -> int:
        """The score at a moment, `far` from 0 at the opening to 1 at the usual end."""
        rise = self.target - self.baseline
        ideal = {
            "steady": self.baseline + rise * far,
            "dip": self.baseline + rise * (far * 1.1 if far < 0.45 else far * 0.45 if far < 0.65 else far),
            "plateau": self.baseline + min(rise * far * 1.8, rise * 0.45),
            "slow": self.baseline + rise * far * far * 0.8,
            "worse": self.baseline + 1.2 - 2.4 * far,
        }[self.shape]
        return max(0, min(10, round(ideal + random.choice((-0.6, 0, 0, 0.6)))))
