"""Trained models on disk: safetensors and JSON, nothing that is unpickled."""

import json

from pathlore import __version__
from pathlore.config import ModelConfig
from pathlore.datasets.atomic_folder import FolderDataset
from pathlore.files import atomic_folder
from pathlore.training.stacking import Stack
from pathlore.training.trained_model import TrainedModel, weights_of

WEIGHTS = "weights.safetensors"


class TrainedModelDataset(FolderDataset[TrainedModel]):
    """A `TrainedModel` in a folder: ``weights.safetensors`` and ``model.json`` (form, classes, genes, paths).

    Parameters
    ----------
    filepath
        Path of ``model.json``; the weights lie beside it.
    metadata
        For plugins such as Kedro-Viz.
    """

    content = "model"
    pipeline = "modeling"

    def load(self) -> TrainedModel:
        """Load the model.

        Raises
        ------
        PathloreError
            A file is missing or unreadable, or weights and names do not fit each other.
        """
        from safetensors.torch import load_file

        try:
            card = json.loads(self._index.read_text())
            card["config"].pop("kernel", None)  # of earlier versions: how attention was computed, not what
            card["config"].setdefault("max_sentences", None)  # and they read each
            lost = sorted(set(ModelConfig.model_fields) - set(card["config"]))  # no default takes their place
            if lost:
                raise KeyError(f"config without {', '.join(lost)}")
            saved = load_file(self._folder / WEIGHTS)
            state = weights_of(saved)
            model = TrainedModel(
                ModelConfig(**card["config"]),
                card["class_names"],
                card["genes"],
                card["paths"],
                card["best_epoch"],
                state,
                card.get("device", "cpu"),
                Stack.read(card["stack"], saved) if card["stack"] else None,
            )
            fits = len(model.genes) == len(state["gene_mean"]) and len(model.paths) == len(state["importance.logits"])
        except Exception as error:  # each format has errors of its own
            raise self._damaged(error) from error
        if not fits:
            raise self._damaged("weights and names have different lengths")
        return model

    def save(self, data: TrainedModel) -> None:
        """Save the model, in place of one that is there."""
        from safetensors.torch import save_file

        card = {
            "pathlore": __version__,
            "config": data.config.model_dump(),
            "class_names": data.class_names,
            "best_epoch": data.best_epoch,
            "device": data.device,
            "genes": data.genes,
            "paths": data.paths,
            "stack": data.stack.card() if data.stack else None,
        }
        with atomic_folder(self._folder) as folder:
            save_file(data.tensors(), folder / WEIGHTS)
            (folder / self._index.name).write_text(json.dumps(card, indent=1) + "\n", encoding="utf8")
