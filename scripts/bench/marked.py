"""What was measured, put into a page of docs/ by the program that measured it, between two marks.

A page has `<!-- measured: name -->` and `<!-- end of name -->`, each on a line of its own.
"""

import re
from pathlib import Path

from scripts.bench.databases import ROOT


def put(name: str, text: str, page: Path = ROOT / "docs" / "operations.md") -> None:
    """Replace what stands between the marks of this name. Raises ValueError when the page has none."""
    whole = page.read_text()
    begin, end = f"<!-- measured: {name} -->\n", f"<!-- end of {name} -->\n"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not found.search(whole):
        raise ValueError(f"{page} has no place for {name}")
    page.write_text(found.sub(lambda _: f"{begin}{text.rstrip()}\n{end}", whole, count=1))
