"""Named places on a page that apps above the page's own fill, so that nobody imports upward.

A page declares a slot by rendering `{% slot "case.tab.outcomes" %}` or by asking `fillings(name)`;
a higher app fills it from its `apps.py`:

    slots.fill("home.leader", order=20, template="cases/slots/caseload.html", selector=selectors.caseload)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, order=True)
class Filling:
    """selector(request, **context) -> context for the template, or None to show nothing."""

    order: int
    template: str = field(compare=False)
    selector: Callable[..., dict[str, Any] | None] = field(compare=False)
    policy: Callable[..., bool] = field(compare=False, default=lambda user, **_: True)


_FILLINGS: dict[str, list[Filling]] = {}


def fill(
    name: str,
    *,
    template: str,
    selector: Callable[..., dict[str, Any] | None],
    order: int = 50,
    policy: Callable[..., bool] = lambda user, **_: True,
) -> None:
    filling = Filling(order, template, selector, policy)
    others = [f for f in _FILLINGS.get(name, []) if f.template != template]
    _FILLINGS[name] = sorted([*others, filling])


def fillings(name: str) -> list[Filling]:
    return list(_FILLINGS.get(name, []))


def gather(name: str, request: HttpRequest, **about: Any) -> list[dict[str, Any]]:
    """What every filling's selector says, in order, for pages that merge (chronology, search, my work)."""
    answers = (f.selector(request, **about) for f in fillings(name) if f.policy(request.user, **about))
    return [answer for answer in answers if answer is not None]


def render(name: str, request: HttpRequest, *, orders: range = range(1000), **about: Any) -> SafeString:
    """The fillings one below the other. orders: only those placed there, for a page that shows a slot in two parts."""
    parts = []
    for filling in fillings(name):
        if filling.order not in orders or not filling.policy(request.user, **about):
            continue
        context = filling.selector(request, **about)
        if context is not None:
            parts.append(render_to_string(filling.template, {**about, **context}, request=request))
    return mark_safe("".join(parts))  # noqa: S308 - each part is an escaped template
