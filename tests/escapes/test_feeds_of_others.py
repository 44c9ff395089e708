"""A leader's program brings notifications for the whole city, and changes nothing that the leader does not read."""

from typing import Any

from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import School, User
from families.models import NamedReader, Person
from families.services import restrict
from referrals.intake import take_intake
from referrals.intake_csv import Result, receive_file
from referrals.intake_feed import deliver
from referrals.models import Intake, IntakeReject, Referral
from tests.api.callers import Caller
from tests.fixtures_cast import Cast, as_

INTAKE = "/api/v1/intake/"


def a_body(school: School, **more: Any) -> dict[str, Any]:
    return {"source": "police", "external_id": "INV/7", "last_name": "Novák", "school_urn": school.urn, **more}


def brought(user: User, row: str) -> Result:
    """A leader's file, as its page takes it."""
    return receive_file(content=row.encode(), source="police", file_name="police.csv", brought_by=user)


def text_of(cast: Cast) -> str:
    with as_(cast.leader):
        return str(Intake.objects.get(external_id="INV/7").payload.get("worrying", ""))


def test_a_leader_of_another_cluster_changes_it_neither_by_program_nor_by_file(cast: Cast) -> None:
    deliver(source="police", external_id="INV/7", payload={"last_name": "Novák", "worrying": "As the police wrote."},
            school_urn=cast.school.urn)  # fmt: skip
    elsewhere = Caller(cast.other_leader, ["intake:write"])
    for body in (a_body(cast.school, worrying="All is well."), a_body(cast.other_school, harm=True)):
        answer = elsewhere.post(INTAKE, body)
        assert answer.status_code == 403
        assert "another Cluster's" in answer.json()["detail"]
        assert "Novák" not in answer.text
    row = f"external_id,last_name,worrying,school_urn\nINV/7,Novak,All is well.,{cast.other_school.urn}\n"
    result = brought(cast.other_leader, row)
    assert (result.changed, result.rejected) == (0, 1)
    assert text_of(cast) == "As the police wrote."
    with as_(cast.leader):
        assert "another Cluster's" in str(IntakeReject.objects.get().reasons)
        assert not Intake.objects.get(external_id="INV/7").harm


def test_the_own_cluster_s_leader_and_a_manager_change_it(cast: Cast) -> None:
    for caller, words in ((cast.leader, "As the leader's program says."), (cast.manager, "As the city's says.")):
        assert Caller(caller, ["intake:write"]).post(INTAKE, a_body(cast.school, worrying=words)).status_code == 201
        assert text_of(cast) == words


def test_a_new_one_goes_to_whichever_cluster_it_is_for(cast: Cast) -> None:
    answer = Caller(cast.other_leader, ["intake:write"]).post(INTAKE, a_body(cast.school, worrying="Alone at night."))
    assert answer.status_code == 201
    assert text_of(cast) == "Alone at night."


def test_what_became_a_record_that_is_closed_to_the_leader_is_not_changed_by_them(cast: Cast) -> None:
    deliver(source="police", external_id="INV/7", payload={"last_name": "Novák", "worrying": "As the police wrote."},
            school_urn=cast.school.urn)  # fmt: skip
    with as_(cast.leader):
        family = take_intake(by=cast.leader, intake=Intake.objects.get(external_id="INV/7")).family
        restrict(by=cast.leader, family=family, restricted=True, readers=[cast.colleague])
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        NamedReader.objects.filter(family=family, user=cast.leader).delete()
    program = Caller(cast.leader, ["intake:write"])
    answer = program.post(INTAKE, a_body(cast.school, worrying="All is well.", harm=True))
    elsewhere = Caller(cast.other_leader, ["intake:write"]).post(INTAKE, a_body(cast.school, worrying="All is well."))
    assert (answer.status_code, answer.json()["detail"]) == (403, elsewhere.json()["detail"])
    row = f"external_id,last_name,worrying,harm,school_urn\nINV/7,Novák,All is well.,yes,{cast.school.urn}\n"
    result = brought(cast.leader, row)
    assert (result.changed, result.known, result.waiting, result.rejected) == (0, 0, 0, 1)
    with as_(cast.colleague):
        intake = Intake.objects.get(external_id="INV/7")
        assert (intake.payload["worrying"], intake.to_look_at) == ("As the police wrote.", False)
        assert Referral.objects.get(pk=intake.referral_id).harm_flagged_at is None
    # The senders' own folder, which reads nothing back, brings the change to those who are named.
    deliver(source="police", external_id="INV/7", payload={"last_name": "Novák", "worrying": "It is worse."},
            school_urn=cast.school.urn)  # fmt: skip
    with as_(cast.colleague):
        assert Intake.objects.get(external_id="INV/7").to_look_at


def test_a_leader_s_file_adds_to_no_record_of_another_cluster_and_does_not_say_that_it_is_there(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Person.objects.filter(pk=cast.child.pk).update(upn="V383234521001")
    born = cast.child.birth_date
    row = "external_id,first_name,last_name,birth_date,upn,school_urn\n{},{},Novák,{},V383234521001,{}\n"
    here, there = (row.format(key, "Zdeňka", born, cast.school.urn) for key in ("INV/8", "INV/9"))
    nobody = row.format("INV/10", "Nobody", born, cast.school.urn)
    answers = [str(brought(cast.other_leader, text)) for text in (there, nobody)]
    assert answers[0] == answers[1]
    assert brought(cast.leader, here).matched == 1, "in the own Cluster it is a referral at once"
    with as_(cast.leader):
        assert Intake.objects.get(external_id="INV/9").state == "new", "and a person there matches the other"
