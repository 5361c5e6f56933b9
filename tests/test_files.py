import json
import os
import stat
from pathlib import Path

import pytest

from pathlore.errors import PathloreError
from pathlore.files import (
    MARKER,
    atomic_file,
    atomic_folder,
    beside,
    foreign,
    own_folder,
    put,
    remove_leftovers,
    remove_own,
    sha256,
)

MINE = ("x.pt", "a.tmp", ".abc.def.", ".NAME.0a1b2c3d.partial", "mlflow.db", "deep/er/notes.txt", MARKER + "_too")


def put_mine(folder):
    for name in MINE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"mine: {name}")


def are_mine(folder):
    return all((folder / name).read_text() == f"mine: {name}" for name in MINE)


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def write(folder, **files):
    with atomic_folder(folder) as new:
        for name, text in files.items():
            (new / f"{name}.txt").write_text(text)


def killed_while_it_writes(place, partial=".report.txt.0a1b2c3d.partial"):
    """What a process that was killed leaves beside a place."""
    folder = place.parent / partial
    folder.mkdir(parents=True)
    (folder / MARKER).write_text(json.dumps({"made_by": "pathlore", "place": place.name}))
    (folder / place.name).write_text("half")
    return folder


def test_the_checksum(tmp_path):
    (tmp_path / "abc").write_text("abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "deep" / "report.txt"
    with atomic_file(path) as partial:
        partial.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert names(tmp_path) == ["deep/report.txt"]


@pytest.mark.parametrize("kind", [atomic_file, atomic_folder])
def test_what_fails_leaves_the_old_one_and_nothing_else(tmp_path, kind):
    place = tmp_path / "place"
    with kind(place) as partial:
        (partial / "one" if partial.is_dir() else partial).write_text("old")
    before = names(tmp_path)

    def fail():
        with kind(place) as partial:
            (partial / "two" if partial.is_dir() else partial).write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert names(tmp_path) == before
    assert (place / "one" if place.is_dir() else place).read_text() == "old"


def test_a_folder_is_replaced_but_for_files_of_a_user(tmp_path):
    folder = tmp_path / "results"
    write(folder, a="1", b="2")
    put_mine(folder)
    (folder / "link").symlink_to(tmp_path)
    write(folder, b="3", c="4")
    assert are_mine(folder)
    assert (folder / "link").is_symlink()
    assert names(folder) == sorted([*MINE, MARKER, "b.txt", "c.txt"])
    assert (folder / "b.txt").read_text() == "3"
    assert {path.name for path in foreign(folder)} == {Path(name).name for name in MINE} | {"link"}


def test_a_file_that_a_user_changed_is_kept(tmp_path):
    folder = tmp_path / "results"
    write(folder, a="1", b="2")
    (folder / "a.txt").write_text("1, but see my notes")
    write(folder, b="3")
    assert (folder / "a.txt").read_text() == "1, but see my notes"


def test_a_folder_that_this_program_did_not_make_loses_nothing(tmp_path):
    put_mine(tmp_path / "results")
    write(tmp_path / "results", a="1")
    assert are_mine(tmp_path / "results")


def test_files_of_a_user_survive_a_process_that_was_killed_between_the_two_moves(tmp_path, monkeypatch):
    folder = tmp_path / "results"
    write(folder, a="1")
    put_mine(folder)
    monkeypatch.setattr("pathlore.files._clear", lambda *_: None)  # killed: nothing is cleared
    move = Path.replace

    def killed(path, target):
        if Path(target) == folder:
            raise KeyboardInterrupt
        return move(path, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write(folder, a="2")
    monkeypatch.undo()
    assert not folder.exists()
    remove_leftovers(folder)
    assert are_mine(folder)
    assert names(tmp_path) == sorted(f"results/{name}" for name in MINE)


def test_a_folder_that_cannot_be_moved_in_leaves_the_old_one(tmp_path, monkeypatch):
    folder = tmp_path / "results"
    write(folder, a="1")
    move = Path.replace

    def refused(path, target):
        if Path(target) == folder and "old" not in path.parts[-2]:
            raise PermissionError("refused")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(PermissionError):
        write(folder, a="2")
    assert (folder / "a.txt").read_text() == "1"


def test_a_user_s_file_is_not_read_as_one_of_ours(tmp_path):
    folder = tmp_path / "parts"
    write(folder, a="1", b="2")
    (folder / "backup.txt").write_text("mine")
    with beside(folder) as new:
        (new / "parts").mkdir()
        (new / "parts" / "a.txt").write_text("1")
        with pytest.raises(PathloreError, match=r"holds backup\.txt, which pathlore did not write"):
            put(new / "parts", folder, ".txt")
    assert names(folder) == [MARKER, "a.txt", "b.txt", "backup.txt"]


@pytest.mark.parametrize("mask", [0o022, 0o002, 0o077])
def test_permissions_are_those_of_the_umask(tmp_path, mask):
    before = os.umask(mask)
    try:
        with atomic_folder(tmp_path / "model") as new:
            (new / "weights").write_text("w")
            (new / "weights").chmod(0o600)
            (new / "part").mkdir(mode=0o700)
        with atomic_file(tmp_path / "table") as new:
            new.write_text("t")
            new.chmod(0o600)
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("model", "model/part")}
    assert set(found.values()) == {0o777 & ~mask}
    for path in ("model/weights", "table", f"model/{MARKER}"):
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) == 0o666 & ~mask


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path):
    with atomic_file(tmp_path / ("n" * 255)) as partial:
        partial.write_text("1")
    killed_while_it_writes(tmp_path / ("n" * 254), f".{'n' * 40}.0a1b2c3d.partial")
    remove_leftovers(tmp_path / ("n" * 255))
    assert len(list(tmp_path.iterdir())) == 2
    remove_leftovers(tmp_path / ("n" * 254))
    assert len(list(tmp_path.iterdir())) == 1


def test_leftovers_are_removed_where_this_program_made_them(tmp_path):
    place = tmp_path / "report.txt"
    half = killed_while_it_writes(place)
    other = killed_while_it_writes(tmp_path / "other.txt", ".other.txt.0a1b2c3d.partial")
    mine = tmp_path / ".report.txt.1a1b2c3d.partial"
    put_mine(mine)
    (tmp_path / ".report.txt.2a1b2c3d.partial").write_text("mine")
    (tmp_path / ".report.txt.3a1b2c3d.partial").mkdir()
    remove_leftovers(place)
    assert not half.exists()
    assert other.exists()
    assert are_mine(mine)
    assert (tmp_path / ".report.txt.2a1b2c3d.partial").read_text() == "mine"
    assert not (tmp_path / ".report.txt.3a1b2c3d.partial").exists()


def test_an_own_folder(tmp_path):
    folder = tmp_path / "deep" / "own"
    own_folder(folder)
    own_folder(folder)
    (folder / "state.pt").write_text("s")
    remove_own(folder, "state.pt")
    assert not folder.exists()
    own_folder(folder)
    (folder / "state.pt").write_text("s")
    put_mine(folder)
    remove_own(folder, "state.pt")
    assert are_mine(folder)
    assert names(folder) == sorted([*MINE, MARKER])


def test_a_folder_of_a_user_does_not_become_our_own(tmp_path):
    put_mine(tmp_path / "theirs")
    with pytest.raises(PathloreError, match="did not write"):
        own_folder(tmp_path / "theirs")
    remove_own(tmp_path / "theirs", *MINE)
    assert are_mine(tmp_path / "theirs")
    own_folder(tmp_path / "own")
    (tmp_path / "own").rename(tmp_path / "copy")  # the mark of another folder proves nothing
    (tmp_path / "copy" / "state.pt").write_text("mine")
    remove_own(tmp_path / "copy", "state.pt")
    assert (tmp_path / "copy" / "state.pt").exists()
