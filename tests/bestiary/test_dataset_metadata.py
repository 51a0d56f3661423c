"""metadata.csv says which photos belong together; rows that say nothing useful are warned about by line."""

from pathlib import Path

import pytest

from bestiary.dataset import UnusableDataset
from bestiary.dataset.metadata import read_groups

FILES = ["bear/1.jpg", "bear/2.jpg", "été/3.jpg"]


def write(root: Path, text: str, encoding: str = "utf-8") -> Path:
    path = root / "metadata.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_without_the_file_there_are_no_groups() -> None:
    groups = read_groups(None, FILES)
    assert (groups.of, groups.warnings) == ({}, ())


def test_files_get_their_groups(tmp_path: Path) -> None:
    write(tmp_path, "file,group\nbear/1.jpg,north\nbear/2.jpg,south\n")
    assert read_groups(tmp_path / "metadata.csv", FILES).of == {"bear/1.jpg": "north", "bear/2.jpg": "south"}


def test_site_and_burst_stand_in_for_a_group(tmp_path: Path) -> None:
    write(tmp_path, "file,site,burst\nbear/1.jpg,north,7\nbear/2.jpg,north,\n")
    assert read_groups(tmp_path / "metadata.csv", FILES).of == {
        "bear/1.jpg": "north/7",
        "bear/2.jpg": "north",
    }


@pytest.mark.parametrize("name", ["bear\\1.jpg", "./bear/1.jpg", " bear/1.jpg ", '"bear/1.jpg"'])
def test_paths_may_be_written_in_other_ways(tmp_path: Path, name: str) -> None:
    write(tmp_path, f"file,group\n{name},north\n")
    assert read_groups(tmp_path / "metadata.csv", FILES).of == {"bear/1.jpg": "north"}


def test_names_match_whatever_their_unicode_form_and_with_a_byte_order_mark(tmp_path: Path) -> None:
    write(tmp_path, "File,Group\ne\u0301te\u0301/3.jpg,north\n", "utf-8-sig")
    assert read_groups(tmp_path / "metadata.csv", FILES).of == {"été/3.jpg": "north"}


def test_bad_rows_are_warned_about_with_their_line_numbers(tmp_path: Path) -> None:
    rows = ["bear/1.jpg,north", "bear/9.jpg,north", "bear/2.jpg,", "bear/2.jpg,a,b", "bear/1.jpg,south", ",x"]
    groups = read_groups(write(tmp_path, "file,group\n" + "\n".join(rows) + "\n"), FILES)
    assert groups.of == {"bear/1.jpg": "north"}
    assert groups.warnings == (
        "metadata.csv line 3: there is no file bear/9.jpg",
        "metadata.csv line 4: not a file and its group; the row is ignored",
        "metadata.csv line 5: not a file and its group; the row is ignored",
        "metadata.csv line 6: bear/1.jpg is already in group north, not south",
        "metadata.csv line 7: not a file and its group; the row is ignored",
    )


def test_many_bad_rows_do_not_drown_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "file,group\n" + "\n".join(f"gone/{number}.jpg,x" for number in range(500)))
    warnings = read_groups(tmp_path / "metadata.csv", FILES).warnings
    assert len(warnings) == 21
    assert warnings[-1] == "metadata.csv: 480 more rows like these"


@pytest.mark.parametrize("text", ["", "name,place\nbear/1.jpg,north\n", "file,comment\nbear/1.jpg,nice\n"])
def test_a_table_without_the_columns_is_refused_since_its_groups_would_mix(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableDataset, match="needs the columns file and group"):
        read_groups(write(tmp_path, text), FILES)


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableDataset, match="not a table in UTF-8"):
        read_groups(write(tmp_path, "file,group\nété/3.jpg,nord\n", "utf-16"), FILES)
