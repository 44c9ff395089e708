"""The tables of this app; each package keeps its own."""

from keeping.disposal.models import Disposal, DisposedFile, Place
from keeping.retention.models import Hold, RetentionReview, RetentionRule

__all__ = ["Disposal", "DisposedFile", "Hold", "Place", "RetentionReview", "RetentionRule"]
