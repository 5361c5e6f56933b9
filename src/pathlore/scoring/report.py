"""What is shown at the end of scoring."""

from collections import Counter
from textwrap import fill

import numpy as np
import pandas as pd

from pathlore.keys import Obs
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.familiarity import UNLIKE
from pathlore.scoring.labels import metrics_against_labels
from pathlore.scoring.score import Scores

TOP = 5
WIDTH = 100
SHOWN = ("auroc", "auprc", "balanced_accuracy", "accuracy", "mcc")


def scoring_report(bundle: Bundle, scores: Scores) -> str:
    """Amounts, coverage, warnings, metrics where classes are known, and the paths that contribute most."""
    facts, coverage = bundle.facts, scores.coverage
    calls = Counter(scores.predicted)
    called = [*scores.class_names, *([UNLIKE] if calls[UNLIKE] else [])]
    lines = [
        f"{len(scores.cells):,} cells scored by the model of {facts.cohort}, {facts.population} "
        f"(pathlore {facts.pathlore}, {facts.created[:10]})",
        "",
        "called: " + ", ".join(f"{calls[name]:,} {name}" for name in called),
        f"genes of the model found: {coverage.genes:.1%}; on its paths, weighted by importance: "
        f"{coverage.path_genes:.1%}; complete paths: {coverage.complete_paths:.1%}",
        f"cells out of the range of training: {scores.out_of_range.mean() if len(scores.cells) else 0.0:.1%}",
        f"calibration: temperature {facts.calibration.temperature:.2f} ({facts.calibration.note})",
    ]
    if scores.warnings:
        lines += [
            "",
            "warnings:",
            *(fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ") for text in scores.warnings),
        ]
    metrics = metrics_against_labels(scores.labels, scores.probabilities, scores.class_names)
    if len(metrics):
        lines += ["", "against the classes that the cells carry:", "", _table(metrics)]
    else:
        lines += ["", "fewer than two classes are known of these cells, so the scores cannot be evaluated"]
    paths = _paths(bundle, scores)
    if paths and scores.parts.paths is not None and not scores.parts.paths.any():
        lines += ["", "the paths have weight 0 in this model: only its branches on genes predict the class"]
    elif paths:
        lines += [
            "",
            f"the {len(paths)} paths that contribute most in these cells (mean size of their part of the logit):",
            "",
        ]
        lines += paths
    return "\n".join(lines) + "\n"


def _table(metrics: pd.DataFrame) -> str:
    """Levels in rows, metrics in columns."""
    wide = metrics.pivot_table(index=["level", "n"], columns="metric", values="value", sort=False, dropna=False)
    names = [name for name in SHOWN if name in wide.columns]
    table = wide[names].dropna(how="all").reset_index()
    return table.to_string(index=False, float_format="{:.3f}".format)


def _paths(bundle: Bundle, scores: Scores) -> list[str]:
    parts = scores.parts.paths
    if parts is None or not len(parts):
        return []
    size = np.array([np.abs(parts[:, path]).mean() for path in range(parts.shape[1])])
    rows = []
    for place, path in enumerate(np.argsort(-size)[:TOP], start=1):
        row = bundle.paths.iloc[int(path)]
        pathway = f"  [{row['pathway']}]" if row["pathway"] else ""
        rows.append(f"{place:>3}. {row['route']}{pathway}: {size[path]:.4f}{_differs(scores, int(path))}")
    return rows


def _differs(scores: Scores, path: int) -> str:
    """In which of two classes the path speaks for the case more."""
    parts = scores.parts.paths
    if parts is None or parts.shape[2] > 1:
        return ""
    means = pd.Series(parts[:, path, 0]).groupby(scores.labels[Obs.CONDITION].to_numpy()).mean()
    if set(means.index) != set(scores.class_names):
        return ""
    return "; mean " + ", ".join(f"{means[name]:+.4f} in {name}" for name in scores.class_names)
