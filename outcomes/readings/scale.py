"""Our own scale for how a family's life goes: ten domains, read from 1 to 10 in five stages of two points.

Domains and wording are our own (domain 2.10); no licensed instrument is quoted. A stage says how things are, not how
willing somebody is: a family reads itself kindly and plainly.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

LOWEST, HIGHEST, POINTS_A_STAGE = 1, 10, 2
STAGES = (
    "Very hard just now",
    "Hard more often than not",
    "Up and down",
    "Mostly all right",
    "Going well, and it lasts",
)


class Domain(models.TextChoices):
    """The codes are those of the first ten entries of the code list “Domains of a factor”."""

    HOME = "home_and_money", "Home and money"
    SAFETY = "safety", "Safety"
    BOUNDARIES = "boundaries", "Boundaries"
    ROUTINES = "routines", "Routines"
    HEALTH = "physical_health", "Physical health"
    ADULTS = "adults_wellbeing", "Adults’ wellbeing"
    PEOPLE = "people_around_us", "People around us"
    FEELINGS = "children_s_feelings", "Children’s feelings"
    LEARNING = "learning", "Learning"
    WORK = "work", "Work"


@dataclass(frozen=True)
class Words:
    """What a domain asks, and what each of its five stages looks like, the hardest first."""

    question: str
    stages: tuple[str, str, str, str, str]


WORDS: dict[str, Words] = {
    Domain.HOME: Words(
        "Is home a place where we can live, and does the money reach?",
        (
            "We may lose our home, or there is no money for food or heating",
            "Home or money is a worry every week, and bills go unpaid",
            "We get by, and one surprise bill throws us",
            "Home suits us and most bills are paid; we know whom to ask",
            "Home is settled and we have a little in hand",
        ),
    ),
    Domain.SAFETY: Words(
        "Is everybody safe, at home, outside and online?",
        (
            "Somebody is being hurt, or is afraid of it",
            "There are frightening times, and we do not always see them coming",
            "We have a plan for staying safe and it often works",
            "The children are safe; we notice risks and act",
            "Everybody is safe and feels so, and has been for a long time",
        ),
    ),
    Domain.BOUNDARIES: Words(
        "Do the children know what is all right and what is not?",
        (
            "Rows every day, and nobody knows what happens next",
            "We say no and it does not hold",
            "Some rules hold on good days",
            "Rules are clear, and we mostly keep to them calmly",
            "The children know where they stand, also when things are hard",
        ),
    ),
    Domain.ROUTINES: Words(
        "Do the days have a shape: mornings, meals, bedtimes?",
        (
            "No day is like another; sleep and meals go missing",
            "Mornings or bedtimes are a struggle most days",
            "A routine is there, and it slips when we are tired",
            "Most days run as we want them to",
            "The days have their shape, and we find back to it by ourselves",
        ),
    ),
    Domain.HEALTH: Words(
        "Are we well, and seen by a doctor or dentist when we need it?",
        (
            "Somebody is ill and not getting the help they need",
            "Appointments are missed, or health is a worry most weeks",
            "We are getting help, and keep it up some of the time",
            "We look after our health and go when we are asked to",
            "We are as well as we can be, and know how to stay so",
        ),
    ),
    Domain.ADULTS: Words(
        "How are the grown-ups in themselves?",
        (
            "It is hard to get through the day",
            "Low, anxious or worn out more days than not",
            "Good days and bad days; we have begun to look after ourselves",
            "Mostly steady, and we say so when we are not",
            "Well in ourselves, and able to enjoy the children",
        ),
    ),
    Domain.PEOPLE: Words(
        "Who is there for us: family, friends, neighbours, groups?",
        (
            "We are on our own, or the people around us make it harder",
            "There is somebody, and we do not like to ask",
            "One or two people help now and then",
            "We have people to turn to, and they turn to us",
            "We belong somewhere, and would not be alone in a bad week",
        ),
    ),
    Domain.FEELINGS: Words(
        "Are the children listened to and comforted?",
        (
            "The children are very unhappy, and it is hard to reach them",
            "They are often upset, and we do not know why",
            "We are learning to listen, and sometimes it helps",
            "They come to us when something is wrong",
            "They feel loved, and can say what they feel",
        ),
    ),
    Domain.LEARNING: Words(
        "How is school, nursery or learning at home?",
        (
            "Not at school, or school is a battle",
            "Often late or away, or unhappy there",
            "There on most days, with help from school",
            "At school, mostly content, and we talk with the teachers",
            "Learning goes well, and school and home pull together",
        ),
    ),
    Domain.WORK: Words(
        "Work, training or volunteering: are the grown-ups where they want to be?",
        (
            "Work is out of reach for now, and it weighs on us",
            "We would like it to be different, and do not know where to begin",
            "We are trying things: a course, an application, a few hours",
            "In work or training that mostly fits family life",
            "Settled in what we do, or content with being at home",
        ),
    ),
}


def range_of(stage: int) -> tuple[int, int]:
    """The two points of a stage, which is counted from 1 to 5."""
    last = stage * POINTS_A_STAGE
    return last - 1, last
