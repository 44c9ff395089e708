from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the posted data, also when it is empty; None when the page is only opened."""
    return request.POST if request.method == "POST" else None
