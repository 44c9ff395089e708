"""The few words that stand in the pictures themselves."""

from families.genogram.model import Figure, Ring

WIDE = 14  # letters in a line under a figure
NOTE = 18  # the same in the smaller letters of a note
RING_NAMES = {
    Ring.HOME: "At home",
    Ring.FAMILY: "Family outside the home",
    Ring.FRIENDS: "Friends and community",
    Ring.PROFESSIONALS: "Professionals",
}


def wrapped(name: str) -> list[str]:
    """A name in at most two lines that fit under a figure; the whole name stands in the picture's text."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= WIDE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    short = [line if len(line) <= WIDE else f"{line[: WIDE - 1]}…" for line in lines[:2]]
    if len(lines) > 2:
        short[1] = f"{short[1].rstrip('…')[: WIDE - 1]}…"
    return short


def notes(figure: Figure) -> list[str]:
    """The least words beside a name, at most two."""
    found = []
    if figure.dead:
        died = f"died {figure.died_on.year}" if figure.died_on else "has died"
        found.append(died if figure.age is None else f"{died} at {figure.age}")
    elif figure.in_care:
        found.append("looked after")
    if figure.role and not figure.is_child:
        found.append(figure.role if len(figure.role) <= NOTE else f"{figure.role[: NOTE - 1].rstrip()}…")
    return found[:2]
