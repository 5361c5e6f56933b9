"""Fabricated tables of an evaluation: what the runner would have saved."""

import numpy as np
import pandas as pd

from pathlore.training.metrics import classification_metrics

CLASSES = ["control", "case"]


def predictions_of(strengths, n_donors=10, n_cells=20, folds=5, seed=0, paired=False, population="receiver"):
    """Test cells: donor by donor, each in one fold; strength is how far the case's scores lie above the control's."""
    rng = np.random.default_rng(seed)
    donor_effect = rng.normal(0, 0.5, n_donors)
    parts = []
    for donor in range(n_donors):
        labels = rng.integers(0, 2, n_cells) if paired else np.full(n_cells, donor % 2)
        noise = rng.normal(0, 1, n_cells) + donor_effect[donor]
        for name, strength in strengths.items():
            logit = strength * (2 * labels - 1) + noise + rng.normal(0, 0.3, n_cells)
            probability = 1 / (1 + np.exp(-logit))
            parts.append(
                pd.DataFrame(
                    {
                        "scenario": None,
                        "population": population,
                        "fold": (donor // 2) % folds,
                        "seed": 0,
                        "variant": name,
                        "cell": [f"d{donor}c{i}" for i in range(n_cells)],
                        "donor": f"d{donor}",
                        "cell_type": [f"t{i % 2}" for i in range(n_cells)],
                        "label": labels,
                        "probability_of_control": 1 - probability,
                        "probability_of_case": probability,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def runs_of(predictions, axes=None, kinds=None):
    """Judge each repeat of the predictions, as a runner does, on cells."""
    rows = []
    for (population, fold, seed, variant), cells in predictions.groupby(["population", "fold", "seed", "variant"]):
        probabilities = cells[["probability_of_control", "probability_of_case"]].to_numpy()
        found = classification_metrics(cells["label"].to_numpy(), probabilities, CLASSES)
        kind = (kinds or {}).get(variant, "model" if variant == "pathlore" else "ablation")
        key = (None, population, "donor", fold, seed, variant, kind, (axes or {}).get(variant), "test", "cell")
        rows += [(*key, metric, value, len(cells)) for metric, value in found.items()]
    names = ["scenario", "population", "split_by", "fold", "seed", "variant", "kind", "axis", "split", "level"]
    return pd.DataFrame(rows, columns=[*names, "metric", "value", "n"])


def rankings_of(values, variant="pathlore", score="importance", scenario=None, population="receiver", planted=()):
    """One row per path and repeat; `values` maps (fold, seed) to a mapping of paths to scores."""
    rows = [
        (scenario, population, fold, seed, variant, path, score, value, path in planted if planted else None)
        for (fold, seed), scores in values.items()
        for path, value in scores.items()
    ]
    names = ["scenario", "population", "fold", "seed", "variant", "path", "score", "value", "planted"]
    return pd.DataFrame(rows, columns=names)
