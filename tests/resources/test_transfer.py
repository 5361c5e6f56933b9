"""Transfers that break off and go on, from a server on this machine."""

import hashlib
import stat

import pytest
from local_server import Answer

from pathlore.errors import PathloreError
from pathlore.files import own_folder
from pathlore.resources import transfer
from pathlore.resources.catalogue import File
from pathlore.resources.transfer import TransferError

WHOLE = bytes(range(256)) * 1024  # four blocks
HALF = len(WHOLE) // 2


@pytest.fixture
def get(tmp_path):
    def run(url, retries=0, expected=None):
        file = File("series.tar", url)
        transfer.transfer(file, tmp_path, expected, timeout=5, retries=retries, resume=True, block="cohort")
        return (tmp_path / "series.tar").read_bytes()

    return run


def hidden(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def cut(version):
    return Answer(WHOLE[:HALF], promised=len(WHOLE), version=version)


@pytest.mark.parametrize("resume", [True, False])
def test_a_team_can_read_what_was_fetched(server, tmp_path, resume):
    url = server.give("/a", Answer(WHOLE))
    transfer.transfer(File("a", url), tmp_path, None, timeout=5, retries=0, resume=resume)
    (tmp_path / "b").touch()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "b").stat().st_mode)


def test_only_the_rest_is_asked_for(server, get, tmp_path):
    url = server.give("/a", cut('"1"'), Answer(WHOLE, version='"1"'))
    assert get(url, retries=1) == WHOLE
    assert server.ranges == ["", f"bytes={HALF}-"]
    assert hidden(tmp_path) == []


def test_the_next_run_goes_on_too(server, get, tmp_path):
    url = server.give("/a", cut('"1"'), Answer(WHOLE, version='"1"'))
    with pytest.raises(TransferError, match="broke off"):
        get(url)
    assert hidden(tmp_path) == [".series.tar.transfer"]
    assert not (tmp_path / "series.tar").exists()
    assert get(url, expected=hashlib.sha256(WHOLE).hexdigest()) == WHOLE
    assert server.ranges[-1] == f"bytes={HALF}-"


def test_it_may_break_off_more_than_once(server, get):
    server.give("/a", cut('"1"'), Answer(b"busy", 503), Answer(WHOLE, version='"1"'))
    assert get(f"{server.address}/a", retries=2) == WHOLE


def test_another_version_is_fetched_whole(server, get):
    other = WHOLE[::-1]
    url = server.give("/a", cut('"1"'), Answer(other, version='"2"'))
    assert get(url, retries=1) == other


@pytest.mark.parametrize("version", ["", 'W/"weak"'])
def test_without_a_version_it_starts_anew(server, get, version):
    url = server.give("/a", cut(version), Answer(WHOLE, version=version))
    assert get(url, retries=1) == WHOLE
    assert server.ranges == ["", ""]


def test_a_part_that_has_it_all_is_not_believed(server, get, tmp_path):
    """The run was stopped between the last byte and the move."""
    folder = tmp_path / ".series.tar.transfer"
    own_folder(folder)
    (folder / "content").write_bytes(WHOLE)
    (folder / "version").write_text('"1"')
    assert get(server.give("/a", Answer(WHOLE, version='"1"'))) == WHOLE
    assert server.ranges == [f"bytes={len(WHOLE)}-", ""]


def test_files_of_a_user_are_neither_continued_nor_removed(server, get, tmp_path):
    """Names that a part of a transfer had, or has, prove nothing."""
    mine = [".series.tar.partial", ".series.tar.partial.version", ".series.tar.0a1b2c3d.partial"]
    for name in mine:
        (tmp_path / name).write_text("mine")
    assert get(server.give("/a", Answer(WHOLE, version='"1"'))) == WHOLE
    assert server.ranges == [""]
    assert [(tmp_path / name).read_text() for name in mine] == ["mine"] * 3
    (tmp_path / ".series.tar.transfer").mkdir()
    (tmp_path / ".series.tar.transfer" / "content").write_text("mine")
    (tmp_path / "series.tar").unlink()
    with pytest.raises(PathloreError, match=r"series\.tar\.transfer holds files that pathlore did not write"):
        get(server.give("/a", Answer(WHOLE, version='"1"')))
    assert (tmp_path / ".series.tar.transfer" / "content").read_text() == "mine"


def test_a_wrong_checksum_leaves_nothing(server, get, tmp_path):
    with pytest.raises(TransferError, match="SHA-256"):
        get(server.give("/a", Answer(WHOLE, version='"1"')), expected="0" * 64)
    assert hidden(tmp_path) == []
    assert not (tmp_path / "series.tar").exists()


def test_silence_names_the_block(server, tmp_path):
    url = server.give("/a", Answer(WHOLE, silence=1.5))
    with pytest.raises(TransferError, match=r"`cohort\.timeout`"):
        transfer.transfer(File("a", url), tmp_path, None, timeout=0.2, retries=0, resume=True, block="cohort")
