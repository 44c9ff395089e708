"""The manager's home: a figure, its list and its download say the same, and no name is on it."""

import pytest
from django.test import Client

from cluster_ehs.core import scope
from monitoring.dashboard import FIGURES, Figure, Span, counts, listed
from tests.fixtures_cast import Cast, as_, sign_in


@pytest.mark.parametrize("figure", FIGURES, ids=lambda f: f.key)
def test_figure_list_and_download_agree(cast: Cast, client: Client, figure: Figure) -> None:
    with as_(cast.manager), scope.figures():
        found = counts(clusters=[cast.cluster.pk], span=Span.of(3)).get((cast.cluster.pk, figure.key), 0)
        entries, more = listed(figure, cluster=cast.cluster.pk, span=Span.of(3))
    assert len(entries) == found and more is None
    sign_in(client, cast.manager)
    page = f"/reports/figures/{cast.cluster.pk}/{figure.key}/"
    assert [e.reference for e, _ in client.get(page).context["rows"]] == [e.reference for e in entries]
    download = client.get(page, {"as": "csv"}).content.decode("utf-8-sig").splitlines()
    assert len(download) == found + 1


def test_the_managers_pages_carry_no_name(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    pages = ["/", "/reports/schedules/", *(f"/reports/figures/{cast.cluster.pk}/{f.key}/" for f in FIGURES)]
    for page in pages:
        text = client.get(page).content.decode()
        for name in ("Novák", "Zdeňka", "Wójcik", "Jakub", "Smith-Jones", "Eve-Rose", "Okafor"):
            assert name not in text, (page, name)


def test_figures_are_of_the_own_cluster_for_a_leader(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    assert client.get(f"/reports/figures/{cast.cluster.pk}/received/").status_code == 200
    assert client.get(f"/reports/figures/{cast.other_cluster.pk}/received/").status_code == 403


def test_a_leaders_list_leads_to_the_record(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    rows = client.get(f"/reports/figures/{cast.cluster.pk}/open/").context["rows"]
    assert f"/cases/{cast.case.pk}/" in [url for _, url in rows]
