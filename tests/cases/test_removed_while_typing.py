"""Bad luck: somebody's role ends, or the account is closed, while they type."""

from django.test import Client
from django.utils import timezone

from cases.models import Contact
from cluster_ehs.core import drafts
from cluster_ehs.core.models import Draft
from clusters.models import StaffRole, User
from tests.fixtures_cast import Cast, as_, sign_in

TYPED = "Jana opened the door and laughed."


def test_a_role_that_ends_while_its_holder_types_loses_no_draft_and_writes_nothing(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = f"/cases/{cast.case.pk}/contacts/new/"
    assert client.get(url).status_code == 200
    key = f"contact:{cast.case.pk}"
    saved = client.post(
        "/drafts/",
        {"key": key, "data": {"note": [TYPED]}, "version": 0, "title": "Contact", "url": url},
        content_type="application/json",
    )
    assert saved.status_code == 200
    StaffRole.objects.filter(user=cast.practitioner).update(ends_on=timezone.localdate())
    with as_(cast.leader):
        before = Contact.objects.count()
    assert client.post(url, {"note": TYPED}).status_code == 404
    with as_(cast.leader):
        assert Contact.objects.count() == before
    with as_(cast.practitioner):
        assert Draft.objects.get(key=key).data["note"] == [TYPED]
    StaffRole.objects.filter(user=cast.practitioner).update(ends_on=None)
    assert TYPED in client.get(url).content.decode()


def test_a_closed_account_is_answered_by_the_sign_in_and_its_draft_waits_for_it(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    key, url = f"contact:{cast.case.pk}", f"/cases/{cast.case.pk}/contacts/new/"
    body = {"key": key, "data": {"note": [TYPED]}, "version": 0, "title": "Contact", "url": url}
    assert client.post("/drafts/", body, content_type="application/json").status_code == 200
    User.objects.filter(pk=cast.practitioner.pk).update(is_active=False)
    answer = client.post(url, {"note": TYPED, "who": drafts.who_token(cast.practitioner)})
    assert answer.status_code == 302
    assert "/account/" in answer["Location"]
    with as_(cast.leader):
        assert not Contact.objects.filter(notes__text=TYPED).exists()
    User.objects.filter(pk=cast.practitioner.pk).update(is_active=True)
    assert TYPED in sign_in(Client(), cast.practitioner).get(url).content.decode()
