"""Rejected rows as a sheet: row number, every reason, then the original columns. Corrected, it can be imported."""

from collections.abc import Iterable, Sequence

from cluster_ehs.core.exports import safe_text

# With a mark, so that a spreadsheet reads names as they are written.
ENCODING = "utf-8-sig"
FIRST = ("rejected row", "rejected because")


def reject_headings(headings: Sequence[str]) -> list[str]:
    return [*FIRST, *headings]


def reject_cells(
    headings: Sequence[str], row_number: int, reasons: Iterable[str], original: dict[str, str]
) -> list[str]:
    """The cells of one row, guarded against being run as formulas. What stood beyond the headings comes last."""
    cells = [str(row_number), "; ".join(reasons), *(original.get(name, "") for name in headings)]
    cells += [text for name, text in original.items() if name not in headings]
    return [str(safe_text(cell)) for cell in cells]
