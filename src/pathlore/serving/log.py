"""A bundle recorded as a model of the open MLflow run."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathlore.keys import Method
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.folder import CARD, read_bundle
from pathlore.serving.model import SCALES, TOTAL

REQUIREMENTS = ("pathlore", "mlflow", "torch", "numpy", "pandas", "scipy", "anndata", "scanpy", "safetensors")
EXAMPLE_CELLS = 2
SHOWN = ("auroc", "auprc", "balanced_accuracy", "mcc")


@dataclass(frozen=True)
class LoggedBundle:
    """A bundle in MLflow.

    Attributes
    ----------
    address, model_id
        ``models:/...``, and the id.
    version
        In the registry; None: it is not registered.
    metrics
        The model's own, on test cells: ``auroc`` and so on.
    """

    address: str
    model_id: str
    version: str | None
    metrics: dict[str, float]


def log_bundle(folder: Path, name: str, register_as: str | None) -> LoggedBundle:
    """Log a bundle's folder as a model, made from code, with its signature, an example and its card.

    Parameters
    ----------
    folder
        Of the bundle.
    name
        Of the model inside the run.
    register_as
        Name in the registry, where it gets a new version; None: it is not registered.
    """
    import mlflow

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    bundle = read_bundle(folder)
    card = folder / CARD
    with _no_word_of_the_example(), _requirements_known():
        info = mlflow.pyfunc.log_model(
            name=name,
            python_model=str(Path(__file__).with_name("code.py")),
            artifacts={"bundle": str(folder)},
            signature=signature(bundle),
            input_example=(example(bundle), {"scale": SCALES[0]}),
            pip_requirements=[f"{package}=={version(package)}" for package in REQUIREMENTS],
            registered_model_name=register_as,
            metadata={"pathlore.format": bundle.facts.format, "pathlore.population": bundle.facts.population},
            tags={"mlflow.note.content": card.read_text()} if card.is_file() else None,
        )
    registered = str(info.registered_model_version) if info.registered_model_version else None
    return LoggedBundle(str(info.model_uri), str(info.model_id), registered, _metrics(bundle))


def signature(bundle: Bundle) -> Any:
    """Genes as optional numbers, the total counts, and the parameters ``scale`` and ``contributions``."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

    inputs = [ColSpec(DataType.double, gene, required=False) for gene in (*bundle.model.read_genes, TOTAL)]
    numbers = [f"{kind}probability_of_{name}" for name in bundle.class_names for kind in ("", "calibrated_")]
    outputs = [
        ColSpec(DataType.string, "predicted"),
        *(ColSpec(DataType.double, column) for column in (*numbers, "coverage")),
        ColSpec(DataType.boolean, "out_of_range"),
        ColSpec(DataType.boolean, "unlike"),
    ]
    params = [
        ParamSpec("scale", DataType.string, SCALES[0]),
        ParamSpec("contributions", DataType.boolean, default=False),
    ]
    return ModelSignature(Schema(inputs), Schema(outputs), ParamSchema(params))


def example(bundle: Bundle) -> pd.DataFrame:
    """Counts of two made-up cells: the typical training cell, drawn twice."""
    total = 5000
    mean = dict(zip(bundle.model.genes, bundle.gene_mean.astype(np.float64), strict=True))
    if bundle.model.stack is not None and bundle.model.wide_genes:
        mean |= dict(zip(bundle.model.wide_genes, bundle.model.stack.regressions[Method.WIDE].mean, strict=True))
    genes = bundle.model.read_genes
    typical = np.expm1([mean[gene] for gene in genes]) / bundle.facts.quality.target_sum * total
    counts = np.random.default_rng(0).poisson(typical, (EXAMPLE_CELLS, len(typical))).astype(np.float64)
    table = pd.DataFrame(counts, columns=genes)
    return table.assign(**{TOTAL: np.maximum(counts.sum(axis=1), total)})


@contextmanager
def _no_word_of_the_example() -> Iterator[None]:
    """MLflow scores the example to try the model; remarks on two made-up cells would only confuse."""
    talker = logging.getLogger("pathlore.scoring")
    level = talker.level
    talker.setLevel(logging.ERROR)
    try:
        yield
    finally:
        talker.setLevel(level)


@contextmanager
def _requirements_known() -> Iterator[None]:
    """MLflow lists the modules of each installed package, for a second, before it compares versions that are exact."""
    from mlflow.utils import requirements_utils

    before = requirements_utils._MODULES_TO_PACKAGES
    requirements_utils._MODULES_TO_PACKAGES = before or {}
    try:
        yield
    finally:
        requirements_utils._MODULES_TO_PACKAGES = before


def _metrics(bundle: Bundle) -> dict[str, float]:
    """The model's own metrics on test cells, and its AUROC over donors."""
    metrics = [one for one in bundle.facts.metrics if one.method == Method.MODEL and one.value is not None]
    cells = {one.metric: float(one.value or 0.0) for one in metrics if one.level == "cell" and one.metric in SHOWN}
    donors = [float(one.value or 0.0) for one in metrics if (one.level, one.metric) == ("donor", "auroc")]
    return cells | ({"auroc_over_donors": donors[0]} if donors else {})
