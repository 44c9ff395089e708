"""The days of a way through the service, once for the sheet importer and the rules of data quality. Pure functions."""

from datetime import date


def out_of_order(
    *, received: date | None, decided: date | None = None, opened: date | None = None, closed: date | None = None
) -> list[tuple[str, str]]:
    """What is in the wrong order: (which day, what is wrong with it). A day that is not known is in no order.

    A case may have been opened before a referral was received: of a brother or sister, or again while it was open.
    """
    found = []
    if opened and closed and closed < opened:
        found.append(("closed", "is before the day the case was opened"))
    if received and closed and closed < received:
        found.append(("closed", "is before the day the referral was received"))
    if received and decided and decided < received:
        found.append(("decision_date", "is before the day the referral was received"))
    return found
