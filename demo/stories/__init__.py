"""What families of the demonstration live through: whole stories, so that a referral, its formulation, its plan and
its notes tell of the same thing. Every sentence is our own; every family is invented.

In the texts {child} and {carer} are first names, {he}, {him} and {his} the child's pronouns ({He} and {His} at the
beginning of a sentence), {school} the child's school.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class GoalWords:
    """A goal in the family's words, what will be different, and who does what."""

    words: str
    different: str
    actions: tuple[tuple[str, str], ...]
    factor: str = ""


@dataclass(frozen=True)
class Note:
    """What happened at a contact, and what the child said, if the child was seen."""

    text: str
    child_said: str = ""
    kind: str = "home_visit"
    next_step: str = ""


@dataclass(frozen=True)
class Story:
    """One way that things can be hard, and how they get better, or do not yet."""

    key: str
    reasons: tuple[tuple[str, str], ...]
    services: tuple[str, ...]
    worrying: tuple[str, ...]
    tried: str
    going_well: str
    wants: str
    child_says: tuple[str, ...]
    # The six Ps: (P, words, domain, about the child).
    factors: tuple[tuple[str, str, str, bool], ...]
    summary: str
    goals: tuple[GoalWords, ...]
    first: tuple[Note, ...]
    middle: tuple[Note, ...]
    setback: tuple[Note, ...]
    better: tuple[Note, ...]
    review: tuple[str, ...]
    rationale: str
    exit_plan: dict[str, str] = field(default_factory=dict)
    family_view: str = ""
    partner: str = ""
    youngest: int = 4
    oldest: int = 16
