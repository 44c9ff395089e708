"""What the environment says about people's rights over their data (docs/privacy.md)."""

import os
from datetime import date

# Days proclaimed as bank holidays once, such as a coronation: 2023-05-08,…
HOLIDAYS = frozenset(date.fromisoformat(day) for day in os.environ.get("EHS_EXTRA_BANK_HOLIDAYS", "").split(",") if day)
# Working days in which a complaint is answered, for each stage.
COMPLAINT = int(os.environ.get("EHS_COMPLAINT_WORKING_DAYS", "20"))
# So many days the files of a released copy, and all that was gathered for it, are kept.
FILES = int(os.environ.get("EHS_ACCESS_FILES_DAYS", "30"))


def who(*, live: bool) -> tuple[str, str, str, str]:
    """Who answers for the data, how to reach their officer by mail and telephone, and the key of `lawful_basis.BASES`.

    live: no invented address stands in for one that is not set.
    """
    return (
        os.environ.get("EHS_CONTROLLER", "Leeds City Council"),
        os.environ.get("EHS_DATA_PROTECTION_EMAIL", "" if live else "data.protection@example.org"),
        os.environ.get("EHS_DATA_PROTECTION_TELEPHONE", "" if live else "0113 496 0998"),
        os.environ.get("EHS_LAWFUL_BASIS", "public_task"),
    )
