"""Two years of closed work: what came, what was decided, how it ended. Written by the importer in a few statements."""

from datetime import date, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F

from cases.models import (
    Case,
    CaseReferral,
    CaseService,
    Contact,
    ContactChild,
    ContactNote,
    ContactPerson,
    Goal,
    GoalAction,
    GoalScore,
    LeadWorker,
    Plan,
    Review,
    ReviewPerson,
)
from clusters.models import User
from demo.clock import moment
from demo.course import MINUTES, Line, visits
from demo.ground import World
from demo.households import Household, Households
from demo.referring import a_referral
from demo.rows import Rows
from demo.stories.bank import STORIES
from outcomes.models import Closure, ClosureGoal, ClosureOutcome, ExitPlan
from referrals.models import Referral, Status
from triage.models import AgendaItem, Decision, Ending, EndingOutcome, Meeting, Offer, Outcome, PassingOn, Response

REFERRALS = 330
AGAIN = 26
FATES = {
    "case": 62,
    "passed_on": 19,
    "refused": 5,
    "no_action": 5,
    "no_support": 3,
    "other": 1,
    "before_start": 5,
}
RESPONSES = {
    "case": Response.SERVICE,
    "passed_on": Response.PASSED_ON,
    "refused": Response.REFUSED,
    "no_action": Response.NO_ACTION,
    "no_support": Response.NO_SUPPORT,
    "other": Response.OTHER,
    "before_start": Response.SERVICE,
}
AT_TRIAGE = {
    "passed_on": (Outcome.PASSED_ON,),
    "refused": (Outcome.FAMILY,),
    "no_action": (Outcome.UNSUITABLE,),
    "no_support": (Outcome.STAFFING,),
    "other": (Outcome.UNSUITABLE,),
    "before_start": (Outcome.FAMILY,),
}
# How a case ends, by weight; the last ones have several outcomes.
ENDS: tuple[tuple[tuple[Outcome, ...], int], ...] = (
    ((Outcome.COMPLETED_FULL,), 34),
    ((Outcome.COMPLETED_PART,), 22),
    ((Outcome.COMPLETED_NFA,), 8),
    ((Outcome.FAMILY,), 12),
    ((Outcome.MOVED,), 5),
    ((Outcome.STAFFING,), 3),
    ((Outcome.UNSUITABLE,), 3),
    ((Outcome.UNRESOLVED,), 4),
    ((Outcome.COMPLETED_PART, Outcome.PASSED_ON), 7),
    ((Outcome.FAMILY, Outcome.PASSED_ON), 2),
)
WHY = {
    "passed_on": "Another service fits better; the family agrees to be passed on.",
    "refused": "The family was rung twice and does not want support now. They know how to come back.",
    "no_action": "Another referral for the same child is with a partner service; nothing is added by a second.",
    "no_support": "Two posts are vacant. School was told what it can do meanwhile.",
    "other": "The referral says too little to decide on, and the referrer has left the school.",
}
DETAIL_WEEKS = 60


class History:
    """Closed referrals, oldest first."""

    def __init__(self, world: World, rows: Rows, households: Households) -> None:
        self.world, self.rows, self.households = world, rows, households
        self.random = world.random
        self.meetings: dict[date, Meeting] = {}
        self.items: dict[date, int] = {}
        self.ended: list[tuple[date, Household]] = []
        self.goals: list[Goal] = []
        self.goal_ends: dict[Goal, tuple[str, date]] = {}

    def write(self) -> list[tuple[date, Household]]:
        """Write everything; returns the families with the day on which their work ended."""
        world, random = self.world, self.random
        days = sorted(world.workday(world.weeks_ago(random.uniform(7, 106))) for _ in range(REFERRALS))
        for day in days:
            home = self.households.make(random.choice(STORIES), on=day)
            self._one(home, day, random.choices(list(FATES), list(FATES.values()))[0])
        before = [(ended, home) for ended, home in self.ended if world.weeks_ago(60) < ended < world.weeks_ago(16)]
        for ended, home in random.sample(before, AGAIN):
            day = world.workday(ended + timedelta(days=random.randint(20, 70)))
            self._one(home, day, random.choice(("passed_on", "refused", "no_action", "before_start")))
        self.rows.write()
        self._move_on()
        return sorted(self.ended, key=lambda pair: pair[0])

    def _one(self, home: Household, day: date, fate: str) -> None:
        random, world = self.random, self.world
        decided = self._meeting_day(day)
        weeks = random.randint(9, 30)
        opened = decided + timedelta(days=random.randint(3, 66))
        closed = world.workday(opened + timedelta(weeks=weeks))
        if fate == "case" and closed > world.weeks_ago(1):
            fate = "passed_on"
        referral = self.rows.add(a_referral(world, home, day, self.rows, status=Status.ENDED))
        decision = self._decision(home, referral, decided, fate)
        if fate == "case":
            outcomes = random.choices([o for o, _ in ENDS], [w for _, w in ENDS])[0]
            self._case(home, referral, decision, opened, closed, outcomes)
            self._ending(home, referral, Ending.Where.CASE, closed, outcomes)
            self.ended.append((closed, home))
            return
        ended = decided
        if fate == "passed_on":
            partner = world.partners[home.story.partner or "mindmate"]
            if random.random() < 0.4:
                partner = random.choice(list(world.partners.values()))
            self.rows.add(PassingOn(**home.keys, decision=decision, partner=partner, sent_on=decided))
        elif fate == "before_start":
            ended = min(decided + timedelta(days=random.randint(10, 60)), world.weeks_ago(1))
            service = world.services[home.story.services[0]]
            self.rows.add(
                Offer(
                    **home.keys,
                    decision=decision,
                    service=service,
                    status=Offer.Status.WITHDRAWN,
                    waiting_since=decided,
                )
            )
        where = Ending.Where.BEFORE_START if fate == "before_start" else Ending.Where.TRIAGE
        self._ending(home, referral, where, ended, AT_TRIAGE[fate])
        self.ended.append((ended, home))

    def _meeting_day(self, received: date) -> date:
        """Screening is on Tuesdays, by what has come in until then."""
        return received + timedelta(days=(1 - received.weekday()) % 7 or 7)

    def _decision(self, home: Household, referral: Referral, day: date, fate: str) -> Decision:
        meeting = self.meetings.get(day)
        # The meetings of the last months are held by the services; these few were decided outside a meeting.
        if meeting is None and day < self.world.weeks_ago(40):
            meeting = self.meetings[day] = self.rows.add(
                Meeting(cluster=self.world.cluster, starts_at=moment(day, 9, 30), place="Cluster office, meeting room")
            )
        self.items[day] = self.items.get(day, 0) + 1
        if meeting:
            self.rows.add(AgendaItem(**home.keys, meeting=meeting, referral=referral, position=self.items[day]))
        return self.rows.add(
            Decision(
                **home.keys,
                referral=referral,
                response=RESPONSES[fate],
                rationale=WHY.get(fate) or home.tell(home.story.rationale),
                decided_on=day,
                decided_at=moment(day, 9, 35 + min(self.items[day] * 2, 24)),
                decided_by=self.world.staff["dee"],
                meeting=meeting,
            )
        )

    def _ending(
        self, home: Household, referral: Referral, where: str, day: date, outcomes: tuple[Outcome, ...]
    ) -> None:
        ending = self.rows.add(
            Ending(**home.keys, referral=referral, where=where, ended_on=day, ended_by=self.world.staff["dee"])
        )
        for outcome in outcomes:
            self.rows.add(EndingOutcome(**home.keys, ending=ending, outcome=outcome))

    def _worker(self, opened: date) -> User:
        if opened < self.world.today - timedelta(days=400):
            return self.random.choice(self.world.leavers)
        return self.world.staff[self.random.choice(("asha", "ben", "cara", "femi", "ines"))]

    def _case(
        self,
        home: Household,
        referral: Referral,
        decision: Decision,
        opened: date,
        closed: date,
        outcomes: tuple[Outcome, ...],
    ) -> None:
        rows, world, keys = self.rows, self.world, home.keys
        worker = self._worker(opened)
        case = rows.add(Case(**keys, status="closed", opened_on=opened, closed_on=closed))
        rows.add(CaseReferral(**keys, case=case, referral=referral))
        rows.add(LeadWorker(**keys, case=case, worker=worker, starts_on=opened, ends_on=closed))
        service = world.services["family_support" if home.story.key != "attend" else "attendance_support"]
        offer = rows.add(
            Offer(
                **keys,
                decision=decision,
                service=service,
                status=Offer.Status.STARTED,
                waiting_since=decision.decided_on,
                started_on=opened + timedelta(days=2),
            )
        )
        rows.add(
            CaseService(
                **keys,
                case=case,
                service=service,
                offer=offer,
                worker=worker,
                status="ended",
                starts_on=opened,
                ends_on=closed,
            )
        )
        lines = self._plan(home, case, opened)
        if closed > world.weeks_ago(DETAIL_WEEKS):
            self._contacts(home, case, worker, opened, closed, lines)
        else:
            case.sessions_before = (closed - opened).days // 9
        self._closure(home, case, worker, closed, outcomes, lines)

    def _plan(self, home: Household, case: Case, opened: date) -> list[tuple[Goal, Line]]:
        random = self.random
        agreed = opened + timedelta(days=14)
        plan = self.rows.add(Plan(**home.keys, case=case, agreed_on=agreed))
        lines = []
        for position, said in enumerate(home.story.goals[: random.choice((1, 2, 2, 3))], start=1):
            line = Line.draw(random)
            goal = self.rows.add(
                Goal(
                    **home.keys,
                    plan=plan,
                    position=position,
                    words=home.tell(said.words),
                    different=home.tell(said.different),
                    baseline=line.baseline,
                    target=line.target,
                )
            )
            for what, who in said.actions:
                self.rows.add(
                    GoalAction(
                        **home.keys,
                        goal=goal,
                        what=home.tell(what),
                        who=home.tell(who),
                        done_on=agreed + timedelta(days=9),
                    )
                )
            self.rows.add(GoalScore(**home.keys, goal=goal, score=line.baseline, scored_on=agreed))
            lines.append((goal, line))
        self.goals += [goal for goal, _ in lines]
        return lines

    def _contacts(
        self, home: Household, case: Case, worker: User, opened: date, closed: date, lines: list[tuple[Goal, Line]]
    ) -> None:
        last = opened
        for visit in visits(home, opened=opened, until=closed, random=self.random, rhythm=14):
            note = visit.note
            contact = self.rows.add(
                Contact(
                    **home.keys,
                    case=case,
                    kind=note.kind,
                    at=visit.at,
                    attendance=visit.attendance,
                    minutes=MINUTES.get(note.kind, 30) if visit.attended else None,
                    child_seen=bool(note.child_said) if visit.attended else None,
                    interpreter_language=self._interpreter(home) if visit.attended else "",
                    author=worker,
                )
            )
            self.rows.add(
                ContactNote(
                    **home.keys,
                    contact=contact,
                    text=home.tell(note.text),
                    child_said=home.tell(note.child_said).strip("“”"),
                    author=worker,
                )
            )
            if visit.attended:
                last = visit.at.date()
                for person in (home.carer, *([home.child] if note.child_said else [])):
                    self.rows.add(ContactPerson(**home.keys, contact=contact, person=person))
                if note.child_said:
                    self.rows.add(ContactChild(**home.keys, contact=contact, person=home.child, seen=True))
            if visit.scored and last > opened + timedelta(days=14):
                for goal, line in lines:
                    score = line.at(visit.far, self.random)
                    self.rows.add(GoalScore(**home.keys, goal=goal, contact=contact, score=score, scored_on=last))
        case.last_contact_on = last
        middle = opened + (closed - opened) // 2
        review = self.rows.add(
            Review(
                **home.keys,
                plan=lines[0][0].plan,
                reviewed_on=middle,
                decisions=home.tell(self.random.choice(home.story.review)),
                next_due_on=middle + timedelta(weeks=6),
                author=worker,
            )
        )
        for person in (home.carer, home.child):
            self.rows.add(ReviewPerson(**home.keys, review=review, person=person))

    def _interpreter(self, home: Household) -> str:
        return str(home.carer.first_language) if home.carer.interpreter_needed else ""

    def _closure(
        self,
        home: Household,
        case: Case,
        worker: User,
        closed: date,
        outcomes: tuple[Outcome, ...],
        lines: list[tuple[Goal, Line]],
    ) -> None:
        rows, keys, story = self.rows, home.keys, home.story
        good = any(outcome.startswith("completed") for outcome in outcomes)
        closure = rows.add(
            Closure(
                **keys,
                case=case,
                closed_on=closed,
                family_view=home.tell(story.family_view) if good else "",
                unresolved="School and CSWS know; legal action on attendance goes on."
                if Outcome.UNRESOLVED in outcomes
                else "",
                asked_by=worker,
            )
        )
        for outcome in outcomes:
            rows.add(ClosureOutcome(**keys, closure=closure, outcome=outcome))
        for goal, line in lines:
            achieved = good and line.shape in ("steady", "dip")
            self.goal_ends[goal] = ("achieved" if achieved else "changed" if good else "dropped", closed)
            rows.add(
                ClosureGoal(
                    **keys, closure=closure, goal=goal, result=self.goal_ends[goal][0], score=line.at(1.0, self.random)
                )
            )
        plan = (
            {name: home.tell(text) for name, text in story.exit_plan.items()}
            if good
            else {"back_in_touch": "Ring the Cluster at any time."}
        )
        rows.add(ExitPlan(**keys, closure=closure, shared_with_family_on=closed if good else None, **plan))

    def _move_on(self) -> None:
        """What may not be inserted in its last state is moved there step by step, as it would have been."""
        cluster, today = self.world.cluster, self.world.today
        for status in (Meeting.Status.OPEN, Meeting.Status.CLOSED):
            Meeting.objects.filter(cluster=cluster, pk__in=[m.pk for m in self.meetings.values()]).update(status=status)
        for goal in self.goals:
            goal.status, goal.ended_on = self.goal_ends[goal]
            goal.ended_reason = "" if goal.status == "achieved" else "Ended with the case."
        Goal.objects.bulk_update(self.goals, ["status", "ended_on", "ended_reason"], batch_size=500)
        Closure.objects.filter(cluster=cluster, status=Closure.Status.ASKED).update(
            status=Closure.Status.SIGNED_OFF,
            answered_by=self.world.staff["dee"],
            answered_at=ExpressionWrapper(F("closed_on") + timedelta(hours=15), DateTimeField()),
        )
        sent = PassingOn.objects.filter(cluster=cluster, status=PassingOn.Status.SENT)
        sent.filter(sent_on__lt=today - timedelta(days=60)).update(
            status=PassingOn.Status.ACCEPTED, known_on=F("sent_on") + timedelta(days=11)
        )
        PassingOn.objects.filter(
            cluster=cluster, status=PassingOn.Status.ACCEPTED, sent_on__lt=today - timedelta(days=110)
        ).update(
            status=PassingOn.Status.OUTCOME_KNOWN,
            known_on=F("sent_on") + timedelta(days=75),
            outcome="Seen, and ended with the partner service’s own plan.",
        )
