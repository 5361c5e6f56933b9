import pandas as pd
import pytest
from kedro.io import DatasetError

from pathlore.datasets.table import TableDataset
from pathlore.errors import PathloreError

TABLE = pd.DataFrame({"source": ["A", "B"], "sign": [1, -1], "text": ["one, two", 'said "three"']})

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
    return TableDataset(filepath=str(path), parameter="network")


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
    pd.testing.assert_frame_equal(dataset(tmp_path / name).load(), TABLE)


def test_files_of_one_pattern_are_joined_in_the_order_of_their_names(tmp_path):
    for name in ("b", "a", "c"):
        TABLE.assign(source=name).to_csv(tmp_path / f"net_{name}.csv.gz", index=False)
    (tmp_path / "other.csv").write_text("x\n1\n")
    joined = dataset(tmp_path / "net_*.csv.gz").load()
    assert list(joined["source"]) == ["a", "a", "b", "b", "c", "c"]
    assert list(joined.index) == list(range(6))


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
        ("t.tsv", b"\xff\xfe\x00broken"),
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
