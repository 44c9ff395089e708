"""Sheets as people keep them: headings, encodings, dates, and files that are none."""

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from imports import reader
from imports.cells import as_text, read_day, split_list
from imports.reader import Broken, Formula, SheetError, kind_of, open_sheet
from tests.imports.sheets import a_row, write_csv, write_xlsx

FIVE = "reference,received,route,child_last_name,reasons"


def read(path: Path) -> list[list[object]]:
    with open_sheet(path) as sheet:
        return [cells for _, cells in sheet]


def text(tmp_path: Path, content: str | bytes, name: str = "sheet.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_first_row_with_five_known_names_is_the_header(tmp_path: Path) -> None:
    path = text(tmp_path, f"Our referrals\n\nreference,received,route,kept by\n{FIVE}\n1,2,3,4,5\n\n6,7,8,9,10\n")
    with open_sheet(path) as sheet:
        assert sheet.header.row == 4
        # Row numbers are those of the sheet; empty rows are skipped.
        assert [(number, cells[0]) for number, cells in sheet] == [(5, "1"), (7, "6")]


def test_headings_are_matched_without_case_spaces_marks_or_a_star(tmp_path: Path) -> None:
    headings = "Reference *,RECEIVED,Route*,Child-Last Name,reasons,Date of birth,Kept by us"
    with open_sheet(text(tmp_path, f"{headings}\n1,2,3,4,5,6,7\n")) as sheet:
        assert set(sheet.header.places) == {
            "reference",
            "received",
            "route",
            "child_last_name",
            "reasons",
            "date_of_birth",
        }
        assert [sheet.header.texts[place] for place in sheet.header.unknown] == ["Kept by us"]
        assert sheet.header.missing == ()


def test_a_missing_and_a_double_column_are_named(tmp_path: Path) -> None:
    with open_sheet(text(tmp_path, "reference,received,route,gender,upn\n")) as sheet:
        assert sheet.header.missing == ("child_last_name", "reasons")
    with (
        pytest.raises(SheetError, match="Two columns are “upn”: “UPN” and “u p n”"),
        open_sheet(text(tmp_path, f"{FIVE},UPN,u p n\n")),
    ):
        pass


def test_no_header_row_is_said_with_the_names_that_are_looked_for(tmp_path: Path) -> None:
    with (
        pytest.raises(SheetError, match=r"no row of headings.*child_last_name"),
        open_sheet(text(tmp_path, "a,b,c\n1,2,3\n")),
    ):
        pass


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_its_encodings_and_with_its_separators(tmp_path: Path, encoding: str, delimiter: str) -> None:
    row = a_row(child_last_name="Müller’s", narrative="cries; “late”, at the gate\nand again", reasons="Family; School")
    path = write_csv(tmp_path / "s.csv", [row], encoding=encoding, delimiter=delimiter)
    with open_sheet(path) as sheet:
        ((number, cells),) = list(sheet)
        assert number == 2
        assert cells[sheet.header.places["child_last_name"]] == "Müller’s"
        assert cells[sheet.header.places["narrative"]] == row["narrative"]
        assert cells[sheet.header.places["reasons"]] == "Family; School"


def test_a_byte_that_windows_1252_does_not_have_spoils_no_file(tmp_path: Path) -> None:
    path = text(tmp_path, FIVE.encode() + b"\n1,2,3,Sm\x81th,\xa35\n")
    assert read(path) == [["1", "2", "3", "Sm\ufffdth", "£5"]]


def test_formulas_and_broken_cells_are_marked(tmp_path: Path) -> None:
    above = [["Referrals of the Cluster"], []]
    path = write_xlsx(
        tmp_path / "s.xlsx", [a_row(reference="=1+1", notes="#REF!", narrative="= better now", age=7)], above=above
    )
    with open_sheet(path) as sheet:
        ((number, cells),) = list(sheet)
        places = sheet.header.places
        assert number == 4
        assert isinstance(cells[places["reference"]], Formula)
        assert isinstance(cells[places["notes"]], Broken)
        assert cells[places["age"]] == 7
    (cells,) = read(text(tmp_path, f'{FIVE}\n"=HYPERLINK(""x"")",-,+44 113,@school,\'=kept\n'))
    assert [type(cell) for cell in cells[:1]] == [Formula]
    assert cells[1:] == ["-", "+44 113", "@school", "=kept"]


def test_what_a_file_is_comes_from_its_content(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "named.csv", [a_row()])
    assert kind_of(book) == "xlsx"
    assert kind_of(text(tmp_path, FIVE, "named.xlsx")) == "csv"


def archive(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 and then nothing of a workbook", "damaged"),
        (archive(note="hello"), "an archive, not a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old or a password-protected"),
        (b"%PDF-1.7 text", "neither a workbook nor text"),
        (b"a,b\x00c", "neither a workbook nor text"),
        (FIVE.encode() + b"\n" + b"x" * 5000 + b"\x00", "neither a workbook nor text"),
        (archive(xl__workbook="no", **{"xl__workbook.xml": "<broken"}), "damaged"),
    ],
)
def test_files_that_are_no_sheet_are_refused_in_words(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(SheetError, match=says), open_sheet(text(tmp_path, content, "x.xlsx")) as sheet:
        list(sheet)


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "UNPACKED_LIMIT", 1000)
    with (
        pytest.raises(SheetError, match="unpacks to more than"),
        open_sheet(write_xlsx(tmp_path / "s.xlsx", [a_row(narrative="x" * 5000)])),
    ):
        pass


def test_entities_that_grow_into_each_other_are_refused(tmp_path: Path) -> None:
    """An XML bomb: ten entities, each ten of the one before, used wherever the workbook has a text."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    path = write_xlsx(tmp_path / "s.xlsx", [a_row(child_first_name="Ann")])
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    used = [name for name, content in parts.items() if ">Ann<" in content]
    assert used
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as new:
        for name, content in parts.items():
            if name in used:
                declaration, _, rest = content.rpartition("?>")
                content = f"{declaration}?>" * bool(declaration) + f"<!DOCTYPE x [{entities}]>" + rest
                content = content.replace(">Ann<", ">&a9;<")
            new.writestr(name, content)
    with pytest.raises(SheetError, match="damaged"), open_sheet(tmp_path / "bomb.xlsx") as sheet:
        list(sheet)


def test_a_workbook_with_more_sheets_gives_its_first(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", [a_row(reference="first")])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes").append(["reference"])
    book.save(path)
    assert read(path)[0][0] == "first"


@pytest.mark.parametrize(
    "written",
    [
        "2021-03-04",
        "2021-3-4",
        "2021-03-04T00:00:00",
        "2021-03-04 00:00:00",
        "04/03/2021",
        "4/3/2021",
        "04.03.2021",
        "4 March 2021",
        "4th March 2021",
        "4 Mar 2021",
        "4-MAR-2021",
        date(2021, 3, 4),
        datetime(2021, 3, 4, 9, 30),  # noqa: DTZ001 - as a spreadsheet has it
    ],
)
def test_dates_in_every_form_of_the_sheet(written: object) -> None:
    assert read_day(written) == date(2021, 3, 4)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("31/02/2021", "a day that does not exist"),
        ("2021-13-01", "a day that does not exist"),
        ("29 February 2021", "a day that does not exist"),
        ("04/03/21", "is not a date"),
        ("March 2021", "is not a date"),
        ("3/4", "is not a date"),
        ("soon", "is not a date"),
        (44259, "is not a date"),
        (time(9, 30), "is not a date"),
    ],
)
def test_what_is_no_date_is_said(written: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_day(written)


def test_an_empty_date_is_unknown() -> None:
    assert read_day(None) is None
    assert read_day("  ") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (7.0, "7"), (7.5, "7.5"), (9990001006, "9990001006"), (True, "yes"), (date(2021, 3, 4), "2021-03-04")],
)
def test_cells_as_the_person_who_typed_them_sees_them(value: object, text: str) -> None:
    assert as_text(value) == text


def test_lists_are_parted_outside_brackets() -> None:
    assert split_list("a; b (c; d); ;e") == ["a", "b (c; d)", "e"]
    assert split_list("") == []
    assert split_list("odd ) bracket; b") == ["odd ) bracket", "b"]
