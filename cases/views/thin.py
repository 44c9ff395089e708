from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.pages import case_page


def tab(request: HttpRequest, pk: UUID, key: str) -> HttpResponse:
    return render(request, "cases/layout.html", case_page(request, pk, tab=key))
