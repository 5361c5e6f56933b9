"""The files of a series, from a server on this machine."""

import hashlib
import json
import logging

import pandas as pd
import pytest
from local_server import Answer
from miniature_series import cohort_block, recipe_in

from pathlore import schemas
from pathlore.cohorts.download import fetch_series
from pathlore.config import RecipeConfig
from pathlore.errors import PathloreError, user_error
from pathlore.resources import transfer

TAR = b"an archive, for this test" * 8000
KEY = "GSE136103/GSE136103_RAW.tar"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "raw" / "cohorts"


@pytest.fixture
def get(server, folder):
    def run(*answers, retries=0, **file):
        if answers:
            server.give("/RAW.tar", *answers)
        url = f"{server.address}/RAW.tar"
        values = recipe_in("cirrhosis").model_dump()
        recipe = RecipeConfig(**(values | {"files": [{"name": "GSE136103_RAW.tar", "url": url, **file}]}))
        return fetch_series(cohort_block(recipe, folder, retries=retries))

    return run


@pytest.fixture
def refused(get):
    def run(*answers, **named):
        with pytest.raises(PathloreError) as caught:
            get(*answers, **named)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return run


def files_in(folder):
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {".checksums.json.lock"}


def test_it_is_fetched_once_and_recorded(server, get, folder, caplog):
    with caplog.at_level(logging.INFO):
        (row,) = schemas.DownloadReport.validate(get(TAR)).to_dict("records")
    assert (folder / KEY).read_bytes() == TAR
    assert json.loads((folder / "checksums.json").read_text()) == {KEY: sha256(TAR)}
    assert (row["resource"], row["file"], row["sha256"], row["fetched"]) == (
        "GSE136103", str(folder / KEY), sha256(TAR), True,
    )  # fmt: skip
    assert "1 files in" in caplog.text
    again = get()
    assert len(server.requests) == 1
    assert again["fetched"].tolist() == [False]


def test_offline_once_it_is_there(server, get):
    first = get(TAR)
    server.give("/RAW.tar", Answer(b"gone", 500))
    second = get()
    pd.testing.assert_frame_equal(first.drop(columns="fetched"), second.drop(columns="fetched"))


def test_a_transfer_that_breaks_off_goes_on(server, get, folder):
    half = 2 * transfer.CHUNK
    cut = Answer(TAR[:half], promised=len(TAR), version='"1"')
    get(cut, Answer(TAR, version='"1"'), retries=1)
    assert server.ranges == ["", f"bytes={half}-"]
    assert (folder / KEY).read_bytes() == TAR


def test_the_next_run_goes_on_where_this_one_stopped(server, get, refused, folder):
    half = 2 * transfer.CHUNK
    message = refused(Answer(TAR[:half], promised=len(TAR), version='"1"'))
    assert "broke off" in message
    assert "goes on where this run stopped" in message
    assert not (folder / KEY).exists()
    assert not (folder / "checksums.json").exists()
    get(Answer(TAR, version='"1"'))
    assert server.ranges == ["", f"bytes={half}-"]
    assert files_in(folder) == {KEY, "checksums.json"}


def test_a_changed_file_on_the_disk(get, refused, folder):
    get(TAR)
    (folder / KEY).write_bytes(TAR + b"!")
    message = refused()
    assert sha256(TAR) in message
    assert f"delete the line {KEY} in {folder / 'checksums.json'}" in message


def test_a_changed_file_on_the_server(get, refused, folder):
    get(TAR)
    (folder / KEY).unlink()
    message = refused(TAR + b"a new version")
    assert f"delete the line {KEY}" in message
    assert files_in(folder) == {"checksums.json"}


@pytest.mark.parametrize("there", [False, True])
def test_a_wrong_checksum_in_the_recipe(get, refused, folder, there):
    if there:
        (folder / "GSE136103").mkdir(parents=True)
        (folder / KEY).write_bytes(TAR)
    message = refused(TAR, sha256="0" * 64)
    assert "sha256 of GSE136103_RAW.tar in `cohort.recipe.files`" in message
    assert files_in(folder) == ({KEY} if there else set())


def test_a_file_that_is_not_there(refused):
    message = refused(Answer(b"", 404), retries=2)
    assert "404" in message
    assert "`cohort.recipe.files`" in message
    assert "put it at" in message


def test_a_folder_that_cannot_be_written(refused, folder):
    folder.parent.mkdir(parents=True)
    folder.write_text("a file")
    assert "choose another folder by `cohort.folder`" in refused(TAR)


def test_a_folder_in_the_place_of_the_file(get, folder):
    (folder / KEY).mkdir(parents=True)
    with pytest.raises(IsADirectoryError) as caught:
        get(Answer(TAR))
    message = str(user_error(caught.value))
    assert message == f"{folder / KEY} is a folder, a file was expected there: delete the folder {folder / KEY}"
