"""One world, walked once for all the tests of a module: each attack is undone by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from tests.escapes.surface import Attacker, Surface, walk
from tests.fixtures_cast import make_cast
from tests.world import FILE, World, make_world


@dataclass
class Walked:
    world: World
    surface: Surface
    attackers: dict[str, Attacker]

    def attacker(self, person: str) -> Attacker:
        if person not in self.attackers:
            self.attackers[person] = Attacker(self.world, person)
        return self.attackers[person]


@pytest.fixture(scope="module")
def walked(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Walked]:
    folder: Path = tmp_path_factory.mktemp("files")
    (folder / FILE).parent.mkdir()
    (folder / FILE).write_bytes(b"%PDF-1.7")
    (folder / f"{FILE}.preview.jpg").write_bytes(b"a small picture")
    with django_db_blocker.unblock(), override_settings(FILES_ROOT=folder), transaction.atomic():
        world = make_world(make_cast())
        yield Walked(world, walk(world), {})
        transaction.set_rollback(True)
