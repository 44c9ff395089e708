"""Which Cluster something from outside is for, when nobody has said."""

import re
from datetime import date

from clusters.models import Cluster, School, SchoolMembership


def by_school(school: School, on: date) -> Cluster | None:
    """The Cluster that the school is a member of on a day [E]."""
    found = SchoolMembership.objects.on(on).filter(school=school).select_related("cluster").first()
    return found.cluster if found else None


def by_postcode(postcode: str) -> Cluster | None:
    """The Cluster with the longest beginning of the postcode; None when none has one, or two have the same."""
    outward, inward = parted(postcode)
    found: dict[int, list[Cluster]] = {}
    for cluster in Cluster.objects.filter(retired_on=None).exclude(postcodes=""):
        lengths = [len(part) for part in re.split(r"[,;\n]", cluster.postcodes) if _begins(outward, inward, part)]
        if lengths:
            found.setdefault(max(lengths), []).append(cluster)
    nearest = found[max(found)] if found else []
    return nearest[0] if len(nearest) == 1 else None


def parted(postcode: str) -> tuple[str, str]:
    """LS8 and 4AB of ls84ab; what is too short to be whole is an outward part alone."""
    bare = re.sub(r"[^A-Z0-9]", "", postcode.upper())
    return (bare[:-3], bare[-3:]) if len(bare) >= 5 else (bare, "")


def _begins(outward: str, inward: str, beginning: str) -> bool:
    """LS8 begins LS8 4AB and not LS81 2AA; LS8 4 begins LS8 4AB; LS begins all of Leeds."""
    area, _, rest = " ".join(beginning.upper().split()).partition(" ")
    if not area:
        return False
    if rest:
        return outward == area and inward.startswith(rest)
    return outward == area or (area.isalpha() and outward.startswith(area) and outward[len(area) :][:1].isdigit())


def school_named(*, urn: str = "", name: str = "") -> School | None:
    """The school of a URN, also one that it had before; else the one school of a name."""
    if urn:
        return School.objects.filter(urn=urn).first() or School.objects.filter(former_urns__urn=urn).first()
    found = list(School.objects.open().filter(name__iexact=" ".join(name.split()))[:2]) if name.strip() else []
    return found[0] if len(found) == 1 else None
