"""The catalogues are whole, pages say when a machine wrote them, and a person can confirm a text."""

import re
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.catalogues import texts_of
from referrals.public.languages import TRANSLATED
from referrals.public.texts import catalogue_of, confirm, texts
from tests.fixtures_cast import Cast, sign_in

ROOT = Path(django_settings.BASE_DIR)
PLACE = re.compile(r"%\([a-z]+\)s")
MACHINE = {"ro": "făcută de o mașină", "ur": "مشین", "ar": "عمل آلة"}


def of_the_form() -> list[str]:
    """Every text of the public form, and those of the form pack that it shows."""
    pages = [p for p in sorted((ROOT / "templates/referrals/public").glob("*.html")) if "settings" not in p.name]
    shared = ["templates/ehs/error_summary.html", "templates/ehs/parts/label.html", "templates/ehs/parts/messages.html"]
    return texts_of([*sorted((ROOT / "referrals/public").glob("*.py")), *pages, *(ROOT / name for name in shared)])


@pytest.mark.parametrize("slug", TRANSLATED)
def test_every_text_is_translated_with_its_place_holders(slug: str) -> None:
    catalogue = {entry.msgid: entry for entry in polib.pofile(str(catalogue_of(TRANSLATED[slug])))}
    assert len(of_the_form()) > 90
    assert [text for text in of_the_form() if not (text in catalogue and catalogue[text].msgstr)] == []
    wrong = [e.msgid for e in catalogue.values() if sorted(PLACE.findall(e.msgid)) != sorted(PLACE.findall(e.msgstr))]
    assert wrong == []
    letters = {"ur": "[\u0600-\u06ff]", "ar": "[\u0600-\u06ff]"}.get(slug, "[a-z]")
    assert all(re.search(letters, e.msgstr, re.IGNORECASE) for e in catalogue.values() if len(e.msgid) > 5)


@pytest.mark.parametrize(("slug", "direction"), [("ro", "ltr"), ("ur", "rtl"), ("ar", "rtl")])
def test_a_page_says_its_language_its_direction_and_that_a_machine_wrote_it(
    db: None, client: Client, slug: str, direction: str
) -> None:
    page = client.get(f"/ask/{slug}/").content.decode()
    assert f'<html lang="{slug}" dir="{direction}"' in page
    assert MACHINE[slug] in page
    words = page.split("<main>")[1]
    assert words.index("eh-ask__languages") < words.index("<h1")
    # Nothing of the page is left in English but the names of languages.
    for text in ("Ask for help", "Start now", "Call 999", "Skip to"):
        assert text not in page


def test_the_english_page_has_no_notice(db: None, client: Client) -> None:
    assert "eh-ask__machine" not in client.get("/ask/en/").content.decode()


def test_the_notice_goes_when_all_texts_of_the_page_are_confirmed_and_not_before(cast: Cast, client: Client) -> None:
    page = client.get("/ask/ur/").content.decode()
    there = [text for text in texts("ur") if text.translated.split("%(")[0].strip() in page]
    manager = sign_in(Client(), cast.manager)
    url = reverse("settings-translation", args=["ur"])
    last = next(text for text in there if text.english == "Start now")
    manager.post(url, {"text": [text.digest for text in there if text != last], "read_by": "Invented Reader"})
    assert "eh-ask__machine" in client.get("/ask/ur/").content.decode()
    manager.post(url, {"text": [last.digest], "read_by": "Invented Reader"})
    assert "eh-ask__machine" not in client.get("/ask/ur/").content.decode()
    assert "eh-ask__machine" in client.get("/ask/ar/").content.decode()
    confirmed = manager.get(url).content.decode()
    assert "Invented Reader" in confirmed
    assert re.search(r'<td [^>]*lang="ur" dir="rtl"', confirmed)
    assert re.search(r"<h1[^>]*>Urdu <bdi", confirmed)
    manager.post(url, {"take_back": last.digest})
    assert "eh-ask__machine" in client.get("/ask/ur/").content.decode()


def test_confirming_needs_a_name_and_a_manager(cast: Cast, client: Client) -> None:
    digest = texts("pl")[0].digest
    sign_in(client, cast.manager)
    page = client.post(reverse("settings-translation", args=["pl"]), {"text": [digest], "read_by": " "})
    assert "Enter who has read" in page.content.decode()
    with pytest.raises(Exception, match="Only a manager"):
        confirm(by=cast.leader, slug="pl", digests=[digest], read_by="X")


def test_the_plain_address_speaks_the_browsers_language(db: None, client: Client) -> None:
    def where(**headers: Any) -> str:
        return client.get("/ask/", headers=headers)["Location"]

    assert where(**{"accept-language": "ur-PK,ur;q=0.9,en;q=0.5"}) == "/ask/ur/"
    assert where(**{"accept-language": "fr"}) == "/ask/en/"
