"""The instruments that come with the program: their wording, bands, licence and where that is known from.

Plain data. A migration brings it into the database; a later wording is another version, never a change of this one.
The texts of our own and of ONS4 are also texts of the catalogues, since families read them in their language; GAD-7 and
PHQ-9 may not be altered, so nothing here translates them.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

OFTEN = [[0, "Not at all"], [1, "Several days"], [2, "More than half the days"], [3, "Nearly every day"]]
DIFFICULT = [
    [0, "Not difficult at all"],
    [1, "Somewhat difficult"],
    [2, "Very difficult"],
    [3, "Extremely difficult"],
]
BOTHERED = "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
HOW_DIFFICULT = (
    "If you checked off any problems, how difficult have these problems made it for you to do your work, take care of "
    "things at home, or get along with other people?"
)
PFIZER = (
    "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant "
    "from Pfizer Inc. No permission required to reproduce, translate, display or distribute."
)
FREE = "Pfizer 2010: no copyright restriction and no charge. Not to be altered."
OWN = "Our own wording; no licence needed."

# (lowest, highest, label, alarming)
WELL = [(0, 4, _("low"), True), (5, 6, _("medium"), False), (7, 8, _("high"), False), (9, 10, _("very high"), False)]
ANXIOUS = [(0, 1, _("very low"), False), (2, 3, _("low"), False), (4, 5, _("medium"), False), (6, 10, _("high"), True)]
SATISFIED = (_("not at all satisfied"), _("completely satisfied"))
WORTHWHILE = (_("not at all worthwhile"), _("completely worthwhile"))
HAPPY = (_("not at all happy"), _("completely happy"))
ANXIETY = (_("not at all anxious"), _("completely anxious"))
CHANGED = (_("much worse"), _("much better"))
CHANGE = [(0, 4, _("worse"), True), (5, 5, _("the same"), False), (6, 10, _("better"), False)]
RECOMMEND = [
    [4, _("Yes, certainly")],
    [3, _("Yes, probably")],
    [2, _("I am not sure")],
    [1, _("Probably not")],
    [0, _("Certainly not")],
]


def scale(key: str, text: str, ends: tuple[str, str], bands: list[tuple[Any, ...]], **more: Any) -> dict[str, Any]:
    """A question from 0 to 10 with its own bands."""
    return {"key": key, "text": text, "low_anchor": ends[0], "high_anchor": ends[1], "bands": bands, **more}


def often(texts: list[str], *, last: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Questions answered by “Not at all” to “Nearly every day”; how difficult it makes life does not count."""
    items: list[dict[str, Any]] = [
        {"key": f"q{number}", "text": text, "choices": OFTEN, "highest": 3, "higher_is_better": False}
        for number, text in enumerate(texts, 1)
    ]
    items[-1] |= last or {}
    difficult = {"key": "difficulty", "text": HOW_DIFFICULT, "choices": DIFFICULT, "highest": 3, "counts": False}
    return [*items, {**difficult, "higher_is_better": False}]


def only_score(text: str, lowest: int, highest: int, *, higher_is_better: bool) -> list[dict[str, Any]]:
    return [
        {
            "key": "total",
            "text": text,
            "lowest": lowest,
            "highest": highest,
            "higher_is_better": higher_is_better,
        }
    ]


INSTRUMENTS: list[dict[str, Any]] = [
    {
        "code": "ons4",
        "name": "ONS4 personal wellbeing",
        "about": "Four questions about how life is going, each from 0 to 10.",
        "score": "each",
        "who": "family",
        "higher_is_better": True,
        "licence": "Harmonised standard; Crown copyright, Open Government Licence v3 with attribution.",
        "source": "gss.civilservice.gov.uk/policy-store/personal-well-being",
        "attribution": ("Office for National Statistics, personal well-being questions; Open Government Licence v3.0."),
        "in_use": True,
        "items": [
            scale("life_satisfaction", _("Overall, how satisfied are you with your life nowadays?"), SATISFIED, WELL),
            scale(
                "worthwhile",
                _("Overall, to what extent do you feel that the things you do in your life are worthwhile?"),
                WORTHWHILE,
                WELL,
            ),
            scale("happiness", _("Overall, how happy did you feel yesterday?"), HAPPY, WELL),
            scale(
                "anxiety",
                _("Overall, how anxious did you feel yesterday?"),
                ANXIETY,
                ANXIOUS,
                higher_is_better=False,
            ),
        ],
    },
    {
        "code": "impact",
        "name": "What has changed",
        "about": "What the help has changed for the family, each from 0 to 10.",
        "lead": "",
        "score": "each",
        "who": "family",
        "higher_is_better": True,
        "at_start": False,
        "licence": OWN,
        "source": "Pilot protocol: scaling questions on the impact of the services",
        "in_use": True,
        "items": [
            scale("own", _("Since the help began, how is your own wellbeing?"), CHANGED, CHANGE),
            scale("children", _("Since the help began, how is the wellbeing of your children?"), CHANGED, CHANGE),
            scale("confidence", _("Since the help began, how sure of yourself are you as a parent?"), CHANGED, CHANGE),
            scale("home", _("Since the help began, how are things at home?"), CHANGED, CHANGE),
            scale("school", _("Since the help began, how are things at school?"), CHANGED, CHANGE),
        ],
    },
    {
        "code": "recommend",
        "name": "Would you recommend it",
        "about": "Whether the family would recommend the help to another family.",
        "score": "sum",
        "who": "family",
        "higher_is_better": True,
        "at_start": False,
        "licence": OWN,
        "source": "Pilot evaluation: would the family recommend the service to other families",
        "in_use": True,
        "items": [
            {
                "key": "recommend",
                "text": _("Would you recommend this help to another family?"),
                "choices": RECOMMEND,
                "highest": 4,
            }
        ],
        "bands": [(0, 1, _("would not recommend"), True), (2, 2, _("not sure"), False), (3, 4, _("would"), False)],
    },
    {
        "code": "phq-9",
        "name": "PHQ-9",
        "about": "Low mood in the last two weeks, for adults.",
        "lead": BOTHERED,
        "who": "adult",
        "may_miss": 1,
        "every_weeks": 4,
        "by_link": False,
        "licence": FREE,
        "source": "news-medical.net 20100723; bands and wording as published",
        "attribution": PFIZER,
        "in_use": True,
        "items": often(
            [
                "Little interest or pleasure in doing things",
                "Feeling down, depressed, or hopeless",
                "Trouble falling or staying asleep, or sleeping too much",
                "Feeling tired or having little energy",
                "Poor appetite or overeating",
                "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
                "Trouble concentrating on things, such as reading the newspaper or watching television",
                "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety "
                "or restless that you have been moving around a lot more than usual",
                "Thoughts that you would be better off dead or of hurting yourself in some way",
            ],
            last={"above": 0},
        ),
        "bands": [
            (0, 4, "minimal", False),
            (5, 9, "mild", False),
            (10, 14, "moderate", False),
            (15, 19, "moderately severe", True),
            (20, 27, "severe", True),
        ],
    },
    {
        "code": "gad-7",
        "name": "GAD-7",
        "about": "Worry and anxiety in the last two weeks, for adults.",
        "lead": BOTHERED,
        "who": "adult",
        "may_miss": 1,
        "every_weeks": 4,
        "licence": FREE,
        "source": "news-medical.net 20100723; bands and wording as published",
        "attribution": PFIZER,
        "in_use": True,
        "items": often(
            [
                "Feeling nervous, anxious, or on edge",
                "Not being able to stop or control worrying",
                "Worrying too much about different things",
                "Trouble relaxing",
                "Being so restless that it’s hard to sit still",
                "Becoming easily annoyed or irritable",
                "Feeling afraid, as if something awful might happen",
            ]
        ),
        "bands": [
            (0, 4, "minimal", False),
            (5, 9, "mild", False),
            (10, 14, "moderate", False),
            (15, 21, "severe", True),
        ],
    },
    {
        "code": "sdq",
        "name": "SDQ",
        "about": "Strengths and Difficulties Questionnaire: the total of difficulties, from the publisher’s form.",
        "kind": "score",
        "who": "carer",
        "by_link": False,
        "licence_needed": True,
        "licence": "Copyright Youthinmind; no electronic version without authorisation, no single questions.",
        "source": "sdqinfo quoted at sdq-dawba.dk; cebc4cw.org",
        "items": only_score("Total difficulties", 0, 40, higher_is_better=False),
    },
    {
        "code": "rcads",
        "name": "RCADS",
        "about": "Revised Children’s Anxiety and Depression Scale: the total T score, from the publisher’s form.",
        "kind": "score",
        "who": "young",
        "by_link": False,
        "licence_needed": True,
        "licence": "Written permission for use by an institution and for holding it in a record.",
        "source": "rcads.ucla.edu/permissionsoverview",
        "items": only_score("Total anxiety and depression, T score", 0, 120, higher_is_better=False),
    },
    {
        "code": "ors",
        "name": "ORS",
        "about": "Outcome Rating Scale (also the children’s form): the total, from the publisher’s form.",
        "kind": "score",
        "who": "family",
        "higher_is_better": True,
        "every_weeks": 1,
        "by_link": False,
        "licence_needed": True,
        "licence": "Group licence for agencies; terms of its own for electronic use.",
        "source": "corc.uk.net; PCOMS licence",
        "items": only_score("Total", 0, 40, higher_is_better=True),
    },
    *(
        {
            "code": code,
            "name": name,
            "about": "The mean of the readings, from the publisher’s own form.",
            "kind": "score",
            "who": "family",
            "higher_is_better": True,
            "every_weeks": 12,
            "by_link": False,
            "licence_needed": True,
            "licence": "Each user licensed and trained; software that takes its data must be approved by Triangle.",
            "source": "outcomesstar.org.uk copyright page",
            "items": only_score("Mean of the readings", 1, 10, higher_is_better=True),
        }
        for code, name in (("outcomes-star", "Outcomes Star"), ("family-star-plus", "Family Star Plus"))
    ),
]
