"""How alike two people are on paper: names, birth date, numbers, address, school. No database.

**Certain** means one thing: the same UPN or the same NHS number, with the same birth date, the same first name (or a
known form of it) and nothing that speaks against it (another number of the same kind, another known-as name). Names,
birth date, address and school together never make it certain, since twins share all but the first name and are
sometimes even called alike; a number that was typed into the wrong twin's record does not make it certain either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from rapidfuzz.distance import OSA

from families.models import Person
from families.names import fold, skeleton, sounds, words
from families.nicknames import other_forms

# A match with less is not shown; from ASK_ABOUT on a person is asked about before somebody new is made.
ENOUGH = 64.0
ASK_ABOUT = 80.0
# Two records that reach it are put in the queue of duplicates.
MAY_BE_ONE = 135.0
_HAS_SLIP = 4


@dataclass(frozen=True)
class Facts:
    """What is known of a person, or asked for. `name` is everything when first and last are not told apart."""

    name: str = ""
    known_as: str = ""
    first_name: str = ""
    birth_date: date | None = None
    upn: str = ""
    nhs_number: str = ""
    address: str = ""
    postcode: str = ""
    telephone: str = ""
    school_id: int | None = None

    @property
    def words(self) -> list[str]:
        return words(self.name)[:6]


@dataclass(frozen=True)
class Likeness:
    """score: the higher the likelier. why: in words for the page. certain: by the rule of this module alone."""

    score: float
    name: float
    why: list[str] = field(default_factory=list)
    certain: bool = False


def facts_of(person: Person) -> Facts:
    """The facts of a record; its family's address unless it has another."""
    family = person.family
    own = person.other_address
    return Facts(
        name=f"{person.first_name} {person.last_name}",
        known_as=person.known_as,
        first_name=person.first_name,
        birth_date=person.birth_date,
        upn=person.upn,
        nhs_number=person.nhs_number,
        address=own or family.address,
        postcode="" if own else family.postcode,
        telephone=person.telephone or family.telephone,
        school_id=person.school_id,
    )


def compare(asked: Facts, known: Facts) -> Likeness:
    """How well what is asked for fits what is known. Two records are compared in the same way."""
    name = _names(asked, known)
    score, why = name, []
    if asked.words:
        if name >= 97:
            why.append("same name")
        elif name >= 85:
            why.append("similar name")
        elif name >= 40:
            why.append("name partly alike")
    for kind, one, other in (
        ("UPN", asked.upn, known.upn),
        ("NHS number", asked.nhs_number, known.nhs_number),
    ):
        if one and one == other:
            score += 200
            why.insert(0, f"same {kind}")
        elif one and other:
            slip = OSA.distance(one, other, score_cutoff=1) <= 1
            score += 25 if slip else -20
            if slip:
                why.append(f"{kind} almost the same")
    points, said = _birth_dates(asked.birth_date, known.birth_date)
    score += points
    if said:
        why.append(said)
    if _same_address(asked, known):
        score += 18
        why.append("same address")
    if asked.school_id and asked.school_id == known.school_id:
        score += 10
        why.append("same school")
    digits = _digits(asked.telephone)
    if len(digits) > 6 and digits == _digits(known.telephone):
        score += 12
        why.append("same telephone")
    return Likeness(score, name, why, _certain(asked, known))


def _certain(asked: Facts, known: Facts) -> bool:
    """The one rule of what is certain; see the module."""
    numbers = ((asked.upn, known.upn), (asked.nhs_number, known.nhs_number))
    if not any(one and one == other for one, other in numbers):
        return False
    if any(one and other and one != other for one, other in numbers):
        return False
    if not asked.birth_date or asked.birth_date != known.birth_date:
        return False
    if asked.known_as and known.known_as and not _same_first(asked.known_as, known.known_as):
        return False
    # From the search box a name comes whole: its first word is taken for the first name.
    first = asked.first_name or (asked.name.split() or [""])[0]
    return bool(first) and _same_first(first, known.first_name)


def _same_first(one: str, other: str) -> bool:
    one, other = fold(one).replace(" ", ""), fold(other).replace(" ", "")
    return one == other or other in other_forms(one)


def _names(asked: Facts, known: Facts) -> float:
    """0 to 100. In any order, so that first and last name may be swapped; a part of a name finds the whole."""
    query = asked.words
    if not query:
        return 0.0
    parts, extra = words(known.name), words(known.known_as, asked.known_as if known.known_as else "")
    best = _aligned(query, parts, extra)
    # One word or two: Anne-Marie, Annemarie; Abdul Rahman, Abdulrahman.
    if len(query) > 1 or len(parts) > 1:
        if len(query) > 2:
            best = max(best, *(_aligned(joined, parts, extra) for joined in _joined(query)))
        if len(parts) > 2:
            best = max(best, *(_aligned(query, joined, extra) for joined in _joined(parts)))
    if asked.known_as:
        others = [*words(asked.known_as), *query[1:]]
        best = max(best, _aligned(others, parts, extra) - 2)
    return best


def _joined(parts: Sequence[str]) -> Iterable[list[str]]:
    for place in range(len(parts) - 1):
        yield [*parts[:place], parts[place] + parts[place + 1], *parts[place + 2 :]]


def _aligned(query: Sequence[str], parts: Sequence[str], extra: Sequence[str]) -> float:
    """Each word of the question with another word of the name; what is left over counts a little."""
    pairs = sorted(
        (
            (_alike(word, part), number, place)
            for number, word in enumerate(query)
            for place, part in enumerate([*parts, *extra])
        ),
        reverse=True,
    )
    of_query: dict[int, float] = {}
    of_name: dict[int, float] = {}
    for likeness, number, place in pairs:
        if number not in of_query and place not in of_name:
            of_query[number] = of_name[place] = likeness
    asked = sum(of_query.values()) / len(query)
    # A word that is not found at all, or a name of which only one word was asked for, is likeness all the same.
    heard = sorted(of_name.values(), reverse=True)[: len(parts)]
    named = sum(heard) / max(len(parts), 1)
    return 0.75 * asked + 0.25 * max(named, 0.55 * asked)


@lru_cache(maxsize=100_000)
def _alike(word: str, part: str) -> float:
    """How alike two folded words are, 0 to 100."""
    if word == part:
        return 100
    best = 0.0
    if part in other_forms(word):
        best = 90
    if len(word) > 2 and part.startswith(word):
        best = max(best, 88)
    elif len(part) > 2 and word.startswith(part):
        best = max(best, 84)
    elif len(word) == 1 and part.startswith(word):
        best = 60
    longest = max(len(word), len(part))
    slips = OSA.distance(word, part, score_cutoff=3)
    if slips == 1 and longest >= _HAS_SLIP:
        best = max(best, 94 if longest > 5 else 88)
    elif slips == 2 and longest > 5:
        best = max(best, 84)
    elif slips == 3 and longest > 8:
        best = max(best, 76)
    if best < 84:
        if skeleton(word) and skeleton(word) == skeleton(part):
            best = 84
        elif set(sounds(word)) & set(sounds(part)):
            best = max(best, 80)
    return best


def near_births(born: date) -> list[date]:
    """Birth dates that one slip makes of this one: the same day first, then day and month swapped, then the rest.

    A day or a month next to it, one digit of the day, the year next to it or ten years off.
    """
    found = [born, *swapped(born), *(born + timedelta(days=days) for days in (-1, 1, -10, 10))]
    tens = (born.day % 10) * 10 + born.day // 10
    days = {born.day - 20, born.day + 20, tens}
    places = [(born.year, born.month, day) for day in sorted(days)]
    places += [(born.year, month, born.day) for month in range(1, 13)]
    places += [(born.year + years, born.month, born.day) for years in (-1, 1, -10, 10)]
    for year, month, day in places:
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def swapped(day: date) -> list[date]:
    """Day and month the other way round, a slip of every second form."""
    if day.day > 12 or day.day == day.month:
        return []
    return [date(day.year, day.day, day.month)]


def _birth_dates(asked: date | None, known: date | None) -> tuple[float, str]:
    if asked is None or known is None:
        return 0, ""
    if asked == known:
        return 60, "same birth date"
    if known in swapped(asked):
        return 52, "day and month swapped"
    if known in near_births(asked):
        return 34, "birth date almost the same"
    if abs((asked - known).days) < 60:
        return 0, ""
    return -15, ""


def _same_address(asked: Facts, known: Facts) -> bool:
    """The same house number and street, or the same postcode with a number in common."""
    one, other = set(words(asked.address)), set(words(known.address))
    if not one or not other:
        return False
    same_code = bool(asked.postcode) and _tight(asked.postcode) == _tight(known.postcode)
    numbers = {w for w in one if w[0].isdigit()} & {w for w in other if w[0].isdigit()}
    shared = {w for w in one & other if not w[0].isdigit()}
    return bool(numbers) and (same_code or len(shared) > 0)


def _tight(text: str) -> str:
    return text.replace(" ", "").upper()


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
