"""A leader's program brings notifications for the whole city, and changes none of another Cluster's."""

from typing import Any

from clusters.models import School
from referrals.intake_csv import receive_file
from referrals.intake_feed import deliver
from referrals.models import Intake, IntakeReject
from referrals.policies import may_change_entries_of
from tests.api.callers import Caller
from tests.fixtures_cast import Cast, as_

INTAKE = "/api/v1/intake/"


def a_body(school: School, **more: Any) -> dict[str, Any]:
    return {"source": "police", "external_id": "INV/7", "last_name": "Novák", "school_urn": school.urn, **more}


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
    only_in = may_change_entries_of(cast.other_leader)
    result = receive_file(content=row.encode(), source="police", file_name="police.csv", only_in=only_in)
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
