"""People and their roles: invite, give and end roles, leave and come back, clinical supervision."""

import uuid
from datetime import date
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.tasks import queue_message
from clusters import invitations, leaving, policies
from clusters.account_changes import policies as account_changes
from clusters.changes import change, record, said, wrong
from clusters.models import ClinicalSupervision, Cluster, ManagerRequest, Role, School, StaffRole, User
from clusters.notices import tell
from clusters.roles import asking
from clusters.signing_in import keys, sessions

SERVICE = settings.LABELS["service"]


@transaction.atomic
def invite(*, by: User, name: str, email: str, role: str, telephone: str = "", **place: Any) -> tuple[User, bool]:
    """Make a user without a password, give the first role and mail the link. Returns the user and whether it is new.

    Somebody who has an account already gets the role, and no mail. Raises ValidationError that names the field.
    """
    policies.check_give_role(by, to=None, role=role, cluster=place.get("cluster"))
    email = email.strip().lower()
    known = User.objects.select_for_update().filter(email=email).first()
    if known is not None:
        if not known.is_active:
            raise wrong("email", f"{known} had this account and left. A manager can bring the account back.")
        give_role(by=by, to=known, role=role, **place)
        return known, False
    person = make_person(by=by, name=name, email=email, telephone=telephone)
    give_role(by=by, to=person, role=role, **place)
    send_invitation(person)
    return person, True


def make_person(*, by: Actor, name: str, email: str, telephone: str = "", **extra: Any) -> User:
    """A user with an account; who may make one is the caller's to check."""
    person = User(name=name, email=email, telephone=telephone, **extra)
    person.set_unusable_password()
    person.full_clean()
    person.save()
    record(by=by, kind="person", text=f"Made the account of {person}.", about=person)
    return person


def send_invitation(person: User) -> None:
    queue_message(
        key=f"invitation:{uuid.uuid4()}",
        to=str(person.email),
        subject=f"Your account at {SERVICE}",
        body=(
            f"Hello {person.first_name},\n\n"
            f"You have been given an account at {SERVICE}. Choose your password here:\n\n"
            f"{invitations.link(person)}\n\n"
            f"The link works once, and for {invitations.VALID_FOR.days} days. After that, ask for a new one at\n"
            f"{settings.PUBLIC_URL}{reverse('account_reset_password')}\n"
        ),
    )


@transaction.atomic
def invite_again(person: User, *, by: User) -> User:
    """A new first link to somebody who has set no password yet, or a reset link to who has; the older ones die."""
    policies.check_invite_again(by, person)
    person = User.objects.select_for_update().get(pk=person.pk)
    if not person.is_active or not person.email:
        raise Denied(f"{person} has no account to sign in to.")
    if person.has_usable_password():
        send_reset(person)
        text = f"Sent {person} a link to choose a new password."
    else:
        person.set_unusable_password()
        person.save(update_fields=["password"])
        send_invitation(person)
        text = f"Invited {person} again."
    record(by=by, kind="person", text=text, about=person)
    return person


def send_reset(person: User) -> None:
    """The same link as “forgotten password” sends; the present password works until a new one is set."""
    key = default_token_generator.make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})
    queue_message(
        key=f"reset:{uuid.uuid4()}",
        to=str(person.email),
        subject=f"Choose a new password for {SERVICE}",
        body=(
            f"Hello {person.first_name},\n\n"
            f"Choose a new password here:\n\n{settings.PUBLIC_URL}{path}\n\n"
            "The link works once. If you did not expect this, tell your Cluster leader; nothing has changed yet.\n"
        ),
    )


@transaction.atomic
def change_person(person: User, *, by: User, **values: Any) -> User:
    """Name, e-mail address, telephone. The address of a manager's account is not changed here (`account_changes`)."""
    policies.check_manage(by)
    email = str(values.pop("email", None) or "").strip().lower()
    person = User.objects.select_for_update().get(pk=person.pk)
    if email and email != person.email:
        if account_changes.is_managers(person):
            raise wrong("email", account_changes.BY_TWO)
        change_address(person, email=email, by=by)
        person.refresh_from_db()
    change(person, values, by=by, kind="person")
    return person


def change_address(person: User, *, email: str, by: Actor) -> User:
    """A new address, told to the old one; who may say so is the caller's to check. Raises ValidationError."""
    person = User.objects.select_for_update().get(pk=person.pk)
    before = person.email
    change(person, {"email": email}, by=by, kind="person")
    if before and person.email != before:
        # allauth may have noted the earlier address beside the account: it would go on opening it.
        EmailAddress.objects.filter(user=person).delete()
        queue_message(
            key=f"moved:{uuid.uuid4()}",
            to=before,
            subject=f"The e-mail address of your account at {SERVICE} was changed",
            body=f"{by.actor_name} changed it. If this is a mistake, tell your manager.\n",
        )
    return person


@transaction.atomic
def give_role(
    *,
    by: User,
    to: User,
    role: str,
    starts_on: date,
    ends_on: date | None = None,
    cluster: Cluster | None = None,
    school: School | None = None,
    **terms: Any,
) -> StaffRole | ManagerRequest:
    """A role in its place, for a time; a manager's is only asked for, and another manager confirms it.

    `ends_on` is the first day without it. `terms`: post, funder, hours, capacity.

    Raises ValidationError when the place is missing or wrong, or when the role is held at that time already.
    """
    policies.check_give_role(by, to=to, role=role, cluster=cluster)
    if role == Role.MANAGER:
        return asking.ask(by=by, to=to, reason="Given with the form of roles", starts_on=starts_on, ends_on=ends_on)
    return put_role(
        by=by, to=to, role=role, starts_on=starts_on, ends_on=ends_on, cluster=cluster, school=school, **terms
    )


def put_role(*, by: Actor, to: User, starts_on: date, ends_on: date | None = None, **values: Any) -> StaffRole:
    """The role itself; who may give it is the caller's to check."""
    to = User.objects.select_for_update().get(pk=to.pk)
    if not to.is_active:
        raise wrong("role", f"{to} has left. Bring the account back first.")
    values = its_place(**values)
    if ends_on is not None and ends_on <= starts_on:
        raise wrong("ends_on", "The end must be after the start.")
    held = StaffRole.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on),
        user=to,
        role=values["role"],
        cluster=values["cluster"],
        school=values["school"],
    )
    if ends_on is not None:
        held = held.filter(starts_on__lt=ends_on)
    other = held.order_by("starts_on").first()
    if other is not None:
        until = f" until {said(other.ends_on)}" if other.ends_on else ""
        raise wrong("role", f"{to} already has this role from {said(other.starts_on)}{until}.")
    if values["role"] == Role.MANAGER and asking.needs_two(to, starts_on=starts_on, ends_on=ends_on):
        raise wrong("role", asking.BY_TWO)
    given = StaffRole(user=to, starts_on=starts_on, ends_on=ends_on, **values)
    given.full_clean()
    given.save()
    record(by=by, kind="role", text=f"{to}: {role_in_words(given)} from {said(starts_on)}.", about=given)
    return given


def its_place(*, role: str, cluster: Cluster | None = None, school: School | None = None, **terms: Any) -> dict:
    """Every role has its place, so that an empty one never means everywhere."""
    if role in {Role.PRACTITIONER, Role.LEADER, Role.PANEL_GUEST} and cluster is None:
        raise wrong("cluster", f"Choose the Cluster of the {Role(role).label.lower()}.")
    if role == Role.REFERRER and school is None:
        raise wrong("school", "Choose the school of the referrer.")
    if role == Role.PRACTITIONER and not terms.get("post"):
        raise wrong("post", "Choose the practitioner's post.")
    in_cluster = role in {Role.PRACTITIONER, Role.LEADER, Role.PANEL_GUEST}
    if role != Role.PRACTITIONER:
        terms = {name: value for name, value in terms.items() if name == "acting_reason"}
    return {
        "role": role,
        "cluster": cluster if in_cluster else None,
        "school": school if role == Role.REFERRER else None,
        **terms,
    }


def role_in_words(role: StaffRole) -> str:
    place = role.cluster or role.school
    post = f" ({role.get_post_display()})" if role.post else ""
    acting = " (acting up)" if role.acting_reason else ""
    return f"{role.get_role_display()}{acting}{post}{f', {place}' if place else ''}"


@transaction.atomic
def change_role(role: StaffRole, *, by: User, **values: Any) -> StaffRole:
    """Post, funder, hours and capacity. Who, what and where do not change: end the role and give another."""
    role = StaffRole.objects.select_for_update(of=("self",)).select_related("user", "cluster").get(pk=role.pk)
    policies.check_end_role(by, role)
    if role.role != Role.PRACTITIONER:
        raise Denied("Only a practitioner's role has a post, hours and a capacity.")
    if not values.get("post", role.post):
        raise wrong("post", "Choose the practitioner's post.")
    change(role, values, by=by, kind="role", called=f"{role.user}, {role_in_words(role)}")
    return role


@transaction.atomic
def end_role(role: StaffRole, *, by: User, ends_on: date) -> StaffRole:
    """`ends_on` is the first day without the role: today ends it from the next page on.

    Refused while the person would leave work behind that nobody takes over by then (`clusters.leaving`). The person is
    told, whichever page it is done on.
    """
    role = StaffRole.objects.select_for_update(of=("self",)).select_related("user", "cluster", "school").get(pk=role.pk)
    policies.check_end_role(by, role)
    if ends_on < role.starts_on:
        raise wrong("ends_on", f"The end must not be before the start, {said(role.starts_on)}.")
    if role.role == Role.MANAGER:
        keep_a_manager(without=role.user)
    left_behind = leaving.held_after(role, max(ends_on, timezone.localdate()))
    if left_behind:
        held = "; ".join(holding.text for holding in left_behind)
        raise wrong("ends_on", f"{role.user} still holds work on that day: {held}. Hand it over first.")
    role.ends_on = ends_on
    role.save(update_fields=["ends_on"])
    record(by=by, kind="role", text=f"{role.user}: {role_in_words(role)} ends on {said(ends_on)}.", about=role)
    if by.pk != role.user_id:
        tell_of_end(role)
    return role


def tell_of_end(role: StaffRole, why: str = "") -> None:
    """To whom the role belonged, wherever it was ended; `why` is a sentence, where it was nobody's decision here."""
    if role.ends_on is None:
        return
    tell(
        role.user,
        key=f"role-ends:{role.pk}:{role.ends_on}",
        subject=f"A role of yours ends on {said(role.ends_on)}",
        text=f"{role_in_words(role)}. {why}If it is a mistake, speak with your Cluster leader or a manager.",
        url_name="account",
    )


def keep_a_manager(*, without: User) -> None:
    """Refuse what would leave nobody to manage the service."""
    managers = list(
        StaffRole.objects.select_for_update(of=("self",))
        .today()
        .filter(role=Role.MANAGER, ends_on=None, user__is_active=True)
        .order_by("pk")
        .values_list("user_id", flat=True)
    )
    if set(managers) <= {without.pk}:
        raise Denied(f"{without} is the only manager. Make somebody else a manager first.")


@transaction.atomic
def leave(person: User, *, by: User) -> User:
    """All roles end today and the account is closed: from the next request on the person is signed out.

    Refused while cases, services or tasks would be left behind.
    """
    policies.check_manage(by)
    if person.pk == by.pk:
        raise Denied("You cannot close your own account. Ask another manager.")
    person = User.objects.select_for_update().get(pk=person.pk)
    keep_a_manager(without=person)
    today = timezone.localdate()
    left_behind = leaving.held_by(person, today)
    if left_behind:
        held = "; ".join(f"{holding.cluster}: {holding.text}" for holding in left_behind)
        raise Denied(f"{person} still holds work. A leader of the Cluster hands it over first. {held}.")
    still = Q(ends_on__isnull=True) | Q(ends_on__gt=today)
    for role in person.roles.select_for_update().filter(still):
        role.ends_on = max(today, role.starts_on)
        role.save(update_fields=["ends_on"])
    for pair in ClinicalSupervision.objects.filter(still, Q(supervisor=person) | Q(worker=person)):
        pair.ends_on = max(today, pair.starts_on)
        pair.save(update_fields=["ends_on"])
    keys.end_all(person, by=by, why="the account is closed")
    SocialAccount.objects.filter(user=person).delete()
    sessions.end_all(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    record(by=by, kind="person", text=f"{person} left: all roles ended and the account is closed.", about=person)
    return person


@transaction.atomic
def come_back(person: User, *, by: User) -> User:
    """Open the account again with a fresh invitation. Roles are given anew."""
    policies.check_manage(by)
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.is_active or not person.email:
        raise Denied(f"{person} has an open account, or never had one.")
    person.is_active = True
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    send_invitation(person)
    record(by=by, kind="person", text=f"{person} came back: the account is open again.", about=person)
    return person


@transaction.atomic
def add_supervision(
    *, by: User, supervisor: User, worker: User, starts_on: date, ends_on: date | None = None
) -> ClinicalSupervision:
    """The supervisor reads the sessions and notes of the worker in that time, so it is a manager's to say."""
    policies.check_supervision(by)
    supervisor = User.objects.select_for_update().get(pk=supervisor.pk)
    if supervisor == worker:
        raise wrong("worker", "Nobody supervises themselves.")
    if not supervisor.roles.today().filter(role=Role.CLINICAL_SUPERVISOR).exists():
        raise wrong("supervisor", f"{supervisor} is not a clinical supervisor. Give the role first.")
    if ends_on is not None and ends_on <= starts_on:
        raise wrong("ends_on", "The end must be after the start.")
    same = ClinicalSupervision.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on), supervisor=supervisor, worker=worker
    )
    if (ends_on and same.filter(starts_on__lt=ends_on).exists()) or (ends_on is None and same.exists()):
        raise wrong("worker", f"{supervisor} already supervises {worker} in that time.")
    pair = ClinicalSupervision(supervisor=supervisor, worker=worker, starts_on=starts_on, ends_on=ends_on)
    pair.full_clean()
    pair.save()
    record(by=by, kind="supervision", text=f"{pair} from {said(starts_on)}.", about=pair)
    return pair


@transaction.atomic
def end_supervision(pair: ClinicalSupervision, *, by: User, ends_on: date) -> ClinicalSupervision:
    policies.check_supervision(by, pair)
    pair = (
        ClinicalSupervision.objects.select_for_update(of=("self",))
        .select_related("supervisor", "worker")
        .get(pk=pair.pk)
    )
    if ends_on < pair.starts_on:
        raise wrong("ends_on", f"The end must not be before the start, {said(pair.starts_on)}.")
    pair.ends_on = ends_on
    pair.save(update_fields=["ends_on"])
    record(by=by, kind="supervision", text=f"{pair} until {said(ends_on)}.", about=pair)
    return pair
