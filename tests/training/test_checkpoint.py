import logging

import numpy as np
import pytest
import torch

from pathlore.errors import PathloreError
from pathlore.files import MARKER
from pathlore.training.checkpoint import Checkpoint, clear_checkpoints, fingerprint


@pytest.fixture
def checkpoint(tmp_path):
    return Checkpoint(str(tmp_path / "deep" / "folder"), "pooled", "abc")


def test_round_trip_and_replacement(checkpoint):
    assert checkpoint.load() is None
    checkpoint.save({"epoch": 1, "weights": torch.ones(2)})
    checkpoint.save({"epoch": 2, "weights": torch.zeros(2)})
    state = checkpoint.load()
    assert state["epoch"] == 2
    assert torch.equal(state["weights"], torch.zeros(2))
    assert sorted(path.name for path in checkpoint.path.parent.iterdir()) == [MARKER, "state.pt"]


def test_failed_saving_leaves_the_old_one(checkpoint, monkeypatch):
    checkpoint.save({"epoch": 1})

    def half(state, path):
        path.write_bytes(b"half of")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save({"epoch": 2})
    assert checkpoint.load()["epoch"] == 1


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None], ids=["empty", "other", "truncated"])
def test_a_damaged_file_is_not_used(checkpoint, caplog, content):
    checkpoint.save({"weights": torch.ones(1000)})
    whole = checkpoint.path.read_bytes()
    checkpoint.path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with caplog.at_level(logging.WARNING, "pathlore"):
        assert checkpoint.load() is None
    assert "starting from the beginning" in caplog.text
    assert str(checkpoint.path) in caplog.text


def test_one_of_another_fit_is_not_used(checkpoint, tmp_path, caplog):
    checkpoint.save({"epoch": 1})
    with caplog.at_level(logging.INFO, "pathlore"):
        assert Checkpoint(str(checkpoint.path.parents[1]), "pooled", "other").load() is None
    assert "belongs to other data or parameters" in caplog.text
    assert Checkpoint(str(checkpoint.path.parents[1]), "another", "abc").load() is None


def test_nothing_runs_on_loading(checkpoint, tmp_path):
    """A checkpoint is unpickled as data: code in it is refused."""

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "written"), "w"))

    checkpoint.save({"evil": Evil()})
    assert checkpoint.load() is None
    assert not (tmp_path / "written").exists()


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nowhere = Checkpoint(None, "pooled", "abc")
    nowhere.save({"epoch": 1})
    assert nowhere.load() is None
    clear_checkpoints(None)
    assert not list(tmp_path.iterdir())


def test_clearing_removes_checkpoints_and_nothing_else(checkpoint, tmp_path):
    checkpoint.save({"epoch": 1})
    folder = checkpoint.path.parents[1]
    clear_checkpoints(str(folder))
    assert not folder.exists()
    clear_checkpoints(str(folder))
    checkpoint.save({"epoch": 1})
    mine = ["thesis.docx", "x.pt", "a.tmp", "pooled.pt", "more.checkpoint/state.pt", "pooled.checkpoint/x.pt"]
    for name in mine:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("years of work")
    clear_checkpoints(str(folder))
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found - {MARKER, f"pooled.checkpoint/{MARKER}"} == set(mine)


def test_a_folder_of_a_user_is_not_written_into(checkpoint):
    checkpoint.path.parent.mkdir(parents=True)
    checkpoint.path.write_text("mine")
    with pytest.raises(PathloreError, match=r"pooled\.checkpoint holds files that pathlore did not write"):
        checkpoint.save({"epoch": 1})
    assert checkpoint.path.read_text() == "mine"


def test_fingerprint_tells_texts_shapes_and_values_apart():
    x = np.arange(6.0)
    prints = [
        fingerprint(["a", "b"], [x]),
        fingerprint(["ab"], [x]),
        fingerprint(["a"], [x]),
        fingerprint(["a", "b"], [x.reshape(2, 3)]),
        fingerprint(["a", "b"], [x + 1e-12]),
        fingerprint(["a", "b"], []),
    ]
    assert len(set(prints)) == len(prints)
    assert fingerprint(["a"], [x[::2]]) == fingerprint(["a"], [x[::2].copy()])
