"""Templates of messages, and letters that are kept word for word."""

from io import BytesIO

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from cluster_ehs.core import pdf
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Term
from families.models import Flag, Person
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_service, as_, sign_in
from tests.triage.pages import at_most, once
from triage import letters, services
from triage.models import Letter, MessageTemplate, Response
from triage.selectors.letters import templates


def decide(cast: Cast) -> None:
    with as_(cast.leader):
        services.decide(
            by=cast.leader,
            referral=cast.referral,
            response=Response.SERVICE,
            rationale="Not for the family to read.",
            services=[services.Offered(a_service("family_support"))],
            meeting=cast.meeting,
        )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dear {chlid}", r"There is no placeholder \{chlid\}"),
        ("{address} and {child.family.address}", r"\{address\}, \{child.family.address\}"),
        ("{}", r"no placeholder \{\}"),
        ("50 % { off", "stands alone"),
        ("{{child}}", "stands alone"),
    ],
)
def test_a_wrong_placeholder_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        letters.check(text)


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert letters.fill("{child}, {cluster}", {"child": "{leader}", "cluster": "A"}) == "{leader}, A"


def test_every_text_that_is_shipped_is_in_order(db: None) -> None:
    assert templates().count() == 9
    for template in templates():
        letters.check(template.subject)
        assert "{" not in letters.fill(template.body, letters.EXAMPLE)


def test_a_manager_changes_a_text_with_preview_and_older_letters_keep_theirs(cast: Cast, client: Client) -> None:
    decide(cast)
    old = templates().get(audience="family", about="service")
    with as_(cast.leader):
        referral = Referral.objects.get(pk=cast.referral.pk)
        letter = services.make_letter(by=cast.leader, referral=referral, template=old, subject="A", body="B")
        with pytest.raises(Denied, match="Only a manager"):
            services.save_template(
                by=cast.leader, audience="family", about="service", language="en", subject="X", body="Y"
            )
    sign_in(client, cast.manager)
    url = f"/settings/messages/{old.pk}/"
    assert "first name of the child" in client.get(url).content.decode()
    wrong = client.post(url, {**once(), "version": 1, "subject": "Hello", "body": "Dear {chlid}"})
    assert wrong.status_code == 422
    assert "There is no placeholder {chlid}" in wrong.content.decode()
    form = {**once(), "version": 1, "subject": "Hello", "body": "About {child}"}
    assert "About Amir" in client.post(url, {**form, "then": "preview"}).content.decode()
    assert templates().get(audience="family", about="service").version == 1
    assert client.post(url, form).status_code == 302
    assert client.post(url, {**form, **once()}).status_code == 409
    new = templates().get(audience="family", about="service")
    assert (new.version, new.body, new.changed_by) == (2, "About {child}", cast.manager)
    with as_(cast.leader):
        assert Letter.objects.get(pk=letter.pk).template.version == 1


def test_a_letter_is_made_from_the_recap_in_the_chosen_language_and_kept(cast: Cast, client: Client) -> None:
    decide(cast)
    with as_(cast.manager):
        services.save_template(
            by=cast.manager, audience="family", about="service", language="ur", subject="مدد", body="{child} {services}"
        )
    sign_in(client, cast.practitioner)
    recap = f"/screening/{cast.meeting.pk}/recap/"
    url = f"/screening/referrals/{cast.referral.pk}/letter/family/"
    assert url in client.get(recap).content.decode()
    page = client.get(url).content.decode()
    assert "we can offer: family support" in page
    assert "Not for the family to read." not in page
    assert "Jakub family support" in client.get(url + "?language=ur").content.decode()
    form = {**once(), "subject": "We can help", "body": "Dear family,\n\n<b>come</b> on Monday."}
    first, second = client.post(url, form), client.post(url, form)
    assert first.url == second.url
    page = client.get(first.url).content.decode()
    assert "&lt;b&gt;come&lt;/b&gt; on Monday." in page
    assert "1 Invented Row" in page
    assert first.url in client.get(recap).content.decode()
    if not pdf.MISSING:
        document = client.get(first.url + "pdf/")
        assert document["Content-Type"] == "application/pdf"
        assert "Jakub" not in document["Content-Disposition"]
        assert pikepdf.open(BytesIO(document.content)).Root.MarkInfo.Marked


@pytest.mark.parametrize(
    ("census", "label", "there", "language", "said"),
    [
        ("POL", "Polish", True, "pl", ""),
        ("POL", "Polish", False, "en", "There is no text in Polish: this is the English one; a manager can add it"),
        ("RMNM", "Romanian (Moldova)", True, "ro", ""),
        ("TIG", "Tigrinya", False, "en", "There is no text in Tigrinya: this is the English one. Say it"),
        ("ENG", "English", False, "en", ""),
    ],
)
def test_a_letter_to_the_family_is_offered_in_the_language_it_reads(
    cast: Cast, client: Client, census: str, label: str, there: bool, language: str, said: str
) -> None:
    decide(cast)
    spoken, _ = Term.objects.get_or_create(vocabulary="language", code=census, defaults={"label": label})
    with as_(cast.leader):
        keys = {"cluster_id": cast.referral.cluster_id, "family_id": cast.referral.family_id}
        about = {"is_child": False, "parental_responsibility": True, "first_language": spoken}
        Person.objects.create(**keys, first_name="Ewa", last_name="Wójcik", **about)
    if there:
        with as_(cast.manager):
            text = {"subject": "{cluster}", "body": "{child}"}
            services.save_template(by=cast.manager, audience="family", about="service", language=language, **text)
    sign_in(client, cast.leader)
    answer = client.get(f"/screening/referrals/{cast.referral.pk}/letter/family/")
    page = " ".join(answer.content.decode().split())
    assert f"The family reads <b>{spoken.label}</b>." in page
    assert answer.context["template"].language == language
    assert said in page if said else "There is no text" not in page


def test_an_address_that_somebody_must_not_be_told_is_on_no_letter(cast: Cast, client: Client) -> None:
    decide(cast)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        keys = {"cluster_id": cast.referral.cluster_id, "family_id": cast.referral.family_id}
        Flag.objects.create(**keys, kind=Flag.Kind.ADDRESS_NOT_SHARED, text="Not to be told")
    sign_in(client, cast.leader)
    url = f"/screening/referrals/{cast.referral.pk}/letter/family/"
    written = client.get(url).content.decode()
    letter = client.post(url, {**once(), "subject": "We can help", "body": "Come."}).url
    for page in (written, client.get(letter).content.decode()):
        assert "Address withheld" in page
        assert "1 Invented Row" not in page
    with as_(cast.leader):
        assert Letter.objects.get().to_address == "Address withheld"


def test_the_mail_says_only_that_a_letter_is_ready_and_says_it_once(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Referral.objects.filter(pk=cast.referral.pk).update(referrer_email="rae@school.example")
    decide(cast)
    sign_in(client, cast.leader)
    url = f"/screening/referrals/{cast.referral.pk}/letter/referrer/"
    letter = client.post(url, {**once(), "subject": "Your referral", "body": "About Jakub."}).url
    assert client.post(letter + "announce/").status_code == 302
    assert client.post(letter + "announce/").status_code == 409
    mail = Message.objects.get(key__startswith="letter:")
    assert mail.to == "rae@school.example"
    assert cast.referral.reference in mail.body
    for personal in ("Jakub", "Wójcik", "family support"):
        assert personal not in mail.subject + mail.body


def test_there_is_nothing_to_write_before_the_decision_and_nothing_for_outsiders(cast: Cast, client: Client) -> None:
    template = MessageTemplate.objects.first()
    with as_(cast.leader), pytest.raises(Conflict, match="not decided yet"):
        services.make_letter(by=cast.leader, referral=cast.referral, template=template, subject="A", body="B")
    decide(cast)
    with as_(cast.leader):
        referral = Referral.objects.get(pk=cast.referral.pk)
        letter = services.make_letter(by=cast.leader, referral=referral, template=template, subject="A", body="B")
    for who in (cast.guest, cast.other_leader, cast.manager, cast.referrer):
        with as_(who):
            assert not Letter.objects.exists()
    sign_in(client, cast.leader)
    with at_most(8):
        assert client.get(f"/screening/letters/{letter.pk}/").status_code == 200
