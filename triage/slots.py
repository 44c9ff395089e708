"""What screening shows on pages that lie below it, and in the chronology of a case above."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import numbers, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters import policies as settings_policies
from clusters.directory.use import IN_USE
from clusters.http import UserRequest
from clusters.models import User
from clusters.people import duties
from referrals.models import Channel, Referral
from referrals.policies import can_see_own_school
from triage import policies, who_sees
from triage.escalation import carry_on
from triage.models import Action, Decision
from triage.selectors import harm, ledger, meetings
from triage.selectors.agenda import decided_text, lines_of, to_screen, with_names
from triage.selectors.chronology import of_family
from triage.selectors.digest import of_screening
from triage.selectors.hand_down import handed
from triage.selectors.home import queues_and_partners
from triage.selectors.questions import mine
from triage.selectors.returns import returns_of
from triage.services import planning, school_questions

# On a phone what else waits for the leader is not far below.
SHOWN = 4
RESTRICTED_HARM = "flags of harm in restricted families"


def works_for_a_cluster(user: User, **_: Any) -> bool:
    return bool(duties(user).clusters)


def leads_a_cluster(user: User, **_: Any) -> bool:
    return bool(duties(user).leads)


def answers_for_harm(user: User, **_: Any) -> bool:
    return bool(duties(user).clusters) or duties(user).is_manager


def is_guest(user: User, **_: Any) -> bool:
    return bool(duties(user).guest_in)


def fill_all() -> None:
    """Called once, when the app is ready."""
    for order, label, name in ((30, "Screening", "screening"), (35, "Waiting list", "waiting-list")):
        slots.fill("nav", template=f"triage:{name}", order=order, policy=works_for_a_cluster, selector=nav(label, name))
    home = (
        ("home.main", 1, "harm_waits", harm_waits, answers_for_harm),
        ("home.main", 10, "guest", guest_meetings, is_guest),
        ("home.main", 12, "to_screen", referrals_to_screen, leads_a_cluster),
        ("home.side", 10, "next_meeting", next_meeting, leads_a_cluster),
        ("home.side", 30, "waiting", waiting_lists, leads_a_cluster),
        ("home.side", 40, "passed_on", to_chase, leads_a_cluster),
    )
    numbers.count(
        RESTRICTED_HARM,
        lambda request: harm.restricted() if duties(request.user).is_manager else None,  # type: ignore[arg-type]
        of_all=True,
    )
    for slot, order, stem, selector, policy in home:
        slots.fill(slot, template=f"triage/slots/{stem}.html", order=order, selector=selector, policy=policy)
    slots.fill("my_work", template="triage:my_work", order=30, selector=my_actions, policy=works_for_a_cluster)
    for slot in ("school.beside", "home.main"):
        template = "triage/slots/school_questions.html"
        slots.fill(slot, template=template, order=14, selector=asked_of_school, policy=can_see_own_school)
    slots.fill("my_work", template="triage:my_questions", order=29, selector=my_questions, policy=works_for_a_cluster)
    slots.fill("referral.beside", template="triage/slots/of_referral.html", order=10, selector=of_referral)
    slots.fill("referral.known", template="triage/slots/returns.html", order=5, selector=returns)
    slots.fill("who_sees.reasons", template="triage:guests", selector=who_sees.guests_of)
    SWEEPS.append(carry_on)
    slots.fill("referral.beside", template="triage/slots/hand_down.html", order=15, selector=came_from)
    IN_USE.append(ledger.awaited_partners)
    managers = settings_policies.can_manage
    texts = nav("Messages", "settings-messages", about="What letters to families and referrers say, in each language.")
    slots.fill("settings.nav", template="triage:m", selector=texts, policy=managers)
    days = nav("School holidays", "settings-holidays", about="Days without school: no meetings are held on them.")
    slots.fill("settings.nav", template="triage:holidays", selector=days)
    SWEEPS.append(planning.carry_on)
    slots.fill("digest", template="triage:digest", order=10, selector=of_screening)
    slots.fill("case.chronology", template="triage:chronology", order=20, selector=chronology)


def nav(label: str, url_name: str, **more: str) -> Any:
    return lambda request, **_: {"label": label, "url_name": url_name, **more}


def guest_meetings(request: UserRequest) -> dict[str, Any]:
    return {"meetings": meetings.open_to_guest(request.user)}


def returns(request: UserRequest, *, referral: Referral) -> dict[str, Any] | None:
    """What had ended before this referral came, of the child and of brothers and sisters."""
    found = returns_of(referral)
    return {"returns": found} if found.endings else None


def asked_of_school(request: UserRequest) -> dict[str, Any] | None:
    asked = school_questions()
    return {"asked": asked} if asked else None


def harm_waits(request: UserRequest) -> dict[str, Any] | None:
    managers = duties(request.user).is_manager and bool(numbers.of(request, RESTRICTED_HARM))
    found = harm.notices(request.user, managers=managers)
    return {"harm_waits": found} if found else None


def referrals_to_screen(request: UserRequest) -> dict[str, Any]:
    lines = lines_of(to_screen(duties(request.user).leads))
    return {"lines": lines[:SHOWN], "number": len(lines), "more": len(lines) > SHOWN}


def next_meeting(request: UserRequest) -> dict[str, Any]:
    """The meeting that is open, or else the next one planned."""
    live = meetings.meetings_ahead(duties(request.user).leads)
    return {"meeting": live[0] if live else None, "after": live[1:3]}


def waiting_lists(request: UserRequest) -> dict[str, Any]:
    queues, _ = queues_and_partners(request, duties(request.user).leads)
    return {"queues": queues, "chosen": None}


def to_chase(request: UserRequest) -> dict[str, Any] | None:
    """How many referrals no partner has said anything about in its time; nothing when there are none."""
    _, all_partners = queues_and_partners(request, duties(request.user).leads)
    partners = [p for p in all_partners if p.overdue or p.counts.get("back")]
    if not partners:
        return None
    return {"partners": [p for p in partners if p.overdue][:3], "counts": ledger.tab_counts(partners)}


def my_actions(request: UserRequest) -> dict[str, Any]:
    """What was agreed at a meeting and is mine to do."""
    today = timezone.localdate()
    rows: dict[str, list[dict[str, Any]]] = {"overdue": [], "this_week": []}
    actions = Action.objects.filter(owner=request.user, done_on__isnull=True).select_related("meeting")
    for action in actions.order_by("due_on")[:20]:
        late = (today - action.due_on).days if action.due_on else 0
        meeting = action.meeting
        rows["overdue" if late > 0 else "this_week"].append(
            {
                "title": action.text,
                "detail": f"Agreed at the {meeting.get_kind_display().lower()}",
                "url": reverse("meeting-recap", args=[meeting.pk]),
                "action": "Mark it done",
                "action_url": reverse("meeting-recap", args=[meeting.pk]) + "#actions",
                "days_late": max(late, 0),
                "when": action.due_on,
            }
        )
    return rows


def my_questions(request: UserRequest) -> dict[str, Any]:
    """What I was asked about a referral that I logged, and answers to what I asked."""
    today = timezone.localdate()
    rows: dict[str, list[dict[str, Any]]] = {"overdue": [], "this_week": []}
    for question in mine(request.user):
        answered = question.answered_at is not None
        late = 0 if answered else max((today - question.due_on).days, 0)
        referral = question.referral
        rows["overdue" if late else "this_week"].append(
            {
                "title": f"{referral.reference}: {'the referrer has answered' if answered else 'a question for you'}",
                "detail": "It is back on the agenda" if answered else f"Asked by {question.asked_by}",
                "url": reverse("screen-referral", args=[referral.pk]),
                "action": "Read the answer" if answered else "Answer",
                "action_url": reverse("screen-referral", args=[referral.pk])
                if answered
                else reverse("question", args=[question.pk]),
                "days_late": late,
                "when": timezone.localdate(question.answered_at) if question.answered_at else question.due_on,
            }
        )
    return rows


def of_referral(request: UserRequest, *, referral: Any) -> dict[str, Any] | None:
    """The decision on a referral, or the way to it."""
    decision = with_names(Decision.objects.filter(referral_id=referral.pk)).select_related("decided_by").first()
    user = request.user
    if decision is None and referral.cluster_id not in duties(user).clusters:
        return None
    text = decided_text(decision, decision.offered, decision.passed_to) if decision else ""
    return {"decision": decision, "text": text, "leads": policies.may(policies.check_decide, user, referral)}


def came_from(request: UserRequest, *, referral: Any) -> dict[str, Any] | None:
    """What a hand-down of CSWS came from, and hand-downs that a step-up of this referral led to."""
    found, asks = handed(referral), referral.channel == Channel.CSWS
    if not (asks or found.anything):
        return None
    return {"handed": found, "asks": asks, "may": asks and policies.may(policies.check_step_up, request.user, referral)}


def chronology(request: UserRequest, *, case: Any) -> dict[str, Any]:
    kinds = {"decision": "Decisions", "step_up": "Step-ups", "passed_on": "News from partners", "ending": "Endings"}
    return {"entries": of_family(case.family_id), "kinds": kinds}
