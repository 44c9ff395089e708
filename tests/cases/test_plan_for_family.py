"""The plan as the family reads it: in its language, on its private page, on paper; and who does not agree with it."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import polib
import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, GoalStatus
from cases.selectors.lists import disagreeing
from cases.selectors.plan import cards, is_asked
from cases.services import Answer, Step, end_goal, log_contact, review_plan, set_goal
from cluster_ehs.core import pdf
from cluster_ehs.core.catalogues import texts_of
from families.models import Involvement, Person
from referrals.public.languages import TRANSLATED
from referrals.public.texts import catalogue_of
from tests.fixtures_cast import a_person, as_, sign_in
from tests.queries import queries

ROOT = Path(django_settings.BASE_DIR)
PAGES = (
    "templates/cases/parts/family_plan.html",
    "templates/cases/parts/plan_languages.html",
    "templates/cases/plan_pdf.html",
)
ENGLISH = (
    "Our plan",
    "Where you are now",
    "Who does what",
    "Who helps you",
    "the office",
    "out of 10",
    "made by a machine",
)


@pytest.fixture
def agreed(cast):
    with as_(cast.practitioner):
        goal = set_goal(
            by=cast.practitioner,
            case=cast.case,
            words="Mornings without shouting",
            different="بچے خوش ہیں",
            baseline=3,
            target=8,
            actions=[Step("Bags packed", "Jana", timezone.localdate() + timedelta(days=4))],
        )
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="phone",
            at=timezone.now(),
            people=[cast.mother],
            note="x",
            scores={goal.pk: 6},
        )
    return cast


@pytest.mark.parametrize("slug", TRANSLATED)
def test_every_fixed_text_of_the_plan_is_translated(slug):
    catalogue = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue_of(TRANSLATED[slug])))}
    wanted = texts_of(ROOT / name for name in PAGES)
    assert len(wanted) > 15
    assert [text for text in wanted if not catalogue.get(text)] == []


@pytest.mark.parametrize(
    ("slug", "direction", "says"),
    [("ur", "rtl", "آپ کی مدد کون کرتا ہے"), ("cs", "ltr", "Kdo vám pomáhá")],
    ids=["Urdu", "Czech"],
)
def test_the_worker_sees_the_plan_in_the_familys_language(agreed, client, slug, direction, says):
    sign_in(client, agreed.practitioner)
    url = reverse("plan-for-family", args=[agreed.case.pk, slug])
    statements = queries(client, url)
    assert len(statements) <= 12, statements
    page = client.get(url).content.decode()
    article = re.search(r"<article.*</article>", page, re.DOTALL)[0]
    assert f'lang="{slug}" dir="{direction}"' in article
    assert says in article
    assert "eh-ask__machine" in article, "nobody has confirmed these texts"
    for theirs in ("Mornings without shouting", "بچے خوش ہیں", "Bags packed", "3, 6"):
        assert theirs in article
    assert not [text for text in ENGLISH if text in article]
    assert "The plan for the family" in page, "the worker's own part stays English"


def test_the_english_plan_carries_no_mark(agreed, client):
    sign_in(client, agreed.practitioner)
    page = client.get(reverse("plan-for-family", args=[agreed.case.pk, "en"])).content.decode()
    assert "eh-ask__machine" not in page
    assert client.get(reverse("plan-for-family", args=[agreed.case.pk, "xx"])).status_code == 404


@pytest.mark.skipif(bool(pdf.MISSING), reason=pdf.MISSING)
@pytest.mark.parametrize("slug", ["en", "ar"])
def test_the_pdf_is_tagged_and_says_its_language(agreed, client, slug):
    sign_in(client, agreed.practitioner)
    answer = client.get(reverse("plan-for-family-pdf", args=[agreed.case.pk, slug]))
    assert answer["Content-Type"] == "application/pdf"
    document = pikepdf.open(BytesIO(answer.content))
    assert str(document.Root.Lang) == slug
    assert document.Root.MarkInfo.Marked
    assert b"pdfuaid" in document.Root.Metadata.read_bytes()
    assert str(document.docinfo["/Title"]) == ("Our plan" if slug == "en" else "خطتنا")


# --- agreement ---
def test_who_disagrees_and_who_was_not_asked_is_on_the_plan_the_overview_and_counted(cast, client):
    with as_(cast.practitioner):
        a_person(cast.family, "Baby", born=timezone.localdate() - timedelta(days=700))
        father = a_person(cast.family, "Marek", is_child=False, in_household=False, involvement=Involvement.INVOLVED)
        a_person(cast.family, "Uncle", is_child=False, in_household=False)
        goal = set_goal(
            by=cast.practitioner,
            case=cast.case,
            words="Mornings",
            agreements={cast.mother.pk: Answer(True), cast.child.pk: Answer(False, "only if Marek walks me")},
        )
        people = list(Person.objects.filter(family=cast.family))
        (card,) = cards(cast.case.pk, people)
        assert (card.disagree, sorted(card.unasked)) == (["Zdeňka"], ["Marek", "Petr"])
        assert disagreeing(frozenset([cast.cluster.pk])) == 1
    sign_in(client, cast.leader)
    for name in ("case", "case-plan"):
        text = client.get(reverse(name, args=[cast.case.pk])).content.decode()
        assert "Not agreed by all" in text
        assert re.search("Not asked yet</strong> (Marek, Petr|Petr, Marek)<", text)
    listed = client.get(reverse("case-list"), {"show": "disagree"})
    assert [row.case.pk for row in listed.context["rows"]] == [cast.case.pk]
    assert '<span class="eh-nav__count">1<' in listed.content.decode()
    with as_(cast.practitioner):
        everybody = {person.pk: Answer(True) for person in people if is_asked(person)}
        assert father.pk in everybody
        set_goal(by=cast.practitioner, case=cast.case, words="Mornings", goal=goal, version=1, agreements=everybody)
        assert disagreeing(frozenset([cast.cluster.pk])) == 0
        other = set_goal(by=cast.practitioner, case=cast.case, words="Not asked about")
        assert disagreeing(frozenset([cast.cluster.pk])) == 1
        end_goal(by=cast.practitioner, goal=other, status="dropped", reason="Nobody wanted it.")
        assert disagreeing(frozenset([cast.cluster.pk])) == 0


def test_a_review_names_who_took_part_and_an_ended_goal_stays_readable(cast, client):
    with as_(cast.practitioner):
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Mornings")
        review_plan(
            by=cast.practitioner,
            case=cast.case,
            people=[cast.mother, cast.child],
            took_part="Ms Invented, SENCO",
            decisions="Weekly from now on.",
        )
        end_goal(by=cast.practitioner, goal=goal, status=GoalStatus.CHANGED, reason="Evenings matter more.")
        due = Case.objects.get(pk=cast.case.pk).review_due_on
    sign_in(client, cast.colleague)
    text = client.get(reverse("case-plan", args=[cast.case.pk])).content.decode()
    for said in ("Ms Invented, SENCO", "Jana", "Weekly from now on.", "Evenings matter more.", f"{due.day} {due:%B}"):
        assert said in text, said
