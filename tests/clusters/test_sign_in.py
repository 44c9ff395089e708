"""Signing in, the invitation, passwords, the second factor, one's own account."""

import re
import time
import uuid
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Event, Message
from cluster_ehs.core.tasks import send_messages
from clusters import invitations
from clusters.api_auth import digest_of
from clusters.models import ApiToken, Role, StaffRole, User
from clusters.services import staff
from tests.fixtures_cast import PASSWORD, Cast, as_, sign_in

NEW = "four-quite-different-words"


def log_in(client: Client, email: str, password: str = PASSWORD, **extra: str):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def test_signing_in_with_the_email_address_whatever_its_case(client: Client, cast: Cast) -> None:
    answer = log_in(client, cast.practitioner.email.upper())
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200


def test_the_session_ends_with_the_browser(client: Client, cast: Cast) -> None:
    log_in(client, cast.practitioner.email)
    assert client.cookies["sessionid"]["max-age"] == ""
    assert client.session.get_expiry_age() <= 12 * 60 * 60


def test_the_page_asked_for_comes_after_signing_in(client: Client, cast: Cast) -> None:
    asked = client.get(reverse("account"))
    assert asked.status_code == 302
    answer = client.post(asked["Location"], {"login": cast.leader.email, "password": PASSWORD})
    assert answer["Location"] == reverse("account")


def test_a_foreign_address_is_no_next_page(client: Client, cast: Cast) -> None:
    answer = client.post(
        reverse("account_login") + "?next=https://example.com/", {"login": cast.leader.email, "password": PASSWORD}
    )
    assert answer["Location"] == "/"


def test_the_same_error_for_a_wrong_password_and_an_unknown_address(client: Client, cast: Cast) -> None:
    wrong = log_in(client, cast.leader.email, "not-the-password")
    unknown = log_in(client, f"{uuid.uuid4().hex}@example.org", "not-the-password")
    texts = [
        re.sub(r'(value|content|nonce)="[^"]*"', "", answer.content.decode()).split("<main")[1]
        for answer in (wrong, unknown)
    ]
    assert wrong.status_code == unknown.status_code == 422
    assert "The e-mail address or the password is not right" in texts[0]
    assert texts[0] == texts[1]


def test_attempts_are_limited_for_an_address(client: Client, cast: Cast) -> None:
    email = f"{uuid.uuid4().hex}@example.org"
    User.objects.create_user(name="Guessed At", email=email, password=PASSWORD)
    for _ in range(5):
        log_in(client, email, "not-the-password")
    answer = log_in(client, email)
    assert "Too many attempts" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_somebody_who_left_is_told_so_only_with_the_right_password(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    assert log_in(client, cast.colleague.email)["Location"] == reverse("account_inactive")
    assert "is closed" in client.get(reverse("account_inactive")).content.decode()
    assert "is not right" in log_in(client, cast.colleague.email, "not-the-password").content.decode()


def test_signing_out_asks_and_ends_the_session(client: Client, cast: Cast) -> None:
    sign_in(client, cast.leader)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get("/").status_code == 200
    assert client.post(reverse("account_logout"))["Location"] == reverse("account_login")
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "login/code/", "3rdparty/", "social/signup/"])
def test_what_is_not_offered_is_not_there(client: Client, cast: Cast, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404
    sign_in(client, cast.manager)
    assert client.get(f"/account/{path}").status_code == 404


# --- invitation ---
def an_invited(cast: Cast, email: str = "new.worker@example.org") -> tuple[User, str]:
    with as_(cast.leader):
        person, _new = staff.invite(
            by=cast.leader,
            name="New Worker",
            email=email,
            role=Role.PRACTITIONER,
            cluster=cast.cluster,
            post="family_practitioner",
            starts_on=timezone.localdate(),
        )
    body = Message.objects.filter(to=email).latest("pk").body
    link = re.search(r"(/account/invitation/\S+)", body)
    assert link
    return person, link[1]


def test_an_invitation_sets_the_first_password_once(client: Client, cast: Cast) -> None:
    person, link = an_invited(cast)
    assert not person.has_usable_password()
    page = client.get(link)
    assert page.status_code == 200
    assert person.email in page.content.decode()
    answer = client.post(link, {"password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("account_login")
    assert log_in(client, person.email, NEW)["Location"] == "/"
    client.logout()
    assert client.get(link).status_code == 410
    assert (
        client.post(link, {"password1": "another-long-password", "password2": "another-long-password"}).status_code
        == 410
    )
    person.refresh_from_db()
    assert person.check_password(NEW)
    with as_(person):
        assert not Event.objects.filter(kind="settings.account", user_id=None).exists()


def test_an_invitation_ends_after_a_week(client: Client, cast: Cast) -> None:
    _person, link = an_invited(cast)
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert client.get(link).status_code == 410


def test_a_newer_invitation_ends_the_older(client: Client, cast: Cast) -> None:
    person, link = an_invited(cast)
    with as_(cast.leader):
        staff.invite_again(person, by=cast.leader)
    assert client.get(link).status_code == 410
    newer = re.search(r"(/account/invitation/\S+)", Message.objects.filter(to=person.email).latest("pk").body)
    assert newer
    assert client.get(newer[1]).status_code == 200


def test_an_invitation_of_somebody_who_left_or_that_was_changed_is_refused(client: Client, cast: Cast) -> None:
    person, link = an_invited(cast)
    assert client.get(link[:-3] + "AA/").status_code == 410
    with as_(cast.manager):
        staff.leave(person, by=cast.manager)
    assert client.get(link).status_code == 410


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("short", "short", "too short"),
        ("passwordpassword", "passwordpassword2", "not the same"),
        ("new.worker@example.org", "new.worker@example.org", "too similar"),
        ("", "", "Enter password"),
    ],
)
def test_a_weak_first_password_is_refused(client: Client, cast: Cast, first: str, second: str, message: str) -> None:
    person, link = an_invited(cast)
    answer = client.post(link, {"password1": first, "password2": second})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_the_invitation_goes_out_by_mail(cast: Cast) -> None:
    person, link = an_invited(cast)
    send_messages()
    sent = [message for message in mail.outbox if message.to == [person.email]]
    assert len(sent) == 1
    assert link in sent[0].body


# --- forgotten password ---
def test_a_reset_tells_nobody_who_has_an_account(client: Client, cast: Cast) -> None:
    unknown = f"{uuid.uuid4().hex}@example.org"
    known_answer = client.post(reverse("account_reset_password"), {"email": cast.leader.email}, follow=True)
    unknown_answer = client.post(reverse("account_reset_password"), {"email": unknown}, follow=True)
    assert known_answer.redirect_chain == unknown_answer.redirect_chain
    assert known_answer.content.decode().split("<main")[1] == unknown_answer.content.decode().split("<main")[1]
    assert Message.objects.filter(to=cast.leader.email).count() == 1
    assert not Message.objects.filter(to=unknown).exists()


def test_a_reset_link_sets_a_new_password_once(client: Client, cast: Cast) -> None:
    client.post(reverse("account_reset_password"), {"email": cast.leader.email})
    body = Message.objects.get(to=cast.leader.email).body
    link = re.search(r"https?://[^/]+(/account/password/reset/key/\S+)", body)
    assert link
    form = client.get(link[1], follow=True)
    url = form.redirect_chain[-1][0]
    answer = client.post(url, {"password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("account_reset_password_from_key_done")
    assert client.get(answer["Location"]).status_code == 200
    assert log_in(client, cast.leader.email, NEW).status_code == 302
    client.logout()
    assert "no longer works" in client.get(link[1], follow=True).content.decode()


def test_a_reset_link_ends_after_four_hours(client: Client, cast: Cast) -> None:
    client.post(reverse("account_reset_password"), {"email": cast.leader.email})
    link = re.search(r"(/account/password/reset/key/\S+)", Message.objects.get(to=cast.leader.email).body)
    assert link
    with time_machine.travel(timezone.now() + timedelta(hours=4, minutes=1), tick=False):
        assert "no longer works" in client.get(link[1], follow=True).content.decode()


def test_changing_the_password_needs_the_present_one(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    url = reverse("account_change_password")
    wrong = client.post(url, {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert "not your present password" in wrong.content.decode()
    answer = client.post(url, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("account")
    assert client.get(reverse("account")).status_code == 200
    cast.leader.refresh_from_db()
    assert cast.leader.check_password(NEW)


# --- second factor ---
def code_for(secret: str) -> str:
    """Today's code, of a step that does not end before the code is sent: no step beside is taken."""
    left = 30 - time.time() % 30
    if left < 3:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def with_second_factor(client: Client, user: User) -> str:
    log_in(client, user.email)
    page = client.get(reverse("mfa_activate_totp"))
    if page.status_code == 302:
        client.post(page["Location"], {"password": PASSWORD})
        page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return secret


def test_a_second_factor_is_asked_for_once_it_is_on(client: Client, cast: Cast) -> None:
    secret = with_second_factor(client, cast.leader)
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    client.logout()
    answer = log_in(client, cast.leader.email)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get("/").status_code == 302
    assert "Incorrect code" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})["Location"] == "/"
        assert client.get("/").status_code == 200


def test_a_recovery_code_works_once(client: Client, cast: Cast) -> None:
    with_second_factor(client, cast.leader)
    code = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    for expected in (302, 422):
        client.logout()
        log_in(client, cast.leader.email)
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


def test_the_second_factor_can_be_turned_off(client: Client, cast: Cast) -> None:
    with_second_factor(client, cast.leader)
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.filter(user=cast.leader).exists()
    assert "Turn on the second factor" in client.get(reverse("account")).content.decode()


def test_an_old_sign_in_is_confirmed_before_the_second_factor_changes(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        answer = client.get(reverse("mfa_activate_totp"))
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        assert "not your password" in client.post(answer["Location"], {"password": "x"}).content.decode()
        assert client.post(answer["Location"], {"password": PASSWORD}).status_code == 302
        assert client.get(reverse("mfa_activate_totp")).status_code == 200


# --- leaving ---
def test_who_leaves_is_signed_out_at_the_next_request(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    assert client.get("/").status_code == 200
    with as_(cast.manager):
        staff.leave(cast.leader, by=cast.manager)
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_a_role_that_ends_today_is_gone_at_the_next_request(client: Client, cast: Cast) -> None:
    sign_in(client, cast.leader)
    assert client.get(reverse("settings")).status_code == 200
    with as_(cast.manager):
        staff.end_role(cast.leader.roles.get(), by=cast.manager, ends_on=timezone.localdate())
    assert client.get(reverse("settings")).status_code == 403


# --- one's own account ---
def test_name_and_telephone_are_ones_own_to_change(client: Client, cast: Cast) -> None:
    sign_in(client, cast.practitioner)
    answer = client.post(reverse("account-profile"), {"name": "Asha Newname", "telephone": "0113 496 0999"})
    assert answer["Location"] == reverse("account")
    cast.practitioner.refresh_from_db()
    assert (cast.practitioner.name, cast.practitioner.telephone) == ("Asha Newname", "0113 496 0999")
    assert "Asha Newname" in client.get(reverse("account")).content.decode()
    assert "Enter your name" in client.post(reverse("account-profile"), {"name": ""}).content.decode()


def in_a_month() -> dict[str, str]:
    day = timezone.localdate() + timedelta(days=30)
    return {"expires_on-day": str(day.day), "expires_on-month": str(day.month), "expires_on-year": str(day.year)}


def test_a_token_is_shown_once_and_only_its_digest_is_kept(client: Client, cast: Cast) -> None:
    sign_in(client, cast.practitioner)
    answer = client.post(
        reverse("account-token-new"), {"name": "School sheet", "scopes": ["referrals:read"], **in_a_month()}
    )
    assert answer["Location"] == reverse("account")
    shown = re.search(r"ehs_[\w-]{43}", client.get(reverse("account")).content.decode())
    assert shown
    token = ApiToken.objects.get(user=cast.practitioner)
    assert token.digest == digest_of(shown[0])
    assert token.scopes == ["referrals:read"]
    assert "ehs_" not in client.get(reverse("account")).content.decode()
    client.post(reverse("account-token-revoke", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_double_click_makes_one_token(client: Client, cast: Cast) -> None:
    sign_in(client, cast.practitioner)
    form = {"name": "Twice", "scopes": ["referrals:read"], "once": str(uuid.uuid4()), **in_a_month()}
    for _ in range(2):
        assert client.post(reverse("account-token-new"), form).status_code == 302
    assert ApiToken.objects.filter(user=cast.practitioner).count() == 1


def test_a_token_names_what_is_wrong(client: Client, cast: Cast) -> None:
    sign_in(client, cast.practitioner)
    answer = client.post(reverse("account-token-new"), {"name": "", "scopes": ["all:of:it"]})
    text = answer.content.decode()
    assert "Enter what is it for" in text or "“What is it for?”" in text
    assert "all:of:it" in text
    assert not ApiToken.objects.exists()


def test_nobody_withdraws_another_persons_token(client: Client, cast: Cast) -> None:
    token = ApiToken.objects.create(user=cast.leader, name="Theirs", digest="0" * 64)
    sign_in(client, cast.practitioner)
    assert client.post(reverse("account-token-revoke", args=[token.pk])).status_code == 404


def test_a_referrer_has_no_tokens(client: Client, cast: Cast) -> None:
    sign_in(client, cast.referrer)
    assert client.get(reverse("account-token-new")).status_code == 403
    assert "Tokens of the API" not in client.get(reverse("account")).content.decode()


def test_a_link_made_for_one_state_of_the_account_does_not_open_another(cast: Cast) -> None:
    person, link = an_invited(cast)
    key = link.rstrip("/").rpartition("/")[2]
    assert invitations.invited(key) == person
    StaffRole.objects.filter(user=person).update(capacity=3)
    assert invitations.invited(key) == person
    User.objects.filter(pk=person.pk).update(email="moved@example.org")
    assert invitations.invited(key) is None


def test_asking_for_links_without_end_is_refused_with_a_page(client: Client, cast: Cast) -> None:
    form = {"email": f"{uuid.uuid4().hex}@example.org"}
    for _ in range(5):
        assert client.post(reverse("account_reset_password"), form).status_code == 302
    answer = client.post(reverse("account_reset_password"), form)
    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.content.decode()
