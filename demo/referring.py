"""A referral of a family's child as it would have come in: who asks, why, in whose words."""

from datetime import date, timedelta
from decimal import Decimal

from clusters.models import User
from demo.ground import World
from demo.households import Household, year_group
from demo.rows import Rows
from referrals.models import Agreed, Channel, Referral, ReferralReason, Status, Story

ROUTES = {
    "mainstream_school": 74,
    "self_or_family": 9,
    "csws": 5,
    "police": 4,
    "health": 5,
    "specialist_setting": 2,
    "other": 1,
}
WHO = {
    "mainstream_school": ("Robin Example", "Pastoral lead"),
    "self_or_family": ("", "Parent"),
    "csws": ("Kit Example", "Social worker"),
    "police": ("Sam Example", "Early help police officer"),
    "health": ("Dr Lane Example", "GP"),
    "specialist_setting": ("Jules Example", "Head of inclusion"),
    "other": ("Chris Example", "Youth worker"),
}
CHANNELS = {"police": Channel.POLICE, "csws": Channel.CSWS, "health": Channel.SPA, "self_or_family": Channel.PHONE}
ORGANISATIONS = {
    "csws": "Children's Social Work Services",
    "police": "Safer neighbourhood team",
    "health": "Invented Medical Practice",
}


def a_referral(
    world: World,
    home: Household,
    day: date,
    rows: Rows,
    *,
    status: Status = Status.TO_SCREEN,
    route: str = "",
    author: User | None = None,
) -> Referral:
    """The referral, with its story and reasons added to `rows`; it is not added itself."""
    random, story = world.random, home.story
    route = route or random.choices(list(ROUTES), list(ROUTES.values()))[0]
    name, role = WHO[route]
    child = home.child
    school = child.school
    agreed = random.choices((Agreed.YES, Agreed.KNOWS, Agreed.UNKNOWN), (80, 15, 5))[0]
    referral = Referral(
        **home.keys,
        child=child,
        status=status,
        received_on=day,
        school=school,
        year_group=year_group(child.birth_date, day) if school and child.birth_date else "",
        route=world.term("route", route),
        channel=CHANNELS.get(route, Channel.ONLINE),
        referrer_name=name or str(home.carer),
        referrer_role=role,
        referrer_organisation=ORGANISATIONS.get(route) or (str(school or "") if route == "mainstream_school" else ""),
        referrer_telephone="0113 496 0150",
        referrer_email="office@example.org" if route == "mainstream_school" else "",
        attendance_percent=Decimal(random.randint(560, 820) if story.key == "attend" else random.randint(790, 985)) / 10
        if school
        else None,
        agreed=agreed,
        agreed_by=str(home.carer) if agreed == Agreed.YES else "",
        agreed_on=day - timedelta(days=1) if agreed == Agreed.YES else None,
        agreed_how="signed on the form" if agreed == Agreed.YES else "",
        author=author,
    )
    household = ", ".join(
        [f"{home.carer.first_name}"]
        + ([home.father.first_name] if home.father and home.father.in_household else [])
        + [f"{c.first_name} ({c.age_on(day)})" for c in home.children]
    )
    rows.add(
        Story(
            **home.keys,
            referral=referral,
            worrying=home.tell(random.choice(story.worrying)),
            tried=home.tell(story.tried),
            going_well=home.tell(story.going_well),
            family_wants=home.tell(story.wants),
            child_says=home.tell(random.choice(story.child_says)),
            lives_at_home=household,
            who_else_helps=home.tell(story.exit_plan.get("wider_family", "")),
        )
    )
    for category, reason in story.reasons:
        rows.add(
            ReferralReason(
                **home.keys,
                referral=referral,
                category=world.term("reason", category),
                reason=world.term("reason", reason),
            )
        )
    return referral
