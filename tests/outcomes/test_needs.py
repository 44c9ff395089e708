"""Needs at start and end, social care before, during and after, what was averted and what it would have cost."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.services.stale import Stale
from cluster_ehs.core.denied import Denied
from clusters.models import Term, Vocabulary
from families.models import SocialCareInvolvement
from outcomes.models import AvertedStep, NeedFound, NeedsRound, UnitCost
from outcomes.needs import arithmetic, selectors
from outcomes.needs.arithmetic import Level, Rate, Spell, cost_of, heaviest, windows
from outcomes.needs.services import Found, record_averted, record_needs, set_cost
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SPELLS = st.tuples(st.sampled_from(list(arithmetic.OF_KIND)), DAYS, DAYS)
TODAY = timezone.localdate


# --- arithmetic ---
@given(DAYS, st.none() | DAYS, DAYS, st.lists(SPELLS, max_size=4))
def test_a_heavier_spell_never_makes_a_window_lighter(opened: date, closed: Any, today: date, rows: list) -> None:
    closed = closed if closed and closed >= opened else None
    found = windows(opened, closed, max(today, closed or opened))
    spells = [Spell(kind, *sorted(days)) for kind, *days in rows]
    for window in (found.before, found.during, found.after):
        level = heaviest(spells, window)
        assert (level is None) == (window is None)
        for n in range(len(spells)):
            lighter = heaviest(spells[:n], window)
            assert lighter is None or level is None or lighter <= level
    assert found.before.ends_on == found.during.starts_on == opened
    assert found.after is None or found.after.starts_on == found.during.ends_on


def test_before_is_twelve_months_and_the_heaviest_counts() -> None:
    found = windows(date(2026, 3, 1), date(2026, 9, 1), date(2026, 11, 23))
    long_ago = Spell("looked_after", date(2020, 1, 1), date(2025, 3, 1))
    assert heaviest([long_ago], found.before) == Level.NONE  # ended a year before to the day
    assert heaviest([Spell("looked_after", date(2020, 1, 1), date(2025, 3, 2))], found.before) == Level.LOOKED_AFTER
    plan, need = Spell("child_protection", date(2026, 2, 1)), Spell("child_in_need", date(2026, 2, 1))
    assert [heaviest([plan, need], w) for w in (found.before, found.during, found.after)] == [Level.PROTECTION] * 3
    ended = Spell("child_in_need", date(2026, 2, 1), date(2026, 9, 1))
    assert heaviest([ended], found.after, [date(2026, 10, 1)]) == Level.EARLY_HELP
    assert heaviest([Spell("care_leaver", date(2020, 1, 1))], found.during) == Level.NONE
    assert windows(date(2026, 3, 1), None, date(2026, 11, 23)).after is None


@given(st.integers(1, 20), st.integers(1, 520), st.integers(1, 10**6))
def test_a_cost_is_by_child_and_week_at_the_rate_of_the_day(children: int, weeks: int, pence: int) -> None:
    rates = [
        Rate("protection", "week", pence, date(2026, 1, 1), "A"),
        Rate("protection", "episode", pence, date(2026, 6, 1), "B"),
        Rate("looked_after", "week", pence, date(2026, 1, 1), "C"),
    ]
    about: dict[str, Any] = {"level": "protection", "children": children, "weeks": weeks, "rates": rates}
    assert cost_of(**about, on=date(2026, 5, 31)).pence == pence * children * weeks
    assert cost_of(**about, on=date(2026, 6, 1)).pence == pence * children
    assert cost_of(**about, on=date(2025, 12, 31)).pence is None
    assert "weeks" in cost_of(**about | {"weeks": None}, on=date(2026, 1, 1)).why


# --- needs ---
def need(code: str) -> Term:
    return Term.objects.get(vocabulary=Vocabulary.NEED, code=code)


def recorded(cast: Cast, moment: str, *found: Found, **more: Any) -> NeedsRound:
    by = more.pop("by", cast.practitioner)
    with as_(by):
        return record_needs(by=by, case=cast.case, moment=moment, done_on=TODAY(), found=found, **more)


def day(name: str, on: date) -> dict[str, int]:
    return {f"{name}-day": on.day, f"{name}-month": on.month, f"{name}-year": on.year}


def test_the_ten_outcomes_are_shipped_with_a_word_on_where_their_needs_are_from(db: None) -> None:
    heads = Term.objects.of(Vocabulary.NEED).filter(parent=None)
    assert [term.code for term in heads.order_by("order")] == [*map(str, range(1, 11)), "beside"]
    needs = Term.objects.of(Vocabulary.NEED).filter(parent__isnull=False)
    assert {t.code for t in needs.filter(parent__code="beside")} == {"neglect", "engagement"}
    assert all("memory" in term.source for term in needs.exclude(parent__code="beside"))
    assert UnitCost.objects.count() == 0  # no figure is shipped as if it were a fact


def test_what_became_of_each_need(cast: Cast, client: Client) -> None:
    gone, stays, new = need("5.1"), need("neglect"), need("9.2")
    recorded(cast, "start", Found(gone.pk, [cast.mother.pk], "She says so"), Found(stays.pk))
    sign_in(client, cast.practitioner)
    url = reverse("needs-edit", args=[cast.case.pk, "end"])
    page = client.get(url).content.decode()
    assert page.count("Was there at the start") == 2 and page.count(f'value="{gone.pk}" checked') == 1
    sent = {f"needs_{term.parent_id}": [str(term.pk)] for term in (stays, new)} | day("done_on", TODAY())
    answer = client.post(url, sent | {f"how_{new.pk}": "Notice to quit", "once": str(uuid4())})
    assert answer.status_code == 302
    with as_(cast.practitioner):
        lines = {line.need.code: line for line in selectors.needs_of(cast.case.pk).lines}
    assert {code: line.change for code, line in lines.items()} == {
        "5.1": "No longer there", "neglect": "Still there", "9.2": "New",
    }  # fmt: skip
    assert lines["5.1"].who == "Jana" and lines["9.2"].evidence == [("At the end", "Notice to quit")]
    assert "Notice to quit" in client.get(reverse("case-needs", args=[cast.case.pk])).content.decode()


def test_a_round_is_put_right_by_who_saw_it(cast: Cast, client: Client) -> None:
    first = recorded(cast, "start", Found(need("5.1").pk))
    assert recorded(cast, "start", Found(need("3.2").pk), version=first.version).version == 2
    with pytest.raises(Stale):
        recorded(cast, "start", version=1)
    with pytest.raises(Stale):
        recorded(cast, "start")  # saw none
    with as_(cast.practitioner):
        assert [row.need.code for row in NeedFound.objects.select_related("need")] == ["3.2"]
    sign_in(client, cast.practitioner)
    url = reverse("needs-edit", args=[cast.case.pk, "start"])
    stale = client.post(url, day("done_on", TODAY()) | {"version": "1", "once": str(uuid4())})
    assert stale.status_code == 409 and need("3.2").label in stale.content.decode()


def test_rules_of_needs(cast: Cast) -> None:
    with pytest.raises(Denied):
        recorded(cast, "start", by=cast.colleague)
    for wrong in (Found(need("5").pk), Found(need("5.1").pk, [uuid4()])):  # an outcome is no need
        with pytest.raises(ValidationError):
            recorded(cast, "start", wrong)


def test_a_retired_need_stays_on_old_records(cast: Cast, client: Client) -> None:
    old = need("7.2")
    recorded(cast, "start", Found(old.pk))
    Term.objects.filter(pk=old.pk).update(retired_on=TODAY())
    sign_in(client, cast.practitioner)
    assert old.label in client.get(reverse("case-needs", args=[cast.case.pk])).content.decode()
    assert old.label in client.get(reverse("needs-edit", args=[cast.case.pk, "start"])).content.decode()
    with as_(cast.practitioner):
        assert old not in selectors.offered(set())


# --- averted ---
def averted(cast: Cast, **more: Any) -> AvertedStep:
    values = {"level": "protection", "averted_on": TODAY(), "judged_by": "taf", "why": "Gran moved in", "children": 2}
    with as_(cast.practitioner):
        return record_averted(by=cast.practitioner, case=cast.case, **values | more)


def test_what_was_averted_costs_what_held_on_its_day(cast: Cast, client: Client) -> None:
    row = averted(cast, weeks=10)
    sign_in(client, cast.practitioner)
    url = reverse("case-needs", args=[cast.case.pk])
    assert "No unit cost is set" in client.get(url).content.decode()
    with as_(cast.manager):
        set_cost(
            by=cast.manager, level="protection", per="week", pence=12_50, source="Invented, page 3",
            starts_on=TODAY() - timedelta(days=1),
        )  # fmt: skip
        set_cost(
            by=cast.manager, level="protection", per="week", pence=99_99, source="Later",
            starts_on=TODAY() + timedelta(days=1),
        )  # fmt: skip
    told = client.get(url).content.decode()
    assert "£250.00" in told and "Invented, page 3" in told and "Later" not in told
    averted(cast, averted=row, version=1, mistaken=True, weeks=10)
    assert "£250.00" not in client.get(url).content.decode()
    with pytest.raises(Stale):
        averted(cast, averted=row, version=1)
    with pytest.raises(ValidationError):
        averted(cast, averted_on=cast.case.opened_on - timedelta(days=1))


def test_a_cost_needs_its_source_and_a_manager(cast: Cast) -> None:
    about: dict[str, Any] = {"level": "protection", "per": "week", "pence": 1, "starts_on": TODAY()}
    with as_(cast.manager), pytest.raises(ValidationError) as refused:
        set_cost(by=cast.manager, source=" ", **about)
    assert "source" in refused.value.message_dict
    with as_(cast.leader), pytest.raises(Denied):
        set_cost(by=cast.leader, source="Invented", **about)


# --- social care ---
def test_social_care_around_the_case(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        SocialCareInvolvement.objects.create(
            cluster_id=cast.case.cluster_id, family_id=cast.case.family_id, person=cast.child, kind="child_in_need",
            starts_on=cast.case.opened_on - timedelta(days=90), ends_on=cast.case.opened_on, source="school",
        )  # fmt: skip
        parts = {part.name: part.label for part in selectors.care_of(cast.case)}
    assert parts == {"Before": "Child in need", "During": "None known", "After": "The case is still open"}
    sign_in(client, cast.practitioner)
    assert "Child in need" in client.get(reverse("case-needs", args=[cast.case.pk])).content.decode()


def test_query_counts(cast: Cast, client: Client) -> None:
    recorded(cast, "start", *(Found(term.pk) for term in Term.objects.filter(parent__code__in=["1", "3", "5"])))
    for _ in range(3):
        averted(cast)
    sign_in(client, cast.practitioner)
    assert len(queries(client, reverse("case-needs", args=[cast.case.pk]))) <= 14
    assert len(queries(client, reverse("needs-edit", args=[cast.case.pk, "end"]))) <= 13
    assert len(queries(client, reverse("case-outcomes", args=[cast.case.pk]))) <= 13
