"""CSV files as people make them: Windows line ends, marks of order, empty lines; what is wrong is named by line."""

import pytest
from kreislauf.experiments.csv_file import as_number, read_csv_file
from kreislauf.model.errors import InputError


def refused(path):
    with pytest.raises(InputError) as caught:
        read_csv_file(path)
    return str(caught.value)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_marks_of_order_line_ends_and_empty_lines_do_not_matter_and_lines_are_counted_as_an_editor_does(
    tmp_path, mark, ends
):
    path = tmp_path / "mine.csv"
    text = ends.join(['a,"b"', "1, two ", "", ",", '"3 \n4",5', "6,7", ""])
    path.write_bytes((mark + text).encode("utf-8"))
    found = read_csv_file(path)
    assert found.names == ("a", "b")
    assert found.rows == ((2, {"a": "1", "b": "two"}), (5, {"a": "3 \n4", "b": "5"}), (7, {"a": "6", "b": "7"}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a;b\n0,2;1\n", "line 1: columns are separated by semicolons; expected commas between columns"),
        ("a\tb\n1\t2\n", "line 1: columns are separated by tabs; expected commas between columns"),
        ("a,b\n1,2\n1,2,3\n1\n", "line 3: 3 values in a table of 2 columns"),
        ("a,b\n1,2\n1,2,3\n1\n", "line 4: 1 value in a table of 2 columns"),
        ("a,b,a\n1,2,3\n", "line 1, column a: this column stands twice"),
        ("a,,b\n1,2,3\n", "line 1: a column has no name"),
        ("", "the file is empty"),
        ('a,b\n"1,2\n', "line 2: not readable as CSV"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path, content, words):
    path = tmp_path / "mine.csv"
    path.write_text(content, encoding="utf-8")
    assert words in refused(path)


def test_other_encodings_missing_files_and_folders_are_named(tmp_path):
    (tmp_path / "latin.csv").write_bytes("a,b\n1,2\nGröße,2\n".encode("latin-1"))
    assert "line 3: the file is not UTF-8 text (found 'Größe,2'); expected" in refused(tmp_path / "latin.csv")
    (tmp_path / "wide.csv").write_bytes("a,b\n1,2\n".encode("utf-16"))
    assert "the file is UTF-16 text" in refused(tmp_path / "wide.csv")
    assert "there is no such file" in refused(tmp_path / "none.csv")
    assert "cannot be read: Is a directory" in refused(tmp_path)


def test_a_number_is_finite_and_has_a_decimal_point():
    assert [as_number(text) for text in ("1", " -2.5e3", "0,2", "high", "", "nan", "inf", "1_0")] == [
        1.0, -2500.0, None, None, None, None, None, None,
    ]  # fmt: skip
