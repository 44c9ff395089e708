"""A back-up that is brought back holds what was disposed of since; it is disposed of again."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cluster_ehs.core import chain
from cluster_ehs.core.db import as_owner
from cluster_ehs.core.scope import NamedActor, acting_as
from families.models import Family, Person
from keeping.disposal import elsewhere, services
from keeping.models import Disposal, Hold
from keeping.retention import services as retention
from tests import database
from tests.fixtures_cast import Cast, a_family, as_, make_cast
from tests.keeping.test_disposal import agreed, ended, sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(settings: Any, tmp_path: Path) -> Cast:
    settings.FILES_ROOT = tmp_path / "files"
    settings.AUDIT_HEADS = tmp_path / "elsewhere" / "heads.jsonl"
    cast = make_cast()
    ended(cast.family.pk)
    return cast


class Older:
    """The database as it is now, to be brought back later in place of what it has become."""

    def __init__(self) -> None:
        self.now = connection.settings_dict["NAME"]
        self.name = f"{self.now}_older"
        connection.close()
        database.make(self.name, self.now)

    def bring_back(self) -> None:
        connection.close()
        connection.settings_dict["NAME"] = self.name

    def leave(self) -> None:
        connection.close()
        connection.settings_dict["NAME"] = self.now


@pytest.fixture
def second(cast: Cast) -> Family:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        return a_family(cast.cluster, "Second", number=77)


@pytest.fixture
def older(second: Family) -> Iterator[Older]:
    older = Older()
    yield older
    older.leave()
    database.drop(older.name)


def dispose_again() -> str:
    said = io.StringIO()
    call_command("dispose_again", stdout=said)
    return said.getvalue()


def test_what_was_disposed_of_since_goes_again_and_the_history_vouches_for_it(cast: Cast, older: Older) -> None:
    agreed(cast, cast.family)
    assert services.carry_out_all() == 1
    line = elsewhere.place().read_text()
    assert cast.family.reference in line
    assert not any(word in line for word in ("Novák", "Zdeňka"))
    assert "Nothing that was disposed of is here again." in dispose_again()

    older.bring_back()
    with as_(cast.leader):
        assert Person.objects.filter(family=cast.family).exists()
    assert f"{cast.family.reference}: disposed of again." in dispose_again()
    with as_owner():
        assert not Family.objects.filter(pk=cast.family.pk).exists()
        assert not sql("SELECT 1 FROM core_change WHERE family_id = %s", cast.family.pk)
        done = Disposal.objects.get()
        assert (done.status, done.asked_by_id, done.answered_by_id) == ("done", cast.leader.pk, cast.manager.pk)
        assert chain.verify() == []
    assert "Nothing that was disposed of is here again." in dispose_again()


def test_what_was_merged_in_after_the_back_up_goes_too(cast: Cast, second: Family, older: Older) -> None:
    with as_owner():
        Family.objects.filter(pk=second.pk).update(merged_into=cast.family)
    agreed(cast, cast.family)
    services.carry_out_all()

    older.bring_back()
    assert "2 disposed of again." in dispose_again()
    with as_owner():
        assert not Family.objects.filter(pk__in=[cast.family.pk, second.pk]).exists()
        assert Family.objects.filter(pk=cast.other_family.pk).exists()
        assert chain.verify() == []


def test_one_that_was_only_asked_for_then_is_the_one_that_is_carried_out(cast: Cast, older: Older) -> None:
    older.bring_back()
    with as_(cast.leader):
        services.ask(by=cast.leader, family=cast.family, rule="x", ended_on=None, due_on=timezone.localdate())
    older.leave()
    agreed(cast, cast.family)
    services.carry_out_all()

    older.bring_back()
    dispose_again()
    with as_owner():
        assert Disposal.objects.get().status == "done"
        assert chain.verify() == []


def test_a_hold_of_then_stops_it_and_is_told(cast: Cast, older: Older) -> None:
    older.bring_back()
    with as_(cast.leader):
        retention.hold(by=cast.leader, family=cast.family, ground=Hold.Ground.CLAIM, reason="A claim was announced")
    older.leave()
    agreed(cast, cast.family)
    services.carry_out_all()

    older.bring_back()
    with pytest.raises(CommandError, match=f"{cast.family.reference}: the family is on hold"):
        dispose_again()
    with as_(cast.leader):
        assert Family.objects.filter(pk=cast.family.pk).exists()


def test_a_line_that_is_not_ours_is_told_and_disposes_of_nothing(cast: Cast, older: Older) -> None:
    agreed(cast, cast.family)
    services.carry_out_all()
    line = elsewhere.place().read_text()
    elsewhere.place().write_text(line.replace(str(cast.family.pk), str(cast.restricted_family.pk)))

    older.bring_back()
    with pytest.raises(CommandError, match="Line 1 is not signed by this service"):
        dispose_again()
    with as_owner():
        assert Family.objects.filter(pk__in=[cast.family.pk, cast.restricted_family.pk]).count() == 2
    elsewhere.place().unlink()
    with pytest.raises(CommandError, match="is not there"):
        dispose_again()


def test_nothing_is_removed_while_it_cannot_be_written_down_elsewhere(cast: Cast, settings: Any) -> None:
    disposal = agreed(cast, cast.family)
    settings.AUDIT_HEADS.parent.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="elsewhere"):
        services.carry_out_all()
    with as_(cast.leader):
        assert Person.objects.filter(family=cast.family).exists()
    settings.AUDIT_HEADS.parent.unlink()
    services.carry_out(disposal.pk)
    with as_owner():
        assert not Family.objects.filter(pk=cast.family.pk).exists()
