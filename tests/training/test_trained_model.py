from dataclasses import replace

import numpy as np
import pytest
import torch
from small_fits import model_config, tensor, training_config

from pathlore.datasets.model import TrainedModelDataset
from pathlore.training.trained_model import predict


@pytest.mark.parametrize("readout", ["additive", "paper"])
def test_saved_and_loaded_it_says_the_same_to_the_last_bit(run, data, tmp_path, readout):
    model, _ = run(data, training_config(epochs=2), model_config(readout=readout, expression="zscore"))
    dataset = TrainedModelDataset(filepath=str(tmp_path / "pooled" / "model.json"))
    dataset.save(model)
    again = dataset.load()
    assert (again.config, again.class_names, again.genes, again.paths, again.best_epoch) == (
        model.config,
        model.class_names,
        model.genes,
        model.paths,
        model.best_epoch,
    )
    assert again.state.keys() == model.state.keys()
    assert all(torch.equal(value, model.state[name]) for name, value in again.state.items())
    np.testing.assert_array_equal(
        predict(again.module(), data["test"].x, 7), predict(model.module(), data["test"].x, 7)
    )
    np.testing.assert_array_equal(again.importance, model.importance)


def test_modules_built_from_it_do_not_share_their_weights(run, data):
    model, _ = run(data, training_config(epochs=1), model_config())
    before = {name: value.clone() for name, value in model.state.items()}
    module = model.module().train()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1.0)
    module(tensor(data["train"]))
    assert all(torch.equal(value, before[name]) for name, value in model.state.items())


def test_importance_is_the_sigmoid_of_the_scores(run, data):
    model, _ = run(data, training_config(epochs=1), model_config())
    scores = model.state["importance.logits"].double().numpy()
    np.testing.assert_allclose(model.importance, 1 / (1 + np.exp(-scores)), rtol=1e-6)


def test_predicting_leaves_no_gradient_and_no_training_mode(run, data):
    model, _ = run(data, training_config(epochs=1), model_config())
    module = model.module().train()
    first = predict(module, data["test"].x, 24)
    assert not module.training
    np.testing.assert_array_equal(first, predict(module, data["test"].x, 24))


def test_high_scores_keep_their_order(run, data):
    """Single precision would call all of them 1."""
    model, _ = run(data, training_config(epochs=1), model_config())
    scores = torch.linspace(18, 30, len(model.paths))
    raised = replace(model, state={**model.state, "importance.logits": scores})
    assert (np.diff(raised.importance) > 0).all()


def test_strength_has_the_unit_of_the_evidence(run, data):
    """(M - M0) s / eta; without log odds, M - M0 itself."""
    model, _ = run(data, training_config(epochs=1), model_config(importance_start=-2.0, log_odds_weight=0.5))
    logits = model.state["importance.logits"].double().numpy()
    unit = float(model.state["importance.unit"])
    assert unit != 1.0
    np.testing.assert_allclose(model.strength, (logits + 2.0) * unit, rtol=1e-6)
    plain, _ = run(data, training_config(epochs=1), model_config(importance_start=-2.0, log_odds_weight=0.0))
    np.testing.assert_allclose(plain.strength, plain.state["importance.logits"].double().numpy() + 2.0)
