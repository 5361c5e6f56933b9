import pickle
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from small_fits import model_config, small_cells, tensor, training_config, without_time

from pathlore.datasets.model import TrainedModelDataset
from pathlore.errors import PathloreError
from pathlore.expression.streaming import SparseWriter, scratch_folder
from pathlore.files import MARKER
from pathlore.model import path_prior, total_loss
from pathlore.schemas import History
from pathlore.training.batches import Batches
from pathlore.training.checkpoint import Progression
from pathlore.training.epochs import Epochs
from pathlore.training.metrics import auroc
from pathlore.training.trained_model import predict


def assert_same_fit(first, second):
    """Equal curves and bit for bit equal weights."""
    pd.testing.assert_frame_equal(without_time(first[1]), without_time(second[1]), check_exact=True)
    assert first[0].best_epoch == second[0].best_epoch
    assert first[0].state.keys() == second[0].state.keys()
    for name, value in first[0].state.items():
        assert torch.equal(value, second[0].state[name]), name


@pytest.fixture
def noise(small_graph):
    """Cells whose labels mean nothing."""
    return small_cells(small_graph.genes, classes=2, effect=0.0, seed=7)


@pytest.mark.parametrize("readout", ["additive", "paper"])
def test_one_seed_gives_one_fit_and_another_seed_another(run, data, readout):
    model = model_config(readout=readout)
    first = run(data, training_config(), model)
    torch.rand(7)  # whatever was drawn before does not matter
    assert_same_fit(first, run(data, training_config(), model))
    other = run(data, training_config(seed=4), model)
    assert not np.array_equal(first[1]["train_loss"], other[1]["train_loss"])


@pytest.mark.parametrize("reading", ["on", "expression"])
def test_groups_of_many_sentences_are_said_and_kept(run, data, reading, caplog):
    """A model that is loaded reads the groups that it was fitted with, however they would be formed then."""
    with caplog.at_level("INFO"):
        model, _ = run(data, training_config(epochs=1), model_config(cross_attention=reading, max_sentences=2))
    assert ("raise modeling.model.max_sentences" in caplog.text) == (reading == "on")
    assert ("sentences" in model.state) == (reading == "on")
    if reading == "on":
        model.state["sentences"].mul_(2.0)
        assert torch.equal(model.module().sentences, model.state["sentences"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="Fabric would take the GPU")
def test_one_process_alone_gives_the_bits_of_fabric(run, data, monkeypatch):
    config = training_config(accelerator="auto", accumulate=2)
    alone = run(data, config, model_config())
    monkeypatch.setattr("pathlore.training.processes.accelerator_found", lambda: True)
    assert_same_fit(alone, run(data, config, model_config()))


def test_history_is_of_its_schema(run, data):
    _, history = run(data, training_config(), model_config())
    History.validate(history)
    assert list(history["epoch"]) == [1, 2, 3, 4, 5]
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]


@pytest.mark.parametrize("readout", ["additive", "paper"])
@pytest.mark.parametrize("class_weights", ["balanced", "none"])
def test_the_weights_are_the_whole_model_of_the_best_epoch(run, noise, small_graph, readout, class_weights):
    """Predecessor's fault 5: the best encoder with the head of the last epoch."""
    config = training_config(epochs=8, learning_rate=0.03, class_weights=class_weights)
    states = {}
    record = Progression.record

    def spy(self, row, state, *limits):
        states[int(row["epoch"])] = {name: value.clone() for name, value in state.items()}
        record(self, row, state, *limits)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Progression, "record", spy)
        model, history = run(noise, config, model_config(readout=readout, branches=[], shared_importance=0.0))

    scores = list(zip(history["validation_auroc"].round(3), -history["validation_loss"], strict=True))
    best = max(range(len(scores)), key=scores.__getitem__)
    assert model.best_epoch == best + 1 < len(history), "the test needs a best epoch that is not the last"
    assert all(torch.equal(value, states[model.best_epoch][name]) for name, value in model.state.items())
    differing = {name for name, value in model.state.items() if not torch.equal(value, states[len(history)][name])}
    assert {"importance.logits"} < differing
    assert any(name.startswith("readout.") for name in differing)

    module, validation = model.module(), noise["validation"]
    probabilities = predict(module, validation.x, batch_size=5)
    assert auroc(validation.labels, probabilities) == history["validation_auroc"][best]
    with torch.no_grad():
        loss = total_loss(
            module(tensor(validation)),
            torch.from_numpy(validation.labels),
            module.importance(),
            class_weights=None,  # the training set is balanced
            prior=torch.from_numpy(path_prior(small_graph, config.prior_mode)).float(),
            prior_weight=config.prior_weight,
            sparsity=config.sparsity,
        )
    assert float(loss) == pytest.approx(history["validation_loss"][best], abs=1e-6)
    assert float(module.importance().detach().mean()) == pytest.approx(history["mean_importance"][best], abs=1e-7)


def test_residuals_are_calibrated_on_training_cells(run, data):
    """The statistics belong to the saved weights, without dropout, and do not lag behind them."""
    model, _ = run(data, training_config(), model_config())
    module = model.module()
    with torch.no_grad():
        residual = module.readout.residual(module.encode_paths(tensor(data["train"])))
    torch.testing.assert_close(model.state["readout.standardise.running_mean"], residual[..., 0].mean(dim=0))
    torch.testing.assert_close(
        model.state["readout.standardise.running_var"], residual[..., 0].var(dim=0), rtol=1e-2, atol=0
    )


def test_early_stopping_ends_a_fit_that_stands_still(run, noise):
    model, history = run(noise, training_config(epochs=60, early_stopping=2, learning_rate=0.05), model_config())
    assert len(history) < 60
    assert len(history) == model.best_epoch + 2


@pytest.mark.parametrize(("steps", "ends"), [(1, 2), (12, 5), (100, 12)])
def test_a_fit_ends_when_neither_validation_nor_ranking_moves(run, data, monkeypatch, steps, ends):
    """Three steps an epoch, at most 12 epochs; of a fit that learns nothing, the first is the last one that moves."""
    monkeypatch.setattr("pathlore.training.fit.LEAST_STEPS", steps)
    still = {"learning_rate": 1e-9, "importance_learning_rate": 1e-9, "weight_decay": 0.0}
    _, history = run(data, training_config(epochs=12, early_stopping=60, settled=1, **still), model_config(dropout=0.0))
    assert len(history) == ends


def test_an_epoch_takes_a_sample_of_many_cells(run, data, tmp_path):
    """Each epoch other ones; the same after an interruption, and of cells on disk."""
    config = training_config(cells_per_epoch=20, batch_size=8)
    draw, drawn = Batches.draw, []

    def spy(self, *arguments):
        drawn.append(np.sort(np.concatenate(draw(self, *arguments))))
        return self.drawn

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Batches, "draw", spy)
        whole = run(data, config, model_config())
    assert [len(rows) for rows in drawn] == [16] * 5  # two batches; the last, smaller one is left out
    assert len(np.unique(np.concatenate(drawn))) > 30
    assert len({tuple(rows) for rows in drawn}) == 5
    with pytest.MonkeyPatch.context() as patch:
        epoch = Epochs.run
        patch.setattr(Epochs, "run", lambda self, number: epoch(self, number) if number < 4 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(data, config.model_copy(update={"checkpoints": str(tmp_path)}), model_config())
    assert_same_fit(whole, run(data, config.model_copy(update={"checkpoints": str(tmp_path)}), model_config()))

    folder = scratch_folder(str(tmp_path / "scratch"))
    streamed = {}
    for split, cells in data.items():
        writer = SparseWriter(folder, split, cells.x.shape[1])
        writer.add(cells.x)
        stored = writer.close()
        streamed[split] = replace(cells, x=stored.open(), stored=stored)
    assert_same_fit(whole, run(streamed, config, model_config()))


def test_validation_cells_of_an_epoch_are_a_fixed_sample(run, data):
    seen = []
    loss = Epochs._validate

    def spy(self):
        seen.append(self.validation.cells)
        return loss(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Epochs, "_validate", spy)
        run(data, training_config(cells_per_epoch=10, batch_size=5), model_config())
    assert len(seen) == 6  # once before the first epoch
    assert len(seen[0]) == 10
    assert all(cells == seen[0] for cells in seen)


def test_a_cap_that_no_cohort_reaches_changes_nothing(run, data):
    whole = run(data, training_config(cells_per_epoch=None), model_config())
    assert_same_fit(whole, run(data, training_config(cells_per_epoch=48), model_config()))
    assert_same_fit(whole, run(data, training_config(), model_config()))


def test_the_learning_rate_falls_when_validation_stands_still(run, noise):
    _, history = run(noise, training_config(epochs=12, plateau_patience=0, learning_rate=0.05), model_config())
    rates = history["learning_rate"]
    assert rates[0] == 0.05
    assert rates.is_monotonic_decreasing
    assert set(rates) <= {0.05 * 0.5**k for k in range(12)}
    assert rates.iloc[-1] < rates[0]


# ------------------------------------------------------------------------------------------- interruption


def test_a_killed_fit_goes_on_as_if_nothing_had_happened(run, data, small_graph, gene_vectors, path_vectors, tmp_path):
    """The signal comes from outside, within the third epoch, which is trained again."""
    inputs = (small_graph, gene_vectors, path_vectors, data, model_config(), str(tmp_path / "checkpoints"))
    (tmp_path / "inputs.pkl").write_bytes(pickle.dumps(inputs))
    script = f"""
import pathlib, pickle, sys, time
sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[1] / "helpers")!r}]
from small_fits import training_config
from pathlore.training.epochs import Epochs
from pathlore.training.fit import fit
graph, genes, paths, data, model, folder = pickle.load(open({str(tmp_path / "inputs.pkl")!r}, "rb"))
def step(self, *rest, steps=[], step=Epochs._step):
    steps.append(0)
    if len(steps) == 8:  # the second of the three steps of epoch 3
        pathlib.Path({str(tmp_path / "marker")!r}).touch()
        time.sleep(100)
    return step(self, *rest)
Epochs._step = step
fit("pooled", graph, genes, paths, data, ["class 0", "class 1"], model, training_config(checkpoints=folder))
"""
    with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "marker").exists():
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert {path.name for path in (tmp_path / "checkpoints").iterdir()} == {"pooled.checkpoint", MARKER}
    rows, trained = [], []
    train = Epochs.run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Epochs, "run", lambda self, epoch: trained.append(epoch) or train(self, epoch))
        resumed = run(data, training_config(checkpoints=inputs[-1]), model_config(), on_epoch=rows.append)
    assert trained == [3, 4, 5]
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5]
    assert_same_fit(run(data, training_config(), model_config()), resumed)


@pytest.mark.parametrize("readout", ["additive", "paper"])
def test_a_fit_interrupted_within_an_epoch_goes_on(run, data, tmp_path, readout):
    config, model = training_config(checkpoints=str(tmp_path), score_init_penalty=3.0), model_config(readout=readout)
    train = Epochs._step
    steps = []

    def interrupted(self, *batch):
        steps.append(batch)
        if len(steps) == 8:  # the second of the three steps of epoch 3
            raise KeyboardInterrupt
        return train(self, *batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Epochs, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(data, config, model)
    assert_same_fit(run(data, training_config(score_init_penalty=3.0), model), run(data, config, model))


def test_a_finished_fit_is_not_trained_again(run, data, tmp_path, monkeypatch):
    config = training_config(checkpoints=str(tmp_path))
    first = run(data, config, model_config())
    monkeypatch.delattr(Epochs, "run")
    assert_same_fit(first, run(data, config, model_config()))


@pytest.mark.parametrize("change", ["seed", "data", "model", "prior"])
def test_a_checkpoint_of_another_fit_is_not_used(run, data, tmp_path, change):
    folder = str(tmp_path)
    run(data, training_config(checkpoints=folder, epochs=2), model_config())
    changes = {"seed": {"seed": 9}, "prior": {"prior_mode": "up"}}.get(change, {})
    model = model_config(layers=2) if change == "model" else model_config()
    if change == "data":
        x = data["train"].x.copy()
        x[0, 0] += 0.5
        data["train"] = replace(data["train"], x=x)
    expected = run(data, training_config(epochs=2, **changes), model)
    assert_same_fit(expected, run(data, training_config(epochs=2, checkpoints=folder, **changes), model))


# --------------------------------------------------------------------------- nothing but its own business


@pytest.mark.parametrize("readout", ["additive", "paper"])
def test_test_cells_are_never_looked_at(run, data, readout):
    model = model_config(readout=readout)
    first = run(data, training_config(), model)
    test = data["test"]
    spoiled = replace(test, x=test.x * np.nan, labels=1 - test.labels)
    assert_same_fit(first, run({**data, "test": spoiled}, training_config(), model))
    assert_same_fit(first, run({name: data[name] for name in ("train", "validation")}, training_config(), model))


def test_global_state_is_left_as_it_was(run, data):
    torch.set_num_threads(2)
    try:
        before = (torch.get_rng_state(), np.random.get_state(), random.getstate())  # noqa: NPY002
        run(data, training_config(epochs=1), model_config())
        with pytest.raises(PathloreError):
            run(data, training_config(learning_rate=1e30), model_config(readout="paper"))
        assert torch.equal(torch.get_rng_state(), before[0])
        assert str(np.random.get_state()) == str(before[1])  # noqa: NPY002
        assert random.getstate() == before[2]
        assert torch.get_num_threads() == 2
        assert torch.is_grad_enabled()
    finally:
        torch.set_num_threads(1)


def test_the_data_are_left_as_they_were(run, data):
    before = {split: (cells.x.copy(), cells.labels.copy()) for split, cells in data.items()}
    run(data, training_config(epochs=2), model_config(expression="zscore"))
    for split, (x, labels) in before.items():
        assert (data[split].x != x).nnz == 0
        np.testing.assert_array_equal(data[split].labels, labels)


# ------------------------------------------------------------------------------------- loss, classes, forms


@pytest.mark.parametrize("batch_size", [16, 48], ids=["many steps", "one step an epoch"])
@pytest.mark.parametrize("readout", ["additive", "paper"])
def test_a_loss_that_is_no_number_names_the_learning_rate(run, data, batch_size, readout):
    config = training_config(learning_rate=1e30, batch_size=batch_size)
    with pytest.raises(PathloreError, match=r"modeling\.training\.learning_rate") as caught:
        run(data, config, model_config(readout=readout))
    assert "\n" not in str(caught.value)


def test_class_weights_balance_the_classes(run, small_graph):
    data = small_cells(small_graph.genes, classes=2, effect=0.0)
    train = data["train"]
    kept = np.flatnonzero((train.labels == 0) | (np.arange(len(train)) < 12))  # 24 of class 0, 6 of class 1
    data["train"] = replace(
        train, x=train.x[kept], labels=train.labels[kept], cells=[train.cells[i] for i in kept], donors=[None] * 30
    )
    seen = []
    prepare = Epochs.__init__

    def spy(self, *arguments):
        prepare(self, *arguments)
        seen.append(self.class_weights)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Epochs, "__init__", spy)
        balanced, _ = run(data, training_config(class_weights="balanced", prior_weight=0.0), model_config())
        plain, _ = run(data, training_config(class_weights="none", prior_weight=0.0), model_config())
    torch.testing.assert_close(seen[0], torch.tensor([30 / (2 * 24), 30 / (2 * 6)]))
    assert seen[1] is None
    means = [predict(model.module(), data["validation"].x, 24)[:, 1].mean() for model in (balanced, plain)]
    assert means[0] > means[1]  # the rare class is not forgotten


@pytest.mark.parametrize("readout", ["additive", "paper"])
def test_three_classes(run, three_classes, readout, tmp_path):
    model, history = run(
        three_classes, training_config(epochs=15, sparsity=0.0, prior_weight=0.0), model_config(readout=readout)
    )
    History.validate(history)
    probabilities = predict(model.module(), three_classes["test"].x, 10)
    assert probabilities.shape == (24, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert auroc(three_classes["test"].labels, probabilities) > (0.7 if readout == "additive" else 0.6)
    dataset = TrainedModelDataset(filepath=str(tmp_path / "model.json"))
    dataset.save(model)
    np.testing.assert_array_equal(predict(dataset.load().module(), three_classes["test"].x, 10), probabilities)


@pytest.mark.parametrize(
    "changes",
    [
        {"expression": "zscore"},
        {"cross_attention": False},
        {"layers": 3, "width": 4, "aggregation_heads": 4},
        {"readout": "paper", "expression": "zscore", "layers": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_every_form_learns(run, data, changes, optimizer):
    model, _ = run(data, training_config(epochs=8, optimizer=optimizer, sparsity=0.0), model_config(**changes))
    assert auroc(data["test"].labels, predict(model.module(), data["test"].x, 24)) > 0.6


def test_path_scores_have_a_learning_rate_of_their_own_and_no_weight_decay(run, data):
    still = training_config(importance_learning_rate=1e-30, weight_decay=10.0, min_learning_rate=0.0, epochs=2)
    model, _ = run(data, still, model_config(log_odds_weight=0.0, shared_importance=0.0))
    np.testing.assert_allclose(model.importance, 1 / (1 + np.e), rtol=1e-6)
    moving, _ = run(data, training_config(learning_rate=1e-30, epochs=2), model_config(log_odds_weight=0.0))
    assert np.abs(moving.importance - 1 / (1 + np.e)).max() > 0.01


def test_a_strong_pull_keeps_the_scores_where_they_began(run, data):
    model = model_config(shared_importance=0.0, branches=[])
    still, _ = run(data, training_config(importance_learning_rate=1e-30, epochs=1), model)
    start = still.state["importance.logits"]
    assert start.std() > 0.1  # they began apart, where the evidence is
    away = []
    for pull in (0.0, 5.0, 1e4):
        moved, history = run(data, training_config(sparsity=20.0, epochs=8, score_init_penalty=pull), model)
        assert moved.best_epoch == len(history)
        away.append(float((moved.state["importance.logits"] - start).abs().max()))
    assert away[0] > 1
    assert away[2] < away[1] < away[0]
    assert away[2] < 0.02


@pytest.mark.parametrize("pull", [0.0, 0.7])
def test_the_pull_is_the_mean_squared_distance_from_the_start(run, data, small_graph, pull):
    """Of the scores M; without it the loss is that of classes, prior and sparsity."""
    config = training_config(score_init_penalty=pull)
    model, history = run(data, config, model_config(log_odds_weight=0.0, branches=[], shared_importance=0.0))
    module, validation = model.module(), data["validation"]
    with torch.no_grad():
        loss = total_loss(
            module(tensor(validation)),
            torch.from_numpy(validation.labels),
            module.importance(),
            class_weights=None,  # the training set is balanced
            prior=torch.from_numpy(path_prior(small_graph, config.prior_mode)).float(),
            prior_weight=config.prior_weight,
            sparsity=config.sparsity,
        )
    scores = model.state["importance.logits"].tolist()
    distance = sum((score + 1.0) ** 2 for score in scores) / len(scores)  # all begin at -1
    assert distance > 0.002
    assert history["validation_loss"][model.best_epoch - 1] == pytest.approx(float(loss) + pull * distance, abs=1e-6)


@pytest.mark.parametrize("batch_size", [2, 47, 48, 500])
def test_any_batch_size_will_do(run, data, batch_size):
    model, history = run(data, training_config(batch_size=batch_size, epochs=1), model_config())
    assert len(history) == model.best_epoch == 1


# ---------------------------------------------------------------------------------------- how it is computed


def test_cells_on_disk_give_the_same_fit(run, data, tmp_path):
    stored = {}
    for split, cells in data.items():
        writer = SparseWriter(scratch_folder(str(tmp_path)), split, cells.x.shape[1])
        writer.add(cells.x)
        rows = writer.close()
        stored[split] = replace(cells, x=rows.open(), stored=rows)
    assert_same_fit(run(data, training_config(), model_config()), run(stored, training_config(), model_config()))


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_nothing(run, data, workers):
    model = model_config()
    assert_same_fit(run(data, training_config(), model), run(data, training_config(workers=workers), model))


@pytest.mark.parametrize("prior_weight", [0.0, 0.3])
@pytest.mark.parametrize("class_weights", ["balanced", "none"])
def test_accumulated_batches_are_one_batch(run, data, class_weights, prior_weight):
    """Also where the classes weigh differently, and the last group of batches is smaller than the others."""
    train, kept = data["train"], np.r_[0:48:2, 1:24:2]  # 24 and 12 cells
    data["train"] = replace(
        train, x=train.x[kept], labels=train.labels[kept], cells=[train.cells[i] for i in kept], donors=[None] * 36
    )
    model = model_config(readout="paper", dropout=0.0, branches=[])
    forces = {"prior_weight": prior_weight, "score_init_penalty": 2 * prior_weight}
    config = training_config(class_weights=class_weights, plateau_patience=100, **forces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pathlore.training.processes.precision", lambda config: "64-true")
        whole = run(data, config.model_copy(update={"batch_size": 12}), model)
        parts = [
            run(data, config.model_copy(update={"batch_size": 12 // n, "accumulate": n}), model) for n in (2, 3, 4)
        ]
    for model, history in parts:
        np.testing.assert_allclose(history["train_loss"], whole[1]["train_loss"], rtol=1e-6)
        np.testing.assert_allclose(model.importance, whole[0].importance, rtol=1e-6)


def test_the_last_group_of_batches_may_be_smaller(run, data):
    """Five batches in groups of two: the fifth makes a step of its own."""
    steps = []
    step = Epochs._step

    def spy(self, batches, count, total_weight):
        steps.append((count, total_weight))
        return step(self, batches, count, total_weight)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Epochs, "_step", spy)
        run(data, training_config(batch_size=9, accumulate=2, epochs=1), model_config())
    assert [count for count, _ in steps] == [2, 2, 1]
    assert steps[-1][1] is None
    assert all(weight > 0 for _, weight in steps[:2])


def test_deterministic_operations_give_the_same_and_are_switched_off_again(run, data):
    first, second = (run(data, training_config(deterministic=True), model_config()) for _ in range(2))
    assert_same_fit(first, second)
    assert_same_fit(first, run(data, training_config(), model_config()))
    assert not torch.are_deterministic_algorithms_enabled()


def test_the_flag_reaches_the_compiler(run, data, monkeypatch):
    seen = []
    monkeypatch.setattr(torch, "compile", lambda module, **how: seen.append(how) or module)
    for wanted in (False, True, "reduce-overhead"):
        run(data, training_config(epochs=1, compile=wanted), model_config())
    assert seen == [{}, {"mode": "reduce-overhead"}]
    with pytest.raises(PathloreError, match=r"accumulate is 2: set compile: true, or accumulate: 1"):
        run(data, training_config(epochs=1, accumulate=2, compile="reduce-overhead"), model_config())


@pytest.mark.slow
def test_a_traced_model_learns_the_same(run, data, monkeypatch):
    """All that comes before the code generator, which takes minutes on a processor."""
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    model, config = model_config(dropout=0.0), training_config(epochs=2)
    plain, traced = (run(data, config.model_copy(update={"compile": flag}), model) for flag in (False, True))
    np.testing.assert_allclose(traced[1]["validation_loss"], plain[1]["validation_loss"], rtol=1e-4)
    assert traced[0].state.keys() == plain[0].state.keys()


@pytest.mark.gpu
@pytest.mark.parametrize("compiled", [True, "reduce-overhead"])
def test_a_compiled_model_learns_the_same_on_a_gpu(run, data, compiled):
    model, config = model_config(dropout=0.0), training_config(epochs=2, accelerator="cuda", precision="32-true")
    plain, made = (run(data, config.model_copy(update={"compile": flag}), model) for flag in (False, compiled))
    np.testing.assert_allclose(made[1]["validation_loss"], plain[1]["validation_loss"], rtol=1e-3)


def test_a_model_that_cannot_be_compiled(run, data, monkeypatch):
    def broken(graph, inputs):
        raise OSError("no compiler")

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=broken))
    with pytest.raises(PathloreError, match=r"cannot be compiled .*no compiler.*modeling\.training\.compile") as caught:
        run(data, training_config(compile=True), model_config())
    assert "\n" not in str(caught.value)


def test_the_model_carries_its_names(run, data, small_graph):
    model, _ = run(data, training_config(epochs=1), model_config())
    assert model.class_names == ["class 0", "class 1"]
    assert model.genes == small_graph.genes
    assert model.paths == list(small_graph.paths["path"])
    assert model.importance.shape == (7,)
    assert not model.module().training


def test_a_look_before_the_first_step_changes_nothing_of_the_fit(run, noise):
    config = training_config(epochs=2, learning_rate=0.01)
    model, history = run(noise, config, model_config(dropout=0.3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Epochs, "before", lambda self: 0.25)
        other, unseen = run(noise, config, model_config(dropout=0.3))
    assert all(torch.equal(value, other.state[name]) for name, value in model.state.items())
    assert set(unseen["auroc_before"]) == {0.25}
    assert len(set(history["auroc_before"])) == 1
    assert history["auroc_before"].between(0, 1).all()
    _, rows = run(noise, training_config(epochs=1, learning_rate=1e-12, importance_learning_rate=1e-12), model_config())
    assert rows["start_spearman"].iloc[0] == pytest.approx(1)
    assert rows["auroc_before"].iloc[0] == pytest.approx(rows["validation_auroc"].iloc[0], abs=1e-6)


STEPS = """
import sys, torch
from pathlore.training.fit import _uncompiled

def fitted(kind):
    torch.manual_seed(0)
    layer = torch.nn.Linear(4, 3)
    optimizer = kind([{"params": [layer.weight], "lr": 0.1}, {"params": [layer.bias], "weight_decay": 0.0}], fused=True)
    for _ in range(5):
        optimizer.zero_grad()
        layer(torch.randn(8, 4)).square().sum().backward()
        optimizer.step()
        optimizer.load_state_dict(optimizer.state_dict())
    return torch.cat([layer.weight.detach().ravel(), layer.bias.detach()])

kinds = (torch.optim.Adam, torch.optim.AdamW)
ours = [fitted(_uncompiled(kind)) for kind in kinds]
assert "torch._dynamo" not in sys.modules
for kind, result in zip(kinds, ours):
    assert torch.equal(result, fitted(kind))
"""


def test_the_optimizer_is_that_of_torch_and_imports_no_compiler():
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
