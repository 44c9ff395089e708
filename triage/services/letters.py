"""Templates of messages, and the letters that are made from them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.tasks import queue_message
from clusters import policies as settings_policies
from clusters.changes import record
from clusters.models import User
from referrals.models import Referral, Status
from triage import letters, policies
from triage.models import Audience, Letter, MessageTemplate
from triage.selectors.letters import addressee


@transaction.atomic
def save_template(
    *, by: User, audience: str, about: str, language: str, subject: str, body: str, seen_version: int | None = None
) -> MessageTemplate:
    """The next version of a template, or its first. Earlier ones stay with the letters made from them.

    Raises Denied unless a manager acts, Conflict when somebody saved another version meanwhile, ValidationError that
    names a wrong placeholder at its field.
    """
    settings_policies.check_manage(by)
    wrong = {}
    for name, text in (("subject", subject), ("body", body)):
        try:
            letters.check(text)
        except ValidationError as error:
            wrong[name] = error
    if wrong:
        raise ValidationError(wrong)
    last = (
        MessageTemplate.objects.select_for_update()
        .filter(audience=audience, about=about, language=language)
        .order_by("-version")
        .first()
    )
    if seen_version is not None and last and last.version != seen_version:
        raise Conflict("Somebody saved another version of this text meanwhile. Load the page again.")
    if seen_version is None and last:
        raise ValidationError({"language": "There is a text in this language already. Change that one."})
    saved = MessageTemplate.objects.create(
        audience=audience,
        about=about,
        language=language,
        version=last.version + 1 if last else 1,
        subject=subject.strip(),
        body=body.strip(),
        changed_by=by,
    )
    record(by=by, kind="template", text=f"Message “{saved}”: version {saved.version}.", about=saved)
    return saved


@transaction.atomic
def make_letter(*, by: User, referral: Referral, template: MessageTemplate, subject: str, body: str) -> Letter:
    """Keep a letter about a decided referral, word for word. An address that somebody must not be told is left out.

    Raises Denied for who is not staff of the Cluster, Conflict before the decision, ValidationError by field.
    """
    policies.check_write_letter(by, referral)
    if referral.status == Status.TO_SCREEN:
        raise Conflict("This referral is not decided yet: there is nothing to write about.")
    if not subject.strip() or not body.strip():
        raise ValidationError({"body": "The letter is empty."})
    name, address = addressee(referral, template.audience)
    letter = Letter.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        referral=referral,
        template=template,
        audience=template.audience,
        language=template.language,
        to_name=name,
        to_address=address,
        subject=subject.strip(),
        body=body.strip(),
        made_by=by,
        made_at=timezone.now(),
    )
    audit.event(by=by, kind="letter", text=f"Letter to {letter.get_audience_display().lower()}", about=letter)
    return letter


@transaction.atomic
def announce_letter(*, by: User, letter: Letter) -> Letter:
    """Mail the referrer that a letter is ready, once; the mail names nobody and holds nothing of the letter."""
    policies.check_write_letter(by, letter)
    letter = Letter.objects.select_for_update(of=("self",)).select_related("referral__cluster").get(pk=letter.pk)
    referral = letter.referral
    if letter.audience != Audience.REFERRER or not referral.referrer_email:
        raise Conflict("There is no e-mail address to write to. Print the letter.")
    if letter.announced_at:
        raise Conflict("They have been told already that this letter is ready.")
    letter.announced_at = timezone.now()
    letter.save(update_fields=["announced_at"])
    telephone = f" on {referral.cluster.telephone}" if referral.cluster.telephone else ""
    queue_message(
        key=f"letter:{letter.pk}",
        to=referral.referrer_email,
        subject=f"A letter about referral {referral.reference} is ready",
        body=(
            f"A letter about referral {referral.reference} is ready for you.\n\n"
            f"Ask for it at the Cluster{telephone}, with the reference. With a sign-in you can see where the "
            f"referral stands: {settings.PUBLIC_URL}/\n"
        ),
    )
    audit.event(by=by, kind="letter", text="Told the referrer by e-mail that a letter is ready", about=letter)
    return letter
