"""The journey of a case, the one-page reading and its correction, second readers, the cut points."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages import case_page
from cases.selectors.workload import workers_and_leaders
from cases.views.common import add_errors
from cluster_ehs.core import audit, drafts
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from clusters.policies import check_manage
from clusters.views.pages import form_page
from outcomes.models import FamilyReading, ReadingPerson, SecondReading
from outcomes.readings import policies, selectors, services
from outcomes.readings.forms import CutsForm, ReadingForm, SampleForm, SecondForm
from outcomes.readings.pictures import radar

FORM = ["GET", "HEAD", "POST"]
Moment = FamilyReading.Moment
BLIND = "You are the second reader of a reading of this family. What was given stays hidden until you have rated it."


def frame(request: UserRequest, pk: UUID) -> dict[str, Any]:
    page = case_page(request, pk, tab="outcomes")
    policies.check_read(request.user, page["case"])
    return page


@require_safe
def case_readings(request: UserRequest, pk: UUID) -> HttpResponse:
    """The picture, the table of all readings, their words, and the versions that were corrected."""
    page = frame(request, pk)
    journey = selectors.of_case(pk, request.user)
    rows = selectors.lines(journey)
    context = {
        "journey": journey,
        "lines": rows,
        "chart": radar(journey, rows) if not journey.blind else None,
        "legend": selectors.stage_legend(),
        "blind": BLIND if journey.blind else "",
        "can_add": policies.can_record(request.user, page["case"], Moment.END),
    }
    return render(request, "outcomes/readings/journey.html", page | context)


def _asked(request: UserRequest, journey: selectors.Journey, closed: bool) -> str:
    wanted = request.GET.get("moment", "")
    if wanted in Moment.values:
        return wanted
    if closed:
        return Moment.END.value
    return Moment.REVIEW.value if journey.start else Moment.START.value


@require_http_methods(FORM)
def reading_new(request: UserRequest, pk: UUID) -> HttpResponse:
    page = frame(request, pk)
    case = page["case"]
    journey = selectors.of_case(pk, request.user)
    moment = _asked(request, journey, case.status == "closed")
    policies.check_record(request.user, case, moment)
    title = "A reading with the family"
    return _reading(request, page, journey, moment=moment, title=title, key=f"reading:{pk}")


@require_http_methods(FORM)
def reading_correct(request: UserRequest, pk: UUID, reading_id: UUID) -> HttpResponse:
    """The same page with what was recorded; saved it is a version of its own, and the earlier one stays."""
    page = frame(request, pk)
    journey = selectors.of_case(pk, request.user)
    found = next((read for read in [*journey.readings, *journey.corrected] if read.pk == reading_id), None)
    if found is None:
        raise Http404
    policies.check_record(request.user, page["case"], found.moment)
    title = f"Correct the reading of {found.taken_on:%-d %B %Y}"
    return _reading(request, page, journey, moment=found.moment, title=title, key=f"correct:{reading_id}", found=found)


def _reading(
    request: UserRequest,
    page: dict[str, Any],
    journey: selectors.Journey,
    *,
    moment: str,
    title: str,
    key: str,
    found: selectors.Read | None = None,
) -> HttpResponse:
    case, blind = page["case"], journey.blind
    back = reverse("case-readings", args=[case.pk])
    if blind:
        if request.method == "POST":
            raise Denied(BLIND)
        return render(request, "outcomes/readings/blind.html", page | {"blind": BLIND, "second": blind, "title": title})
    earlier = [read for read in journey.readings if found is None or read.taken_on < found.taken_on]
    kept = drafts.load(request.user, key) if request.method == "GET" else None
    row = get_object_or_404(FamilyReading, pk=found.pk, case_id=case.pk) if found else None
    form = ReadingForm(
        request.POST if request.method == "POST" else drafts.as_posted(kept.data) if kept else None,
        people=page["people"],
        moment=moment,
        last=earlier[-1] if earlier else None,
        reading=found,
        made_with=_people_of(row),
        others=row.others if row else "",
        draft_key=key,
        draft_version=kept.version if kept else 0,
        cancel_url=back,
    )
    if kept:
        drafts.unjudged(form)
    elif request.method == "POST" and form.is_valid():

        def make() -> str:
            values = form.values
            services.record_reading(
                by=request.user,
                case=case,
                moment=values["moment"],
                taken_on=values["taken_on"],
                points=form.points,
                person_ids=[UUID(person) for person in values["people"]],
                others=values["others"],
                words=form.words,
                corrects=row,
            )
            drafts.finish(request, key)
            messages.success(request, "Corrected. The earlier version is kept below." if row else "Reading saved.")
            return back

        try:
            with transaction.atomic():
                return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    context = {"form": form, "title": title, "kept": kept, "last": earlier[-1] if earlier else None}
    return render(request, "outcomes/readings/reading_form.html", page | context)


def _people_of(row: FamilyReading | None) -> list[str]:
    if row is None:
        return []
    return [str(pk) for pk in ReadingPerson.objects.filter(reading=row).values_list("person_id", flat=True)]


# --- second readers ---
@require_safe
def sample_list(request: UserRequest) -> HttpResponse:
    """The samples of the own Clusters, for leaders; what a second reader still has to rate."""
    mine = selectors.seconds_to_do(request.user)
    if not mine:
        policies.check_draws(request.user)
    found = selectors.samples(duties(request.user).leads)[:40]
    if mine:
        audit.look_at_each(by=request.user, at=mine, page="second readings")
    context = {"samples": found, "mine": mine, "leads": bool(duties(request.user).leads)}
    return render(request, "outcomes/readings/samples.html", context)


@require_http_methods(FORM)
def sample_new(request: UserRequest) -> HttpResponse:
    policies.check_draws(request.user)
    own = {str(c.pk): c for c in Cluster.objects.filter(pk__in=duties(request.user).leads)}
    readers = {user.pk: user for cluster in own.values() for user in workers_and_leaders(cluster.pk)}
    form = SampleForm(
        posted(request),
        clusters=[(pk, str(c)) for pk, c in own.items()],
        readers=sorted(readers.values(), key=lambda user: user.name),
        cancel_url=reverse("reading-samples"),
    )
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.values
        values |= {"cluster": own[values["cluster"]], "reader": form.readers[values["reader"]]}

        def make() -> str:
            return reverse("reading-sample", args=[services.draw_sample(by=request.user, **values).pk])

        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    lead = (
        "Drawn at random. The second reader rates each family from its record without seeing the first reading; "
        "then this page shows how far the two agree. Restricted records are left out."
    )
    return render(request, "layouts/form.html", {"form": form, "title": "Draw readings", "lead": lead})


@require_safe
def sample(request: UserRequest, pk: UUID) -> HttpResponse:
    """A sample with the agreement so far."""
    found = get_object_or_404(selectors.samples(duties(request.user).clusters), pk=pk)
    policies.check_draws_in(request.user, found.cluster_id)
    rows = list(SecondReading.objects.filter(sample=found).select_related("family", "reading__case", "reading__author"))
    audit.look_at_each(by=request.user, at=rows, page="sample of readings")
    context = {"sample": found, "rows": rows, "again": selectors.agreement_of(found)}
    return render(request, "outcomes/readings/sample.html", context)


@require_http_methods(FORM)
def second_reading(request: UserRequest, pk: UUID) -> HttpResponse:
    """The second reader's page: the ten domains and the way to the record, nothing of the first reading."""
    found = get_object_or_404(SecondReading.objects.select_related("reading", "sample"), pk=pk)
    page = frame(request, found.reading.case_id)
    policies.check_second(request.user, found)
    if found.finished_at:
        return redirect("case-readings", pk=found.reading.case_id)
    form = SecondForm(posted(request), draft_key=f"second:{pk}", cancel_url=reverse("home"))
    if request.method == "POST" and form.is_valid():
        try:
            services.rate_again(by=request.user, second=found, points=form.points)
        except ValidationError as error:
            add_errors(form, error)
        else:
            drafts.finish(request, f"second:{pk}")
            messages.success(request, "Saved. You can look at the first reading now.")
            return redirect("case-readings", pk=found.reading.case_id)
    return render(request, "outcomes/readings/second.html", page | {"form": form, "second": found})


# --- settings ---
@require_http_methods(FORM)
def cuts(request: UserRequest) -> HttpResponse:
    """Where low ends and high begins, as it holds, held and will hold."""
    check_manage(request.user)
    form = CutsForm(posted(request))

    def act() -> str:
        services.set_cuts(by=request.user, **form.values)
        return reverse("settings-reading-cuts")

    return form_page(
        request,
        form,
        title="Cut points of readings",
        act=act,
        done="Saved.",
        back=reverse("settings"),
        template="outcomes/readings/cuts.html",
        rows=selectors.all_cuts(),
        now=selectors.cuts_on(timezone.localdate()),
        today=timezone.localdate(),
    )
