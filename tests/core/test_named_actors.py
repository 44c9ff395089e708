"""Who acts without being a person: each is accounted for, and no person is called like one."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cluster_ehs.core.scope import NamedActor
from clusters.models import User
from clusters.services.staff import make_person
from tests.fixtures_cast import Cast


def test_it_is_written_why_each_can_do_no_more_than_who_it_acts_for() -> None:
    told = (Path(settings.BASE_DIR) / "docs" / "security.md").read_text()
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| ")]
    named = [name.strip() for row in rows for name in row.replace(", by a link", "; by a link").split(",")]
    assert {str(actor).replace(", by a link", "; by a link") for actor in NamedActor} <= set(named)


@pytest.mark.parametrize("name", ["importer", "Feed", " Public Form "])
def test_a_person_has_not_the_name_of_one(cast: Cast, name: str) -> None:
    for do in (
        lambda: User.objects.create_user(name=name, email="new@example.org"),
        lambda: User.objects.filter(pk=cast.practitioner.pk).update(name=name),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            do()
    with pytest.raises(ValidationError) as refused:
        make_person(by=cast.manager, name=name, email="new@example.org")
    assert "own name" in refused.value.message_dict["name"][0]
