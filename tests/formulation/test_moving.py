"""Random edits, moves and reorders keep every factor exactly once and in the order asked for; no database but once."""

from random import Random
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formulation.boxes import MOST_LINES, Boxes, boxes_of_data, move
from formulation.compare import DOWN, GONE, NEW, UP, compared
from formulation.models import Factor, Formulation, P
from formulation.services import Line, save_formulation
from tests.fixtures_cast import Cast, as_, sign_in

Asked = dict[str, list[str]]
RTL_AND_EMOJI = "أم تخاف من الليل 👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿"
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TO = ["up", "down", *P.values]


def sent(boxes: Asked) -> QueryDict:
    """The boxes as a browser sends them, with an empty line at the end of each."""
    data = QueryDict(mutable=True)
    for p, texts in boxes.items():
        for number, text in enumerate([*texts, ""]):
            data[f"{p}-{number}-text"] = text
    return data


def texts(boxes: Boxes) -> Asked:
    return {p: [row.text for row in box.rows if row.text] for p, box in boxes.items()}


def asked_for(boxes: Asked, p: str, number: int, to: str) -> Asked:
    """What one move means, said in the plainest way."""
    boxes = {name: list(lines) for name, lines in boxes.items()}
    lines = boxes[p]
    if number >= len(lines):
        return boxes
    if to == "up" and number > 0:
        lines[number - 1], lines[number] = lines[number], lines[number - 1]
    elif to == "down" and number < len(lines) - 1:
        lines[number + 1], lines[number] = lines[number], lines[number + 1]
    elif to in boxes and to != p:
        boxes[to].append(lines.pop(number))
    return boxes


@QUICK
@given(
    sizes=st.lists(st.integers(0, 5), min_size=6, max_size=6),
    moves=st.lists(st.tuples(st.sampled_from(P.values), st.integers(0, 6), st.sampled_from(TO)), max_size=12),
)
def test_any_moves_by_buttons_keep_every_line_once_and_in_the_order_asked(
    sizes: list[int], moves: list[tuple[str, int, str]]
) -> None:
    wanted: Asked = {
        p: [f"{p} {n} {RTL_AND_EMOJI}" for n in range(size)] for p, size in zip(P.values, sizes, strict=True)
    }
    for p, number, to in moves:
        made = boxes_of_data(sent(wanted))
        moved = move(made, f"{p}-{number}:{to}")
        assert (moved is None) == (number >= len(wanted[p]))
        wanted = asked_for(wanted, p, number, to)
        assert texts(made) == wanted
        numbers = [(row.p, row.number) for box in made.values() for row in box.rows if row.text]
        assert numbers == [(p, n) for p, lines in wanted.items() for n in range(len(lines))]


@pytest.mark.parametrize("wrong", ["", "up", "presenting-1", "presenting-9:up", "nowhere-0:up", "presenting-0:nowhere"])
def test_a_move_that_means_nothing_changes_nothing(wrong: str) -> None:
    made = boxes_of_data(sent({"presenting": ["one", "two"]}))
    move(made, wrong)
    assert texts(made)["presenting"] == ["one", "two"]


def test_a_full_box_takes_no_more() -> None:
    made = boxes_of_data(sent({"presenting": ["one"], "protective": [f"n{n}" for n in range(MOST_LINES)]}))
    move(made, "presenting-0:protective")
    assert texts(made)["presenting"] == ["one"]


def test_saved_through_random_edits_moves_and_versions_each_factor_is_there_once(cast: Cast) -> None:
    """Against the database: what was asked is what is read, factors keep their key in a version and their thread."""
    random = Random(4)
    with as_(cast.practitioner):
        lines = [Line(p, f"{p} {n}") for p in P.values for n in range(3)]
        made = save_formulation(by=cast.practitioner, case=cast.case, lines=lines)
        threads = {f.text: f.thread for f in made.factors.all()}
        for turn in range(12):
            now = list(made.factors.order_by("position"))
            random.shuffle(now)
            lines = [Line(random.choice(P.values), f.text, None, None, f.pk) for f in now]
            number = made.number + (turn % 4 == 3)
            made = save_formulation(
                by=cast.practitioner, case=cast.case, lines=lines, number=number, seen_version=made.version
            )
            read = list(made.factors.order_by("position"))
            assert [(f.p, f.text) for f in read] == [(line.p, line.text) for line in lines]
            assert {f.text: f.thread for f in read} == threads
            assert turn % 4 == 3 or {f.pk for f in read} == {f.pk for f in now}
            assert made.strengths == sum(line.p == P.PROTECTIVE for line in lines)


def test_three_hundred_factors_and_a_summary_of_fifty_thousand(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("formulation-edit", args=[cast.case.pk])
    data = {f"{p}-{n}-text": f"{RTL_AND_EMOJI} {n}" for p in P.values for n in range(50)}
    # A browser sends the tags and the key of each line too.
    data |= {f"{p}-{n}-{part}": "" for p in P.values for n in range(50) for part in ("domain", "person", "factor")}
    data |= {"setting": "with_family", "number": "1", "version": "0", "once": str(uuid4())}
    data |= {"made_on-day": "1", "made_on-month": "6", "made_on-year": "2026"}
    answer = client.post(url, {**data, "summary": "ß" * 50_000})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Summary must be 4,000 characters or fewer" in page
    assert "ß" * 50_000 in page
    moved = client.post(url, {**data, "move": "presenting-49:up"}).content.decode()
    assert moved.index(f"{RTL_AND_EMOJI} 49<") < moved.index(f"{RTL_AND_EMOJI} 48<")
    assert client.post(url, {**data, "summary": "Short"}).status_code == 302
    page = client.get(reverse("case-formulation", args=[cast.case.pk])).content.decode()
    assert page.count(RTL_AND_EMOJI) >= 300


def a_factor(p: str, text: str, thread: UUID) -> Factor:
    return Factor(formulation=Formulation(), p=p, text=text, thread=thread)


@QUICK
@given(
    st.lists(st.tuples(st.sampled_from(P.values), st.booleans(), st.integers(0, 99)), max_size=12), st.integers(0, 9)
)
def test_a_comparison_has_each_factor_of_both_versions_once(rows: list[tuple[str, bool, int]], seed: int) -> None:
    """Whatever moved, came or went: nothing is missing and nothing is said of what stayed as it was."""
    random = Random(seed)
    before = [a_factor(p, f"{n} {i}", uuid4()) for i, (p, _, n) in enumerate(rows)]
    stayed = [f for f, (_, stays, _) in zip(before, rows, strict=True) if stays]
    after = [a_factor(random.choice([f.p, *P.values]), f.text, f.thread) for f in stayed]
    random.shuffle(after)
    after += [a_factor(P.PREDICTIVE, "quite new", uuid4())]
    boxes = compared(before, after)
    pairs = [pair for box in boxes for pair in box.pairs]
    assert sorted(str(p.before.pk) for p in pairs if p.before) == sorted(str(f.pk) for f in before)
    assert sorted(str(p.after.pk) for p in pairs if p.after) == sorted(str(f.pk) for f in after)
    for box in boxes:
        assert [pair.after.pk for pair in box.pairs if pair.after] == [f.pk for f in after if f.p == box.p]
        assert sum(NEW in pair.words for pair in box.pairs) == (box.p == P.PREDICTIVE)
    assert sum(GONE in pair.words for pair in pairs) == len(before) - len(stayed)
    assert all(box.differs is False for box in compared(before, before))


def test_a_comparison_says_in_words_what_became_of_each() -> None:
    one, two, three, gone = (uuid4() for _ in range(4))
    before = [a_factor(P.PRESENTING, text, key) for text, key in (("A", one), ("B", two), ("C", three), ("D", gone))]
    after = [
        a_factor(P.PRESENTING, "C", three),
        a_factor(P.PRESENTING, "A", one),
        a_factor(P.PERPETUATING, "B, and more", two),
        a_factor(P.PROTECTIVE, "D", uuid4()),
        a_factor(P.PROTECTIVE, "New", uuid4()),
    ]
    told = {
        (box.p.value, pair.before.text if pair.before else "", pair.after.text if pair.after else ""): pair.words
        for box in compared(before, after)
        for pair in box.pairs
    }
    assert told[("presenting", "C", "C")] == [UP] or told[("presenting", "A", "A")] == [DOWN]
    assert told[("presenting", "B", "")] == ["Moved to Perpetuating"]
    assert told[("perpetuating", "", "B, and more")] == ["Moved from Presenting", "Changed"]
    # The same words in another box are the same factor, also where no thread tells.
    assert told[("protective", "", "D")] == ["Moved from Presenting"]
    assert told[("protective", "", "New")] == [NEW]
