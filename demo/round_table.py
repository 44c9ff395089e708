"""What goes on around the screening meeting: when it is held, who is told of harm, what is asked and chased."""

from datetime import date, time, timedelta

from cases.services import lend_case, take_case_back
from cluster_ehs.core.scope import acting_as_user
from clusters.models import DutyContact
from clusters.services import duty
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from demo.screening import Arrival
from referrals.models import Channel, Referral
from triage import letters, services
from triage.models import Audience, MeetingKind, MeetingPattern, PassingOn
from triage.selectors import letters as letters_to
from triage.services.hand_down import record_hand_down

MOST_SHOWN = 6


def plan_ahead(world: World) -> None:
    """School holidays of a year and the patterns of both meetings; the meetings of ten weeks come of them."""
    mo, dee = world.staff["mo"], world.staff["dee"]
    with acting_as_user(mo.pk):
        for name, starts_on, ends_on in holidays(world.today):
            services.add_holiday(by=mo, name=name, starts_on=starts_on, ends_on=ends_on, source="School term dates")
        off = {
            first + timedelta(days=n) for _, first, last in holidays(world.today) for n in range((last - first).days)
        }
        coming = (world.today + timedelta(days=n) for n in range(25, 99))
        inset = next(day for day in coming if day.weekday() == 4 and day not in off)
        services.add_holiday(
            by=mo, name="Training day of our schools", starts_on=inset, ends_on=inset, cluster_id=world.cluster.pk
        )
    tomorrow = world.today + timedelta(days=1)
    with acting_as_user(dee.pk):
        services.save_pattern(
            by=dee,
            cluster_id=world.cluster.pk,
            kind=MeetingKind.SCREENING,
            weekday=MeetingPattern.Weekday.TUESDAY,
            time=time(9, 30),
            place="Cluster office, meeting room",
            starts_on=tomorrow,
            on_holiday=MeetingPattern.OnHoliday.SKIP,
        )
        services.save_pattern(
            by=dee,
            cluster_id=world.cluster.pk,
            kind=MeetingKind.PANEL,
            weekday=MeetingPattern.Weekday.THURSDAY,
            week_of_month=MeetingPattern.WeekOfMonth.THIRD,
            time=time(13, 30),
            place="Invented High School, room 4",
            starts_on=tomorrow,
            on_holiday=MeetingPattern.OnHoliday.MOVE,
        )


def holidays(today: date) -> list[tuple[str, date, date]]:
    """Holidays as English schools have them, those of the year that begins today; invented, near the usual weeks."""
    found = []
    for year in (today.year, today.year + 1):
        found += [
            ("February half term", _monday(date(year, 2, 14)), 4),
            ("Spring holiday", _monday(date(year, 4, 5)), 11),
            ("May half term", _monday(date(year, 5, 28)), 4),
            ("Summer holiday", _monday(date(year, 7, 25)), 39),
            ("October half term", _monday(date(year, 10, 27)), 4),
            ("Christmas holiday", _monday(date(year, 12, 22)), 11),
        ]
    ahead = [(name, first, first + timedelta(days=days)) for name, first, days in found]
    return [each for each in ahead if today <= each[2] < today + timedelta(days=365)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def keep_watch(world: World) -> None:
    """Who is told of a risk of significant harm when the leader is not there."""
    mo, dee, today = world.staff["mo"], world.staff["dee"], world.today
    begun = today - timedelta(days=60)
    with acting_as_user(dee.pk):
        duty.add_contact(
            by=dee,
            kind=DutyContact.Kind.DEPUTY,
            cluster=world.cluster,
            user=world.staff["femi"],
            telephone="0113 496 0111",
            starts_on=begun,
        )
        duty.add_contact(
            by=dee,
            kind=DutyContact.Kind.OUT_OF_HOURS,
            cluster=world.cluster,
            name="Wil Example",
            email="evenings@example.org",
            telephone="0113 496 0112",
            weekdays=[0, 1, 2, 3, 4],
            from_time=time(17, 0),
            to_time=time(8, 0),
            starts_on=begun,
        )
        away = today + timedelta(days=12)
        duty.add_absence(by=dee, user=dee, starts_on=away, ends_on=away + timedelta(days=5))
    with acting_as_user(mo.pk):
        duty.add_contact(
            by=mo,
            kind=DutyContact.Kind.EMERGENCY_TEAM,
            cluster=None,
            name="Emergency duty team",
            email="duty-team@example.org",
            telephone="0113 496 0113",
            starts_on=begun,
        )


def ask(world: World, arrivals: list[Arrival]) -> None:
    """A question to a referrer outside that is open, and one whose answer has come."""
    dee = world.staff["dee"]
    open_ones = [a for a in arrivals if a.response is None and not (a.harm or a.deferred) and a.referral]
    outside = [a for a in open_ones if a.referral and a.referral.referrer_email]
    (first, second), today = sorted(outside, key=lambda a: a.received)[:2], world.today
    since = min(max(second.received, today - timedelta(days=3)), today - timedelta(days=1))
    with acting_as_user(dee.pk):
        with as_of(moment(since, 16)):
            assert first.referral and second.referral  # noqa: S101 - chosen by it
            answered = services.ask_referrer(
                by=dee, referral=first.referral, text="Who brings the children in the morning, and who fetches them?"
            )
            services.ask_referrer(
                by=dee,
                referral=second.referral,
                text="How was attendance in the last twelve weeks, and has the family been told of the referral?",
                due_on=today + timedelta(days=6),
            )
        services.answer_question(
            by=dee,
            question=answered,
            answer="An aunt on Mondays and Tuesdays, the mother on the other days. The aunt is glad to be rung.",
            told_by="Robin Example",
        )


def ring_who_waits(world: World, arrivals: list[Arrival]) -> None:
    """Calls to families that wait: most reached, some not, one due again."""
    asha, dee, today = world.staff["asha"], world.staff["dee"], world.today
    said = (
        (True, "Glad of the call. Mornings are hard; school has offered breakfast club, and they will try it.", True),
        (False, "Rang twice and left a message without saying what about.", False),
        (True, "Still wants the place. A cousin stays with them until the end of the month.", True),
        (True, "Evenings only from now on: a new job.", False),
    )
    waiting = [a for a in arrivals if a.show == "waiting" and a.decided and (today - a.decided).days > 20]
    for number, arrival in enumerate(waiting[: 2 * MOST_SHOWN]):
        assert arrival.decision and arrival.decided  # noqa: S101 - chosen by it
        reached, words, told = said[number % len(said)]
        by = asha if number % 2 else dee
        day = world.workday(today - timedelta(days=(3, 8, 19)[number % 3]))
        with acting_as_user(by.pk), as_of(moment(max(day, arrival.decided + timedelta(days=1)), 15)):
            services.check_in(
                by=by,
                offer=arrival.decision.offers.get(),
                said=words,
                reached=reached,
                spoke_with=arrival.home.carer.first_name if reached else "",
                told=told,
                next_on=today - timedelta(days=2) if number % 3 == 2 else None,
            )


def chase(world: World, arrivals: list[Arrival]) -> None:
    """Partners that were silent were asked; one of them is overdue again."""
    dee, today = world.staff["dee"], world.today
    with acting_as_user(dee.pk):
        silent = PassingOn.objects.filter(status=PassingOn.Status.SENT, sent_on__lt=today - timedelta(days=20))
        for number, row in enumerate(silent.order_by("sent_on", "pk")[:3]):
            with as_of(moment(world.workday(today - timedelta(days=(10, 2)[number > 0])), 11)):
                services.chase(
                    by=dee,
                    passing_on=row,
                    said="Rang their duty line: the referral is on a list, somebody rings back.",
                    next_on=today + timedelta(days=(-3, 7)[number > 0]),
                )


def write_letters(world: World, arrivals: list[Arrival]) -> None:
    """Letters about some decisions, to families and to referrers; one referrer has been told that it is ready."""
    dee, today = world.staff["dee"], world.today
    recent = [a for a in arrivals if a.decision and a.decided and a.show != "restricted"]
    recent.sort(key=lambda a: a.decided or today, reverse=True)
    with acting_as_user(dee.pk):
        for number, arrival in enumerate(recent[:MOST_SHOWN]):
            referral = Referral.objects.select_related("child", "family", "cluster").get(pk=arrival.referral.pk)  # type: ignore[union-attr]
            decision = letters_to.decision_of(referral)
            assert decision  # noqa: S101 - chosen by it
            values = letters_to.values(referral, decision)
            for audience in (Audience.FAMILY, Audience.REFERRER)[: 2 - number % 2]:
                template = letters_to.for_decision(decision, audience)[0]
                made = services.make_letter(
                    by=dee,
                    referral=referral,
                    template=template,
                    subject=letters.fill(template.subject, values),
                    body=letters.fill(template.body, values),
                )
                if audience == Audience.REFERRER and referral.referrer_email:
                    services.announce_letter(by=dee, letter=made)


def lend(world: World, cases: list[OpenCase]) -> None:
    """One case is with the RES team and late, one came back from the Early Help Hub and carries on."""
    late, back = [c for c in cases if (world.today - c.case.opened_on).days > 90 and not c.quiet][2:4]
    with acting_as_user(late.worker.pk), as_of(moment(world.workday(world.weeks_ago(8)), 10)):
        lend_case(
            by=late.worker,
            case=late.case,
            partner=world.partners["res_team"],
            why="Six weeks of mornings at home, so that school becomes possible again.",
            back_expected_on=world.weeks_ago(1),
        )
    with acting_as_user(back.worker.pk):
        with as_of(moment(world.workday(world.weeks_ago(10)), 10)):
            lend_case(
                by=back.worker,
                case=back.case,
                partner=world.partners["early_help_hub"],
                why="A safety plan with the mother after the father came to the door.",
                back_expected_on=world.weeks_ago(5),
            )
        with as_of(moment(world.workday(world.weeks_ago(5)), 14)):
            take_case_back(
                by=back.worker,
                case=back.case,
                brought_back="The safety plan stands and the locks are changed. The plan with us goes on as it was.",
            )


def step_up_and_down(world: World, arrivals: list[Arrival]) -> None:
    """A concern that was taken to CSWS, and a referral that CSWS handed down with their reference."""
    dee = world.staff["dee"]
    with acting_as_user(dee.pk):
        taken = next(a for a in arrivals if a.show == "passed" and a.decided and "csws" in a.partners)
        assert taken.decided and taken.referral  # noqa: S101 - chosen by it
        with as_of(moment(taken.decided, 11)):
            services.step_up(
                by=dee, referral=taken.referral, taken_by="Kit Example, duty desk", csws_reference="CS-INV-0417"
            )
        down = next((a for a in arrivals if a.referral and a.referral.channel == Channel.CSWS and a.decision), None)
        if down and down.referral:
            record_hand_down(by=dee, referral=down.referral, csws_reference="CS-INV-0388")
