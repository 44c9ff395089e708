"""The app’s models, from the files that hold them."""

from families.duplicate_models import DuplicatePair, Merge, PersonToCheck
from families.family_models import (
    EmergencyAccess,
    Employment,
    Family,
    FamilyRecord,
    Gender,
    Involvement,
    NamedReader,
    Person,
    PersonToken,
    SendNeed,
    StoredFile,
    Support,
)
from families.record_models import (
    Agreement,
    Circumstances,
    Dated,
    Flag,
    Relationship,
    SharingDecision,
    SocialCareInvolvement,
)

__all__ = [
    "Agreement",
    "Circumstances",
    "Dated",
    "DuplicatePair",
    "EmergencyAccess",
    "Employment",
    "Family",
    "FamilyRecord",
    "Flag",
    "Gender",
    "Involvement",
    "Merge",
    "NamedReader",
    "Person",
    "PersonToCheck",
    "PersonToken",
    "Relationship",
    "SendNeed",
    "SharingDecision",
    "SocialCareInvolvement",
    "StoredFile",
    "Support",
]
