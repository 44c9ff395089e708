"""A leader finds a child recorded twice, lays the two side by side, merges them and takes it back, without a mouse."""

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cluster_ehs.core.scope import NamedActor, acting_as
from families import duplicates
from families.index import index_people
from families.models import Family, Person
from tests.browser.conftest import Visitors
from tests.browser.steps import choose, follow, follow_like, no_violations, press, reads, sign_in
from tests.fixtures_cast import Cast, a_family, a_person, a_referral

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def recorded_twice(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        family = a_family(cast.cluster, "Nowak", number=40)
        child = a_person(family, "Sdenka", born=cast.child.birth_date, school=cast.school)
        a_person(family, "Yana", born=date(1988, 5, 4), is_child=False)
        a_referral(child, number=40, school=cast.school, days_ago=4)
        index_people(Person.objects.all(), families=Family.objects.all())
    duplicates.sweep()


def picture(page: Page, name: str) -> None:
    """Kept only when somebody asks to look at them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_leader_merges_two_records_and_takes_it_back(people: Cast, visitor: Visitors, phone: bool) -> None:
    recorded_twice(people)
    page = visitor(phone=phone)
    size = "375" if phone else "1280"
    sign_in(page, people.leader)
    page.goto("/families/")
    follow_like(page, "Duplicates")
    reads(page, "same birth date")
    picture(page, f"duplicates-{size}")
    no_violations(page)
    page.get_by_role("link", name="Sdenka").first.click()
    reads(page, "Two records, side by side", "differs", "the families become one")
    picture(page, f"duplicate-{size}")
    no_violations(page)
    choose(page, "Are they the same person?", "The same person: make one record of them")
    kept = page.get_by_role("group", name="Which record is kept?")
    kept.get_by_label("Zdeňka").check()
    select_mother(page)
    picture(page, f"duplicate-same-{size}")
    press(page, "Save the decision")
    reads(page, "The two records are one now", "Zdeňka Novák", "Jana Novák")
    no_violations(page)
    page.goto("/families/duplicates/")
    reads(page, "Sdenka Nowak became part of Zdeňka Novák", "two families became one")
    picture(page, f"merged-{size}")
    no_violations(page)
    page.get_by_role("button", name="Undo this merge").click()
    reads(page, "The merge was undone")
    follow(page, "Not sure")
    page.get_by_role("link", name="Sdenka").first.click()
    reads(page, "Two records, side by side")


def select_mother(page: Page) -> None:
    """The two mothers are one person as well."""
    for chosen in page.locator("main select").all():
        texts = chosen.locator("option").all_inner_texts()
        label = page.locator(f"label[for='{chosen.get_attribute('id')}']").inner_text()
        wanted = next((t for t in texts if "Jana" in t or "Yana" in t), "")
        if wanted and ("Jana" in label or "Yana" in label):
            chosen.select_option(label=wanted)
