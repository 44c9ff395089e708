"""Message catalogues: which texts a page can show, and the compiled files that Django reads.

Compiled in Python, so that no Debian package is needed: `python -m cluster_ehs.core.catalogues`.
"""

import ast
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "locale"
CALLS = {"_", "now", "gettext", "gettext_lazy"}
TRANSLATE = re.compile(r"""\{%\s*translate\s+(?:"([^"]*)"|'([^']*)')|_\((?:"([^"]*)"|'([^']*)')\)""")
BLOCK = re.compile(r"\{%\s*blocktranslate[^%]*%\}(.*?)\{%\s*endblocktranslate\s*%\}", re.DOTALL)


def in_template(source: str) -> list[str]:
    """The English texts of a template; those with place holders as the catalogue writes them."""
    found = [next(group for group in match.groups() if group is not None) for match in TRANSLATE.finditer(source)]
    return found + [re.sub(r"\{\{\s*(\w+)\s*\}\}", r"%(\1)s", match[1].strip()) for match in BLOCK.finditer(source)]


def in_python(source: str) -> list[str]:
    """The English texts that a module hands to gettext."""
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in CALLS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def texts_of(paths: Iterable[Path]) -> list[str]:
    """Every text of these templates and modules, once, in order."""
    found: dict[str, None] = {}
    for path in paths:
        read = in_python if path.suffix == ".py" else in_template
        found |= dict.fromkeys(read(path.read_text()))
    return list(found)


def compile_stale(locale: Path = LOCALE) -> list[Path]:
    """Compile each catalogue that is newer than its compiled file; the files that were written."""
    written = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            # Renamed into place: nobody reads half a file.
            half = target.with_suffix(f".{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(half))
            half.replace(target)
            written.append(target)
    return written


if __name__ == "__main__":
    for path in compile_stale():
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
