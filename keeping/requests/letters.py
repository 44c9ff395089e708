"""Letters of a request: their words, kept as they were written. Plain English, the law at the end."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from clusters.models import User
from keeping.models import RequestLetter, RightsRequest

About = RequestLetter.About
Kind = RightsRequest.Kind

COMPLAIN = (
    "If you are not content with this, tell us: we look at it again. You can also complain to the Information "
    "Commissioner’s Office (ico.org.uk, 0303 123 1113), and you can ask a court to decide."
)
_WHAT = {
    Kind.ACCESS: "a copy of what we hold",
    Kind.RECTIFICATION: "something in our records to be put right",
    Kind.COMPLAINT: "us to look into your complaint",
}


def day(value: date) -> str:
    return f"{value:%-d %B %Y}"


def write(*, by: User, asked: RightsRequest, about: str, text: str) -> RequestLetter:
    """Keep a letter with its greeting, its reference and where to turn to. text: what it says."""
    ways = " or ".join(way for way in (settings.DATA_PROTECTION_EMAIL, settings.DATA_PROTECTION_TELEPHONE) if way)
    body = [
        f"Our reference: {asked.reference}",
        f"Dear {asked.words.asker_name},",
        text,
        f"You can reach us through {asked.cluster.name}"
        + (f", telephone {asked.cluster.telephone}" if asked.cluster.telephone else "")
        + (f", and our data protection officer at {ways}" if ways else "")
        + ".",
        f"{by.name}\n{asked.cluster.name}, {settings.CONTROLLER}",
    ]
    return RequestLetter.objects.create(
        cluster_id=asked.cluster_id,
        family_id=asked.family_id,
        request=asked,
        about=about,
        body="\n\n".join(body),
        made_by=by,
    )


def received_letter(*, by: User, asked: RightsRequest) -> RequestLetter:
    text = f"On {day(asked.received_on)} you asked for {_WHAT[Kind(asked.kind)]}."
    if asked.kind == Kind.COMPLAINT:
        text = f"We have your complaint of {day(asked.received_on)}."
    if asked.identity == RightsRequest.Identity.ASKED:
        text += (
            "\n\nBefore we can give anybody such records we must be sure who they are. Please show us something with "
            "your name and address, or ask the worker who knows you to confirm it. Our time to answer begins on that "
            "day."
        )
    else:
        text += f" You will have our answer by {day(asked.due_on)}."
    return write(by=by, asked=asked, about=About.RECEIVED, text=text)


def clarify_letter(*, by: User, asked: RightsRequest, question: str) -> RequestLetter:
    text = (
        f"To find what you need we have to ask you: {question}\n\nOur time to answer stands still until we hear from "
        "you. If you want everything that we hold, say so: that is an answer too."
    )
    return write(by=by, asked=asked, about=About.CLARIFY, text=text)


def extended_letter(*, by: User, asked: RightsRequest, why: str) -> RequestLetter:
    text = f"We need more time than a month: {why}\n\nYou will have our answer by {day(asked.due_on)}.\n\n{COMPLAIN}"
    return write(by=by, asked=asked, about=About.EXTENDED, text=text)


def answer_letter(*, by: User, asked: RightsRequest, answer: str = "") -> RequestLetter:
    """What we answered. Of a copy: what it holds, and that parts are left out."""
    text = answer
    if asked.kind == Kind.ACCESS:
        text = (
            f"You asked on {day(asked.received_on)} for a copy of what we hold on {asked.person}. It comes with this "
            "letter: a document to read, and the same in a form that a computer can read."
        )
        if asked.outcome == RightsRequest.Outcome.PART:
            text += (
                " Some parts are left out, most of them because they are about other people. Where that is so, "
                "[withheld] stands in their place, and the first page says for what reasons."
            )
        text += (
            "\n\nThe copy also says why we hold these data, where they came from, with whom they were shared and how "
            "long they are kept. If something in it is wrong, tell us, and we look into it."
        )
    return write(by=by, asked=asked, about=About.ANSWERED, text=f"{text}\n\n{COMPLAIN}")


def refusal_letter(*, by: User, asked: RightsRequest, why: str) -> RequestLetter:
    text = f"We cannot do what you asked for on {day(asked.received_on)}: {why}\n\n{COMPLAIN}"
    return write(by=by, asked=asked, about=About.REFUSED, text=text)
