"""Work above early help: figures, the list behind them and the download agree, and a manager reads no name."""

import csv
import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Term
from clusters.need import levels_on
from referrals.models import Referral, ReferralReason
from tests.fixtures_cast import Cast, a_referral, sign_in
from tests.triage.pages import at_most
from triage.models import Decision

NAMES = ("Novák", "Zdeňka", "Wójcik", "Jakub", "Okafor", "Eve-Rose")


@pytest.fixture
def above(cast: Cast) -> Referral:
    """Came in as complex, was judged above early help, and a diagnosis pathway asks."""
    complex_needs, statutory = levels_on()[2:4]
    child, today = cast.referral.child, timezone.localdate()
    keys = {"cluster_id": child.cluster_id, "family_id": child.family_id}
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        referral = a_referral(child, number=81, days_ago=9)
        Referral.objects.filter(pk=referral.pk).update(need_level=complex_needs)
        reason = Term.objects.get(vocabulary="reason", code="send_health.diagnosis_pathway")
        ReferralReason.objects.create(**keys, referral=referral, category=reason.parent, reason=reason)
        Decision.objects.create(
            **keys,
            referral=referral,
            response="passed_on",
            need_level=statutory,
            decided_on=today - timedelta(days=2),
            decided_at=timezone.now(),
            decided_by=cast.leader,
        )
        Referral.objects.filter(pk=referral.pk).update(status="decided")
    return referral


def figures_of(client: Client, cast: Cast) -> list[dict]:
    rows = client.get(reverse("need-levels")).context["side_by_side"]
    figures = next(row["figures"] for row in rows if row["cluster"] == cast.cluster)
    return [figure for _, figure in figures]


def test_a_manager_counts_references_without_names(cast: Cast, client: Client, above: Referral) -> None:
    sign_in(client, cast.manager)
    received, at_referral, at_decision, *_, pathway = figures_of(client, cast)
    assert (at_referral["count"], at_decision["count"], pathway["count"]) == (0, 1, 1)
    for figure in (received, at_decision, pathway):
        page = client.get(figure["url"])
        assert len(page.context["rows"]) == figure["count"]
        text = page.content.decode()
        assert above.reference in text
        assert reverse("referral", args=[above.pk]) not in text
        assert not [name for name in NAMES if name in text]
        sheet = client.get(figure["url"], {**page.wsgi_request.GET.dict(), "as": "csv"})
        assert len(sheet.content.decode("utf-8-sig").splitlines()) == figure["count"] + 1


def test_the_grid_and_the_download_say_the_same(cast: Cast, client: Client, above: Referral) -> None:
    sign_in(client, cast.leader)
    context = client.get(reverse("need-levels")).context
    column = context["columns"].index("4 Acute or statutory")
    row = next(row for row in context["grid"] if row["name"] == "3 Complex needs")
    assert row["cells"][column][1]["count"] == 1
    assert context["total"]["count"] == sum(row["all"]["count"] for row in context["grid"])
    assert context["total"]["count"] == sum(total["count"] for _, total in context["totals"])
    sheet = client.get(context["csv_url"]).content.decode("utf-8-sig")
    cells = list(csv.DictReader(io.StringIO(sheet)))
    assert sum(int(cell["referrals"]) for cell in cells) == context["total"]["count"]
    judged = next(cell for cell in cells if cell["above early help at decision"] == "yes")
    assert (judged["level at referral"], judged["referrals"]) == ("3 Complex needs", "1")


def test_a_long_list_is_paged_and_downloaded_whole(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for number in range(100, 220):
            a_referral(cast.referral.child, number=number, days_ago=number // 4)
    sign_in(client, cast.manager)
    figure = figures_of(client, cast)[0]
    url, seen = figure["url"], []
    pages = []
    while url:
        page = client.get(url)
        pages.append([row[0].reference for row in page.context["rows"]])
        seen += pages[-1]
        url = page.context["older"]
        back = page.context["newer"]
    assert [len(rows) for rows in pages] == [50, 50, figure["count"] - 100]
    assert len(set(seen)) == len(seen) == figure["count"] > 120
    assert [row[0].reference for row in client.get(back).context["rows"]] == pages[-2]
    assert client.get(back).context["newer"]
    assert not client.get(client.get(back).context["newer"]).context["newer"]
    sheet = client.get(page.context["csv_url"]).content.decode("utf-8-sig")
    assert [row["reference"] for row in csv.DictReader(io.StringIO(sheet))] == seen
    with at_most(9):  # two of them open and close the scope of figures
        client.get(figure["url"])


def test_a_leader_opens_the_own_clusters_referrals_only(cast: Cast, client: Client, above: Referral) -> None:
    sign_in(client, cast.leader)
    figures = figures_of(client, cast)
    assert reverse("referral", args=[above.pk]) in client.get(figures[2]["url"]).content.decode()
    # A family that the leader may not open is counted, and does not lead anywhere.
    text = client.get(figures[0]["url"]).content.decode()
    assert cast.restricted_referral.reference in text
    assert reverse("referral", args=[cast.restricted_referral.pk]) not in text
    page = figures[0]["url"].replace(f"cluster={cast.cluster.pk}", f"cluster={cast.other_cluster.pk}")
    assert client.get(page).status_code == 403
    # Whether there is such a Cluster is not told.
    none = page.replace(f"cluster={cast.other_cluster.pk}", "cluster=987654")
    said = [client.get(each) for each in (page, none)]
    assert [(answer.status_code, "own Clusters only" in answer.text) for answer in said] == [(403, True)] * 2
    assert client.get(reverse("need-levels") + "?" + page.partition("?")[2]).status_code == 403
    assert client.get(figures[0]["url"] + "&referral=" + "9" * 19).context["rows"] == []
    assert client.get(figures[0]["url"] + "&" + urlencode({"decision": "x'"})).status_code == 404
    assert client.get(figures[0]["url"] + "&decision=%00").status_code == 400, "refused before any page reads it"
