"""What a fault came to, and the table at the end."""

from dataclasses import dataclass, field

HEADINGS = [
    "fault",
    "runs",
    "idle",
    "acknowledged",
    "found",
    "twice",
    "again",
    "unclear 5xx",
    "clear 503",
    "cut off",
    "s",
]


@dataclass
class Result:
    """runs: those in which the fault met work. idle: those in which it met none, which prove nothing.
    again: mails that went a second time because their sender was killed before it could say so.

    wrong: each thing that is not as it must be, in words. not_checked: why it could not be tried.
    """

    fault: str
    asked: int = 0
    runs: int = 0
    idle: int = 0
    acknowledged: int = 0
    found: int = 0
    twice: int = 0
    again: int = 0
    unclear: int = 0
    clear: int = 0
    cut: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    not_checked: str = ""

    @property
    def well(self) -> bool:
        return (
            not (self.wrong or self.not_checked or self.twice or self.unclear or self.runs < max(1, self.asked))
            and self.acknowledged == self.found
        )


def table(results: list[Result]) -> str:
    """The results under each other, and below them what is wrong."""
    lines: list[tuple[str, ...]] = [tuple(HEADINGS)]
    for each in results:
        if each.not_checked:
            lines.append((each.fault, "not checked", *[""] * 9))
            continue
        numbers = (
            each.runs,
            each.idle,
            each.acknowledged,
            each.found,
            each.twice,
            each.again,
            each.unclear,
            each.clear,
            each.cut,
        )
        lines.append((each.fault, *map(str, numbers), f"{each.seconds:.0f}"))
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    for each in results:
        if each.not_checked:
            text += f"\n{each.fault}: not checked: {each.not_checked}"
        for words in each.wrong[:10]:
            text += f"\n{each.fault}: {words}"
    return text
