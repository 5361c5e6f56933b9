"""From the results of a run to a bundle."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import pandas as pd

from pathlore import __version__
from pathlore.config import BundleConfig, CellsConfig, GenesConfig, QualityConfig
from pathlore.expression.splits import held_out_unit
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Mapped, Method, Obs, Role, Split
from pathlore.model import path_prior
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.calibration import fit_calibration, with_errors
from pathlore.scoring.facts import FORMAT, Amounts, Calibration, Facts, Limits, MetricValue
from pathlore.scoring.familiarity import fit_familiarity, spread, training_range
from pathlore.training.data import CellSet
from pathlore.training.trained_model import TrainedModel

logger = logging.getLogger(__name__)

PACKAGES = ("pathlore", "torch", "numpy", "pandas", "scipy", "anndata", "scanpy", "scikit-learn", "safetensors")

LEAST_PROBABILITY = 1e-12
"""Below it a saved probability has no logarithm."""


@dataclass(frozen=True)
class Origin:
    """How the training cells were read.

    Attributes
    ----------
    cohort
        Name of the cohort.
    scale
        What the values were taken as.
    cells, quality, genes
        The parameters of ``ingestion``.
    """

    cohort: str
    scale: str
    cells: CellsConfig
    quality: QualityConfig
    genes: GenesConfig


@dataclass(frozen=True)
class BundleKnowledge:
    """By which names and texts the genes of a run were known.

    Attributes
    ----------
    gene_names
        `pathlore.schemas.GeneNamesTable`.
    orthologs
        Pairs of mouse and human genes; kept where the cells were of the mouse.
    gene_mapping
        `pathlore.schemas.GeneMapping`.
    encoder, text_model
        What made the vectors of the texts: version of the encoder, and name of the language model.
    """

    gene_names: pd.DataFrame
    orthologs: pd.DataFrame
    gene_mapping: pd.DataFrame
    encoder: str
    text_model: str


def make_bundle(
    model: TrainedModel,
    graph: TextNumericGraph,
    data: dict[str, CellSet],
    splits: pd.DataFrame,
    predictions: pd.DataFrame,
    metrics: pd.DataFrame,
    knowledge: BundleKnowledge,
    origin: Origin,
    config: BundleConfig,
    prior_mode: str,
) -> Bundle:
    """Gather what new cells will need; the calibration and the limits are all that is fitted here.

    Parameters
    ----------
    model, graph
        The fit and its graph.
    data
        Cells of train (limits and profiles), validation and test (how like the profiles cells of this cohort are, and
        what share of them falls outside).
    splits
        `pathlore.schemas.Splits` of the population.
    predictions
        `pathlore.schemas.Predictions`: of validation cells (calibration) and test cells (its error).
    metrics
        `pathlore.schemas.Metrics` of the population; its test metrics are kept.
    knowledge, origin
        Where genes and cells came from.
    config
        What is fixed now.
    prior_mode
        See `pathlore.model.path_prior`.
    """
    population = str(splits[Obs.POPULATION].iloc[0])
    is_mouse = knowledge.gene_mapping["how"].isin([Mapped.ORTHOLOG, Mapped.SHARED_ORTHOLOG]).any()
    mean, sd = (model.state[name].numpy() for name in ("gene_mean", "gene_sd"))
    types = {split: list(rows[Obs.CELL_TYPE]) for split, rows in splits.groupby(Obs.SPLIT)}
    read = data if model.wide_genes else {split: replace(cells, wide=None) for split, cells in data.items()}
    familiar = fit_familiarity(read, {split: types.get(split, []) for split in Split.ALL})
    training, test = (spread(data[split].x, mean, sd) for split in (Split.TRAIN, Split.TEST))
    facts = Facts(
        format=FORMAT,
        pathlore=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        cohort=origin.cohort,
        population=population,
        class_names=model.class_names,
        best_epoch=model.best_epoch,
        device=model.device,
        model=model.config,
        stack=model.stack.card() if model.stack else None,
        expression=f"log(1 + counts per {origin.quality.target_sum:g}), genes added up by human symbol",
        scale=origin.scale,
        species="mouse" if is_mouse else "human",
        cells=origin.cells,
        quality=origin.quality,
        genes=origin.genes,
        split_by=held_out_unit(splits),
        splits={split: _amounts(splits, split) for split in Split.ALL},
        encoder=knowledge.encoder,
        text_model=knowledge.text_model,
        calibration=_calibration(predictions, splits, model.class_names, config.calibration),
        limits=Limits(
            min_coverage=config.min_coverage,
            decision_threshold=config.decision_threshold,
            range=training_range(training, test, config.range_quantile),
            familiarity=familiar.limit,
        ),
        metrics=_metrics(metrics),
        versions={package: version(package) for package in PACKAGES},
    )
    calibration = facts.calibration
    logger.info(
        "Bundle, %s: temperature %.2f (%s), calibration error on test cells %s -> %s, %s of them out of range",
        population,
        calibration.temperature,
        calibration.note,
        _shown(calibration.error_before),
        _shown(calibration.error_after),
        _shown(facts.limits.range.test_share),
    )
    return Bundle(
        model=model,
        genes=_genes(graph, mean, sd),
        paths=_paths(graph, model, path_prior(graph, prior_mode)),
        gene_names=knowledge.gene_names.fillna("").astype(str),
        orthologs=knowledge.orthologs if is_mouse else knowledge.orthologs.iloc[:0],
        facts=facts,
        profiles=familiar.profiles,
    )


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _genes(graph: TextNumericGraph, mean: np.ndarray, sd: np.ndarray) -> pd.DataFrame:
    entities = graph.entities
    roles = [";".join(role for role in Role.ALL if row[role]) for row in entities[list(Role.ALL)].to_dict("records")]
    table = entities[["gene", "fraction_expressed", "log_fold_change", "text"]].assign(
        roles=roles, mean=mean.astype(np.float64), sd=sd.astype(np.float64)
    )
    return table[["gene", "roles", "mean", "sd", "fraction_expressed", "log_fold_change", "text"]]


def _paths(graph: TextNumericGraph, model: TrainedModel, prior: np.ndarray) -> pd.DataFrame:
    table = graph.paths[["path", "route", "receptor", "tf", "target", "sign", "pathway"]].assign(
        pathway=graph.paths["pathway"].fillna(""), importance=model.importance, prior=prior
    )
    for column, score in (("rank", "importance"), ("prior_rank", "prior")):
        order = table.sort_values([score, "path"], ascending=[False, True]).index
        table[column] = pd.Series(range(1, len(table) + 1), index=order)
    return table.assign(sentence=graph.paths["text"]).reset_index(drop=True)


def _amounts(splits: pd.DataFrame, split: str) -> Amounts:
    chosen = splits[splits[Obs.SPLIT] == split]
    return Amounts(
        cells=len(chosen),
        per_class={str(name): int(n) for name, n in chosen[Obs.CONDITION].astype(str).value_counts().items()},
        donors=sorted(str(donor) for donor in chosen[Obs.DONOR].dropna().unique()),
    )


def _calibration(predictions: pd.DataFrame, splits: pd.DataFrame, class_names: list[str], kind: str) -> Calibration:
    """By the model's own predictions of validation and test cells; log probabilities are logits up to a constant."""
    answers = predictions[predictions["method"] == Method.MODEL]
    parts = {split: answers[answers["split"] == split] for split in (Split.VALIDATION, Split.TEST)}
    columns = [f"probability_of_{name}" for name in class_names]
    logits = {name: np.log(part[columns].to_numpy().clip(min=LEAST_PROBABILITY)) for name, part in parts.items()}
    labels = {name: part["label"].to_numpy() for name, part in parts.items()}
    donors = parts[Split.VALIDATION]["donor"]
    trained = set(splits.loc[splits[Obs.SPLIT] == Split.TRAIN, Obs.DONOR].dropna())
    fitted = fit_calibration(
        logits[Split.VALIDATION],
        labels[Split.VALIDATION],
        kind,
        donors=int(donors.nunique()) if donors.notna().all() else None,
        donors_trained=bool(donors.isna().any() or set(donors) & trained),
    )
    return with_errors(fitted, logits[Split.TEST], labels[Split.TEST])


def _metrics(metrics: pd.DataFrame) -> list[MetricValue]:
    test = metrics[metrics["split"] == Split.TEST]
    return [
        MetricValue(
            level=row.level,
            method=row.method,
            metric=row.metric,
            value=None if pd.isna(row.value) else float(row.value),
            n=int(row.n),
        )
        for row in test.itertuples()
    ]
