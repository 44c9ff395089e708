"""What everybody may read without signing in: the privacy notice in each language, and the accessibility statement."""

from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.catalogues import texts_of
from cluster_ehs.core.lawful_basis import basis
from referrals.public.languages import LANGUAGES, TRANSLATED
from referrals.public.texts import catalogue_of

ROOT = Path(django_settings.BASE_DIR)


@pytest.mark.parametrize("slug", TRANSLATED)
def test_the_notice_is_whole_in_every_language(slug: str) -> None:
    catalogue = {e.msgid for e in polib.pofile(str(catalogue_of(TRANSLATED[slug]))) if e.msgstr}
    found = texts_of([ROOT / "templates/keeping/notices/privacy.html", ROOT / "cluster_ehs/core/lawful_basis.py"])
    assert len(found) > 20
    assert [text for text in found if text not in catalogue] == []


@pytest.mark.parametrize("slug", LANGUAGES)
def test_anybody_reads_it_with_the_basis_in_law_and_whom_to_ask(
    db: None, client: Client, settings: Any, slug: str
) -> None:
    settings.DATA_PROTECTION_EMAIL = "officer@example.org"
    page = client.get(reverse("privacy-in", args=[slug])).content.decode()
    assert "officer@example.org" in page
    assert 'id="ask"' in page
    said = "because helping children and families early is a task" in page
    assert said == (slug == "en")
    assert ("eh-ask__machine" in page) == (slug != "en")
    assert client.get(reverse("privacy-in", args=["xx"])).status_code == 404


def test_the_basis_is_a_setting_shown_on_the_public_form_too(db: None, client: Client, settings: Any) -> None:
    settings.LAWFUL_BASIS = "consent"
    for url in (reverse("privacy"), reverse("public-start", args=["en"])):
        assert "because you agreed to it" in client.get(url).content.decode()
    settings.LAWFUL_BASIS = "because"
    with pytest.raises(ImproperlyConfigured, match="public_task"):
        basis()


def test_every_foot_leads_to_both(db: None, client: Client) -> None:
    for url in (reverse("accessibility"), reverse("privacy"), reverse("account_login")):
        page = client.get(url).content.decode()
        assert 'href="/accessibility/"' in page
        assert 'href="/privacy/' in page
    assert "partially compliant" in client.get(reverse("accessibility")).content.decode()
