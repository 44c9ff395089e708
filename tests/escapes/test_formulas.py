"""No sheet that is given out runs what somebody typed: every download, with a formula in every text and name."""

import csv
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.test import Client

from cluster_ehs.core.db import as_owner
from cluster_ehs.core.exports import RISKY
from clusters.models import User
from keeping.fields import Holds
from keeping.lines import LINES
from tests.access import addresses, url_for
from tests.clusters.test_confirmed import hands_out
from tests.fixtures_cast import make_cast, sign_in
from tests.world import arguments_for, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
FORMULA = "=1+1|"
# Sheets that are given out under an address of their own.
FILES = frozenset({"case-audit-table", "import-rejects"})
NAMED = ("clusters_cluster", "clusters_school", "clusters_service", "clusters_partnerservice", "clusters_term")


def formulas_everywhere() -> None:
    """In all that somebody may type, as far as the rules of a row let it: past the pages, as the tables' owner."""
    with connection.cursor() as cursor:
        for label, line in LINES.items():
            model = apps.get_model(label)
            kinds = (Holds.TEXT, Holds.NAME, Holds.FIRST_NAME, Holds.LAST_NAME)
            names = set(line.that_hold(*kinds))
            if model._meta.db_table in NAMED:
                names |= {"name", "label"} & {field.name for field in model._meta.concrete_fields}
            for name in names:
                field = model._meta.get_field(name)
                if field.get_internal_type() not in {"CharField", "TextField"}:
                    continue
                said = f'left(%s || "{field.column}", {field.max_length or 10_000})'
                table, typed = model._meta.db_table, f"\"{field.column}\" <> ''"
                with suppress(DatabaseError):
                    cursor.execute(f'UPDATE {table} SET "{field.column}" = {said} WHERE {typed}', [FORMULA])


def cells(answer: Any) -> list[str]:
    """The texts of a sheet. Of a workbook none is a formula."""
    content = answer.getvalue()
    if content.startswith(b"PK"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        found = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
        assert [cell.coordinate for cell in found if cell.data_type == "f"] == []
        return [str(cell.value) for cell in found]
    texts = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in texts if cell.startswith(RISKY) and not _is_number(cell)] == []
    return texts


def _is_number(text: str) -> bool:
    with suppress(ValueError):
        return bool(float(text)) or True
    return False


def test_what_looks_like_a_formula_is_text_in_every_sheet(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path
    cast = make_cast()
    world = make_world(cast)
    with as_owner():
        formulas_everywhere()
    sheets = hands_out() | FILES
    asked = [address for address in addresses() if address.name in sheets]
    given: dict[str, int] = {}
    met = set()
    for user in (cast.leader, cast.manager):
        client = sign_in(Client(), User.objects.get(pk=user.pk))
        for address in asked:
            url = url_for(address.name, arguments_for(world, address, "own") or {} if address.arguments else {})
            for kind in ("csv", "xlsx"):
                answer = client.get(f"{url}?as={kind}&cluster={cast.cluster.pk}")
                if answer.status_code == 200 and "html" not in answer.headers["Content-Type"]:
                    texts = cells(answer)
                    given[address.name] = given.get(address.name, 0) + 1
                    met |= {address.name for text in texts if FORMULA in text}
    assert set(given) == sheets
    assert len(met) > 5
