"""Whether a partner service is being used: apps above say so, since what uses it is theirs."""

from collections.abc import Callable

# Each answers which of the partner services (by id) it is using now.
IN_USE: list[Callable[[set[int]], set[int]]] = []


def used(partners: set[int]) -> set[int]:
    """Partner services that somebody waits for an answer from."""
    return set().union(*(ask(partners) for ask in IN_USE)) if partners else set()
