import json

import pytest
import torch
from blocks import base
from kedro.io import DatasetError

from pathlore.config import ModelConfig
from pathlore.datasets.model import TrainedModelDataset
from pathlore.errors import PathloreError
from pathlore.model import TextNumericGraphTransformer, graph_tensors
from pathlore.training.trained_model import TrainedModel


@pytest.fixture
def model(small_graph, gene_vectors, path_vectors):
    sizes = {"width": 4, "aggregation_heads": 2, "feed_forward": 4, "expander": 2}
    config = ModelConfig.model_validate(base("modeling", "model", expression="zscore", importance_start=-1.0, **sizes))
    module = TextNumericGraphTransformer(config, graph_tensors(small_graph, gene_vectors, path_vectors), 2)
    return TrainedModel(
        config, ["control", "case"], small_graph.genes, list(small_graph.paths["path"]), 3, module.state_dict()
    )


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models" / "pooled"


@pytest.fixture
def dataset(folder):
    return TrainedModelDataset(filepath=str(folder / "model.json"))


def test_round_trip(dataset, folder, model):
    assert not dataset.exists()
    dataset.save(model)
    assert dataset.exists()
    again = dataset.load()
    assert (again.config, again.class_names, again.best_epoch) == (model.config, ["control", "case"], 3)
    assert (again.genes, again.paths) == (model.genes, model.paths)
    assert all(torch.equal(again.state[name], value) for name, value in model.state.items())
    assert sorted(path.name for path in folder.glob("[!.]*")) == ["model.json", "weights.safetensors"]
    assert str(folder / "model.json") in str(dataset)


def test_a_model_of_an_earlier_version_is_read(dataset, folder, model):
    dataset.save(model)
    card = json.loads((folder / "model.json").read_text())
    card["config"]["kernel"] = "numba"
    del card["config"]["max_sentences"]
    (folder / "model.json").write_text(json.dumps(card))
    assert dataset.load().config == model.config.model_copy(update={"max_sentences": None})


def test_the_card_is_readable_without_us(dataset, folder, model):
    dataset.save(model)
    card = json.loads((folder / "model.json").read_text())
    assert card["config"]["width"] == 4
    assert card["class_names"] == ["control", "case"]
    assert set(card) == {"pathlore", "config", "class_names", "best_epoch", "device", "genes", "paths", "stack"}


def test_views_of_larger_tensors_are_saved(dataset, model):
    state = {**model.state, "path_signs": torch.cat([model.state["path_signs"]] * 2, dim=1)[:, :6]}
    dataset.save(TrainedModel(model.config, model.class_names, model.genes, model.paths, 1, state))
    assert torch.equal(dataset.load().state["path_signs"], model.state["path_signs"])


@pytest.mark.parametrize("fault", ["safetensors.torch.save_file", "pathlib.Path.write_text"])
def test_failed_saving_leaves_the_old_one(dataset, folder, model, monkeypatch, fault):
    dataset.save(model)

    def fail(*args, **options):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(fault, fail)
        with pytest.raises(DatasetError, match="disk full"):
            dataset.save(model)
    assert dataset.load().best_epoch == 3
    assert [path.name for path in folder.parent.iterdir()] == ["pooled"]


def change_card(**changes):
    def damage(folder):
        card = json.loads((folder / "model.json").read_text())
        (folder / "model.json").write_text(json.dumps({**card, **changes}))

    return damage


def cut_weights(folder):
    content = (folder / "weights.safetensors").read_bytes()
    (folder / "weights.safetensors").write_bytes(content[: len(content) // 2])


def remove_weights(folder):
    (folder / "weights.safetensors").unlink()


def cut_card(folder):
    content = (folder / "model.json").read_text()
    (folder / "model.json").write_text(content[: len(content) // 2])


def absent(folder):
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize(
    "damage",
    [
        cut_weights,
        remove_weights,
        cut_card,
        absent,
        change_card(genes=["only one"]),
        change_card(paths=[]),
        change_card(config={"width": 4}),
        change_card(config=None),
    ],
)
def test_damage_is_found(dataset, folder, model, damage):
    dataset.save(model)
    damage(folder)
    with pytest.raises(DatasetError) as caught:
        dataset.load()
    cause = caught.value.__cause__
    assert isinstance(cause, PathloreError)
    assert "\n" not in str(cause)
    assert str(folder) in str(cause)
    assert "`modeling`" in str(cause)
