"""Several processes that share each batch do what one process does."""

import logging
import multiprocessing
import os
import signal
import time

import numpy as np
import pandas as pd
import pytest
import torch
from small_fits import model_config, training_config, without_time
from torch.multiprocessing import ProcessRaisedException

from pathlore.errors import PathloreError
from pathlore.training.data import CellSet
from pathlore.training.epochs import Epochs
from pathlore.training.process_rank import Rank, current_rank
from pathlore.training.processes import _start_method


@pytest.fixture
def double(monkeypatch):
    """In double precision: the optimiser divides a gradient that is zero but for rounding by its own size."""
    monkeypatch.setattr("pathlore.training.processes.precision", lambda config: "64-true")


def assert_close(first, second, *, columns=("train_loss", "validation_loss", "validation_auroc", "mean_importance")):
    """Equal curves, importances and weights, but for the order of sums."""
    (model, history), (other, curve) = first, second
    assert len(history) == len(curve)
    np.testing.assert_allclose(history[list(columns)], curve[list(columns)], rtol=1e-5)
    np.testing.assert_allclose(model.importance, other.importance, rtol=1e-5)
    for name, value in model.state.items():
        torch.testing.assert_close(value, other.state[name], rtol=1e-4, atol=1e-6, msg=f"{name}: {{}}".format)


@pytest.fixture
def odd(data):
    """34 training cells of unequal classes, and 23 validation cells."""
    kept = {"train": np.r_[:48:2, 1:20:2], "validation": np.arange(23)}
    return {split: part(data[split], rows) for split, rows in kept.items()}


def part(cells, rows):
    return CellSet(cells.x[rows], cells.labels[rows], [cells.cells[i] for i in rows], [cells.donors[i] for i in rows])


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize(
    ("changes", "form"),
    [
        ({}, {}),
        ({"batch_size": 15, "class_weights": "none"}, {"expression": "zscore", "layers": 2}),
        ({"accumulate": 2, "batch_size": 9}, {}),
        ({"cells_per_epoch": 21, "accumulate": 2, "batch_size": 8}, {}),
        ({"plateau_patience": 100}, {"readout": "paper"}),
    ],
    ids=["as it is", "uneven parts", "accumulated", "a sample", "paper"],
)
def test_two_processes_do_what_one_does(run, odd, changes, form):
    model = model_config(dropout=0.0, branches=[], **form)
    one = run(odd, training_config(**changes), model)
    two = run(odd, training_config(devices=2, strategy="ddp_fork", **changes), model)
    if "readout" in form:  # the paper's logits differ so little here that rounding decides their order
        assert_close(one, two, columns=("train_loss", "validation_loss", "mean_importance"))
    else:
        assert_close(one, two)


def test_the_calling_process_gets_each_row_once_and_the_first_process_logs(run, data, tmp_path):
    rows, callers, log = [], set(), logging.FileHandler(tmp_path / "log")
    logger = logging.getLogger("pathlore")
    level = logger.level
    logger.addHandler(log)
    logger.setLevel(logging.INFO)
    try:
        _, history = run(
            data,
            training_config(devices=2, epochs=3),
            model_config(),
            on_epoch=lambda row: (rows.append(row), callers.add(os.getpid())),
        )
    finally:
        logger.removeHandler(log)
        logger.setLevel(level)
    assert callers == {os.getpid()}
    assert [row["epoch"] for row in rows] == [1, 2, 3] == list(history["epoch"])
    lines = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("Fit, ")]
    assert len(lines) == 3
    assert "on 2 x cpu" in lines[0]
    assert "best of 3 epochs" in lines[1]
    assert "before training" in lines[2]


def test_dropout_differs_between_processes_and_runs_repeat(run, data):
    config = training_config(devices=2, epochs=2)
    first, again = (run(data, config, model_config(dropout=0.4)) for _ in range(2))
    pd.testing.assert_frame_equal(without_time(first[1]), without_time(again[1]))
    one = run(data, training_config(epochs=2), model_config(dropout=0.4))
    assert not np.array_equal(first[1]["train_loss"], one[1]["train_loss"])


def test_an_interrupted_fit_goes_on(run, data, tmp_path, monkeypatch):
    whole = run(data, training_config(devices=2), model_config())
    config = training_config(devices=2, checkpoints=str(tmp_path))

    with monkeypatch.context() as patch:
        one_epoch = Epochs.run
        patch.setattr(Epochs, "run", lambda self, epoch: one_epoch(self, epoch) if epoch < 4 else 1 / 0)
        with pytest.raises(ProcessRaisedException):
            run(data, config, model_config())
    assert not multiprocessing.active_children()
    resumed = run(data, config, model_config())
    pd.testing.assert_frame_equal(without_time(whole[1]), without_time(resumed[1]))
    alone = run(data, training_config(checkpoints=str(tmp_path)), model_config())  # one process takes it over
    pd.testing.assert_frame_equal(whole[1].drop(columns="seconds"), without_time(alone[1]))


def test_an_error_of_a_process_is_one_line(run, data):
    with pytest.raises(PathloreError, match=r"loss is nan.*modeling\.training\.learning_rate") as caught:
        run(data, training_config(devices=2, learning_rate=1e30), model_config(readout="paper"))
    assert "\n" not in str(caught.value)
    assert not multiprocessing.active_children()


def test_another_error_keeps_its_traceback(run, data, monkeypatch):
    monkeypatch.setattr(Epochs, "run", lambda self, epoch: time.sleep(60) if self.rank == 0 else 1 / 0)
    with pytest.raises(ProcessRaisedException, match="ZeroDivisionError"):
        run(data, training_config(devices=2), model_config())


def test_a_killed_process_ends_the_others(run, data, monkeypatch):
    def die(self, epoch):
        if self.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)

    monkeypatch.setattr(Epochs, "run", die)
    with pytest.raises(PathloreError, match=r"one of 2 training processes was killed \(SIGKILL\).*batch_size"):
        run(data, training_config(devices=2), model_config())
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_spawned_processes_do_the_same(run, odd, tmp_path):
    """They share nothing with this process: what is patched here is not patched there."""
    model, config = model_config(dropout=0.0, readout="paper"), training_config(epochs=2, plateau_patience=100)
    one = run(odd, config, model)
    two = run(odd, config.model_copy(update={"devices": 2, "strategy": "ddp_spawn"}), model)
    for name in ("train_loss", "validation_loss"):
        np.testing.assert_allclose(one[1][name], two[1][name], rtol=1e-4)


# -------------------------------------------------------------------------------------- what cannot be had


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"devices": 2, "batch_size": 3}, "a batch of 3 cells cannot be divided among 2 processes.*batch_size"),
        ({"devices": 30}, "a batch of 16 cells cannot be divided among 30 processes.*devices"),
        ({"devices": 2, "strategy": "ddp"}, "torchrun --nnodes 1 --nproc-per-node 2 -m pathlore"),
        ({"nodes": 2}, "torchrun --nnodes 2.*nodes: 1"),
        ({"devices": 2, "strategy": "ddp_fork", "threads": 2}, "one thread, not 2.*threads: 1"),
        ({"devices": 2, "accelerator": "mps"}, "devices: 1"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(run, data, changes, said):
    with pytest.raises(PathloreError, match=said) as caught:
        run(data, training_config(**changes), model_config())
    assert "\n" not in str(caught.value)


def test_gpus_that_are_not_there(run, data, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with pytest.raises(PathloreError, match=r"2 processes .* 1 GPU\(s\) found: lower modeling\.training\.devices"):
        run(data, training_config(devices=2, accelerator="cuda"), model_config())
    with pytest.raises(PathloreError, match="ddp_spawn or auto"):
        _start_method(training_config(devices=2, accelerator="cuda", strategy="ddp_fork"))


def test_torchrun_started_other_numbers(run, data, monkeypatch):
    for name, value in {"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    assert current_rank() == Rank(1, 4, 1, 2)
    assert (current_rank().machines, current_rank().is_main) == (2, False)
    with pytest.raises(PathloreError, match=r"torchrun has started 2 where modeling\.training\.devices is 3"):
        run(data, training_config(devices=3), model_config())
    with pytest.raises(PathloreError, match=r"torchrun has started 2 where modeling\.training\.nodes is 3"):
        run(data, training_config(nodes=3), model_config())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "fork"),
        ({"threads": 1}, "fork"),
        ({"threads": 3}, "spawn"),  # threads do not survive a fork
        ({"accelerator": "cuda"}, "spawn"),  # nor does CUDA
        ({"strategy": "ddp_spawn"}, "spawn"),
        ({"strategy": "ddp_fork"}, "fork"),
    ],
)
def test_how_processes_start(changes, expected):
    assert _start_method(training_config(devices=2, **{"threads": 0} | changes)) == expected
