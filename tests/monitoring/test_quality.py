"""Data quality: each rule finds what it names and nothing else, and a finding closes when it was put right."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseReferral, Contact, Goal, LeadWorker, Plan, SupervisionInterval
from cases.rules import out_of_order
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import StaffRole
from families.models import Agreement, DuplicatePair, Person, SendNeed
from formulation.models import Assessment, Formulation
from monitoring.models import Finding, QualityScore, Rule, SetAside
from monitoring.quality import selectors, services
from monitoring.quality.checks import BY_CODE, CHECKS
from monitoring.shapes import Period
from monitoring.suite import data_quality
from monitoring.suite.shapes import Asked
from outcomes.late_outcome import record_outcome
from outcomes.models import ExitPlan, FamilyReading
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_contact, a_person, a_referral, a_term, as_, sign_in
from tests.outcomes.test_services import closed_case
from tests.queries import queries
from triage.models import Decision, Ending

NAMES = ("Novák", "Zdeňka", "Smith-Jones", "Eve-Rose", "Wójcik", "Jakub")


def day(days_ago: int) -> date:
    return timezone.localdate() - timedelta(days=days_ago)


def keys(cast: Cast) -> dict:
    return {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}


def put_right(cast: Cast) -> None:
    """Everything that the rules ask of the cast's open case and its children."""
    ethnicity = a_term("ethnicity", "WBRI")
    Person.objects.filter(cluster=cast.cluster, is_child=True).update(ethnicity=ethnicity, gender="female")
    Person.objects.filter(cluster=cast.cluster, is_child=True, school=None).update(school=cast.school)
    for case in Case.objects.filter(cluster=cast.cluster):
        of = {"cluster_id": case.cluster_id, "family_id": case.family_id}
        Agreement.objects.create(**of, given_by="Jana", given_on=day(9))
    # Of the restricted family: opened two weeks ago, nobody has been there.
    a_contact(cast.restricted_case, author=cast.colleague, text="A visit.", child_seen=True)


def open_codes(cast: Cast, **narrow: object) -> list[str]:
    services.check_cluster(cast.cluster.pk)
    with acting_as(NamedActor.SCHEDULER):
        return sorted(
            Finding.objects.to_do().filter(cluster=cast.cluster, **narrow).values_list("rule__code", flat=True)
        )


def older(cast: Cast, weeks: int = 20) -> None:
    """The case was opened long ago, its referral before that."""
    Referral.objects.filter(pk=cast.case_referral.pk).update(received_on=day(7 * weeks + 30))
    Decision.objects.filter(referral=cast.case_referral).update(decided_on=day(7 * weeks + 10))
    LeadWorker.objects.filter(case=cast.case).update(starts_on=day(7 * weeks))
    Case.objects.filter(pk=cast.case.pk).update(opened_on=day(7 * weeks))


def ended(referral: Referral) -> None:
    for status in ("decided", "ended"):
        Referral.objects.filter(pk=referral.pk).update(status=status)


def no_outcome(cast: Cast) -> None:
    ended(cast.referral)
    Ending.objects.create(
        cluster=cast.cluster, family_id=cast.referral.family_id, referral=cast.referral, where="triage",
        ended_on=day(1), outcome_not_recorded=True,
    )  # fmt: skip


def wrong_dates(cast: Cast) -> None:
    Decision.objects.filter(referral=cast.case_referral).update(decided_on=day(31))


def too_old(cast: Cast) -> None:
    Person.objects.filter(pk=cast.child.pk).update(birth_date=day(20 * 366))


def wrong_number(cast: Cast) -> None:
    Person.objects.filter(pk=cast.child.pk).update(nhs_number="9434765918")


def seen_by_nobody(cast: Cast) -> None:
    older(cast)
    with_everything(cast)
    Contact.objects.filter(case=cast.case).update(child_seen=None)


def no_contact(cast: Cast) -> None:
    Contact.objects.filter(case=cast.case).update(attendance="cancelled_family")


def long_to_screen(cast: Cast) -> None:
    Referral.objects.filter(pk=cast.referral.pk).update(received_on=day(30))


def with_everything(cast: Cast) -> None:
    plan = Plan.objects.create(**keys(cast), case=cast.case, agreed_on=day(5))
    Goal.objects.create(**keys(cast), plan=plan, position=1, words="On time", baseline=3)
    Formulation.objects.create(**keys(cast), case=cast.case, made_on=day(5), author=cast.practitioner)


def no_formulation(cast: Cast) -> None:
    older(cast)
    with_everything(cast)
    Formulation.objects.filter(case=cast.case).delete()


def no_plan(cast: Cast) -> None:
    older(cast)
    Formulation.objects.create(**keys(cast), case=cast.case, made_on=day(5), author=cast.practitioner)


def late_review(cast: Cast) -> None:
    with_everything(cast)
    Case.objects.filter(pk=cast.case.pk).update(review_due_on=day(20))


def unscored(cast: Cast) -> None:
    with_everything(cast)
    Goal.objects.update(baseline=None, created_at=timezone.now() - timedelta(days=40))


def of_nobody(cast: Cast) -> None:
    Assessment.objects.create(
        **keys(cast), case=cast.case, starts_on=day(3), organisation="Riverside", author=cast.practitioner
    )


def twice(cast: Cast) -> None:
    one, two = sorted((cast.child.pk, cast.referral.child_id))
    DuplicatePair.objects.create(cluster=cast.cluster, one_id=one, two_id=two, score=90)


def no_supervision(cast: Cast) -> None:
    SupervisionInterval.objects.all().delete()
    SupervisionInterval.objects.create(post="childrens_therapist", weeks=4, effective_from="2021-01-01")
    StaffRole.objects.filter(user=cast.therapist).update(starts_on="2021-01-01")


BREAKS: dict[str, Callable[[Cast], None]] = {
    "no_outcome": no_outcome,
    "dates_in_order": wrong_dates,
    "age": too_old,
    "identifier": wrong_number,
    "no_agreement": lambda cast: Agreement.objects.filter(family=cast.family).update(withdrawn_on=day(1)),
    "no_lead_worker": lambda cast: LeadWorker.objects.filter(case=cast.case).update(ends_on=day(0)),
    "child_not_seen": seen_by_nobody,
    "no_first_contact": no_contact,
    "no_decision": long_to_screen,
    "no_formulation": no_formulation,
    "no_plan": no_plan,
    "no_review": late_review,
    "goal_not_scored": unscored,
    "assessment_of_nobody": of_nobody,
    "duplicate": twice,
    "supervision_overdue": no_supervision,
    "no_birth_date": lambda cast: Person.objects.filter(pk=cast.child.pk).update(birth_date=None),
    "no_ethnicity": lambda cast: Person.objects.filter(pk=cast.child.pk).update(ethnicity=a_term("ethnicity", "NOBT")),
    "no_gender": lambda cast: Person.objects.filter(pk=cast.child.pk).update(gender="unknown"),
    "no_school": lambda cast: Person.objects.filter(pk=cast.child.pk).update(school=None),
}


def test_every_rule_is_a_row_and_every_row_leads_to_a_form(db: None) -> None:
    assert set(Rule.objects.values_list("code", flat=True)) == set(BY_CODE)
    # What a closing lacks is tried below, with a real one.
    assert set(BREAKS) | {"no_exit_plan", "no_end_reading"} == set(BY_CODE)
    some = {"supervision-worker": 1}
    for check in CHECKS:
        for name in (check.page, check.fix):
            reverse(name, args=[some.get(name, "3f2504e0-4f89-41d3-9a0c-0305e82c3301")])


def test_each_rule_finds_what_is_wrong_and_closes_when_it_is_right_again(cast: Cast) -> None:
    """From a Cluster that lacks nothing: each thing taken away by itself and found, then given back and closed."""
    SupervisionInterval.objects.all().delete()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        put_right(cast)
    assert open_codes(cast) == []
    stale = []
    for code, break_it in BREAKS.items():
        with transaction.atomic():
            with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
                break_it(cast)
            assert open_codes(cast) == [code], code
            with acting_as(NamedActor.SCHEDULER):
                (found,) = Finding.objects.open().filter(cluster=cast.cluster)
            transaction.set_rollback(True)
        found.pk = uuid4()
        stale.append(found)
    with acting_as(NamedActor.QUALITY, clusters=[cast.cluster.pk]):
        Finding.objects.bulk_create(stale)
    assert open_codes(cast) == []


def test_a_closing_without_exit_plan_and_reading_at_the_end_is_found(cast: Cast) -> None:
    with as_(cast.practitioner):
        reading = {**keys(cast), "case": cast.case, "author": cast.practitioner, "taken_on": day(1)}
        FamilyReading.objects.create(**reading, moment="start")
    assert not {"no_exit_plan", "no_end_reading"} & set(open_codes(cast))
    closed_case(cast, exit_plan={"in_place": ""})
    assert {"no_exit_plan", "no_end_reading"} <= set(open_codes(cast))
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        ExitPlan.objects.update(who_stays="The learning mentor")
        FamilyReading.objects.create(**reading, moment="end")
    assert not {"no_exit_plan", "no_end_reading"} & set(open_codes(cast))


def test_the_importer_and_the_check_ask_the_same_rules() -> None:
    assert out_of_order(received=day(3), decided=day(4)) == [
        ("decision_date", "is before the day the referral was received")
    ]
    assert not out_of_order(received=day(3), decided=day(3), opened=day(9), closed=day(1))
    assert [column for column, _ in out_of_order(received=day(3), opened=day(9), closed=day(10))] == [
        "closed",
        "closed",
    ]


def test_the_page_of_the_record_closes_what_was_put_right_for_two_queries(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    page = reverse("case", args=[cast.case.pk])
    before = len(queries(client, page))
    services.check_cluster(cast.cluster.pk)
    body = client.get(page).content.decode()
    assert "To put right" in body and reverse("person-edit", args=[cast.child.pk]) in body
    assert len(queries(client, page)) == before + 2
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.child.pk).update(ethnicity=a_term("ethnicity", "WBRI"), gender="female")
        assert Finding.objects.open().filter(record_id=str(cast.child.pk)).count() == 2
    client.get(page)
    with as_(cast.practitioner):
        assert not Finding.objects.open().filter(record_id=str(cast.child.pk)).exists()
    services.check_cluster(cast.cluster.pk)
    with acting_as(NamedActor.SCHEDULER):
        # Found anew it would be another row; a second check of the same makes none.
        assert Finding.objects.filter(rule__code="no_ethnicity", record_id=str(cast.child.pk)).count() == 1


def test_a_finding_is_set_aside_with_a_reason_until_a_day(cast: Cast) -> None:
    services.check_cluster(cast.cluster.pk)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with as_(cast.practitioner):
        finding = Finding.objects.get(rule__code="no_ethnicity", record_id=str(cast.child.pk))
        for until in (timezone.localdate(), timezone.localdate() + timedelta(days=400)):
            with pytest.raises(ValidationError):
                services.set_aside(by=cast.practitioner, finding_id=finding.pk, reason="x", until=until)
        services.set_aside(by=cast.practitioner, finding_id=finding.pk, reason="They prefer not to", until=tomorrow)
        assert finding not in selectors.own(cast.practitioner)
        assert Finding.objects.to_do(tomorrow + timedelta(days=1)).filter(pk=finding.pk).exists()
    with as_(cast.colleague), pytest.raises(Denied):
        services.set_aside(by=cast.colleague, finding_id=finding.pk, reason="x", until=tomorrow)
    services.check_cluster(cast.cluster.pk)
    with acting_as(NamedActor.SCHEDULER):
        assert Finding.objects.get(pk=finding.pk).aside_until == tomorrow
        # The reason is free text: nobody reads it who counts every Cluster.
        assert SetAside.objects.count() == 0


def test_a_manager_counts_and_lists_by_reference_and_reads_no_name(cast: Cast, client: Client) -> None:
    for cluster in (cast.cluster, cast.other_cluster):
        services.check_cluster(cluster.pk)
    sign_in(client, cast.manager)
    found = client.get(reverse("quality")).content.decode()
    listed = client.get(reverse("quality-list"), {"cluster": cast.cluster.pk, "rule": "no_ethnicity"})
    download = client.get(reverse("quality-list"), {"cluster": cast.cluster.pk, "rule": "no_ethnicity", "as": "csv"})
    with acting_as(NamedActor.SCHEDULER):
        references = set(
            Finding.objects.filter(cluster=cast.cluster, rule__code="no_ethnicity").values_list("reference", flat=True)
        )
    assert len(references) >= 3
    for body in (listed.content.decode(), download.content.decode()):
        assert all(reference in body for reference in references)
    for body in (found, listed.content.decode(), download.content.decode()):
        assert not any(name in body for name in NAMES)
    assert "/people/" not in listed.content.decode()
    figure = f'cluster={cast.cluster.pk}&amp;rule=no_ethnicity">{download.content.decode().count("Ethnicity")}<'
    assert figure in found
    sign_in(client, cast.leader)
    assert client.get(reverse("quality-list"), {"cluster": cast.other_cluster.pk}).status_code == 403
    own = client.get(reverse("quality-list"), {"cluster": cast.cluster.pk, "rule": "no_ethnicity"}).content.decode()
    assert reverse("person-edit", args=[cast.child.pk]) in own
    with as_(cast.colleague):
        hidden = Person.objects.get(first_name="Eve-Rose").pk
    assert str(hidden) not in own


def test_each_sees_the_own_and_my_work_says_it_in_one_line(cast: Cast, client: Client) -> None:
    services.check_cluster(cast.cluster.pk)
    sign_in(client, cast.practitioner)
    home = client.get("/").content.decode()
    with as_(cast.practitioner):
        number = selectors.own(cast.practitioner).count()
    assert number > 1 and home.count("to put right in your records") >= 1
    assert f"{number} things to put right in your records" in home
    mine = client.get(reverse("quality-mine")).content.decode()
    assert "Novák" in mine and "Smith-Jones" not in mine and "Wójcik" not in mine
    assert len(queries(client, reverse("quality-mine"))) <= 8
    sign_in(client, cast.leader)
    whole = client.get(reverse("quality-mine")).content.decode()
    assert "Wójcik" in whole and "Smith-Jones" not in whole
    assert "Data quality" in client.get("/").content.decode()


def test_the_score_counts_families_without_a_severe_finding_and_is_kept_by_month(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        put_right(cast)
        wrong_number(cast)
        # Ended long ago: no longer in the work.
        old = a_referral(
            a_person(
                cast.family.__class__.objects.create(cluster=cast.cluster, reference="RI-F2020-0001", name="Gone"),
                "Ann",
                born=day(5000),
            ),
            number=90,
            days_ago=900,
        )
        ended(old)
    services.check_cluster(cast.cluster.pk)
    with acting_as(NamedActor.SCHEDULER):
        score = QualityScore.objects.get(cluster=cast.cluster)
    # Novák, Wójcik and Smith-Jones are in the work; Novák has a number that fails its check.
    assert (score.records, score.without_severe, score.month) == (3, 2, timezone.localdate().replace(day=1))
    next_month = (score.month + timedelta(days=32)).replace(day=3)
    services.check_cluster(cast.cluster.pk, next_month)
    with acting_as(NamedActor.SCHEDULER):
        assert QualityScore.objects.filter(cluster=cast.cluster).count() == 2


def test_a_check_is_made_when_none_was_made_for_six_hours_and_once(cast: Cast) -> None:
    assert set(services.due_clusters()) >= {cast.cluster.pk, cast.other_cluster.pk}
    assert services.check_due() >= 2
    assert services.due_clusters() == [] and services.check_due() == 0
    with acting_as(NamedActor.QUALITY, clusters=[cast.cluster.pk]):
        QualityScore.objects.filter(cluster=cast.cluster).update(checked_at=timezone.now() - timedelta(hours=7))
    assert services.due_clusters() == [cast.cluster.pk]
    with acting_as(NamedActor.QUALITY, clusters=[cast.cluster.pk]):
        QualityScore.objects.filter(cluster=cast.cluster).update(leased_until=timezone.now() + timedelta(minutes=1))
    # Another worker is at it; when it is killed the lease ends and the next sweep asks again.
    assert services.due_clusters() == []


def test_a_manager_turns_a_rule_off_and_what_it_found_is_closed(cast: Cast, client: Client) -> None:
    assert "no_ethnicity" in open_codes(cast)
    rule = Rule.objects.get(code="no_ethnicity")
    sign_in(client, cast.manager)
    url = reverse("settings-quality-rule", args=[rule.pk])
    assert client.post(url, {"active": "no", "severity": "minor", "owner": "worker"}).status_code == 302
    assert "no_ethnicity" not in open_codes(cast)
    services.keep_rules()
    rule.refresh_from_db()
    assert (rule.active, rule.severity) == (False, "minor")
    assert "Ethnicity not recorded" in client.get(reverse("settings-changes")).content.decode()


def test_a_missing_outcome_is_recorded_by_a_leader(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        no_outcome(cast)
    assert "no_outcome" in open_codes(cast)
    sign_in(client, cast.leader)
    url = reverse("outcome-record", args=[cast.referral.pk])
    assert "completed_full" not in client.get(url).content.decode()
    assert client.post(url, {"outcomes": ["completed_full"]}).status_code == 422
    assert client.post(url, {"outcomes": ["family", "staffing"]}).status_code == 302
    assert "no_outcome" not in open_codes(cast)
    with as_(cast.practitioner), pytest.raises(Denied):
        record_outcome(by=cast.practitioner, referral=cast.referral, outcomes=["family"])


def test_a_sibling_who_joins_an_open_case_is_in_order_and_an_adult_with_send_too(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        petr = Person.objects.get(first_name="Petr")
        later = a_referral(petr, number=91, days_ago=2)
        CaseReferral.objects.create(**keys(cast), case=cast.case, referral=later)
        Referral.objects.filter(pk=later.pk).update(status="decided")
        too_old(cast)
        SendNeed.objects.create(**keys(cast), person=cast.child, status="diagnosed", type=a_term("sen_type"))
    assert not {"dates_in_order", "age"} & set(open_codes(cast))


def test_the_report_of_the_suite_says_what_the_pages_say(cast: Cast, client: Client) -> None:
    services.check_cluster(cast.cluster.pk)
    sign_in(client, cast.manager)
    page = client.get(reverse("report-page", args=["data-quality"]), {"cluster": cast.cluster.pk}).content.decode()
    day = timezone.localdate()
    with acting_as(NamedActor.FIGURES):
        asked = Asked((cast.cluster.pk,), ("Riverside",), Period(day - timedelta(days=30), day), timezone.now())
        score, rules = data_quality.make(asked)
        counted = selectors.counts_by_rule([cast.cluster.pk])
    assert [row[1:3] for row in score.rows] == [(3, 3 - _families_with_severe(cast))]
    found = {row[0]: row[2:] for row in rules.rows}
    for check in CHECKS:
        number = counted.get((cast.cluster.pk, check.code), 0)
        assert found[check.title] == (number, 0, number)
    assert "Ethnicity not recorded" in page and selectors.SCORE_WORDS in page


def _families_with_severe(cast: Cast) -> int:
    severe = Finding.objects.to_do().filter(cluster=cast.cluster, rule__severity="severe", family__isnull=False)
    with acting_as(NamedActor.SCHEDULER):
        return severe.values("family").distinct().count()
