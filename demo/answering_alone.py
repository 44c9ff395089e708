"""An answer about safety that a mother gave alone on her page this morning: nobody has said yet what was done."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from demo.ground import World
from demo.living import OpenCase
from outcomes.family_page.services import ask_as_family, digest, find_visitor, make_family_link
from outcomes.measures.services import agree_measure
from outcomes.models import Instrument, Measure
from outcomes.own_answers.services import answer_measure, tasks_of

# Low, and one answer above “not at all” to the question about being better off dead.
MOOD = {"q1": 2, "q2": 3, "q3": 3, "q4": 2, "q5": 1, "q6": 2, "q7": 1, "q8": 0, "q9": 1, "difficulty": 2}
VISIT = "demonstration visit of the mother who answers alone"


def answer_alone(world: World, cases: Iterable[OpenCase]) -> None:
    """Agreed with her worker, answered with nobody there; leader, duty and worker are told, and it stays open.

    cases: the first of them in which nobody was asked it yet.
    """
    with acting_as_user(world.staff["dee"].pk):
        asked = set(Measure.objects.filter(instrument__code="phq-9").values_list("case", flat=True))
    open_case = next(each for each in cases if each.case.pk not in asked)
    worker, case, carer = open_case.worker, open_case.case, open_case.arrival.home.carer
    instrument = Instrument.objects.get(code="phq-9")
    with acting_as_user(worker.pk):
        agree_measure(by=worker, case=case, instrument=instrument, person=carer, every_weeks=4, by_itself=True)
        until = world.today + timedelta(days=120)
        made = make_family_link(by=worker, case=case, person=carer, expires_on=until)
        code = made.link.code_digest
    with acting_as(NamedActor.FAMILY):
        ask_as_family("ehs_family_open", made.link.pk, code, digest(VISIT))
    visitor = find_visitor(made.token, VISIT)
    assert visitor is not None  # noqa: S101 - opened just now
    own = next(each for each in tasks_of(visitor).measures if each.code == "phq-9")
    answers = {key: Decimal(value) for key, value in MOOD.items()}
    answer_measure(visitor=visitor, own=own, instrument=instrument, answers=answers)
