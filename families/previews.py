"""The first look at a file: a small picture of a picture, or of a PDF's first page. Made by the worker, once.

The content is not ours: a PDF is drawn by a program of its own (poppler's pdftoppm), with a limit of time and memory,
and a picture is drawn anew, so that neither its EXIF (where it was taken, by which telephone) nor anything hidden in it
is in the preview. What cannot be drawn has no preview and is opened as it is.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import warnings
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from families.files import drawing_place, place, preview_place
from families.models import PreviewJob

WIDEST = 1200
MOST_PIXELS = 80_000_000
SECONDS = 20
MEMORY = 1 << 30
TRIES = 3
LEASE = timedelta(minutes=2)
PICTURES = {"image/png", "image/jpeg"}
PDF = "application/pdf"
DRAWN = PICTURES | {PDF}


class NotDrawn(Exception):
    """The content is damaged, too large, or of a kind that cannot be drawn."""


def ask_for_preview(*, path: str, content_type: str) -> None:
    """Note, in the caller's transaction, that a preview is to be made; nothing for what has none."""
    if content_type in DRAWN:
        PreviewJob.objects.bulk_create([PreviewJob(path=path, content_type=content_type)], ignore_conflicts=True)


def make_previews() -> int:
    """Make those that wait. Returns how many were made; one that failed three times is left."""
    made = 0
    while job := _lease():
        try:
            draw(job.path, job.content_type)
            made += 1
        except NotDrawn:
            PreviewJob.objects.filter(pk=job.pk).update(tries=TRIES, leased_until=None)
            continue
        PreviewJob.objects.filter(pk=job.pk).delete()
    return made


def _lease() -> PreviewJob | None:
    now = timezone.now()
    with transaction.atomic():
        job = (
            PreviewJob.objects.select_for_update(skip_locked=True)
            .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now), tries__lt=TRIES)
            .order_by("id")
            .first()
        )
        if job:
            PreviewJob.objects.filter(pk=job.pk).update(leased_until=now + LEASE, tries=F("tries") + 1)
    return job


def draw(path: str, content_type: str) -> None:
    """Draw the preview beside the content. It appears whole or not at all. Raises NotDrawn."""
    source, target = place(path), preview_place(path)
    folder = drawing_place(path)
    # What a killed worker has left of it.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        drawn = _first_page(source, folder) if content_type == PDF else source
        small = folder / "small.jpg"
        _redraw(drawn, small)
        small.chmod(0o600)
        small.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _redraw(source: Path, target: Path) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=("PNG", "JPEG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotDrawn
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
        upright.thumbnail((WIDEST, WIDEST))
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(upright, mask=upright.getchannel("A"))
        paper.save(target, "JPEG", quality=82)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotDrawn from error
    except (OSError, ValueError, SyntaxError, MemoryError) as error:
        raise NotDrawn from error


def _first_page(source: Path, folder: Path) -> Path:
    program = shutil.which("pdftoppm")
    if program is None:
        raise NotDrawn
    page = folder / "page"
    try:
        subprocess.run(  # noqa: S603 - a fixed command on a path of our own
            [program, "-f", "1", "-l", "1", "-singlefile", "-scale-to", str(WIDEST), "-png", str(source), str(page)],
            check=True,
            timeout=SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_limits,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise NotDrawn from error
    return page.with_suffix(".png")


def _limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def carry_on() -> None:
    """For the sweep of each minute."""
    make_previews()
