"""The catalogues are whole, pages say when a machine wrote them, and a person can confirm a text."""

import html
import re
from pathlib import Path
from typing import Any

import polib
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.catalogues import texts_of
from referrals.models import CorrectedText
from referrals.public.languages import TRANSLATED
from referrals.public.texts import Text, catalogue_of, confirm, correct, texts, unconfirmed
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


# --- corrected by a person, in the browser ---
def the_text(slug: str, english: str) -> Text:
    return next(text for text in texts(slug) if text.english == english)


def test_a_corrected_text_is_what_the_form_shows_and_counts_as_a_persons(cast: Cast, client: Client) -> None:
    manager = sign_in(Client(), cast.manager)
    start, help_ = the_text("ur", "Start now"), the_text("ur", "Ask for help")
    page = reverse("settings-translation", args=["ur"])
    url = reverse("settings-translation-text", args=["ur", start.digest])
    assert url in manager.get(page).content.decode()
    assert 'dir="rtl"' in manager.get(url).content.decode()
    assert manager.post(url, {"translated": "ابھی شروع کریں", "read_by": "Invented Reader"}).status_code == 302
    shown = client.get("/ask/ur/").content.decode()
    assert "ابھی شروع کریں" in shown
    assert help_.translated in shown, "all other texts stay"
    assert "ابھی شروع کریں" not in client.get("/ask/ar/").content.decode()
    listed = manager.get(page).content.decode()
    assert "Invented Reader" in listed
    assert "corrected" in listed
    assert start.english not in [text.english for text in unconfirmed("ur")]
    # Corrected again, the first is kept; taken back, the catalogue speaks.
    manager.post(url, {"translated": "شروع کریں", "read_by": "Second Reader"})
    assert "شروع کریں" in client.get("/ask/ur/").content.decode()
    assert list(CorrectedText.objects.order_by("pk").values_list("read_by", flat=True)) == [
        "Invented Reader",
        "Second Reader",
    ]
    manager.post(page, {"take_back": start.digest})
    assert start.translated in client.get("/ask/ur/").content.decode()
    assert start.english in [text.english for text in unconfirmed("ur")]
    assert CorrectedText.objects.count() == 2


def test_a_correction_that_would_break_a_page_is_refused_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    text = next(text for text in texts("pl") if "%(reference)s" in text.english)
    url = reverse("settings-translation-text", args=["pl", text.digest])
    sign_in(client, cast.manager)
    for translated, read_by, said in (
        ("Twój numer", "X", "%(reference)s"),
        ("%(reference)s %(code)s", "X", "%(reference)s"),
        ("%(reference)s to 5 %", "X", "per cent"),
        ("", "X", "Enter the text"),
        ("%(reference)s", " ", "Enter who reads"),
    ):
        page = client.post(url, {"translated": translated, "read_by": read_by})
        assert page.status_code == 422
        assert said in html.unescape(page.content.decode()), translated
        assert not translated or translated.split()[-1] in page.content.decode()
    whole = next(text for text in texts("pl") if "%" not in text.english)
    url = reverse("settings-translation-text", args=["pl", whole.digest])
    page = client.post(url, {"translated": "100% dzieci", "read_by": "X"})
    assert page.status_code == 422, "a block of a template would read it as a number to fill in"
    assert "per cent" in page.text
    assert not CorrectedText.objects.exists()
    assert client.get(reverse("settings-translation-text", args=["en", text.digest])).status_code == 404
    with pytest.raises(Exception, match="Only a manager"):
        correct(by=cast.leader, slug="pl", digest=text.digest, translated="%(reference)s", read_by="X")


def test_what_stands_on_a_page_is_kept_when_its_language_changes(db: None, client: Client) -> None:
    """Without a script: the languages are buttons of the page's own form."""
    client.post("/ask/en/")
    client.post("/ask/en/who/", {"who_asks": "parent"})
    page = client.get("/ask/en/school/").content.decode()
    form = re.search(r'<form[^>]*id="(\w+)"', page)
    assert form
    buttons = re.findall(rf'<button type="submit" form="{form[1]}"[^>]*>', page)
    assert len(buttons) == 1 + len(TRANSLATED)
    assert "language" not in buttons[0], "Return sends the page, not a language"
    moved = client.post("/ask/en/worries/", {"worrying": "Sie weint am Tor.", "language": "ur"})
    assert moved["Location"] == "/ask/ur/worries/"
    kept = client.get("/ask/ur/worries/").content.decode()
    assert "Sie weint am Tor." in kept
    assert "govuk-error" not in kept, "not judged before it is sent"
    # Empty as it is, it moves on too; what was not sent is no answer yet.
    assert client.post("/ask/ur/name/", {"first_name": "Ada", "last_name": "", "language": "pl"})["Location"] == (
        "/ask/pl/name/"
    )
    assert 'value="Ada"' in client.get("/ask/pl/name/").content.decode()
    assert client.get("/ask/pl/check/")["Location"] == "/ask/pl/school/"
    client.post("/ask/pl/worries/", {"worrying": "Płacze."})
    assert "Płacze." in client.get("/ask/en/worries/").content.decode()
    assert client.post("/ask/en/safety/?check", {"language": "ro"})["Location"] == "/ask/ro/safety/?check"
    assert client.post("/ask/en/worries/", {"worrying": "x", "language": "xx"})["Location"] == "/ask/en/safety/"
