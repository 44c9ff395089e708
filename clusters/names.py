"""A person is not called like an actor that is no person: the history and the walls go by those names."""

import re

from django.core.validators import RegexValidator
from django.db.models import CheckConstraint, Q

from cluster_ehs.core.scope import NamedActor

PART_OF_THE_PROGRAM = rf"^\s*({'|'.join(sorted(NamedActor))})\s*$"
SAYS = "This is what a part of the program is called. Enter the person’s own name."
OF_A_PERSON = RegexValidator(PART_OF_THE_PROGRAM, SAYS, inverse_match=True, flags=re.IGNORECASE)
# Past workers, who cannot act, are called what a sheet called them.
IS_A_PERSON = CheckConstraint(
    condition=Q(email__isnull=True) | ~Q(name__iregex=PART_OF_THE_PROGRAM),
    name="user_is_a_person",
    violation_error_message=SAYS,
)
