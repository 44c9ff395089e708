"""A Cluster for a sheet whose Cluster is not there yet."""

import re
from itertools import chain, count

from clusters.models import Cluster
from families.names import fold

LONGEST_PREFIX = 6


def find_or_make_cluster(name: str) -> Cluster:
    """The Cluster of that name, made with a free prefix from its initials when there is none."""
    found = Cluster.objects.filter(name__iexact=name).first()
    return found or Cluster.objects.create(name=name, prefix=free_prefix(name))


def free_prefix(name: str) -> str:
    """Two letters or more that no other Cluster's references begin with.

    >>> # "Hyde Park Cluster" -> HP, or HPC, HYD, HP2 … when HP is taken
    """
    words = [w for w in re.findall(r"[a-z]+", fold(name).replace("cluster", "")) or ["cluster"] if w]
    initials = "".join(word[0] for word in words).upper()
    letters = "".join(words).upper()
    first = (initials if len(initials) > 1 else letters[:2]).ljust(2, "X")[:LONGEST_PREFIX]
    taken = set(Cluster.objects.values_list("prefix", flat=True))
    spelled = (letters[:n] for n in range(3, LONGEST_PREFIX + 1) if len(letters) >= n)
    numbered = (f"{first[: LONGEST_PREFIX - len(str(n))]}{n}" for n in count(2))
    return next(prefix for prefix in chain([first], spelled, numbered) if prefix not in taken)
