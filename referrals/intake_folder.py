"""A folder into which police or MindMate put files: looked at each minute, each file taken once.

The folder has a folder for each source: police/, spa/. What was taken is removed, since its rows are kept here; what
cannot be read goes to failed/ with the reason beside it. While the virus scanner is away nothing is taken.
"""

import logging
import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

from cluster_ehs.core import uploads
from referrals.intake_csv import FileError, receive_file
from referrals.models import Intake

# A file that changed less long ago may still be written to.
AT_REST = 20  # seconds
# A file that a worker took and did not finish is taken again; what went in is known by its names.
LEFT = 30 * 60  # seconds
FILES_AT_ONCE = 20
BYTES_AT_MOST = 50 * 1024 * 1024

log = logging.getLogger(__name__)


def sweep_folder() -> None:
    if not settings.INTAKE_FOLDER:
        return
    for source in (Intake.Source.POLICE, Intake.Source.SPA):
        folder = Path(settings.INTAKE_FOLDER) / source
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir())[:FILES_AT_ONCE]:
            if path.is_file() and not path.is_symlink() and _ready(path):
                _take(path, source)


def _ready(path: Path) -> bool:
    age = time.time() - path.stat().st_mtime
    return age > (LEFT if path.suffix == ".taken" else AT_REST) and path.suffix.lower() in {".csv", ".taken"}


def _take(path: Path, source: str) -> None:
    if uploads.scanner_state() == "down":
        log.error("a file of %s waits: the virus scanner is away", source)
        return
    mine = path if path.suffix == ".taken" else path.with_name(f"{path.name}.taken")
    try:
        path.rename(mine)
        mine.touch()
    except FileNotFoundError:
        return  # another worker has it
    try:
        if mine.stat().st_size > BYTES_AT_MOST:
            raise FileError("The file is larger than 50 MB. Split it.")
        name, content = mine.name.removesuffix(".taken"), mine.read_bytes()
        try:
            uploads.check(name, [content])
        except ValidationError as error:
            if error.code == uploads.NOT_CHECKED:
                return  # taken again when it has been left for long enough
            raise FileError(error.message) from None
        result = receive_file(content=content, source=source, file_name=name)
    except FileError as error:
        failed = mine.parent / "failed"
        failed.mkdir(exist_ok=True)
        mine.rename(failed / mine.name.removesuffix(".taken"))
        (failed / f"{mine.name.removesuffix('.taken')}.reason.txt").write_text(f"{error}\n")
        log.warning("a file of %s could not be read: %s", source, error)
        return
    mine.unlink()
    log.info("a file of %s: %s", source, result)
