"""A bundle recorded as a model of the open MLflow run."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathlore.scoring.bundle import Bundle
from pathlore.scoring.facts import MetricValue
from pathlore.scoring.folder import read_bundle
from pathlore.serving.model import SCALES, TOTAL

REQUIREMENTS = ("pathlore", "mlflow", "torch", "numpy", "pandas", "scipy", "anndata", "scanpy", "safetensors")
EXAMPLE_CELLS = 2


def log_bundle(folder: Path, name: str, register_as: str | None) -> str:
    """Log a bundle's folder as a model, made from code.

    Parameters
    ----------
    folder
        Of the bundle.
    name
        Of the model inside the run.
    register_as
        Name in the registry, where it gets a new version; None: it is not registered.

    Returns
    -------
    Address of the model, ``models:/...``.
    """
    import mlflow

    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    bundle = read_bundle(folder)
    with _no_word_of_the_example():
        info = mlflow.pyfunc.log_model(
            name=name,
            python_model=str(Path(__file__).with_name("code.py")),
            artifacts={"bundle": str(folder)},
            signature=signature(bundle),
            input_example=(example(bundle), {"scale": SCALES[0]}),
            pip_requirements=[f"{package}=={version(package)}" for package in REQUIREMENTS],
            registered_model_name=register_as,
            metadata={"pathlore.format": bundle.facts.format, "pathlore.population": bundle.facts.population},
        )
    _log_metrics(bundle, info.model_id)
    return str(info.model_uri)


def signature(bundle: Bundle) -> Any:
    """Genes as optional numbers, the total counts, and the parameters ``scale`` and ``contributions``."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

    inputs = [ColSpec(DataType.double, gene, required=False) for gene in (*bundle.model.genes, TOTAL)]
    numbers = [f"{kind}probability_of_{name}" for name in bundle.class_names for kind in ("", "calibrated_")]
    outputs = [
        ColSpec(DataType.string, "predicted"),
        *(ColSpec(DataType.double, column) for column in (*numbers, "coverage")),
        ColSpec(DataType.boolean, "out_of_range"),
    ]
    params = [
        ParamSpec("scale", DataType.string, SCALES[0]),
        ParamSpec("contributions", DataType.boolean, default=False),
    ]
    return ModelSignature(Schema(inputs), Schema(outputs), ParamSchema(params))


def example(bundle: Bundle) -> pd.DataFrame:
    """Counts of two made-up cells: the typical training cell, drawn twice."""
    total = 5000
    typical = np.expm1(bundle.gene_mean.astype(np.float64)) / bundle.facts.quality.target_sum * total
    counts = np.random.default_rng(0).poisson(typical, (EXAMPLE_CELLS, len(typical))).astype(np.float64)
    table = pd.DataFrame(counts, columns=bundle.model.genes)
    return table.assign(**{TOTAL: np.maximum(counts.sum(axis=1), total)})


@contextmanager
def _no_word_of_the_example() -> Iterator[None]:
    """MLflow scores the example to try the model; remarks on two made-up cells would only confuse."""
    own = logging.getLogger("pathlore.scoring")
    level = own.level
    own.setLevel(logging.ERROR)
    try:
        yield
    finally:
        own.setLevel(level)


def _log_metrics(bundle: Bundle, model_id: str | None) -> None:
    """The model's own test metrics, beside it in MLflow's pages."""
    import mlflow

    own = [row for row in bundle.facts.metrics if row.method == "pathlore" and row.value is not None]
    if model_id is not None and own:
        mlflow.log_metrics({_name(row): float(row.value or 0.0) for row in own}, model_id=model_id)


def _name(row: MetricValue) -> str:
    plain = "".join(c if c.isalnum() or c in "_-. /:" else "_" for c in row.metric)
    return f"test/{row.level}/{plain}"
