"""A letter in Urdu is drawn with a font that has its letters."""

import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import polib
import pytest
from django.utils import timezone

from cluster_ehs.core import pdf
from referrals.public.languages import TRANSLATED
from referrals.public.texts import catalogue_of

# What Urdu has and Arabic has not, in words of every day.
WORDS = "بچے ہے۔ ٹھیک ڈاکٹر بڑا ماں گھر چچا پانی ژالہ کی"


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="pdffonts is not installed (poppler-utils)")
@pytest.mark.skipif(bool(pdf.MISSING), reason=pdf.MISSING)
def test_every_letter_of_the_catalogue_is_drawn_and_read_again(tmp_path: Path) -> None:
    if not subprocess.run(["fc-list", ":lang=ur"], capture_output=True, check=True).stdout:
        pytest.skip("no font with the letters of Urdu is installed (Debian package: fonts-nafees)")
    texts = [entry.msgstr for entry in polib.pofile(str(catalogue_of(TRANSLATED["ur"]))) if "%(" not in entry.msgstr]
    letter = SimpleNamespace(
        language="ur",
        subject="خط",
        cluster="Riverside",
        to_name="Saima",
        made_at=timezone.now(),
        body="\n\n".join([WORDS, *texts]),
    )
    made = tmp_path / "letter.pdf"
    made.write_bytes(pdf.render_pdf("triage/letter_pdf.html", {"letter": letter, "rtl": True}))
    fonts = subprocess.run(["pdffonts", made], capture_output=True, text=True, check=True).stdout
    assert "DejaVu" not in fonts, "one font for whole words, not one for some letters and another for the rest"
    read = subprocess.run(["pdftotext", made, "-"], capture_output=True, text=True, check=True).stdout
    letters = set(re.findall("[\u0621-\u06d4]", WORDS + "".join(texts)))
    assert letters - set(read) == set()
