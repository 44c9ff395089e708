"""Tagged PDF (PDF/UA-1) from the same kind of HTML as the pages. Fetches nothing from anywhere."""

import threading
from io import BytesIO
from typing import Any

from django.template.loader import render_to_string

from cluster_ehs.core.unavailable import Busy

try:
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetchingError

    MISSING = ""
except OSError as error:  # Pango is a Debian package (README): without it all but PDF works
    weasyprint = None
    URLFetcher, URLFetchingError = object, ValueError
    MISSING = f"PDF is unavailable on this machine: Pango is not installed (Debian package libpangoft2-1.0-0). {error}"


# A long document takes a thread for seconds: so many at once in a process, so that the others go on showing pages.
AT_ONCE = threading.BoundedSemaphore(2)
WAIT = 20.0


class PdfUnavailable(RuntimeError):
    """This machine cannot make PDF; the message says which package is missing."""


class FetchNothing(URLFetcher):
    """Pictures are in the document itself (`data:`); any other address is refused."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if url.startswith("data:"):
            return super().fetch(url, headers)
        raise URLFetchingError("A document may not load anything from outside.")


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """The template as a tagged PDF/UA-1 document. It must have a title and a language.

    The same template and context give the same bytes. Raises PdfUnavailable, and Busy when others' documents take
    this process for longer than WAIT seconds.
    """
    if MISSING:
        raise PdfUnavailable(MISSING)
    html = render_to_string(template, context)
    out = BytesIO()
    if not AT_ONCE.acquire(timeout=WAIT):
        raise Busy
    try:
        weasyprint.HTML(string=html, url_fetcher=FetchNothing()).write_pdf(
            out, pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=b"early-help"
        )
    finally:
        AT_ONCE.release()
    return out.getvalue()
