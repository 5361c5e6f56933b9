"""Text tables as people have them: quotation marks, encodings, separators, lengths of rows."""

import re

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.tables import read_text_table


@pytest.fixture
def read(tmp_path):
    def run(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_text_table(path, "network")

    return run


ROWS = [f"A{i},B{i},signaling" for i in range(40)]


def with_row(number, line):
    return "\n".join(["source,target,kind", *ROWS[:number], line, *ROWS[number:]]) + "\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (with_row(3, 'X,"Y,signaling'), 5),  # never closed
        (with_row(3, 'X,"Y,signaling').replace("A30,B30,", 'A30,B30",'), 5),  # closed 28 rows later
        (with_row(3, 'X,"Y,signaling').replace("A30,B30,", 'A30,"B30,'), 5),  # a second one opens a field
        (with_row(3, '"X,Y,signaling').replace("A30,B30,", '"A30,B30,'), 5),
        (
            with_row(3, 'X,Y,"signaling').replace("A9,B9,signaling", 'A9,B9,signaling"'),
            5,
        ),  # as many fields as the header
        (with_row(3, '"X" Y,Z,signaling'), 5),
        ('source,target,kind,note\nA,B,signaling,"a\nC,D,signaling,b"\n', 2),
    ],
)
def test_a_lone_quotation_mark_is_named_by_its_line(read, content, line):
    with pytest.raises(PathloreError, match=rf"lone quotation mark \(\"\) in line {line}, .*parameter `network`"):
        read(content)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quoted_fields_may_hold_separators_quotes_and_line_breaks(read, end):
    lines = [
        "symbol,text",
        'TP53,"guards, as they say"',
        'MYC,"drives ""growth"""',
        f'EGF,"one line{end}and another, so it is"',
    ]
    table = read(end.join(lines))
    assert table["symbol"].tolist() == ["TP53", "MYC", "EGF"]
    assert table["text"].tolist()[:2] == ["guards, as they say", 'drives "growth"']
    assert re.split(r"[\r\n]+", table["text"][2]) == ["one line", "and another, so it is"]


def test_everything_quoted_as_r_does_it(read):
    assert read('"source" "target"\n"1" "A" "B"\n"2" "C" "D"\n').to_numpy().tolist() == [["A", "B"], ["C", "D"]]
    assert read('"source","target"\r\n"A","B"\r\n').to_numpy().tolist() == [["A", "B"]]


def test_a_table_with_tabs_needs_no_quoting(read, caplog):
    table = read(
        'GeneID\tSymbol\tdescription\n1\tA\t"big" protein\n2\tB\t5" long\n3\tC\t"never closed\n4\tD\td\n', "t.tsv"
    )
    assert table["Symbol"].tolist() == ["A", "B", "C", "D"]
    assert table["description"].tolist() == ['"big" protein', '5" long', '"never closed', "d"]
    assert "line 2 has a lone quotation mark, which is read as a character" in caplog.text
    quoted = read('symbol\tprev\nA\t"B|C"\nD\t"E|F"\n', "t.tsv")
    assert quoted["prev"].tolist() == ["B|C", "E|F"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,é\n".encode("latin-1"), "byte 0xe9 at position 6; 'é' in Latin-1"),
        ("a,b\n1,2\n".encode("utf-16"), "it is text in UTF-16 .'Unicode text' of Excel."),
        ("a,b\n1,2\n".encode("utf-16-le"), "binary, or text in UTF-16"),
        ("a,b\n1,2\n".encode("utf-32"), "text in UTF-32"),
        (b"PK\x03\x04rest", "an Excel workbook or a zip archive"),
        (b"\xd0\xcf\x11\xe0rest", "a workbook of an older Excel"),
    ],
)
def test_other_encodings_and_workbooks_are_named(read, content, said):
    with pytest.raises(PathloreError, match=f"is not in UTF-8 .*{said}.*save it as UTF-8.*`network`"):
        read(content)


def test_a_character_on_the_border_of_two_blocks_is_read(read):
    content = "a,b\n" + "x,y\n" * ((1 << 18) - 2) + "xx,éé\n"
    assert content.encode()[(1 << 20) - 1 : (1 << 20) + 1] == "é".encode()
    assert read(content)["b"].iloc[-1] == "éé"


def test_short_rows_are_completed_aloud(read, caplog):
    table = read("source,target,kind\nA,B,signaling\nC,D\nE\n")
    assert table.to_numpy().tolist() == [["A", "B", "signaling"], ["C", "D", ""], ["E", "", ""]]
    assert "2 rows have fewer fields than the header line (row 2 is the first)" in caplog.text


def test_long_rows_are_refused_wherever_they_stand(read):
    for lines in (["A,B,signaling,more", "C,D,signaling"], ["A,B,signaling", "C,D,signaling,more,and more"]):
        with pytest.raises(PathloreError, match=r"1 row\(s\) have more fields than the 3 .*`network`"):
            read("\n".join(["source,target,kind", *lines]))


def test_a_separator_at_the_end_of_each_row_shifts_nothing(read):
    table = read("source,target,kind\nA,B,signaling,\nC,D,signaling,\n")
    assert table.to_dict("records")[1] == {"source": "C", "target": "D", "kind": "signaling"}


@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
def test_a_byte_order_mark_and_windows_lines(read, separator):
    table = read("\ufeff" + "\r\n".join(separator.join(row) for row in (["source", "target"], ["A", "NA"])))
    pd.testing.assert_frame_equal(table, pd.DataFrame({"source": ["A"], "target": ["NA"]}))
