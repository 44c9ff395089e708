"""The draw: which families of which service are asked. Pure: the same seed and families give the same sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

# Why a family is not among those that can be drawn; the first that holds is counted.
REASONS = {
    "restricted": "restricted record",
    "deceased": "a child of the family has died",
    "no_agreement": "withdrew its agreement",
    "declined": "asked not to be asked",
    "moved": "moved to another Cluster",
}


def draw(seed: int, families: Mapping[str, Sequence[str]], wanted: int | Mapping[str, int]) -> dict[str, list[str]]:
    """Up to `wanted` families of each stratum, each family at most once in all.

    families: the keys of those that can be drawn, by stratum. wanted: one number for all, or one for each. The smallest
    stratum is drawn first, so that a family with several services counts where it is needed most; equal ones in the
    order of their names.
    """
    taken: set[str] = set()
    found: dict[str, list[str]] = {}
    for name in sorted(families, key=lambda each: (len(families[each]), each)):
        open_ones = sorted(set(families[name]) - taken)
        # A name of the stratum in the seed: one stratum more does not change the draw of the others.
        random = Random(f"{seed}:{name}")  # noqa: S311 - it must be reproducible, not secret
        number = wanted if isinstance(wanted, int) else wanted[name]
        chosen = random.sample(open_ones, min(number, len(open_ones)))
        found[name] = sorted(chosen)
        taken |= set(chosen)
    return {name: found[name] for name in families}
