"""The settings page of the authority's thresholds: a document that holds is not rewritten, a new one follows it."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Event
from clusters.models import ThresholdDocument
from clusters.need import levels_on
from tests.fixtures_cast import Cast, sign_in

NEW = "settings-threshold-new"


def document(day) -> dict[str, str]:
    parts = {"starts_on-day": day.day, "starts_on-month": day.month, "starts_on-year": day.year}
    return {"name": "Right help, right time", "authority": "Leeds", **{key: str(value) for key, value in parts.items()}}


def test_the_next_document_begins_with_the_levels_of_the_one_before(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    today = timezone.localdate()
    day, held = today + timedelta(days=30), ThresholdDocument.objects.get()
    before = list(levels_on().values_list("label", flat=True))
    answer = client.post(reverse(NEW), document(day))
    made = ThresholdDocument.objects.exclude(pk=held.pk).get()
    assert answer.url == reverse("settings-threshold-edit", args=[made.pk])
    held.refresh_from_db()
    assert held.ends_on == day
    assert list(levels_on(day).values_list("label", flat=True)) == before

    # The third becomes above early help, the second goes, a fifth comes; it begins a week later.
    form = client.get(answer.url).context["form"]
    sent = {name: form[name].value() for name in form.fields if name not in {"once", "starts_on"}}
    sent = {name: value for name, value in sent.items() if value not in (None, False)}
    later = day + timedelta(days=7)
    sent |= document(later) | {"label_2": "", "above_early_help_3": "on", "label_5": "5 Protection"}
    assert client.post(answer.url, sent).status_code == 302
    rows = list(levels_on(later).values_list("order", "label", "above_early_help"))
    assert rows == [(1, before[0], False), (3, before[2], True), (4, before[3], True), (5, "5 Protection", False)]
    held.refresh_from_db()
    assert held.ends_on == later
    assert list(levels_on(today).values_list("label", flat=True)) == before
    said = Event.objects.filter(kind="settings.thresholds").latest("pk").text
    assert f"“{before[1]}”" in said and "is now nothing" in said and "5 Protection" in said
    assert "5 Protection" in client.get(reverse("settings-thresholds")).content.decode()
    twice = client.post(answer.url, sent | {"order_5": "4"})
    assert twice.status_code == 422 and "Two levels have the number 4." in twice.content.decode()


def test_what_holds_is_not_rewritten(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    held, today = ThresholdDocument.objects.get(), timezone.localdate()
    page = reverse("settings-threshold-edit", args=[held.pk])
    assert client.get(page).status_code == 409
    assert client.post(page, document(today + timedelta(days=9))).status_code == 409
    assert client.post(reverse(NEW), document(today)).status_code == 422
    assert ThresholdDocument.objects.get().ends_on is None
    assert sign_in(client, cast.leader).post(reverse(NEW), document(today + timedelta(days=9))).status_code == 403
