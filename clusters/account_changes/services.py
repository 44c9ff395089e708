"""Asking for a change to a manager's account, and answering it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core.audit import Actor, Named
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor
from clusters.account_changes import policies
from clusters.changes import record, wrong
from clusters.models import AccountRequest, User
from clusters.notices import tell
from clusters.roles.asking import managers_but
from clusters.roles.models import CONFIRM_WITHIN
from clusters.services.staff import change_address
from clusters.signing_in.services import has_a_way_in, take_away_second_factor

What, Status = AccountRequest.What, AccountRequest.Status
NOBODY = (
    "There is no other manager to confirm it. Whoever runs the server does it: manage.py change_address, or "
    "reset_second_factor."
)


@transaction.atomic
def ask(*, by: User, to: User, what: str, reason: str, email: str = "") -> AccountRequest:
    """Note the request, tell the managers who may confirm it, and the person it is about.

    Raises Denied, ValidationError naming the field.
    """
    policies.check_ask(by, to)
    to = User.objects.select_for_update().get(pk=to.pk)
    email = email.strip().lower() if what == What.ADDRESS else ""
    if len(reason.strip()) < 10:
        raise wrong("reason", "Say why, in a few words: who confirms it reads this.")
    if what == What.ADDRESS and not email:
        raise wrong("email", "Enter the new address.")
    if email and User.objects.filter(email=email).exists():
        raise wrong("email", "There is an account with this address.")
    if what == What.SECOND_FACTOR and not has_a_way_in(to):
        raise wrong("what", f"{to} has no second factor.")
    if AccountRequest.objects.filter(user=to, what=what, status=Status.WAITING).exists():
        raise wrong("what", "This is asked for already, and waits to be confirmed.")
    confirmers = managers_but(by.pk, to.pk)
    if not confirmers:
        raise wrong("what", NOBODY)
    asked = AccountRequest(user=to, what=what, email=email, reason=reason.strip(), asked_by=by)
    asked.full_clean()
    asked.save()
    record(by=by, kind="person", text=f"Asked for {asked}: {asked.reason}", about=asked)
    for manager in confirmers:
        tell(
            manager,
            key=f"account-request:{asked.pk}:{manager.pk}",
            subject="A change to a manager’s account waits for you to confirm it",
            text="It needs a second person: read who asks and why, and speak with whom it is about, within seven days.",
            url_name="settings-account-request",
            pk=asked.pk,
            urgent=True,
        )
    if to.pk != by.pk:
        tell(
            to,
            key=f"account-request:{asked.pk}:{to.pk}",
            subject="Somebody asks for a change to how you sign in",
            text=f"Asked for is: {asked.get_what_display().lower()}. If you do not want it, refuse it there.",
            url_name="settings-account-request",
            pk=asked.pk,
            urgent=True,
        )
    return asked


@transaction.atomic
def answer(asked: AccountRequest, *, by: User, confirm: bool) -> AccountRequest:
    """The second person's answer; confirmed, it is carried out. Raises Denied, Conflict (answered, lapsed, taken)."""
    asked = AccountRequest.objects.select_for_update(of=("self",)).select_related("user", "asked_by").get(pk=asked.pk)
    if confirm:
        policies.check_confirm(by, asked)
        policies.check_apart(by, asked.asked_by)
    else:
        policies.check_refuse(by, asked)
    if asked.status != Status.WAITING:
        raise Conflict(f"This was answered already: {asked.get_status_display().lower()}.")
    if timezone.now() > asked.lapses_at:
        raise Conflict("The seven days are over. It must be asked for again.")
    asked.status = Status.CONFIRMED if confirm else Status.REFUSED
    asked.answered_by, asked.answered_at = by, timezone.now()
    asked.save(update_fields=["status", "answered_by", "answered_at"])
    word = "Confirmed" if confirm else "Refused"
    record(by=by, kind="person", text=f"{word} {asked}, asked for by {asked.asked_by}.", about=asked)
    if confirm:
        _carry_out(asked, by=by)
    _tell(asked, f"{asked.user}: {asked.get_what_display().lower()}: {word.lower()}")
    return asked


def _carry_out(asked: AccountRequest, *, by: User) -> None:
    if asked.what == What.SECOND_FACTOR:
        take_away_second_factor(asked.user, by=by)
    else:
        try:
            change_address(asked.user, email=asked.email, by=by)
        except ValidationError as error:
            raise Conflict(" ".join(error.messages)) from error
    asked.done_at = timezone.now()
    asked.save(update_fields=["done_at"])


def lapse_old() -> None:
    """For the sweep of each minute: what nobody confirmed in seven days is over."""
    waiting = AccountRequest.objects.filter(status=Status.WAITING)
    for asked in waiting.filter(asked_at__lt=timezone.now() - CONFIRM_WITHIN).select_related("user", "asked_by"):
        with transaction.atomic():
            late = waiting.select_for_update(skip_locked=True).filter(pk=asked.pk)
            if late.update(status=Status.LAPSED):
                nobody: Actor = Named(str(NamedActor.SCHEDULER))
                record(by=nobody, kind="person", text=f"{asked} was not confirmed in seven days.", about=asked)
                asked.status = Status.LAPSED
                _tell(asked, f"{asked.user}: {asked.get_what_display().lower()}: not confirmed in seven days")


def _tell(asked: AccountRequest, subject: str) -> None:
    tell(
        asked.asked_by,
        key=f"account-request:{asked.pk}:{asked.status}",
        subject=subject,
        text="Two people are needed for how a manager signs in.",
        url_name="home",
    )
