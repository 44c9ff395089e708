"""An address that somebody must not be told is in nothing that leaves the service."""

import re
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from families.addresses import WITHHELD, address_flags, family_address, person_address
from families.models import Flag, Person
from families.services import add_flag, end_flag
from tests.fixtures_cast import Cast, a_person, as_


def keep_from(cast: Cast, who: Person, *, of: Person | None = None) -> Flag:
    return add_flag(
        by=cast.practitioner,
        family=cast.family,
        kind=Flag.Kind.ADDRESS_NOT_SHARED,
        not_to_be_told=who,
        address_of=of,
    )


def test_the_familys_address_is_withheld_from_paper_until_the_flag_ends(cast: Cast) -> None:
    with as_(cast.practitioner):
        father = a_person(cast.family, "Marek", is_child=False, in_household=False, other_address="9 Elsewhere Lane")
        assert family_address(cast.family).to_share == "1 Invented Row, LS8 1AA"
        flag = keep_from(cast, father)
        where = family_address(cast.family)
        assert (where.text, where.to_share, where.not_to) == ("1 Invented Row, LS8 1AA", WITHHELD, ("Marek Novák",))
        assert person_address(cast.mother, cast.family).to_share == WITHHELD
        assert person_address(father, cast.family).to_share == "9 Elsewhere Lane"
        end_flag(by=cast.practitioner, flag=flag)
        assert family_address(cast.family).to_share == "1 Invented Row, LS8 1AA"


def test_a_carers_address_is_withheld_without_the_familys(cast: Cast) -> None:
    with as_(cast.practitioner):
        carer = a_person(cast.family, "Fay", is_child=False, in_household=False, other_address="4 Foster Close")
        keep_from(cast, cast.mother, of=carer)
        flags = address_flags([cast.family.pk])
        assert person_address(carer, cast.family, flags).to_share == WITHHELD
        assert not family_address(cast.family, flags).withheld


def test_the_familys_address_written_once_more_is_as_secret(cast: Cast) -> None:
    with as_(cast.practitioner):
        aunt = a_person(cast.family, "Ola", is_child=False, in_household=False, other_address="1, INVENTED ROW")
        uncle = a_person(cast.family, "Ivo", is_child=False, in_household=False, other_address="flat 2, ls81aa")
        keep_from(cast, aunt)
        assert person_address(aunt, cast.family).to_share == WITHHELD
        assert person_address(uncle, cast.family).to_share == WITHHELD


def test_no_address_is_no_address(cast: Cast) -> None:
    with as_(cast.practitioner):
        nowhere = a_person(cast.family, "Ned", is_child=False, in_household=False)
        assert person_address(nowhere, cast.family).to_share == ""
        cast.family.address = cast.family.postcode = ""
        keep_from(cast, nowhere)
        assert family_address(cast.family).to_share == ""


def test_a_flag_that_ends_later_still_holds(cast: Cast) -> None:
    with as_(cast.practitioner):
        flag = keep_from(cast, cast.mother)
        Flag.objects.filter(pk=flag.pk).update(ends_on=timezone.localdate() + timedelta(days=1))
        assert family_address(cast.family).withheld
        Flag.objects.filter(pk=flag.pk).update(ends_on=timezone.localdate())
        assert not family_address(cast.family).withheld


ROOT = Path(__file__).parents[2]
# Where an address is read or written, and never shown.
READS = {
    "clusters": "addresses of services, not of families",
    "demo": "invents them",
    "families": "the record itself; what pages show goes through families/addresses.py",
    "imports": "reads sheets",
    "keeping": "says what is kept, and marks in a copy what is not the asker’s",
    "referrals": "writes what a referrer gives, and finds families by it",
    "scripts": "measures",
    "tests": "",
}
# Looks for withheld addresses in what a worker wrote, to take them out of the family's page.
MASKS = {"0014_the_familys_page.py"}


def test_every_page_asks_the_one_function() -> None:
    """A template shows `where`, which `families/addresses.py` made: an address itself stands in none."""
    shown = re.compile(r"\{\{[^}]*\b(?:family|person|child|member)\.(?:address|postcode|other_address)\b")
    wrong = [
        str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.*") if shown.search(path.read_text())
    ]
    assert wrong == []


def test_apps_above_do_not_read_addresses_past_it() -> None:
    read = re.compile(r"\bfamily\.(?:address|postcode)\b|\bother_address\b")
    apps = {path.parent.name for path in ROOT.glob("*/__init__.py")} - READS.keys()
    assert {"triage", "cases", "outcomes", "monitoring"} <= apps
    wrong = [
        str(path.relative_to(ROOT))
        for app in apps
        for path in (ROOT / app).rglob("*.py")
        if path.name not in MASKS and path.parent.name != "migrations" and read.search(path.read_text())
    ]
    assert wrong == []
