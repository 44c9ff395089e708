"""All the stories, and the short notes that belong to none of them."""

from demo.stories import Note, Story, feelings, grief, home, school

STORIES: tuple[Story, ...] = (*feelings.STORIES, *grief.STORIES, *home.STORIES, *school.STORIES)

BETWEEN: tuple[Note, ...] = (
    Note(
        "Short call to hear how the week began. {carer} was on her way to work; nothing urgent. Confirmed the visit.",
        kind="phone",
    ),
    Note("{carer} sent a message that the appointment letter has come. Answered with the bus times.", kind="message"),
    Note(
        "Telephone with the class teacher at {school}: steady week, homework in, one quarrel that was over by lunch.",
        kind="phone",
    ),
    Note(
        "Video call, because of a cold in the house. {child} showed me the book of the week and held it upside down on purpose.",
        "“Guess the page.”",
        kind="video",
    ),
    Note(
        "{carer} rang to say that the plan for the weekend worked. Wrote down what she thinks made it work.",
        kind="phone",
    ),
    Note("Spoke with the school nurse about the appointment and who goes along.", kind="phone"),
)
MISSED: tuple[str, ...] = (
    "Nobody in at the agreed time. Card left; {carer} rang in the evening, the shift had been changed.",
    "{carer} cancelled in the morning: the youngest was ill. New day agreed.",
)
THERAPY: tuple[Note, ...] = (
    Note("Assessment. Three wishes, then the sand tray. {child} built walls first and a door last.", kind="session"),
    Note("Assessment. Timeline with stones; the large stone lies where the referral would put it.", kind="session"),
    Note(
        "Assessment ended with {carer} in the room for the last ten minutes. Agreed what is told outside it.",
        kind="session",
    ),
    Note("{child} chose the puppets. The small one spoke and the big one was told to listen.", kind="session"),
    Note("Quiet session. Breathing with the feather, then drawing with the left hand.", kind="session"),
    Note("{child} told the night in order for the first time and stopped where it stops.", kind="session"),
    Note("Returned to the tray. The door is in the middle now.", kind="session"),
    Note("Spoke about the end, which is four sessions away. {child} counted them on the window.", kind="session"),
)
COUNSELLING: tuple[Note, ...] = (
    Note("Assessment. What brings her now, and what would tell her that it helps.", kind="session"),
    Note("Assessment. History of earlier help; what was useful in it and what was not.", kind="session"),
    Note("Sleep, and what is thought of at four in the morning. Wrote it down and folded it.", kind="session"),
    Note("Spoke of her own mother at some length. Laughed twice.", kind="session"),
    Note("A letter that will not be sent.", kind="session"),
    Note("Came late and spoke about lateness, which was useful.", kind="session"),
)
TASKS: tuple[str, ...] = (
    "Send the housing officer the photographs",
    "Book the interpreter for the next visit",
    "Ask the SENCO for the timetable",
    "Ring the GP about the letter",
    "Write to the head about the part-time timetable",
    "Bring the form for the holiday club",
    "Tell the school nurse what was agreed",
    "Ask father about the weekend",
    "Check with the domestic abuse service before the hearing",
    "Give the family a copy of the plan",
)
SLIPS: tuple[str, ...] = (
    "Two dogs; ring before coming and they are put in the yard.",
    "Visits in pairs: the former partner has come to the door.",
    "Stairs are not lit after dark. Park under the lamp.",
    "Neighbour shouts at visitors; no threat so far.",
)
