"""Fits of several populations on the engine: the same weights wherever they are made."""

import numpy as np
import pytest
import torch
from small_fits import model_config, small_cells, training_config, without_time

from pathlore.config import EngineConfig
from pathlore.engine import Lost
from pathlore.errors import PathloreError
from pathlore.study import fit as module
from pathlore.study.fit import FitInputs, fit_populations

HERE = EngineConfig(workers=1)
EPOCHS = training_config(epochs=2, threads=0)


@pytest.fixture
def load(small_graph, gene_vectors, path_vectors):
    """Inputs of a population, whose name decides its cells."""

    def load(name):
        data = small_cells(small_graph.genes, classes=2, seed=ord(name[0]))
        return FitInputs(name, small_graph, gene_vectors, path_vectors, data, ["control", "case"])

    return load


def test_each_population_as_if_it_were_alone_with_one_thread(load):
    rows = []
    done = fit_populations(["b", "a"], load, model_config(), EPOCHS, HERE, lambda name, row: rows.append((name, row)))
    assert list(done) == ["b", "a"]
    assert [(name, row["epoch"]) for name, row in rows] == [("b", 1), ("b", 2), ("a", 1), ("a", 2)]
    one_thread = training_config(epochs=2, threads=1)
    for name, (model, history) in done.items():
        own, curve = fit_populations([name], load, model_config(), one_thread, HERE)[name]
        assert without_time(history).equals(without_time(curve))
        assert all(torch.equal(value, own.state[key]) for key, value in model.state.items())
    assert not np.array_equal(done["a"][0].importance, done["b"][0].importance)


def test_a_lost_fit_stops_no_other_and_is_said_at_the_end(load, monkeypatch):
    finished, made = [], module.run_many

    def lose_the_first(*given, **named):
        for name, fit in made(*given, **named):
            finished.append(name)
            yield name, Lost("its worker ended") if name == "a" else fit

    monkeypatch.setattr(module, "run_many", lose_the_first)
    with pytest.raises(PathloreError, match="1 of 2 fits were lost, a first: its worker ended"):
        fit_populations(["a", "b"], load, model_config(), EPOCHS, HERE)
    assert finished == ["a", "b"]


@pytest.mark.parametrize(
    ("accelerator", "wanted", "expected"), [("cpu", 0, 0), ("cuda", 0, 3), ("cuda", 2, 2)], ids=str
)
def test_fits_on_gpus_are_as_many_as_there_are(load, monkeypatch, accelerator, wanted, expected):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 3)
    asked = []
    monkeypatch.setattr(
        module, "run_many", lambda make, names, engine, **named: asked.append(engine.workers) or iter([])
    )
    config = training_config(accelerator=accelerator)
    with pytest.raises(KeyError):
        fit_populations(["a", "b"], load, model_config(), config, EngineConfig(workers=wanted))
    assert asked == [expected]
