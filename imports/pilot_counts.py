"""How the invented pilot cohort is made up: 187 referrals that satisfy every published count at once.

The counts of single tables are those of the evaluation [E 3.1.1]; how they go together (which response had which
outcome, what was given beside the ten most common sub-reasons) the publication does not say, so that is ours.
"""

from triage.models import Outcome, Response

REFERRALS = 187
AGES = {
    (0, 4): 7,
    (5, 6): 34,
    (7, 8): 36,
    (9, 10): 44,
    (11, 12): 24,
    (13, 14): 23,
    (15, 17): 16,
    None: 3,
}
GENDERS = {"Male": 108, "Female": 77, "": 2}
# As sheets have it: codes, labels of the census and labels of the publication side by side.
ETHNICITIES = {
    "BAFR": 6,
    "African": 5,
    "BSOM": 3,
    "Any other Asian background": 4,
    "CHNE": 2,
    "BCRB": 4,
    "Any other black background": 6,
    "Any other ethnic background": 4,
    "WOTH": 12,
    "Any other white background": 7,
    "Information not obtained": 5,
    "": 6,
    "MWBC": 6,
    "Mixed race": 8,
    "Other": 20,
    "Roma/Roma Gypsy": 9,
    "WROR": 3,
    "South Asian": 2,
    "APKN": 3,
    "White British": 60,
    "WBRI": 12,
}
ROUTES = {
    "Mainstream school": 122,
    "Police": 32,
    "Children's Social Work Services": 11,
    "Community or hospital-based paediatrics/GP": 8,
    "Specialist setting": 5,
    "Other": 5,
    "Self or family": 4,
}
# 18 children with 19 diagnoses; 22 other children with a query.
DIAGNOSED = {"ASC": 8, "Physical health need": 5, "MLD": 2, "Attention deficit hyperactivity disorder (ADHD)": 2}
DIAGNOSED_TWICE = "ASC; Physical health need"
QUERIED = {"ASC": 12, "Attention deficit hyperactivity disorder (ADHD)": 6, "SLCN": 4}

# Category -> (referrals that have it, entries of each sub-reason). An empty sub-reason is the category alone.
REASONS: dict[str, tuple[int, dict[str, int]]] = {
    "SEMH presenting behaviours": (
        116,
        {
            "Anxiety": 55,
            "Behaviour at home": 25,
            "Anger": 25,
            "Behaviour at school": 11,
            "Low mood": 10,
            "Self-harm": 6,
            "Sleep": 4,
            "Suicidal thoughts": 2,
            "Friendships and peers": 2,
        },
    ),
    "SEMH cause": (
        52,
        {
            "ADHD/ASC query": 18,
            "Confidence/resilience loss": 12,
            "Bereavement": 10,
            "Trauma": 9,
            "Bullying": 7,
        },
    ),
    "Family": (
        79,
        {
            "Domestic abuse": 30,
            "Abuse/neglect": 20,
            "SEMH (parent/carer)": 18,
            "Parenting": 9,
            "Parental conflict": 7,
            "Substance misuse": 2,
            "Young carer": 2,
        },
    ),
    "School": (48, {"Attendance": 30, "Exclusion risk": 10, "Transition": 6, "Attainment": 4}),
    "Environment": (
        34,
        {"Housing need": 18, "Finance/debt": 8, "Overcrowding": 5, "No recourse to public funds": 2, "": 2},
    ),
    "SEN/disability/physical health needs": (
        10,
        {"Special educational need": 5, "Physical health need": 3, "Disability": 2},
    ),
    "Other": (2, {"": 2}),
}
# Entries per referral. The text says: one for just under 42 %, two just under 25 %, three just under 22 %.
ENTRIES = {1: 78, 2: 46, 3: 41, 4: 22}

# (response, outcomes or how it stands, how many). Rows of Table 12 and of Table 13 add up to the published ones.
WAITING, OPEN, NONE, BEFORE_START, SEVERAL = "waiting", "open", "none", "before start", "several"
FATES: tuple[tuple[Response, str, int], ...] = (
    (Response.SERVICE, Outcome.COMPLETED, 13),
    (Response.SERVICE, Outcome.COMPLETED_FULL, 5),
    (Response.SERVICE, Outcome.COMPLETED_PART, 4),
    (Response.SERVICE, Outcome.COMPLETED_NFA, 2),
    (Response.SERVICE, Outcome.UNSUITABLE, 2),
    (Response.SERVICE, Outcome.PASSED_ON, 3),
    (Response.SERVICE, Outcome.FAMILY, 12),
    (Response.SERVICE, f"{BEFORE_START} {Outcome.FAMILY}", 4),
    (Response.SERVICE, Outcome.STAFFING, 4),
    (Response.SERVICE, f"{BEFORE_START} {Outcome.STAFFING}", 2),
    (Response.SERVICE, Outcome.MOVED, 5),
    (Response.SERVICE, Outcome.UNRESOLVED, 5),
    (Response.SERVICE, SEVERAL, 11),
    (Response.SERVICE, NONE, 8),
    (Response.SERVICE, WAITING, 4),
    (Response.SERVICE, OPEN, 6),
    (Response.SERVICE_AND_PASSED_ON, Outcome.COMPLETED, 3),
    (Response.SERVICE_AND_PASSED_ON, Outcome.PASSED_ON, 1),
    (Response.SERVICE_AND_PASSED_ON, Outcome.FAMILY, 1),
    (Response.SERVICE_AND_PASSED_ON, Outcome.STAFFING, 1),
    (Response.SERVICE_AND_PASSED_ON, Outcome.MOVED, 1),
    (Response.SERVICE_AND_PASSED_ON, Outcome.UNRESOLVED, 1),
    (Response.SERVICE_AND_PASSED_ON, SEVERAL, 3),
    (Response.SERVICE_AND_PASSED_ON, NONE, 1),
    (Response.SERVICE_AND_PASSED_ON, WAITING, 1),
    (Response.SERVICE_AND_PASSED_ON, OPEN, 1),
    (Response.PASSED_ON, Outcome.PASSED_ON, 40),
    (Response.PASSED_ON, Outcome.UNSUITABLE, 2),
    (Response.PASSED_ON, SEVERAL, 5),
    (Response.PASSED_ON, NONE, 10),
    (Response.NO_ACTION, Outcome.UNSUITABLE, 4),
    (Response.NO_ACTION, NONE, 2),
    (Response.NO_SUPPORT, Outcome.STAFFING, 2),
    (Response.REFUSED, Outcome.FAMILY, 7),
    (Response.OTHER, Outcome.UNSUITABLE, 2),
    (Response.OTHER, Outcome.MOVED, 1),
    (Response.OTHER, NONE, 8),
)
SEVERAL_OUTCOMES = (
    (Outcome.COMPLETED, Outcome.PASSED_ON),
    (Outcome.PASSED_ON, Outcome.FAMILY),
    (Outcome.COMPLETED_PART, Outcome.UNRESOLVED),
    (Outcome.PASSED_ON, Outcome.FAMILY, Outcome.UNRESOLVED),
)
