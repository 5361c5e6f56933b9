"""What MLflow shows of a run: its name, its description, its parameters and its metrics."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from pathlore.config import Parameters
from pathlore.errors import without_logins
from pathlore.explain.lead import lead
from pathlore.keys import POOLED, Method, Split
from pathlore.training.intervals import PATHS_ADD, WITHIN_TYPES

LONGEST_VALUE = 6000
"""Characters that MLflow accepts as the value of a parameter or tag."""

MAIN_BLOCKS = ("ingestion", "graph_construction", "text_embedding", "modeling")
"""What a node uses that is given all parameters: it prepares, fits and reads models itself."""

FOLDERS = {"cache", "checkpoints", "scratch", "store", "folder"}
"""Parameters that say where files lie: they change no result."""

OF_LSA = {"dimension", "terms", "ngrams"}
OF_MODELS = {"model", "revision", "weights", "pooling", "normalise", "prompt", "max_tokens", "long_texts"}
OF_MODELS |= {"batch_tokens", "precision", "device"}
UNUSED_BY_ENCODER = {
    "transformers": OF_LSA,
    "static": OF_LSA,
    "lsa": OF_MODELS,
    "random": OF_MODELS | {"terms", "ngrams"},
    "zero": OF_MODELS | {"terms", "ngrams", "seed"},
    "vectors": (OF_LSA | OF_MODELS | {"seed"}) - {"model"},
}
"""Parameters of an encoder that its kind does not use."""

SHOWN = ("auroc", "auprc", "balanced_accuracy", "mcc")
"""Metrics of the test set that are recorded by name; all others are in the table."""

EPOCH = ("train_loss", "validation_loss", "validation_auroc", "mean_importance", "start_spearman")
"""What is recorded of each epoch, beside the learning rate."""

SHOWN_PATHS = 5
Q_LIMIT = 0.05

PATH_COLUMNS = (
    *("route", "importance", "direction", "comparison", "q", "p", "in_top_10", "affinity", "pathway", "family"),
    *("receptor", "tf", "target", "gene_effects", "sentence"),
)
"""Columns of the table of paths, in the order in which a reader needs them; ``route`` is shown as ``path``."""


@dataclass(frozen=True)
class Tables:
    """Tables of a run, as far as it made or read them.

    Attributes
    ----------
    design, metrics, diagnostics, evaluation
        `DesignFindings`, `Metrics`, `Diagnostics` and `EvaluationSummary` of `pathlore.schemas`.
    predictions, importance, receptors, splits
        `Predictions`, `PathImportance`, `ActiveReceptors` and `Splits` by population.
    """

    design: pd.DataFrame | None = None
    metrics: pd.DataFrame | None = None
    diagnostics: pd.DataFrame | None = None
    evaluation: pd.DataFrame | None = None
    predictions: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    importance: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    receptors: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    splits: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def run_name(cohort: str, classes: Sequence[str], pipelines: str, now: datetime) -> str:
    """Name a run by its cohort, its classes and the time; by its pipelines too where these are not the default ones.

    Examples
    --------
    >>> run_name("demo", ["monocyte", "dendritic"], "", datetime(2026, 1, 2, 3, 4))
    'demo: dendritic vs monocyte, 2026-01-02 03:04'
    >>> run_name("demo", ["a", "b", "c"], "evaluation", datetime(2026, 1, 2, 3, 4))
    'demo: b, c vs a, evaluation, 2026-01-02 03:04'
    """
    parts = [f"{cohort}: {comparison(classes)}" if classes else cohort, pipelines, f"{now:%Y-%m-%d %H:%M}"]
    return ", ".join(part for part in parts if part)


def comparison(classes: Sequence[str]) -> str:
    """The classes, the control last."""
    return f"{', '.join(classes[1:])} vs {classes[0]}" if len(classes) > 1 else ", ".join(classes)


def used_parameters(parameters: Mapping[str, Any], inputs: Iterable[str], *, evaluates: bool) -> dict[str, Any]:
    """Cut the tree of parameters to what the nodes of a run are given.

    Parameters
    ----------
    parameters
        The whole tree.
    inputs
        Names of all inputs of the run's nodes, as Kedro has them.
    evaluates
        Whether the evaluation is among the pipelines.
    """
    wanted = {name.removeprefix("params:") for name in inputs if name.startswith("params:")}
    if "parameters" in set(inputs):
        wanted |= {*MAIN_BLOCKS, *(["evaluation"] if evaluates else [])}
    return _subset(parameters, wanted)


def _subset(tree: Mapping[str, Any], wanted: set[str], above: str = "") -> dict[str, Any]:
    """The wanted parts of a tree in its own order, with the run-time parameters that are given."""
    kept: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{above}{key}"
        if name in wanted:
            kept[key] = _without_unused(value, name)
        elif isinstance(value, Mapping):
            if part := _subset(value, wanted, f"{name}."):
                kept[key] = part
        elif not above and value is not None:
            kept[key] = value
    return kept


def _without_unused(value: Any, name: str) -> Any:
    """Leave out folders, parameters of another kind of encoder, and the sizes and variants that are not run."""
    if not isinstance(value, Mapping):
        return value
    gone = set(FOLDERS)
    if name.endswith("encoder"):
        gone |= UNUSED_BY_ENCODER.get(str(value.get("kind")), set())
    if name.endswith("tuning") and value.get("kind") == "none":
        gone |= set(value) - {"kind"}
    if name == "evaluation":
        gone |= {"variants", "full" if value.get("size") == "quick" else "quick"}
    return {key: _without_unused(part, f"{name}.{key}") for key, part in value.items() if key not in gone}


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Write a nested mapping as dotted names and strings; lists as JSON.

    Examples
    --------
    >>> flatten({"a": {"b": 1, "c": ["x"]}, "d": None})
    {'a.b': '1', 'a.c': '["x"]', 'd': 'null'}
    """
    result: dict[str, str] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            result |= flatten(value, f"{name}.")
        else:
            result[name] = value if isinstance(value, str) else json.dumps(value)
    return {key: without_logins(value)[:LONGEST_VALUE] for key, value in result.items()}


def changed_parameters(used: Mapping[str, Any]) -> dict[str, str]:
    """Those of the parameters that differ from the defaults, with dotted names."""
    defaults = flatten(Parameters().model_dump(mode="json"))
    return {name: found for name, found in flatten(used).items() if _differs(found, defaults.get(name, found))}


def _differs(found: str, default: str) -> bool:
    """Whether two values in JSON differ; 20 is 20.0."""
    try:
        return bool(json.loads(found) != json.loads(default))
    except ValueError:
        return found != default


def metric_name(name: str) -> str:
    """Keep what MLflow allows in the name of a metric.

    Examples
    --------
    >>> metric_name("pooled/f1_CD14+ Monocyte")
    'pooled/f1_CD14_ Monocyte'
    """
    return "".join(c if c.isalnum() or c in "_-. /:" else "_" for c in name)


def prefix_of(population: str) -> str:
    """What stands before the names of a population's metrics; nothing before those of the pooled one."""
    return "" if population == POOLED else metric_name(f"{population}/")


def final_metrics(metrics: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The few metrics that tell most, by population (as its files are called) and name.

    ``auroc``, ``auprc``, ``balanced_accuracy`` and ``mcc`` of the model on test cells, ``auroc_over_donors`` where
    donors were held out, ``auroc_within_types`` where cells of several types are pooled, ``paths_add`` with the ends of
    its interval, ``auroc_validation``, and ``auroc_logistic_regression`` on the same test cells.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`.
    """
    named = {(Split.TEST, "cell", Method.MODEL, name): name for name in SHOWN}
    named[Split.TEST, "donor", Method.MODEL, "auroc"] = "auroc_over_donors"
    named[Split.TEST, WITHIN_TYPES, Method.MODEL, "auroc"] = "auroc_within_types"
    named |= {
        (Split.TEST, "cell", Method.MODEL, f"{PATHS_ADD}{end}"): f"{PATHS_ADD}{end}" for end in ("", "_low", "_high")
    }
    named[Split.VALIDATION, "cell", Method.MODEL, "auroc"] = "auroc_validation"
    named[Split.TEST, "cell", Method.LOGISTIC_REGRESSION, "auroc"] = "auroc_logistic_regression"
    found: dict[str, dict[str, float]] = {}
    from pathlore.expression.populations import partition_names

    files = partition_names(metrics["population"])
    columns = ["population", "value", "split", "level", "method", "metric"]
    for population, value, *key in metrics[columns].itertuples(index=False, name=None):
        name = named.get(tuple(key))
        if name is not None and math.isfinite(value):
            found.setdefault(files[population], {})[name] = float(value)
    return found


def epoch_metrics(population: str, row: Mapping[str, float]) -> dict[str, float]:
    """Metrics of one epoch, ``epoch/<quantity>``; a rate falls over orders of magnitude, so that its log10 is shown."""
    values = {name: float(value) for name, value in row.items() if name in EPOCH}
    rate = float(row.get("learning_rate", 0.0))
    if rate > 0:
        values["log10_learning_rate"] = math.log10(rate)
    return {f"{prefix_of(population)}epoch/{name}": v for name, v in values.items() if math.isfinite(v)}


def evaluation_metrics(summary: pd.DataFrame) -> dict[str, float]:
    """Each method's mean test AUROC over the repeats, ``auroc/<method>`` and ``auroc_over_donors/<method>``.

    Parameters
    ----------
    summary
        `pathlore.schemas.EvaluationSummary`; simulated scenarios have their own, nested runs.
    """
    aurocs = summary[summary["scenario"].isna() & (summary["metric"] == "auroc") & summary["mean"].notna()]
    from pathlore.expression.populations import partition_names

    files = partition_names(aurocs["population"])
    kinds = {"cell": "auroc", "donor": "auroc_over_donors"}
    return {
        metric_name(f"{prefix_of(files[row.population])}{kinds[row.level]}/{row.variant}"): float(row.mean)
        for row in aurocs[aurocs["level"].isin(kinds)][["population", "level", "variant", "mean"]].itertuples(
            name="Row"
        )
    }


def path_metrics(table: pd.DataFrame) -> dict[str, float]:
    """How many paths are listed, and how many of them are significant; only where any was tested."""
    tested = table["q"].notna().any()
    return {"paths": float(len(table))} | ({"significant_paths": float((table["q"] < Q_LIMIT).sum())} if tested else {})


def path_table(table: pd.DataFrame) -> pd.DataFrame:
    """`pathlore.schemas.PathImportance` with what a reader asks first in front: path, importance, direction, q."""
    columns = [name for name in PATH_COLUMNS if name in table and (name == "q" or table[name].notna().any())]
    return table[columns].rename(columns={"route": "path"})


@dataclass(frozen=True)
class SplitInput:
    """One set of cells that a run is trained or judged on.

    Attributes
    ----------
    population, split
        Whose cells they are, and what for.
    digest
        Fingerprint of the raw file, of the cells' names and of their labels.
    profile
        Cells, donors, and cells of each class.
    """

    population: str
    split: str
    digest: str
    profile: dict[str, int]


def split_inputs(splits: Mapping[str, pd.DataFrame], raw_digest: str) -> list[SplitInput]:
    """Fingerprints of the cells of each population and split.

    Parameters
    ----------
    splits
        `pathlore.schemas.Splits` by population.
    raw_digest
        SHA-256 of the file of cells; empty where there is none.
    """
    found = []
    for population, table in splits.items():
        for split in Split.ALL:
            chosen = table[table["split"] == split].sort_values("cell")
            if chosen.empty:
                continue
            cells = "\n".join(
                f"{cell}\t{label}" for cell, label in zip(chosen["cell"], chosen["condition"], strict=True)
            )
            digest = hashlib.sha256(f"{raw_digest}\n{cells}".encode()).hexdigest()[:16]
            counts = {f"{name} cells": int(n) for name, n in chosen["condition"].value_counts(sort=False).items()}
            profile = {"num_rows": len(chosen), "donors": int(chosen["donor"].nunique()), **counts}
            found.append(SplitInput(str(population), split, digest, profile))
    return found


def description(
    cohort: str, classes: Sequence[str], tables: Tables, changed: Mapping[str, str], caveat: str = ""
) -> str:
    """Describe a run in Markdown: what makes it doubtful, what was compared, how well, the first paths, cautions.

    Parameters
    ----------
    cohort, classes
        Its name, and the classes, the control first.
    tables
        What the run made or read.
    changed
        Parameters that differ from the defaults.
    caveat
        What has to be known of the cohort.
    """
    findings = (
        [] if tables.design is None else list(tables.design[["level", "text"]].itertuples(index=False, name=None))
    )
    parts = [f"**{level.capitalize()}:** {plain(text)}" for level, text in findings[:1]]
    parts.append(f"**{plain(comparison(classes))}** in the cohort `{cohort}`." + _amounts(tables.splits))
    parts += _verdict(tables)
    for name, table in tables.importance.items():
        parts += _found(name, table, tables.receptors.get(name)) if len(table) else []
    if tables.evaluation is not None:
        parts.append(_methods(tables.evaluation))
    cautions = [f"{level}: {plain(text)}" for level, text in findings[1:]]
    cautions += [plain(caveat)] if caveat else []
    if tables.diagnostics is not None:
        cautions += [
            f"{plain(row.population)}, {row.name}: {plain(row.found)}"
            for row in tables.diagnostics.itertuples(index=False)
        ]
    if cautions:
        parts.append("**Cautions**\n\n" + "\n".join(f"- {one}" for one in cautions))
    if changed:
        listed = ", ".join(f"`{name}`: `{value}`" for name, value in list(changed.items())[:20])
        more = f" and {len(changed) - 20} more" if len(changed) > 20 else ""
        parts.append(f"**Parameters that differ from the defaults:** {listed}{more}")
    if tables.importance:
        parts.append("**Artifacts:** `report/report.html` shows everything, `tables` all paths.")
    return "\n\n".join(parts)[:LONGEST_VALUE]


def plain(text: object) -> str:
    r"""Write a text of the data so that Markdown and HTML take nothing of it for a sign of theirs.

    Examples
    --------
    >>> plain("CD4+ *T* <b>|"), plain("`a`")
    ('CD4+ \\*T\\* &lt;b&gt;\\|', 'a')
    """
    shown = str(text).replace("`", "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for sign in ("\\", "*", "_", "[", "]", "|", "#"):
        shown = shown.replace(sign, f"\\{sign}")
    return " ".join(shown.split())


def _amounts(splits: Mapping[str, pd.DataFrame]) -> str:
    if not splits:
        return ""
    cells = sum(len(table) for table in splits.values())
    donors = {donor for table in splits.values() for donor in table["donor"].dropna()}
    several = f", {len(splits)} populations" if len(splits) > 1 else ""
    of = f"{len(donors)} donor{'' if len(donors) == 1 else 's'}" if donors else "unknown donors"
    return f" {cells:,} cells of {of}{several}."


def _verdict(tables: Tables) -> list[str]:
    from pathlore.report.intervals import with_intervals
    from pathlore.report.verdict import SENTENCES, beside_plain, held_out

    if tables.metrics is None:
        return []
    metrics = with_intervals(tables.metrics, tables.predictions)
    lines = ["| held out | model | 95 % interval | logistic regression |", "| --- | --- | --- | --- |"]
    said = []
    for one in held_out(metrics):
        model, baseline = one.scores.get(Method.MODEL), one.scores.get(Method.LOGISTIC_REGRESSION)
        ends = "" if model is None or model.low is None else f"{model.low:.3f} to {model.high:.3f}"
        values = [f"{score.value:.3f}" if score is not None else "" for score in (model, baseline)]
        lines.append(f"| {plain(one.population)}, {one.n:,} {one.level}s | {values[0]} | {ends} | {values[1]} |")
        said.append(f"{plain(one.population)}: {SENTENCES[one.judgement]} {beside_plain(one)}".strip())
    return ["**Verdict** (AUROC)\n\n" + "\n".join(lines), *said] if said else []


def _found(population: str, table: pd.DataFrame, receptors: pd.DataFrame | None) -> list[str]:
    """The first paths, then the receptors; receptors first where no path is supported."""
    first = lead(population, table, receptors, SHOWN_PATHS)
    rows = ["| path | importance | direction | q |", "| --- | --- | --- | --- |"]
    for row in first.paths.itertuples(index=False):
        q = "" if pd.isna(row.q) else f"{row.q:.2g}"
        rows.append(f"| {plain(row.route)} | {row.importance:.3f} | {plain(row.direction)} | {q} |")
    named = f"The first {len(first.paths)} of {len(table):,} paths" if first.by_paths else first.heading
    paths = [f"**{named}** ({plain(population)})", "\n".join(rows)] if len(first.paths) else []
    lines = [f"- in {plain(name)}: {plain(named)}" for name, named in first.receptors.items()]
    found = [f"**Receptors that best explain the changed genes** ({plain(population)})", "\n".join(lines)]
    found = found if lines else []
    return [*paths, *found] if first.by_paths else [*found, f"{plain(first.support)}.", *paths]


def _methods(summary: pd.DataFrame) -> str:
    aurocs = summary[summary["scenario"].isna() & (summary["metric"] == "auroc") & (summary["level"] == "cell")]
    best = aurocs.sort_values("mean", ascending=False).head(2 * SHOWN_PATHS)
    lines = ["| population | method | mean AUROC |", "| --- | --- | --- |"]
    lines += [f"| {plain(row.population)} | {plain(row.variant)} | {row.mean:.3f} |" for row in best.itertuples()]
    return "**Methods** (test cells, mean over the repeats)\n\n" + "\n".join(lines)
