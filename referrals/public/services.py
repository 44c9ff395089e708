"""The public form's writes: a code that proves the e-mail address, and the request put where staff match it."""

import hashlib
import logging
import secrets
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from cluster_ehs.core.limits import over
from cluster_ehs.core.tasks import queue_message
from clusters.models import School, SchoolMembership
from referrals.intake import Received, receive_intake
from referrals.models import Agreed, Intake
from referrals.public import draft as drafts
from referrals.public.draft import THE_FORM, Answers
from referrals.public.forms import AT_SCHOOL, PARENT, PROFESSIONAL, YOUNG

log = logging.getLogger(__name__)

CODE_LASTS = 30 * 60
TRIES = 5
HOUR = 60 * 60
DAY = 24 * HOUR


class TooMany(Exception):
    """More than one person needs in this time: answered as 429."""


def choose_school(answers: Answers, school: School | None) -> None:
    """The school's membership of today says which Cluster the request goes to; without one, none."""
    member = SchoolMembership.objects.on(timezone.localdate()).filter(school=school).first() if school else None
    answers.chosen |= {"school": school.pk if school else None, "cluster": member.cluster_id if member else None}


def send_code(answers: Answers, *, email: str, address: str) -> None:
    """Mail six numbers to the address, in the language of the page. Raises TooMany."""
    if over("code:address", address, at_most=20, seconds=HOUR) or over("code:mail", email, at_most=5, seconds=HOUR):
        raise TooMany
    code = f"{secrets.randbelow(1_000_000):06d}"
    count = answers.proof.get("count", 0) + 1
    until = timezone.now().timestamp() + CODE_LASTS
    answers.proof = {"email": email, "code": _hidden(answers, code), "until": until, "tries": 0, "count": count}
    queue_message(
        key=f"public-code:{answers.id}:{count}",
        to=email,
        subject=_("Your code"),
        body=_(
            "Your code is %(code)s\n\nEnter it on the page where you ask for help. It works for 30 minutes.\n"
            "If you did not ask for it, you need do nothing."
        )
        % {"code": code},
    )


def _hidden(answers: Answers, code: str) -> str:
    return hashlib.sha256(f"{answers.secret}:{code}".encode()).hexdigest()


def check_code(answers: Answers, code: str) -> str:
    """Empty when it is right, else what to say to the sender. A code bears five tries."""
    proof = answers.proof
    if not proof.get("code") or proof["until"] < timezone.now().timestamp() or proof["tries"] >= TRIES:
        return _("This code no longer works. Ask for a new one")
    proof["tries"] += 1
    digits = "".join(str(int(letter)) for letter in code if letter.isdecimal())
    if not secrets.compare_digest(proof["code"], _hidden(answers, digits)):
        log.warning("a code was refused: wrong")
        return _("That is not the code. Check the latest message from us")
    proof |= {"proven": proof["email"], "code": ""}
    return ""


def is_proven(answers: Answers) -> bool:
    email = answers.answer("contact", "email").lower()
    return bool(email) and str(answers.proof.get("proven", "")).lower() == email


def submit(answers: Answers, *, address: str, language: str) -> Received:
    """Put the request among what is to be matched, once, and mail the reference. Raises TooMany.

    The same for a child who is known and for one who is not: nothing of any family is read.
    """
    email = answers.answer("contact", "email")
    who = email or address
    if over("sent:address", address, at_most=60, seconds=HOUR) or over("sent:who", who, at_most=20, seconds=DAY):
        raise TooMany
    chosen = answers.chosen
    received = receive_intake(
        by=THE_FORM,
        source=Intake.Source.ONLINE,
        external_id=str(answers.id),
        payload=payload_of(answers),
        cluster_id=chosen.get("cluster"),
        school_id=chosen.get("school"),
        language=language,
        harm=answers.answer("safety", "harm") == "yes",
        proven=is_proven(answers),
    )
    if email:
        acknowledge(received, email=email)
    answers.sent, answers.steps, answers.proof, answers.typed = received.reference, {}, {}, {}
    drafts.save(answers)
    return received


def acknowledge(received: Received, *, email: str) -> None:
    """A reference and what comes next, in the language of the page; no name, nothing of what was written."""
    queue_message(
        key=f"public-received:{received.id}",
        to=email,
        subject=_("We have received your request"),
        body=_(
            "Your reference is %(reference)s\n\nA person of the early help Cluster will read your request and get in "
            "touch. Keep this reference.\nIf somebody is in danger, call 999."
        )
        % {"reference": received.reference},
    )


def payload_of(answers: Answers) -> dict[str, Any]:
    """The answers in the words of `referrals/intake.py`."""
    say = answers.answer
    asks = drafts.asks_of(answers)
    name, email, telephone = say("contact", "name"), say("contact", "email"), say("contact", "telephone")
    payload: dict[str, Any] = {
        "first_name": say("name", "first_name"),
        "last_name": say("name", "last_name"),
        "birth_date": answers.chosen.get("birth_date", ""),
        "age": say("age", "age"),
        "address": say("home", "address"),
        "postcode": say("home", "postcode"),
        "school_name": "" if answers.chosen.get("school") else say("school", "search"),
        "worrying": say("worries", "worrying"),
        "going_well": say("well", "going_well"),
        "family_wants": say("wants", "family_wants"),
        "referrer_name": name,
        "referrer_email": email,
        "referrer_telephone": telephone,
    }
    if asks == PROFESSIONAL:
        payload |= {key: say("carer", key) for key in ("carer_first_name", "carer_last_name", "carer_telephone")}
        payload |= {"referrer_role": say("contact", "role"), "referrer_organisation": say("contact", "organisation")}
        route = "mainstream_school" if say("who", "who_asks") == AT_SCHOOL else "other"
        payload |= {"agreed": say("agree", "agreed"), "route": route}
    else:
        payload |= {"may_talk_to_school": say("consent", "ask_school") == "yes"}
        payload |= {"interpreter_wanted": say("contact", "interpreter") == "on", "route": "self_or_family"}
    if asks == PARENT:
        first, _space, last = name.rpartition(" ")
        payload |= {"carer_first_name": first or last, "carer_last_name": last if first else ""}
        payload |= {"carer_telephone": telephone, "carer_interpreter": payload["interpreter_wanted"]}
        today = timezone.localdate().isoformat()
        payload |= {"agreed": Agreed.YES, "agreed_by": name, "agreed_on": today, "agreed_how": "online form"}
    if say("contact", "restricted") == "on":
        payload |= {"restricted": True}
    if asks == YOUNG:
        payload |= {"telephone": telephone, "asked_by": "the young person"}
    return {key: value for key, value in payload.items() if value not in ("", None)}


def too_quick(answers: Answers) -> bool:
    """Sent faster than anybody reads the pages: asked to look again, so that nothing of a person is lost."""
    return timezone.now().timestamp() - answers.started_at < settings.PUBLIC_FORM_SECONDS
