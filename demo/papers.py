"""Files of a few cases: a drawing, a letter from school, a letter of ours. Invented, and drawn here."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from cases import services
from cases.models import Case
from cases.services.documents import About
from clusters.models import User
from families import previews
from families.models import Person


def keep_papers(*, by: User, case: Case, child: Person, day: date) -> None:
    """As a worker would add them on a day; the previews are drawn at once."""
    services.keep_documents(
        by=by,
        case=case,
        uploads=[SimpleUploadedFile("My house.png", drawing(case.opened_on.day))],
        about=About(kind="Drawing or work of the child", title="My house", dated_on=day, people=[child]),
    )
    services.keep_documents(
        by=by,
        case=case,
        uploads=[SimpleUploadedFile("attendance.txt", attendance(case).encode())],
        about=About(kind="From school", title="Attendance this half-term", dated_on=day - timedelta(days=4)),
    )
    previews.make_previews()


def attendance(
    case: Case, *, others: str = "Kieran Sugden’s mother has asked that the two do not sit together."
) -> str:
    """What the school wrote. others: the sentence about another family, which is not given to this one."""
    said = f"Attendance of the half-term for the family with reference {case.reference}: 81 per cent, up from 74."
    return f"{said}\n{others}\nThe morning club goes on until the summer.\n"


def drawing(number: int) -> bytes:
    """A house under a sun; no two of them are the same."""
    picture = Image.new("RGB", (900, 640), (214, 235, 247))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 470, 900, 640), fill=(120, 170 - number, 96))
    pen.rectangle((280, 270, 620, 520), fill=(226, 180 - number, 120), outline=(90, 60, 40), width=8)
    pen.polygon(((240, 280), (450, 120), (660, 280)), fill=(170, 70 + number, 60), outline=(90, 40, 40))
    pen.rectangle((410, 380, 490, 520), fill=(90, 60, 40))
    pen.ellipse((690 + number, 50, 810 + number, 170), fill=(250, 214, 74))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
