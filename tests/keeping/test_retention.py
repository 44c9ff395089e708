"""How long a record is kept, what stops its disposal, who looks and who sees what."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event, Message
from cluster_ehs.core.scope import NamedActor, acting_as, figures
from clusters.models import Role
from families.models import Family, Person
from keeping.models import Disposal, Hold, RetentionReview, RetentionRule
from keeping.retention import selectors, services
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_user, as_, sign_in
from triage.models import Ending, EndingOutcome

KEYS = ("cluster_id", "family_id")


def over(cast: Cast, number: int, *, ended: date, born: date | None, served: bool = False) -> Family:
    """A family whose work ended on a day: at triage, or with a case."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        family = a_family(cast.cluster, f"Old{number}", number=70 + number)
        child = a_person(family, "Una", born=born)
        referral = a_referral(child, number=70 + number, days_ago=5000)
        keys = {name: getattr(referral, name) for name in KEYS}
        ending = Ending.objects.create(**keys, referral=referral, where="case" if served else "triage", ended_on=ended)
        EndingOutcome.objects.create(**keys, ending=ending, outcome="other")
        if served:
            Case.objects.create(
                **keys,
                reference=f"RI-C2010-{number:04d}",
                status="closed",
                opened_on=ended - timedelta(days=90),
                closed_on=ended,
                imported=True,
            )
        return family


def due_on(cast: Cast, family: Family) -> date:
    with as_(cast.leader):
        found = selectors.when_due(family.pk, family.cluster_id)
    assert found is not None
    return found.due_on


def years_ago(number: int) -> date:
    return timezone.localdate().replace(day=1) - timedelta(days=int(number * 365.25))


def test_the_rules_count_from_the_ending_or_from_the_youngest_childs_birth(cast: Cast) -> None:
    triaged = over(cast, 1, ended=date(2016, 2, 29), born=date(2010, 1, 1))
    assert due_on(cast, triaged) == date(2022, 2, 28)
    served = over(cast, 2, ended=date(2016, 5, 1), born=date(2010, 1, 1), served=True)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        a_person(served, "Baby", born=date(2015, 6, 30))
        a_person(served, "Grown", born=date(2016, 6, 30), is_child=False)
    assert due_on(cast, served) == date(2040, 6, 30)
    # Nearly grown up at the end: not sooner than a family that had no help. No date of birth: counted from the end.
    assert due_on(cast, over(cast, 3, ended=date(2016, 5, 1), born=date(1993, 1, 1), served=True)) == date(2022, 5, 1)
    assert due_on(cast, over(cast, 4, ended=date(2016, 5, 1), born=None, served=True)) == date(2041, 5, 1)
    with as_(cast.leader):
        assert selectors.when_due(cast.family.pk, cast.cluster.pk) is None, "in the work"
        assert [one.reference for one in selectors.due([cast.cluster.pk])] == ["RI-F2026-0071", "RI-F2026-0073"]
    with as_(cast.other_leader):
        assert selectors.due([cast.cluster.pk, cast.other_cluster.pk]) == []


def test_a_changed_rule_counts_from_its_day_and_the_old_one_stays(cast: Cast) -> None:
    family = over(cast, 1, ended=years_ago(7), born=None)
    today = timezone.localdate()
    with as_(cast.manager):
        change = {"by": cast.manager, "kind": "triaged", "source": "Schedule v13", "why": "The council decided"}
        services.set_rule(**change, years=10, starts_on=today + timedelta(days=1))
        assert [rule.years for rule in selectors.rules() if rule.kind == "triaged"] == [6]
        services.set_rule(**change, years=8, starts_on=today)
        with pytest.raises(ValidationError, match="today or later"):
            services.set_rule(**change, years=1, starts_on=today - timedelta(days=1))
        assert RetentionRule.objects.filter(kind="triaged").count() == 3
    with as_(cast.leader):
        assert selectors.due([cast.cluster.pk]) == []
        with pytest.raises(Denied, match="kept until"):
            services.review(by=cast.leader, family=family, decision="dispose", reason="Old")
        with pytest.raises(Denied):
            services.set_rule(**{**change, "by": cast.leader}, years=1, starts_on=today)


def test_a_record_is_looked_at_and_kept_longer_held_or_disposed_of(cast: Cast, client: Client) -> None:
    family = over(cast, 1, ended=years_ago(7), born=date(2008, 1, 1))
    url = reverse("retention-review", args=[family.pk])
    sign_in(client, cast.leader)
    page = client.get(reverse("retention")).content.decode()
    assert "Old1 family" in page
    assert "RI-F2026-0071" in page
    # Each refusal names its field and keeps what was typed.
    answer = client.post(url, {"decision": "longer", "reason": "The family may come back"})
    assert answer.status_code == 422
    assert "Until when?" in answer.content.decode()
    assert "The family may come back" in answer.content.decode()
    answer = client.post(url, {"decision": "hold", "reason": "A claim"})
    assert answer.status_code == 422
    assert "ground" in answer.context["form"].errors
    day = timezone.localdate() + timedelta(days=100)
    until = {"until": day.isoformat()}
    assert client.post(url, {"decision": "longer", "reason": "A sibling", **until}).status_code == 302
    with as_(cast.leader):
        (one,) = selectors.due([cast.cluster.pk])
        assert (one.kept_until, one.is_open) == (day, False)
        with pytest.raises(Conflict, match="keep this record until"):
            services.review(by=cast.leader, family=family, decision="dispose", reason="Now")
        Hold.objects.update(until=timezone.localdate())
        services.review(by=cast.leader, family=family, decision="dispose", reason="Nobody needs it")
        asked = Disposal.objects.get()
        assert (asked.reference, asked.status) == (family.reference, "asked")
        assert "6 years after the ending" in asked.rule
        with pytest.raises(Conflict, match="asked for already"):
            services.review(by=cast.leader, family=family, decision="dispose", reason="Again")
        assert RetentionReview.objects.filter(family=family).count() == 2
        assert Event.objects.filter(kind="retention.review", family_id=family.pk).count() == 2


def test_who_asked_by_mistake_takes_it_back_and_still_cannot_say_yes(cast: Cast, client: Client) -> None:
    family = over(cast, 1, ended=years_ago(7), born=date(2008, 1, 1))
    with as_(cast.leader):
        services.review(by=cast.leader, family=family, decision="dispose", reason="Nobody needs it")
        url = reverse("disposal", args=[Disposal.objects.get().pk])
    sign_in(client, cast.leader)
    assert "Take it back: keep the record" in client.get(url).text
    assert client.post(url, {"answer": "confirm", "sure": "on"}).status_code == 403
    assert client.post(url, {"answer": "refuse"}).status_code == 302
    assert "Taken back." in client.get(url).text
    assert client.post(url, {"answer": "refuse"}).status_code == 409
    with as_(cast.leader):
        assert Disposal.objects.get().status == "refused"


def test_nothing_on_legal_hold_is_asked_to_go_or_kept_for_a_while(cast: Cast) -> None:
    family = over(cast, 1, ended=years_ago(7), born=None)
    day = timezone.localdate() + timedelta(days=9)
    with as_(cast.leader):
        services.hold(by=cast.leader, family=family, ground="claim", reason="A claim was announced")
        for decision, until in (("dispose", None), ("longer", day)):
            with pytest.raises(Conflict, match="legal hold"):
                services.review(by=cast.leader, family=family, decision=decision, reason="Its time", until=until)
        services.lift(by=cast.leader, family=family, reason="The claim was withdrawn")
        services.review(by=cast.leader, family=family, decision="dispose", reason="Its time")
        assert Disposal.objects.get().status == "asked"


def test_a_manager_sees_references_and_answers_without_a_name(cast: Cast, client: Client) -> None:
    family = over(cast, 1, ended=years_ago(7), born=date(2008, 1, 1))
    over(cast, 2, ended=years_ago(8), born=date(2008, 1, 1))
    with as_(cast.leader):
        services.review(by=cast.leader, family=family, decision="dispose", reason="Una Old1 is grown up")
    sign_in(client, cast.manager)
    asked = Disposal(pk=None)
    with as_(cast.manager), figures():
        asked = Disposal.objects.get()
    url = reverse("disposal", args=[asked.pk])
    for address in (reverse("retention"), reverse("retention") + "?as=csv", url):
        answer = client.get(address)
        assert answer.status_code == 200
        said = answer.content.decode()
        assert "RI-F2026-007" in said
        assert "Old" not in said
        assert "Una" not in said
    assert client.get(reverse("retention-review", args=[family.pk])).status_code == 404
    answer = client.post(url, {"answer": "confirm"})
    assert answer.status_code == 422
    assert "cannot be undone" in answer.content.decode()
    assert client.post(url, {"answer": "refuse"}).status_code == 302
    with as_(cast.leader):
        assert Disposal.objects.get().status == "refused"
        assert Disposal.objects.get().family_key is None
        assert selectors.when_due(family.pk, family.cluster_id).is_open  # type: ignore[union-attr]


def test_who_is_told_each_month_and_sees_the_card(cast: Cast, client: Client, settings: Any) -> None:
    over(cast, 1, ended=years_ago(7), born=None)
    owner = a_user("Oona Owner", role="manager")
    settings.RETENTION_OWNER = owner.email
    services.tell_of_the_month()
    services.tell_of_the_month()
    told = Message.objects.filter(key__startswith="retention:")
    assert set(told.values_list("user_id", flat=True)) == {owner.pk, cast.leader.pk}
    assert "One family’s record" in told[0].body
    assert "Old1" not in told[0].body
    card = "kept as long as the rule says"
    for user, sees in ((owner, True), (cast.manager, False), (cast.leader, True), (cast.other_leader, False)):
        client.logout()
        assert (card in sign_in(client, user).get(reverse("home")).content.decode()) is sees, user
    # The number is kept for some minutes; the page of what is due counts afresh.
    over(cast, 2, ended=years_ago(7), born=None)
    sign_in(client, cast.leader)
    assert "<b>1</b> record kept" in client.get(reverse("home")).content.decode()
    client.get(reverse("retention"))
    assert "<b>2</b> records kept" in client.get(reverse("home")).content.decode()


def test_a_hold_stands_on_the_familys_page_and_only_its_leader_lifts_it(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        services.hold(by=cast.leader, family=cast.family, ground="claim", reason="A claim by Jana")
        with pytest.raises(Conflict):
            services.hold(by=cast.leader, family=cast.family, ground="claim", reason="Again")
    page = sign_in(client, cast.practitioner).get(reverse("family", args=[cast.family.pk])).content.decode()
    assert "Legal hold" in page
    assert "Lift the hold" not in page
    with as_(cast.practitioner), pytest.raises(Denied):
        services.lift(by=cast.practitioner, family=cast.family, reason="No")
    # A manager counts holds and reads no words of theirs.
    with as_(cast.manager), figures():
        assert Hold.objects.filter(ended_at=None).count() == 1
        assert RetentionReview.objects.count() == 0
    sign_in(client, cast.leader)
    assert client.post(reverse("legal-hold", args=[cast.family.pk]), {"reason": "Settled"}).status_code == 302
    with as_(cast.leader):
        assert selectors.legal_hold_of(cast.family.pk) is None
        assert Person.objects.filter(family=cast.family).exists()


def test_a_leader_is_led_to_what_is_held_or_to_go_and_a_manager_reads_no_name(cast: Cast, client: Client) -> None:
    held = over(cast, 1, ended=years_ago(7), born=date(2008, 1, 1))
    gone = over(cast, 2, ended=years_ago(8), born=date(2008, 1, 1))
    second = a_user("Bo Second", role=Role.LEADER, cluster=cast.cluster)
    with as_(cast.leader):
        services.hold(by=cast.leader, family=held, ground="claim", reason="A claim")
        services.review(by=cast.leader, family=gone, decision="dispose", reason="Nobody needs it")
        asked = reverse("disposal", args=[Disposal.objects.get().pk])
    listed = reverse("retention")
    for leader in (cast.leader, second):
        sign_in(client, leader)
        assert f'href="{reverse("legal-hold", args=[held.pk])}">Old1 family' in client.get(listed).content.decode()
        assert f'href="{reverse("family", args=[gone.pk])}"' in client.get(asked).content.decode()
    sign_in(client, cast.manager)
    for page in (listed, asked):
        said = client.get(page).content.decode()
        assert "Old" not in said and str(held.pk) not in said and str(gone.pk) not in said


def test_the_list_costs_as_much_for_many_families_as_for_few(
    cast: Cast, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        over(cast, number, ended=years_ago(7), born=None)
    sign_in(client, cast.leader).get(reverse("retention"))
    with django_assert_max_num_queries(13):
        client.get(reverse("retention"))
