"""An open case from its allocation until today, by the services: visits, formulation, plan, reviews, sessions."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse

from cases import services
from cases.models import Attendance, Case, CaseService, ChildVoice, Contact, Extension, Goal, Task
from cluster_ehs.core.scope import acting_as_user
from clusters.models import User
from demo.clock import as_of, moment
from demo.course import MINUTES, Line, Visit, visits
from demo.ground import World
from demo.households import Household
from demo.papers import keep_papers
from demo.screening import Arrival
from demo.stories.bank import COUNSELLING, TASKS, THERAPY
from formulation.models import Factor, P, Setting
from formulation.services import Line as Written
from formulation.services import link_factor, save_formulation

FORMULATED_AFTER, PLANNED_AFTER = 10, 16


@dataclass
class OpenCase:
    """A case with what it is to show."""

    case: Case
    arrival: Arrival
    worker: User
    # Days without a contact or a review before today, so that something is overdue.
    quiet: int = 0
    review_missed: bool = False
    goals: list[tuple[Goal, Line]] = field(default_factory=list)
    reviews: int = 0

    @property
    def keys(self) -> dict[str, object]:
        return {"cluster_id": self.case.cluster_id, "family_id": self.case.family_id}


class Living:
    """Lives the cases, one after the other."""

    def __init__(self, world: World) -> None:
        self.world, self.random, self.dee = world, world.random, world.staff["dee"]

    def allocate(self, arrival: Arrival) -> OpenCase:
        """The leader gives the family its lead worker."""
        day, worker = arrival.allocated, self.world.staff[arrival.worker]
        assert day is not None and arrival.decision is not None  # noqa: S101 - planned so
        with as_of(moment(day, 14)), acting_as_user(self.dee.pk):
            offers = [o for o in arrival.decision.offers.select_related("service") if o.service.code in arrival.taken]
            case = services.open_case(
                by=self.dee,
                offers=offers,
                lead_worker=worker,
                workers={o.pk: self.giver(o.service.code, worker) for o in offers},
                on=day,
                next_step="First visit at home",
                next_step_on=day + timedelta(days=5),
            )
        return OpenCase(case, arrival, worker)

    def giver(self, code: str, worker: User) -> User:
        return self.world.staff.get({"childrens_therapy": "lee", "adult_counselling": "noor"}.get(code, ""), worker)

    def live(self, open_case: OpenCase) -> None:
        """Everything the lead worker does until today, or until the case went quiet."""
        case, home = open_case.case, open_case.arrival.home
        until = self.world.today - timedelta(days=open_case.quiet)
        course = [
            v
            for v in visits(home, opened=case.opened_on, until=until, random=self.random)
            if v.at < moment(self.world.today, 0)
        ]
        formulated = planned = False
        review_due: date | None = None
        with acting_as_user(open_case.worker.pk):
            for visit in course:
                days = (visit.at.date() - case.opened_on).days
                self._log(open_case, visit)
                if not formulated and days >= FORMULATED_AFTER and visit.attended:
                    formulated = self._formulate(open_case, visit.at.date())
                elif formulated and not planned and days >= PLANNED_AFTER and visit.attended:
                    planned = self._plan(open_case, visit.at.date())
                    review_due = visit.at.date() + timedelta(weeks=6)
                elif review_due and visit.at.date() >= review_due - timedelta(days=3) and visit.attended:
                    if open_case.review_missed and (until - visit.at.date()).days < 60:
                        continue
                    self._review(open_case, visit.at.date())
                    review_due = visit.at.date() + timedelta(weeks=6)
            self._more(open_case, until)

    def _log(self, open_case: OpenCase, visit: Visit) -> None:
        home, note = open_case.arrival.home, visit.note
        people = []
        if visit.attended and note.kind != "school_visit":
            people.append(home.carer)
        if note.child_said or note.kind == "school_visit":
            people.append(home.child)
        with as_of(visit.at + timedelta(hours=2)):
            services.log_contact(
                by=open_case.worker,
                case=open_case.case,
                kind=note.kind,
                at=visit.at,
                people=people if visit.attended else [],
                professionals=self._professionals(note.kind),
                note=home.tell(note.text),
                heard=self._heard(home, note.child_said),
                alone=[home.child] if visit.attended and note.child_said and note.kind == "school_visit" else [],
                interpreter_language=str(home.carer.first_language)
                if home.carer.interpreter_needed
                and visit.attended
                and note.kind in ("home_visit", "phone", "accompanied")
                else "",
                minutes=MINUTES.get(note.kind) if visit.attended else None,
                # Where no score was given, the goals were not asked about that day.
                scores={
                    goal.pk: line.at(visit.far, self.random) if visit.scored else None for goal, line in open_case.goals
                },
                next_step=home.tell(note.next_step) if visit.attended else "",
                next_step_on=visit.at.date() + timedelta(days=10) if note.next_step else None,
                attendance=visit.attendance,
            )

    def _heard(self, home: Household, said: str) -> dict[UUID, services.Heard]:
        """The child's own words; of a child too small for them, what the worker saw."""
        if not said:
            return {}
        small = home.child.age is not None and home.child.age < 4
        how = ChildVoice.How.OBSERVED if small else ChildVoice.How.WORDS
        return {home.child.pk: services.Heard(home.tell(said).strip("“”"), how)}

    def _professionals(self, kind: str) -> str:
        return {"school_visit": "Robin Example, pastoral lead", "meeting": "Class teacher; SENCO"}.get(kind, "")

    def _formulate(self, open_case: OpenCase, day: date) -> bool:
        home = open_case.arrival.home
        lines = [
            Written(p, home.tell(text), self.world.term("domain", domain).pk, home.child.pk if of_child else None)
            for p, text, domain, of_child in home.story.factors
        ]
        setting = self.random.choice((Setting.WITH_FAMILY, Setting.WITH_FAMILY, Setting.GROUP_SUPERVISION))
        with as_of(moment(day, 17)):
            save_formulation(
                by=open_case.worker,
                case=open_case.case,
                lines=lines,
                made_on=day,
                setting=setting,
                person_ids=[home.carer.pk, home.child.pk] if setting == Setting.WITH_FAMILY else [],
                professionals="Learning mentor" if self.random.random() < 0.4 else "",
                summary=home.tell(home.story.summary),
            )
        return True

    def _plan(self, open_case: OpenCase, day: date) -> bool:
        home, case = open_case.arrival.home, open_case.case
        factors = list(Factor.objects.filter(formulation__case=case).order_by("position"))
        with as_of(moment(day, 17, 20)):
            for said in home.story.goals[: self.random.choice((2, 2, 3, 3, 1))]:
                line = Line.draw(self.random)
                answers = {
                    home.carer.pk: services.Answer(True),
                    home.child.pk: services.Answer(self.random.random() < 0.85),
                }
                if not answers[home.child.pk].agrees:
                    answers[home.child.pk] = services.Answer(False, "That is mum’s goal, not mine.")
                goal = services.set_goal(
                    by=open_case.worker,
                    case=case,
                    words=home.tell(said.words),
                    different=home.tell(said.different),
                    whose=home.child,
                    baseline=line.baseline,
                    target=line.target,
                    agreements=answers,
                    actions=[
                        services.Step(home.tell(what), home.tell(who), day + timedelta(days=14 + 7 * n))
                        for n, (what, who) in enumerate(said.actions)
                    ],
                    on=day,
                )
                open_case.goals.append((goal, line))
                factor = next((f for f in factors if f.p == (said.factor or P.PRESENTING)), None)
                if factor:
                    link_factor(by=open_case.worker, case=case, goal=goal, factor=factor)
        return True

    def _review(self, open_case: OpenCase, day: date) -> None:
        home = open_case.arrival.home
        with as_of(moment(day, 17, 40)):
            services.review_plan(
                by=open_case.worker,
                case=open_case.case,
                reviewed_on=day,
                people=[home.carer, home.child],
                took_part="" if open_case.reviews else "Robin Example, pastoral lead",
                decisions=home.tell(home.story.review[min(open_case.reviews, len(home.story.review) - 1)]),
            )

        open_case.reviews += 1

    def _more(self, open_case: OpenCase, until: date) -> None:
        """A meeting of the team around the family, what stands out, and tasks, some of them late."""
        self._significant(open_case)
        case, home, worker = open_case.case, open_case.arrival.home, open_case.worker
        day = case.opened_on + timedelta(days=45)
        day -= timedelta(days=max(0, day.weekday() - 4))
        meeting = None
        if day < until and self.random.random() < 0.5:
            following = day + timedelta(weeks=8)
            with as_of(moment(day, 17)):
                meeting = services.add_meeting(
                    by=worker,
                    case=case,
                    held_at=moment(day, 15, 30),
                    place="At school",
                    who=services.Who(
                        [home.carer.pk, home.child.pk],
                        [worker.pk],
                        (services.Outside("Robin Example", str(home.child.school or "School")),),
                    ),
                    said=services.Said(
                        child_voice="I want to come to the next one as well.",
                        decisions=home.tell(self.random.choice(home.story.review)),
                        next_at=moment(following, 15, 30) if following > self.world.today else None,
                    ),
                )
        if self.random.random() < 0.5:
            due = self.world.today + timedelta(days=self.random.choice((-9, -3, 1, 2, 4, 6, 12)))
            Task.objects.create(
                **open_case.keys,
                case=case,
                meeting=meeting,
                what=self.random.choice(TASKS),
                owner=worker,
                due_on=max(due, case.opened_on),
            )

    def _significant(self, open_case: OpenCase) -> None:
        """The first contact at home, in cases that have gone on for a while."""
        first = Contact.objects.filter(case=open_case.case, kind="home_visit", attendance="attended").order_by("at")[:1]
        for contact in first:
            if (self.world.today - contact.at.date()).days < 40:
                continue
            # A few cases have papers too.
            if contact.at.day % 5 == 0:
                day = contact.at.date() + timedelta(days=8)
                with as_of(moment(day, 16)):
                    keep_papers(by=open_case.worker, case=open_case.case, child=open_case.arrival.home.child, day=day)
            with as_of(contact.at + timedelta(days=1)):
                services.pin_event(
                    by=open_case.worker,
                    case=open_case.case,
                    entry={
                        "kind": "contacts",
                        "ref": contact.pk,
                        "at": contact.at,
                        "moment": contact.at,
                        "title": "Home visit",
                        "url": reverse("contact", args=[contact.pk]),
                    },
                    reason=open_case.arrival.home.tell("{carer} opened the door to us for the first time."),
                )

    # --- sessions of therapist and counsellor ---

    def sessions(self, open_case: OpenCase, code: str, *, count: int) -> None:
        """Weekly sessions so far; their notes are for the worker and the clinical supervisor alone."""
        home, bank = open_case.arrival.home, THERAPY if code == "childrens_therapy" else COUNSELLING
        service = CaseService.objects.filter(case=open_case.case, service__code=code).select_related(
            "service", "worker"
        )
        with acting_as_user(self.giver(code, self.dee).pk):
            row = service.get()
            first = max(row.starts_on + timedelta(days=4), self.world.today - timedelta(days=7 * count + 2))
            for number in range(count):
                day = first + timedelta(days=7 * number)
                day -= timedelta(days=max(0, day.weekday() - 4))
                if day >= self.world.today or day < open_case.case.opened_on:
                    continue
                missed = number > 1 and self.random.random() < 0.12
                with as_of(moment(day, 16, 30)):
                    services.log_contact(
                        by=row.worker,
                        case=open_case.case,
                        kind=Contact.Kind.SESSION,
                        at=moment(day, 15),
                        people=[] if missed else [home.child if code == "childrens_therapy" else home.carer],
                        note="Did not come; rang in the evening."
                        if missed
                        else home.tell(bank[number % len(bank)].text),
                        minutes=None if missed else 50,
                        case_service=row,
                        attendance=Attendance.NOT_ATTENDED if missed else Attendance.ATTENDED,
                    )

    # --- support that runs out ---

    def extension(self, open_case: OpenCase, answer: str) -> None:
        """More weeks asked for: left open, approved or refused."""
        worker = open_case.worker
        service = CaseService.objects.select_related("service", "case")
        asked_on = self.world.today - timedelta(days=3 if not answer else 20)
        with as_of(moment(asked_on, 11)), acting_as_user(worker.pk):
            row = service.get(case=open_case.case, service__kind="family_support")
            asked = services.ask_extension(
                by=worker,
                case_service=row,
                weeks=8,
                reason=open_case.arrival.home.tell(
                    "{carer} is nearly there; the goal about evenings needs the school holiday to be tried out."
                ),
            )
        if answer:
            with as_of(moment(asked_on + timedelta(days=4), 9)), acting_as_user(self.dee.pk):
                services.answer_extension(
                    by=self.dee,
                    extension=Extension.objects.get(pk=asked.pk),
                    approve=answer == "approved",
                    answer=""
                    if answer == "approved"
                    else "Six months have been used and two families wait. Close by the holiday, with the exit plan.",
                )

    def hand_over(self, open_case: OpenCase, to: str) -> None:
        """Another lead worker since last week."""
        worker = self.world.staff[to]
        day = self.world.today - timedelta(days=5)
        home = open_case.arrival.home
        with as_of(moment(day, 9)), acting_as_user(self.dee.pk):
            services.hand_over(
                by=self.dee,
                case=open_case.case,
                to=worker,
                handover=home.tell(
                    "{carer} likes to be rung before a visit, not written to. {child} knows that I am leaving; "
                    "the plan stays as it is."
                ),
                on=day,
            )
        open_case.worker = worker
