"""Columns of how well the model predicts, in one run and over repeats."""

from pathlore.report.columns.column import Column

POPULATION = Column("Population", "", "Cell type, or all cells pooled.")
LEVEL = Column(
    "Level", "",
    "cell: each cell counts once. cell_within_type: cells of one type are compared. donor: mean probability over the "
    "cells of a donor. Only the latter estimates the prediction for a new donor.",
)  # fmt: skip
METRIC = Column(
    "Metric", "",
    "auroc and auprc refer to the case. A constant prediction reaches the accuracy and F1 of a large class, too. "
    "paths_add: AUROC of pathlore less that of without_paths, with its 95 % interval over donors.",
)  # fmt: skip
INTERVAL = (
    "95 % interval, resampled over donors where they are known, else over cells. It does not include the choice of the "
    "training cells."
)

METRICS = {
    "population": POPULATION,
    "level": LEVEL,
    "split": Column(
        "Cells", "", "test: held out. validation: used to select the weights, so its metrics are too good."
    ),
    "method": Column(
        "Method", "",
        "pathlore: all branches. paths, graph_genes, wide: each branch alone; without_paths: those on genes. "
        "logistic_regression: the graph's genes, the same split. majority: class frequencies of the training cells.",
    ),
    "metric": METRIC,
    "value": Column("Value", "", "Empty where only one class is present.", "number"),
    "low": Column("Low", "95 % interval", INTERVAL, "number"),
    "high": Column("High", "95 % interval", INTERVAL, "number"),
    "n": Column("n", "cells or donors", "Number of cells or donors.", "integer"),
}  # fmt: skip

EVALUATION = {
    "population": POPULATION,
    "variant": Column("Method", "", "The default model, a variant of it, a baseline, a ranking or a null."),
    "level": LEVEL,
    "metric": METRIC,
    "mean": Column("Mean", "", "Over repeats: other donors held out, other seeds.", "number"),
    "sd": Column("Spread", "standard deviation", "Over repeats; they share training cells.", "number"),
    "low": Column("Low", "95 % interval", "Lower end of the interval of the mean.", "number"),
    "high": Column("High", "95 % interval", "Upper end of the interval of the mean.", "number"),
    "n": Column("Repeats", "fits", "Number of repeats.", "integer"),
    "difference": Column(
        "Against default", "", "Difference to the default model in the same repeats.", "signed"
    ),
    "difference_low": Column("Difference, low", "95 % interval", "Lower end of its interval.", "signed", shown=False),
    "difference_high": Column("Difference, high", "95 % interval", "Upper end of its interval.", "signed", shown=False),
    "p_adjusted": Column(
        "p adjusted", "", "Paired t test over repeats, adjusted within the axis (Holm); somewhat too small.", "p"
    ),
    "p_t": Column("p", "", "Paired t test over repeats.", "p", shown=False),
    "p_wilcoxon": Column("p of ranks", "", "Signed ranks over repeats.", "p", shown=False),
    "difference_sd": Column("Spread of difference", "standard deviation", "Over repeats.", "number", shown=False),
    "pairs": Column("Pairs", "repeats", "Repeats of both methods.", "integer", shown=False),
    "units": Column("Units", "cells, donors or paths", "In one repeat, on average.", "number", shown=False),
    "kind": Column("Kind", "", "Model, ablation, baseline, ranking or null.", shown=False),
    "axis": Column("Axis", "", "What the variant changes in the default model.", shown=False),
    "split_by": Column("Split by", "", "Unit of the split: donors or cells.", shown=False),
    "scenario": Column("Scenario", "", "Simulated in each repeat; empty: the cohort itself.", shown=False),
    "interval": Column("Interval over", "", "Unit of the intervals, or why there is none.", shown=False),
}  # fmt: skip
