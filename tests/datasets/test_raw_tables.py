import fsspec
import pandas as pd
import pytest
from kedro.io import DatasetError

from pathlore.datasets.raw_tables import RawTablesDataset
from pathlore.errors import PathloreError

TABLE = pd.DataFrame({"source": ["A", "NA"], "sign": ["1", ""], "text": ["one, two", 'said "three"']})

WRITERS = {
    "t.csv": lambda path: TABLE.to_csv(path, index=False),
    "t.CSV": lambda path: TABLE.to_csv(path, index=False),
    "t.csv.gz": lambda path: TABLE.to_csv(path, index=False),
    "t.tsv": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "t.tsv.gz": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "t.txt": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "t.tab": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "t.parquet": lambda path: TABLE.to_parquet(path, index=False),
    "t.pq": lambda path: TABLE.to_parquet(path, index=False),
    "v1.2.csv": lambda path: TABLE.to_csv(path, index=False),
}


def dataset(path):
    return RawTablesDataset(files=str(path), parameter="network")


def cause_of(call):
    with pytest.raises(DatasetError) as caught:
        call()
    cause = caught.value.__cause__
    assert isinstance(cause, PathloreError)
    assert "\n" not in str(cause)
    return str(cause)


@pytest.mark.parametrize("name", WRITERS)
def test_each_format_by_its_suffix(tmp_path, name):
    assert not dataset(tmp_path / name).exists()
    WRITERS[name](tmp_path / name)
    assert dataset(tmp_path / name).exists()
    (table,) = dataset(tmp_path / name).load().values()
    pd.testing.assert_frame_equal(table, TABLE)


def test_files_of_a_pattern_and_of_a_list_are_read_each_by_itself(tmp_path):
    for name in ("b", "a", "c"):
        TABLE.assign(source=name).to_csv(tmp_path / f"net_{name}.csv.gz", index=False)
    (tmp_path / "other.txt").write_text("x y\n1 2\n")
    found = dataset(f"{tmp_path / 'net_*.csv.gz'} ; {tmp_path / 'other.txt'}").load()
    assert list(found) == ["net_a.csv.gz", "net_b.csv.gz", "net_c.csv.gz", "other.txt"]
    assert found["net_b.csv.gz"]["source"].tolist() == ["b", "b"]
    assert found["other.txt"].to_dict("records") == [{"x": "1", "y": "2"}]


@pytest.mark.parametrize(
    ("content", "columns"),
    [("a b,c\td;e\n", ["a b,c", "d;e"]), ("a b,c,d;e\n", ["a b", "c", "d;e"]),
     ("ID A;NAME,B;LIST\n", ["ID A", "NAME,B", "LIST"]), ("a b  c\n", ["a", "b", "c"]), ("alone\n", ["alone"])],
)  # fmt: skip
def test_the_header_line_shows_the_separator(tmp_path, content, columns):
    (tmp_path / "t.txt").write_text(content)
    assert list(dataset(tmp_path / "t.txt").load()["t.txt"]) == columns


def test_files_of_one_name_keep_apart(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text(f"x\n{folder}\n")
    found = dataset(f"{tmp_path / 'one' / 't.csv'};{tmp_path / 'two' / 't.csv'}").load()
    assert [table["x"].tolist() for table in found.values()] == [["one"], ["two"]]
    assert set(found) == {str(tmp_path / folder / "t.csv") for folder in ("one", "two")}


def test_no_file_is_nothing():
    assert dataset("").load() == {}
    assert dataset("").exists()


@pytest.mark.parametrize("name", ["p.xml", "p.kgml", "p.xml.gz"])
def test_xml_is_read_as_text(tmp_path, name):
    with fsspec.open(str(tmp_path / name), "wt", compression="infer", encoding="utf-8") as file:
        file.write("<pathway title='TGF-β'/>")
    assert dataset(tmp_path / name).load() == {name: "<pathway title='TGF-β'/>"}


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path):
    (tmp_path / "t.csv").write_bytes("\ufeffsource,β\nA,1\n".encode())
    assert list(dataset(tmp_path / "t.csv").load()["t.csv"]) == ["source", "β"]


@pytest.mark.parametrize(
    "content", ["symbol,text\nA,r\u00e9cepteur\n".encode("latin-1"), "a,b\n1,2\n".encode("utf-16")]
)
def test_another_encoding_is_named(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    message = cause_of(dataset(tmp_path / "t.csv").load)
    assert "is not in UTF-8 (byte 0x" in message
    assert "save it as UTF-8" in message


def test_a_missing_file_names_its_parameter(tmp_path):
    for path in (tmp_path / "absent.csv", tmp_path / "absent_*.csv"):
        message = cause_of(dataset(path).load)
        assert str(path) in message
        assert "parameter `network`" in message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.parquet", b"PAR1 and then nothing"),
        ("t.csv.gz", b"not compressed"),
        ("t.csv", b""),
        ("t.csv", b"a,b\n1,2\n1,2,3,4\n"),
    ],
)
def test_what_is_no_table_names_its_parameter(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    message = cause_of(dataset(tmp_path / name).load)
    assert f"{tmp_path / name} cannot be read as a table" in message
    assert "parameter `network`" in message


def test_a_truncated_file_is_found(tmp_path):
    for name in ("t.parquet", "t.csv.gz"):
        WRITERS[name](tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        assert "cannot be read as a table" in cause_of(dataset(tmp_path / name).load)


def test_a_folder_is_no_table(tmp_path):
    assert "cannot be read as a table" in cause_of(dataset(tmp_path).load)


def test_raw_files_are_not_written(tmp_path):
    assert "is a raw file" in cause_of(lambda: dataset(tmp_path / "t.csv").save(TABLE))
    assert not list(tmp_path.iterdir())
    assert "t.csv" in str(dataset(tmp_path / "t.csv"))
