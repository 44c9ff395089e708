"""The file of an extract: a table of children, a data dictionary and a page that says what it is, in one zip."""

import csv
import hashlib
import hmac
import io
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from cluster_ehs.core.exports import as_csv
from clusters.models import Service, Term
from monitoring.extract.grouping import GROUPED, Anonymous, K, Row, Step, anonymous, everything, group_rare
from monitoring.extract.people import NO, NOT_KNOWN, REASONS, SERVICES, YES, Child
from monitoring.tables import AGE_BANDS
from triage.models import Outcome, Response

# By these somebody who knows a child could recognise it; every combination of them occurs K times at least.
QUASI = ("age_band", "gender", "ethnic_group", "send", "cluster")
# Other codes that few children have are grouped one field at a time.
OTHER_CODES = ("route", "response", "outcome")
DAYS = "whole number, may be negative, empty when it has not happened"
YES_NO = f"{YES}, {NO}"
WHEN_ZIPPED = (1980, 1, 1, 0, 0, 0)


def wider(band: str) -> str:
    return {"0-4": "0-6", "5-6": "0-6", "7-8": "7-10", "9-10": "7-10", "11-12": "11-17", "13-14": "11-17"}.get(
        band, "11-17" if band == "15-17" else GROUPED
    )


def some_need(value: str) -> str:
    return "diagnosed or queried" if value in {"diagnosed", "queried"} else value


STEPS = (
    Step("ethnic_group", everything),
    Step("send", some_need),
    Step("age_band", wider),
    Step("cluster", everything),
    Step("send", everything),
    Step("gender", everything),
    Step("age_band", everything),
)


@dataclass(frozen=True)
class Field:
    """One column of the table, as the data dictionary explains it."""

    name: str
    meaning: str
    type: str
    values: str = ""


def fields() -> tuple[Field, ...]:
    """The columns in their order, with the codes of today's lists."""
    labels = dict(Term.objects.filter(vocabulary="reason", parent=None).values_list("code", "label"))
    routes = Term.objects.filter(vocabulary="route").order_by("order").values_list("code", "label")
    kinds = dict(Service.Kind.choices)
    outcomes = {"completed": "Service completed", **dict(Outcome.choices)}
    chosen = {key: outcomes[key] for key in outcomes if not key.startswith("completed_")}
    bands = ", ".join([name for name, _ in AGE_BANDS] + ["18-25", NOT_KNOWN])
    code = "code"
    return (
        Field("child", "The child: a key of this extract alone", "text"),
        Field("family", "The family: a key of this extract alone, the same for brothers and sisters", "text"),
        Field("age_band", "Years of age at the referral", code, f"{bands}; wider where rare: 0-6, 7-10, 11-17"),
        Field("gender", "Gender as recorded", code, f"male, female, other, {NOT_KNOWN}"),
        Field("ethnic_group", "Ethnicity by its official group", code, f"the groups of the school census, {NOT_KNOWN}"),
        Field(
            "send",
            "Special educational need, disability or physical health need at the referral",
            code,
            "diagnosed, queried, none recorded; where rare: diagnosed or queried",
        ),
        Field("cluster", "Which Cluster received the referral", code, "the Clusters by name"),
        Field("referrals", "Referrals of the child in the period", "whole number"),
        Field("day_referred", "Day of the child’s first referral in the period", DAYS),
        Field("route", "Who referred", code, _codes(routes)),
        *(Field(f"reason_{key}", f"Reasons at the referral: {labels.get(key, key)}", code, YES_NO) for key in REASONS),
        Field("response", "What was decided", code, _codes([*Response.choices, ("not yet decided", "")])),
        Field("day_decided", "Day of the decision", DAYS),
        Field("day_case_opened", "Day on which the case was opened", DAYS),
        Field("day_first_contact", "Day of the first contact attended", DAYS),
        Field("day_case_closed", "Day on which the case was closed", DAYS),
        Field("day_ended", "Day on which the referral ended, at triage or with its case", DAYS),
        *(Field(f"service_{key}", f"The case had: {kinds[key]}", code, YES_NO) for key in SERVICES),
        Field("contacts_attended", "Contacts of the case that took place", "whole number"),
        Field("contacts_missed", "Contacts of the case that the family did not attend", "whole number"),
        Field("goals_scored_twice", "Goals of the case scored at the start and again", "whole number"),
        Field("goals_first_mean", "Mean of the first scores of these goals, 0 to 10", "number with one decimal"),
        Field("goals_last_mean", "Mean of their last scores, 0 to 10", "number with one decimal"),
        Field(
            "outcome",
            "How the referral ended",
            code,
            _codes([*chosen.items(), ("several", "More than one"), ("not ended", "")]),
        ),
        Field("day_referred_again", "Day of the next referral of the child after the ending", DAYS),
        Field("social_care_before", "Known to children’s social care before the case", code, YES_NO),
        Field("social_care_during", "… while the case ran", code, YES_NO),
        Field("social_care_after", "… after it", code, YES_NO),
    )


def _codes(pairs: object) -> str:
    return "; ".join(f"{code} = {label}" if label else str(code) for code, label in pairs)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Made:
    """The zip, and how many children of whom: `restricted` were left out before, `removed` stood out to the last."""

    content: bytes
    sha256: str
    rows: int
    restricted: int
    grouped: int
    removed: int
    cells: int

    def found(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "restricted": self.restricted,
            "grouped": self.grouped,
            "removed": self.removed,
            "cells": self.cells,
        }


def pseudonymised(found: Sequence[Child]) -> list[Row]:
    """Rows under keys that only this call knew: HMAC with a random key that is gone when it returns.

    They stand in the order of their keys, so that their order says nothing either.
    """
    secret = secrets.token_bytes(32)

    def key(kind: str, pk: str) -> str:
        return hmac.new(secret, f"{kind}:{pk}".encode(), hashlib.sha256).hexdigest()[:16]

    rows = [{"child": key("child", c.child_id), "family": key("family", c.family_id), **c.values} for c in found]
    return sorted(rows, key=lambda row: row["child"])


def make_file(found: Sequence[Child], *, about: Sequence[tuple[str, str]]) -> Made:
    """From the children of the period to the zip. `about` are the lines of its READ_ME."""
    open_ones = [child for child in found if not child.restricted]
    made: Anonymous = anonymous(pseudonymised(open_ones), QUASI, STEPS)
    rows = made.rows
    cells = group_rare(rows, OTHER_CODES)
    restricted = len(found) - len(open_ones)
    columns = fields()
    counts = [
        ("Children in this file", str(len(rows))),
        ("Left out: families whose record is restricted", str(restricted)),
        (f"Removed: still fewer than {K} alike after all grouping", str(made.removed)),
        ("With something grouped", str(made.grouped)),
    ]
    parts = {
        "READ_ME.txt": _read_me([*about, *counts]).encode(),
        "children.csv": _table([field.name for field in columns], rows),
        "data_dictionary.csv": as_csv(
            ("name", "meaning", "type", "values"),
            [
                (f.name, f.meaning, f.type, f"{f.values}; {GROUPED}" if f.name in _GROUPING else f.values)
                for f in columns
            ],
        ),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, WHEN_ZIPPED), content, zipfile.ZIP_DEFLATED)
    content = out.getvalue()
    return Made(content, hashlib.sha256(content).hexdigest(), len(rows), restricted, made.grouped, made.removed, cells)


_GROUPING = {*QUASI, *OTHER_CODES}


def _table(names: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Codes and numbers of our own making, so a day before the first referral keeps its minus."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _read_me(lines: Sequence[tuple[str, str]]) -> str:
    head = (
        "Evaluation extract\r\n\r\n"
        "One line per child. No names, no references, no free text. Days are counted from the child’s own first\r\n"
        "referral, which is day 0. The keys of children and families were made for this extract alone and cannot\r\n"
        "be joined with another. Every combination of " + ", ".join(QUASI) + f"\r\noccurs at least {K} times.\r\n"
        "It is still information about people: keep it safe, use it for the purpose below only, try to recognise\r\n"
        "nobody, and delete it when the work is done.\r\n\r\n"
    )
    return head + "".join(f"{name}: {value}\r\n" for name, value in lines)
