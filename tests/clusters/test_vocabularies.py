"""The shipped code lists: complete, loaded once, and never fighting with what a manager changed."""

import csv

import pytest
from django.core.management import call_command
from django.utils import timezone

from clusters import loading
from clusters.models import Entitlement, PartnerService, Service, Term, Vocabulary

pytestmark = pytest.mark.django_db

# Rows of the evaluation's Tables 6, 8, 9, 10 and 11, as printed.
PUBLISHED = {
    "gender": ["Male", "Female", "Not recorded"],
    "ethnicity": [
        "African",
        "Any other Asian background",
        "Any other black background",
        "Any other ethnic background",
        "Any other white background",
        "Information not obtained",
        "Mixed race",
        "Other",
        "Roma/Roma Gypsy",
        "South Asian",
        "White British",
    ],
    "sen_type": ["ASC", "Learning disability or other diagnosed SEN", "Physical health need"],
    "reason": [
        "SEMH presenting behaviours",
        "SEMH cause",
        "Family",
        "School",
        "Environment",
        "SEN/disability/physical health needs",
        "Other",
        "SEMH presenting behaviours: Anxiety",
        "SEMH presenting behaviours: Behaviour at home",
        "SEMH presenting behaviours: Anger",
        "SEMH cause: ADHD/ASC query",
        "SEMH cause: Confidence/resilience loss",
        "Family: Domestic abuse",
        "Family: Abuse/neglect",
        "Family: SEMH (parent/carer)",
        "School: Attendance",
        "Environment: Housing need",
    ],
    "route": [
        "Mainstream school",
        "Police",
        "Children's Social Work Services",
        "Community or hospital-based paediatrics/GP",
        "Specialist setting",
        "Other",
        "Self or family",
    ],
}


@pytest.mark.parametrize("vocabulary", PUBLISHED)
def test_every_published_row_has_a_term_and_no_term_counts_in_an_unknown_row(vocabulary: str) -> None:
    rows = set(Term.objects.of(vocabulary).exclude(published_as="").values_list("published_as", flat=True))
    assert set(PUBLISHED[vocabulary]) <= rows
    if vocabulary not in {"reason"}:
        assert rows == set(PUBLISHED[vocabulary])


@pytest.mark.parametrize("vocabulary", Vocabulary.values)
def test_every_list_is_in_and_says_its_source(vocabulary: str) -> None:
    terms = Term.objects.of(vocabulary)
    assert terms.count() == len(list(loading.rows(vocabulary))) > 3
    assert not terms.filter(source="").exists()


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("WBRI", "White British"),
        ("WENG", "White British"),
        ("WROM", "Roma/Roma Gypsy"),
        ("WROR", "Roma/Roma Gypsy"),
        ("WIRT", "Any other white background"),
        ("WTUR", "Any other white background"),
        ("MWBA", "Mixed race"),
        ("MOTM", "Mixed race"),
        ("APKN", "South Asian"),
        ("AMPK", "South Asian"),
        ("CHNE", "Any other Asian background"),
        ("BAFR", "African"),
        ("BSOM", "African"),
        ("BCRB", "Any other black background"),
        ("OOTH", "Any other ethnic background"),
        ("OARA", "Any other ethnic background"),
        ("REFU", "Information not obtained"),
        ("NOBT", "Information not obtained"),
        ("OTHER_ONLY", "Other"),
    ],
)
def test_ethnicity_counts_in_the_row_that_the_domain_names(code: str, row: str) -> None:
    assert Term.objects.of("ethnicity").get(code=code).published_as == row


def test_ethnicity_has_the_official_grouping() -> None:
    groups = set(Term.objects.of("ethnicity").values_list("group", flat=True))
    assert groups == {"White", "Mixed", "Asian", "Black", "Other", "Not known"}


def test_sub_reasons_hang_under_their_category_and_count_under_both_names() -> None:
    for term in Term.objects.of("reason").exclude(parent=None).select_related("parent"):
        assert term.parent.vocabulary == "reason"
        assert term.parent.parent_id is None
        assert term.published_as == f"{term.parent.label}: {term.label}"


def test_loading_again_adds_nothing_and_keeps_a_managers_edits() -> None:
    before = Term.objects.count(), Service.objects.count(), Entitlement.objects.count(), PartnerService.objects.count()
    Term.objects.of("route").filter(code="police").update(label="West Yorkshire Police", order=1)
    Term.objects.of("reason").filter(code="school").update(retired_on=timezone.localdate())
    PartnerService.objects.filter(code="the_beck").update(name="The Beck (Leeds)")
    Service.objects.filter(code="family_support").update(name="Family help")
    assert loading.load_everything() == 0
    call_command("load_vocabularies", verbosity=0)
    after = Term.objects.count(), Service.objects.count(), Entitlement.objects.count(), PartnerService.objects.count()
    assert after == before
    police = Term.objects.of("route").get(code="police")
    assert (police.label, police.order) == ("West Yorkshire Police", 1)
    assert Term.objects.of("reason").get(code="school").retired_on == timezone.localdate()
    assert not PartnerService.objects.filter(name="The Beck").exists()
    assert Service.objects.get(code="family_support").name == "Family help"


def test_loading_puts_back_only_what_is_missing() -> None:
    Term.objects.of("wait_reason").filter(code="staff_vacancy").delete()
    assert loading.load_everything() == 1
    assert Term.objects.of("wait_reason").filter(code="staff_vacancy").exists()


def test_a_partner_that_somebody_typed_before_is_not_doubled() -> None:
    PartnerService.objects.filter(code="mindmate").update(code=None)
    loading.load_everything()
    assert PartnerService.objects.filter(name="MindMate").count() == 1


def test_the_earlier_therapy_offers_stay_beside_the_present_one() -> None:
    offers = Entitlement.objects.filter(service__code="childrens_therapy", cluster=None).order_by("effective_from")
    assert [(o.assessment_sessions, o.intervention_sessions, o.extendable) for o in offers] == [
        (0, 21, False),
        (0, 8, False),
        (3, 12, False),
    ]
    assert all(o.source for o in offers)


def test_who_hands_back_and_who_is_social_care() -> None:
    assert set(PartnerService.objects.filter(returns_expected=True).values_list("code", flat=True)) == {
        "res_team",
        "early_help_hub",
    }
    assert list(PartnerService.objects.filter(is_social_care=True).values_list("code", flat=True)) == ["csws"]


def test_the_files_hold_no_code_twice() -> None:
    for path in loading.FOLDER.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            keys = [(r.get("code"), r.get("service"), r.get("effective_from")) for r in csv.DictReader(file)]
        assert len(keys) == len(set(keys)), path.name
