from django.http import HttpRequest, QueryDict


def line_of(request: HttpRequest, name: str, *, at_most: int = 200) -> str:
    """One posted line, as a search reads it: single spaces, and no NUL, which no database holds."""
    return " ".join(request.POST.get(name, "").replace("\x00", "").split())[:at_most]


def whole_number(text: str) -> int | None:
    """A number as an address or a hidden field has it; None for any other text, also for more digits than a key has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the posted data, also when it is empty; None when the page is only opened."""
    return request.POST if request.method == "POST" else None
