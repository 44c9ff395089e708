"""The cast that is lent to each test: the same rows for all, objects of one's own, and nothing left behind."""

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from cases.models import ContactNote
from clusters.models import User
from families.models import Family
from tests.fixtures_cast import Cast, a_contact, as_
from tests.fixtures_lent import Lent


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_a_test_does_to_the_cast_is_undone(cast: Cast, lent: Lent, time: str) -> None:
    assert lent.is_lent
    assert connection.settings_dict["NAME"] == lent.name
    with as_(cast.leader):
        family = Family.objects.get(pk=cast.family.pk)
        assert (family.name, cast.family.name) == ("Novák", "Novák")
        assert not ContactNote.objects.filter(text__in=["first", "second"]).exists()
        family.name = cast.family.name = time
        family.save()
        a_contact(cast.case, author=cast.leader, text=time)
    cast.practitioner.delete = None


def test_objects_belong_together_and_to_one_test(cast: Cast, lent: Lent) -> None:
    assert cast.case_referral.child is cast.child
    assert cast.family.name == "Novák"
    assert lent.cast().child is not cast.child
    assert "delete" not in vars(cast.practitioner)


@pytest.mark.django_db
def test_without_the_cast_there_is_nobody(lent: Lent) -> None:
    assert not lent.is_lent
    assert not User.objects.exists()


def test_on_another_day_it_is_made_anew(lent: Lent, django_db_blocker: DjangoDbBlocker) -> None:
    before, lent.made, lent.made_on = lent.made, b"", date(2026, 1, 1)
    with django_db_blocker.unblock():
        lent.lend()
        lent.give_back()
    assert lent.made_on == timezone.localdate()
    assert lent.made != before
