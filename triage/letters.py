"""The placeholders of message templates: a fixed list, checked by name and filled in. Nothing here writes."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError

PLACEHOLDERS = {
    "child": "first name of the child",
    "reference": "reference of the referral",
    "referrer": "who referred",
    "decided_on": "day of the decision",
    "services": "services that are offered",
    "passed_to": "partner services that it is passed to",
    "cluster": "name of the Cluster",
    "telephone": "telephone number of the Cluster",
    "leader": "who decided, or the lead worker of a case",
    "lead_worker": "lead worker of the case",
    "school": "school of the child",
    "opened_on": "day on which the case began",
    "today": "day of the letter",
}
# With these a preview is made; invented, like every name here.
EXAMPLE = {
    "child": "Amir",
    "reference": "HD-2026-0142",
    "referrer": "Rae Invented",
    "decided_on": "23 November 2026",
    "services": "family support",
    "passed_to": "The Beck",
    "cluster": "Riverside Cluster",
    "telephone": "0113 496 0001",
    "leader": "Dee Example",
    "lead_worker": "Asha Example",
    "school": "Invented Primary",
    "opened_on": "2 November 2026",
    "today": "23 November 2026",
}
_BRACES = re.compile(r"\{([^{}]*)\}")


def check(text: str) -> None:
    """Raises ValidationError that names each placeholder which is not in the list, or a brace without its other."""
    unknown = [name for name in dict.fromkeys(_BRACES.findall(text)) if name not in PLACEHOLDERS]
    if unknown:
        named = ", ".join(f"{{{name}}}" for name in unknown)
        raise ValidationError(f"There is no placeholder {named}. Those that exist stand beside the text.")
    if re.search(r"[{}]", _BRACES.sub("", text)):
        raise ValidationError("A { or } stands alone. A placeholder is written as {child}.")


def fill(text: str, values: Mapping[str, str]) -> str:
    """What a value itself holds is never read as a placeholder. What is not known here is left to be typed: …"""
    return _BRACES.sub(lambda found: values.get(found[1], "…"), text)
