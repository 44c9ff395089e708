"""The report suite: every report that has a page, downloads, schedules and snapshots.

To add one, write a module with `REPORT = Report(key, title, about, definition, make)` and name it here in its group;
`make(asked)` returns tables (`monitoring.suite.shapes`) and reads with one selector of its own. The engine does the
rest: its page /reports/<key>/, the period before beside, CSV and XLSX, runs with PDF, schedules and snapshots.
"""

from monitoring.suite import (
    data_quality,
    evaluation,
    family,
    follow_up,
    hands_back,
    interpreting,
    partners,
    practice,
    progress,
    rereferral,
    rights,
    schools,
    segments,
    sessions,
    social_care,
    supervision,
    support,
    surveys,
    times,
    waiting,
)
from monitoring.suite.shapes import Report

GROUPS: tuple[tuple[str, tuple[Report, ...]], ...] = (
    (
        "Referrals and the evaluation",
        (
            evaluation.REPORT,
            times.REPORT,
            waiting.REPORT,
            partners.REPORT,
            hands_back.REPORT,
            rereferral.REPORT,
        ),
    ),
    (
        "The work with families",
        (
            sessions.REPORT,
            support.REPORT,
            family.REPORT,
            practice.REPORT,
        ),
    ),
    (
        "What changed for families",
        (
            progress.REPORT,
            social_care.REPORT,
            follow_up.REPORT,
            segments.REPORT,
            surveys.REPORT,
        ),
    ),
    (
        "People and money",
        (
            interpreting.REPORT,
            schools.REPORT,
            supervision.REPORT,
        ),
    ),
    ("How well the records are kept", (data_quality.REPORT, rights.REPORT)),
)

REPORTS: tuple[Report, ...] = tuple(report for _, reports in GROUPS for report in reports)
BY_KEY = {report.key: report for report in REPORTS}
if len(BY_KEY) < len(REPORTS):
    raise ValueError("Two reports of the suite have the same key.")
