"""The tables of this app; each package keeps its own."""

from keeping.disposal.models import Disposal, DisposedFile, Place
from keeping.requests.models import Pause, RequestLetter, RequestWords, RightsRequest, Told
from keeping.retention.models import Hold, RetentionReview, RetentionRule
from keeping.subject_access.models import (
    AccessJob,
    HeldCopy,
    HeldEntry,
    HeldFile,
    Mark,
    PrivateReading,
    RedactedDocument,
)

__all__ = [
    "AccessJob",
    "Disposal",
    "DisposedFile",
    "HeldCopy",
    "HeldEntry",
    "HeldFile",
    "Hold",
    "Mark",
    "Pause",
    "Place",
    "PrivateReading",
    "RedactedDocument",
    "RequestLetter",
    "RequestWords",
    "RetentionReview",
    "RetentionRule",
    "RightsRequest",
    "Told",
]
