"""Whether somebody takes part in the plan, said in two taps; a father left out must be visible, and so must why [E]."""

from django.core.exceptions import ValidationError
from django.db import transaction

from cluster_ehs.core import audit
from clusters.models import User
from families import policies
from families.models import Involvement, Person

LONGEST = 300


@transaction.atomic
def set_involvement(*, by: User, person: Person, involvement: str, why: str = "") -> Person:
    """Say whether a person is involved in the plan. Saying the same twice changes nothing.

    why: needed for somebody who is not to be involved. Raises Denied or ValidationError (`involvement`, `why`).
    """
    policies.check_edit(by, person.family)
    why = " ".join(why.split())
    wrong = {}
    if involvement not in Involvement.values:
        wrong["involvement"] = "Choose whether they are involved in the plan"
    if involvement == Involvement.NOT_TO_BE and not why:
        wrong["why"] = "Enter why they are not to be involved"
    if len(why) > LONGEST:
        wrong["why"] = f"Why must be {LONGEST} characters or fewer"
    if wrong:
        raise ValidationError(wrong)
    now = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if (now.involvement, now.involvement_why) == (involvement, why):
        return now
    now.involvement, now.involvement_why = involvement, why
    now.version += 1
    now.save(update_fields=["involvement", "involvement_why", "version"])
    said = Involvement(involvement).label.lower()
    audit.event(by=by, kind="person.involvement", text=f"{now.short_name}: {said}", about=now)
    return now
