"""Downloads from a server on this machine: what arrives, what is refused, and what is left behind."""

import gzip
import hashlib
import json
import logging
import socket
from dataclasses import replace

import pandas as pd
import pytest
from local_server import Answer

from pathlore import schemas
from pathlore.config import ResourcesConfig
from pathlore.errors import PathloreError
from pathlore.resources import download, transfer
from pathlore.resources.catalogue import RESOURCES, File
from pathlore.resources.download import COLUMNS, fetch

TABLE = b"source,target,kind\nEGF,EGFR,ligand_receptor\n"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "raw" / "resources"


@pytest.fixture
def get(folder):
    """Fetch ``name=address`` or ``name={...}``."""

    def run(names=None, timeout=5, retries=0, **sources):
        sources = {name: {"url": value} if isinstance(value, str) else value for name, value in sources.items()}
        names = list(sources) if names is None else names
        config = ResourcesConfig(download=names, folder=str(folder), timeout=timeout, retries=retries, sources=sources)
        return fetch(config.download, folder, config)

    return run


@pytest.fixture
def refused(get):
    """The one line of a download that fails."""

    def run(*args, **named):
        with pytest.raises(PathloreError) as caught:
            get(*args, **named)
        message = str(caught.value)
        assert "\n" not in message
        return message

    return run


def files_in(folder):
    """Everything in a folder, of whatever name, but for the lock of the record."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {".checksums.json.lock"}


def sums_in(folder):
    return json.loads((folder / "checksums.json").read_text())


# ------------------------------------------------------------------------------------------------ what works


def test_a_good_file(server, get, folder):
    report = get(mine=server.give("/net.csv", TABLE))
    assert (folder / "mine" / "net.csv").read_bytes() == TABLE
    assert files_in(folder) == {"mine/net.csv", "checksums.json"}
    assert sums_in(folder) == {"mine/net.csv": sha256(TABLE)}
    (row,) = schemas.DownloadReport.validate(report).to_dict("records")
    assert row["fetched"] is True
    assert row["resource"] == "mine"
    assert row["file"] == str(folder / "mine" / "net.csv")
    assert row["bytes"] == len(TABLE)
    assert row["sha256"] == sha256(TABLE)
    assert row["url"] == f"{server.address}/net.csv"


def test_the_second_run_is_offline(server, get):
    address = server.give("/net.csv", TABLE)
    first = get(mine=address)
    asked = len(server.requests)
    second = get(mine=address)
    assert len(server.requests) == asked == 1
    assert second["fetched"].tolist() == [False]
    pd.testing.assert_frame_equal(first.drop(columns="fetched"), second.drop(columns="fetched"))


def test_no_names_fetch_nothing(server, get, folder):
    report = get(names=[], mine=server.give("/net.csv", TABLE))
    assert list(report.columns) == list(COLUMNS)
    assert len(schemas.DownloadReport.validate(report)) == 0
    assert server.requests == []
    assert not folder.exists()


def test_a_file_put_there_by_hand_is_taken_as_it_is_and_enforced(server, get, refused, folder):
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "net.csv").write_bytes(TABLE)
    address = server.give("/net.csv", b"another")
    assert get(mine=address)["fetched"].tolist() == [False]
    assert server.requests == []
    (folder / "mine" / "net.csv").write_bytes(b"changed")
    assert sha256(TABLE) in refused(mine=address)


def test_another_name_and_a_known_resource_from_a_mirror(server, get, folder):
    url = server.give("/download?id=7", TABLE)
    report = get(hgnc={"url": url, "file": "mirror.txt", "sha256": sha256(TABLE)})
    assert (folder / "hgnc" / "mirror.txt").read_bytes() == TABLE
    assert report["licence"].tolist() == [RESOURCES["hgnc"].licence]


def test_a_name_given_twice_is_fetched_once(server, get):
    url = server.give("/net.csv", TABLE)
    assert len(get(names=["mine", "mine"], mine=url)) == 1
    assert len(server.requests) == 1


def test_a_compressed_file_stays_compressed(server, get, folder):
    packed = gzip.compress(TABLE)
    get(mine=server.give("/net.csv.gz", packed))
    assert (folder / "mine" / "net.csv.gz").read_bytes() == packed


def test_a_server_that_is_busy_once_is_asked_again(server, get, caplog):
    url = server.give("/net.csv", Answer(b"busy", 503), TABLE)
    with caplog.at_level(logging.WARNING):
        assert get(mine=url, retries=2)["fetched"].tolist() == [True]
    assert len(server.requests) == 2
    assert "503 Service Unavailable, next attempt in 0.01 s" in caplog.text


def test_a_transfer_that_breaks_off_once_is_done_again(server, get, folder):
    url = server.give("/net.csv", Answer(TABLE[:10], promised=len(TABLE)), TABLE)
    get(mine=url, retries=1)
    assert (folder / "mine" / "net.csv").read_bytes() == TABLE


def test_pauses_grow_up_to_a_limit(server, refused, monkeypatch):
    slept = []
    monkeypatch.setattr(transfer, "PAUSE", 8.0)
    monkeypatch.setattr(transfer.time, "sleep", slept.append)
    assert "tried 5 times" in refused(mine=server.give("/net.csv", Answer(b"busy", 503)), retries=4)
    assert [pause for pause in slept if pause] == [8.0, 16.0, 30.0, 30.0]


def test_files_of_one_server_are_asked_for_with_pauses(server, folder, monkeypatch):
    slept = []
    monkeypatch.setattr(download.time, "sleep", slept.append)
    files = tuple(File(f"{i}.xml", server.give(f"/{i}/kgml", b"<pathway/>")) for i in range(3))
    monkeypatch.setitem(RESOURCES, "kegg", replace(RESOURCES["kegg"], files=files))
    config = ResourcesConfig(download=["kegg"], folder=str(folder), timeout=5, retries=0, sources={})
    assert len(fetch(["kegg"], folder, config)) == 3
    assert [pause for pause in slept if pause == download.BETWEEN] == [download.BETWEEN] * 2


def test_the_log_names_amounts_and_licence(server, get, caplog):
    with caplog.at_level(logging.INFO):
        get(signor=server.give("/all.tsv", TABLE))
    assert "signor: 1 files fetched, 0 were there" in caplog.text
    assert RESOURCES["signor"].licence in caplog.text
    assert "Resources: 1 of 1 complete, 1 files fetched (0.0 MB), 0 were there" in caplog.text


# ------------------------------------------------------------------------------------------- what is refused


def test_a_changed_file(server, get, refused, folder):
    url = server.give("/net.csv", TABLE)
    get(mine=url)
    (folder / "mine" / "net.csv").write_bytes(b"changed")
    message = refused(mine=url)
    assert str(folder / "mine" / "net.csv") in message
    assert sha256(TABLE) in message
    assert sha256(b"changed") in message
    assert f"delete the line mine/net.csv in {folder / 'checksums.json'}" in message


def test_a_new_release_is_refused_until_it_is_accepted(server, get, refused, folder):
    url = server.give("/net.csv", TABLE, b"new release")
    get(mine=url)
    (folder / "mine" / "net.csv").unlink()
    message = refused(mine=url)
    assert sha256(TABLE) in message
    assert sha256(b"new release") in message
    assert "delete the line mine/net.csv" in message
    assert files_in(folder) == {"checksums.json"}
    (folder / "checksums.json").write_text("{}")
    get(mine=url)
    assert sums_in(folder) == {"mine/net.csv": sha256(b"new release")}


@pytest.mark.parametrize("there", [False, True])
def test_a_given_checksum_that_is_not_the_file_s(server, refused, folder, there):
    if there:
        (folder / "mine").mkdir(parents=True)
        (folder / "mine" / "net.csv").write_bytes(TABLE)
    message = refused(mine={"url": server.give("/net.csv", TABLE), "sha256": "0" * 64})
    assert "0" * 64 in message
    assert sha256(TABLE) in message
    assert "resources.sources.mine.sha256" in message
    assert files_in(folder) == ({"mine/net.csv"} if there else set())


@pytest.mark.parametrize(
    "broken",
    [Answer(TABLE, promised=len(TABLE) + 100), Answer(b"", promised=100), Answer(TABLE, chunked=True)],
    ids=["shorter than it says", "nothing of it", "chunks without an end"],
)
def test_a_transfer_that_breaks_off_leaves_nothing(server, refused, folder, broken):
    message = refused(mine=server.give("/net.csv", broken), retries=1)
    assert "broke off" in message
    assert "tried 2 times" in message
    assert files_in(folder) == set()


def test_a_page_that_is_not_there(server, refused, folder):
    message = refused(mine=f"{server.address}/absent.csv", retries=3)
    assert "mine: " in message
    assert f"{server.address}/absent.csv" in message
    assert "404 Not Found" in message
    assert "resources.sources.mine.url" in message
    assert f"put it at {folder / 'mine' / 'absent.csv'}" in message
    assert len(server.requests) == 1  # asking again would not help
    assert files_in(folder) == set()


def test_a_server_that_is_down(refused, folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = refused(mine=f"http://127.0.0.1:{port}/net.csv", retries=1)
    assert "cannot be reached, tried 2 times" in message
    assert str(port) in message
    assert files_in(folder) == set()


def test_a_server_that_is_silent(server, refused, folder):
    message = refused(mine=server.give("/net.csv", Answer(TABLE, silence=1.5)), timeout=0.2)
    assert "silent for 0.2 s (`resources.timeout`)" in message
    assert files_in(folder) == set()


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("net.csv", b"", "empty"),
        ("net.csv", b"\n<!DOCTYPE html><html>Please log in</html>", "no data but a message"),
        ("net.csv", b"Query ERROR: caught BioMart::Exception", "no data but a message"),
        ("net.csv.gz", TABLE, "not compressed as the name says"),
        ("net.txt.zip", TABLE, "not compressed as the name says"),
    ],
)
def test_what_is_not_the_file(server, refused, folder, name, body, said):
    assert said in refused(mine=server.give(f"/{name}", body), retries=2)
    assert len(server.requests) == 1
    assert files_in(folder) == set()


def test_one_failure_does_not_lose_the_others(server, get, refused, folder):
    good = {name: server.give(f"/{name}.csv", name.encode()) for name in ("one", "three")}
    message = refused(one=good["one"], two=f"{server.address}/two.csv", three=good["three"])
    assert message.startswith("1 of 3 resources failed, the others are kept: two: ")
    assert files_in(folder) == {"one/one.csv", "three/three.csv", "checksums.json"}
    server.requests.clear()
    report = get(one=good["one"], two=server.give("/two.csv", b"two"), three=good["three"])
    assert server.requests == ["/two.csv"]
    assert report.set_index("resource")["fetched"].to_dict() == {"one": False, "two": True, "three": False}


def test_a_folder_that_cannot_be_written(server, refused, folder):
    folder.parent.mkdir(parents=True)
    folder.write_text("a file, not a folder")
    message = refused(mine=server.give("/net.csv", TABLE))
    assert "cannot be written" in message
    assert "`resources.folder`" in message


def test_a_disk_that_is_full(server, refused, folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer, "inspect", full)
    message = refused(mine=server.give("/net.csv", TABLE))
    assert "No space left on device" in message
    assert files_in(folder) == set()


def test_unknown_names(server, refused, folder):
    message = refused(names=["mine", "hgcn"], mine=server.give("/net.csv", TABLE))
    assert "names hgcn; known are omnipath, signor" in message
    assert message.count("mine") == 1
    assert server.requests == []
    assert not folder.exists()


@pytest.mark.parametrize("end", ["", "/", "/..", "/a/%2e%2e", "/.hidden", "/?file=a.csv"])
def test_an_address_without_a_file_name(refused, folder, end):
    assert "`resources.sources.mine.file`" in refused(mine=f"https://example.org{end}")
    assert not folder.exists()


def test_an_address_for_what_is_fetched_by_hand_otherwise(server, get, folder):
    get(signor_complexes=server.give("/complexes.csv", TABLE))
    assert (folder / "signor_complexes" / "complexes.csv").exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"mine/net.csv": 3}', ""])
def test_a_record_that_cannot_be_read(server, refused, folder, content):
    folder.mkdir(parents=True)
    (folder / "checksums.json").write_text(content)
    message = refused(mine=server.give("/net.csv", TABLE))
    assert str(folder / "checksums.json") in message
    assert (folder / "checksums.json").read_text() == content


def test_the_record_is_replaced_as_a_whole(tmp_path, monkeypatch):
    transfer.record(tmp_path, "a/b", "1")

    def break_off(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.write_text", break_off)
    with pytest.raises(KeyboardInterrupt):
        transfer.record(tmp_path, "c/d", "2")
    assert files_in(tmp_path) == {"checksums.json"}
    assert transfer.recorded(tmp_path) == {"a/b": "1"}


# ------------------------------------------------------------------------------------------------- by hand


def test_what_is_fetched_by_hand_says_how(refused, folder):
    message = refused(names=["biomedgraphica"])
    assert "has to be fetched by hand" in message
    assert "huggingface.co" in message
    assert f"put the files into {folder / 'biomedgraphica'}" in message


def test_what_was_fetched_by_hand_is_recorded(get, folder):
    (folder / "biomedgraphica").mkdir(parents=True)
    (folder / "biomedgraphica" / "gene.csv").write_bytes(TABLE)
    report = schemas.DownloadReport.validate(get(names=["biomedgraphica"]))
    assert report["fetched"].tolist() == [False]
    assert sums_in(folder) == {"biomedgraphica/gene.csv": sha256(TABLE)}


def test_the_step_between_fetching_and_reading_is_logged(server, get, caplog):
    with caplog.at_level(logging.INFO):
        get(cellchatdb=server.give("/CellChatDB.human.rda", b"RDX3"))
    assert "before it can be read, save its tables as text" in caplog.text
