"""Sentences that are written from numbers alone."""

import math

import pandas as pd

LEVEL = 0.05
"""Two-sided level of a test, and what lies outside a 95 % interval."""

UNITS = {
    "cell": "test cells",
    "donor": "test donors",
    "cell_within_type": "test cells of one type",
    "paths_alone": "test cells, by the paths alone",
    "graph_genes_alone": "test cells, by the graph's genes alone",
    "wide_alone": "test cells, by the wide branch alone",
    "without_paths_alone": "test cells, by the branches on genes together",
}
METRICS = {
    "auroc": "AUROC", "auprc": "AUPR", "aupr": "AUPR", "balanced_accuracy": "balanced accuracy", "mcc": "MCC",
    "precision_at_10": "precision at 10", "spearman": "Spearman correlation", "overlap_top_10": "overlap of the top 10",
    "jaccard_top_10": "Jaccard index of the top 10", "coefficient_of_variation": "coefficient of variation",
}  # fmt: skip


def known(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and not math.isnan(value)


def signed(value: float) -> str:
    """Write a difference, rounded, with its sign.

    Examples
    --------
    >>> signed(0.0124), signed(-0.03), signed(0.0001)
    ('+0.012', '-0.030', '0.000')
    """
    text = f"{value:+.3f}"
    return text[1:] if float(text) == 0 else text


def spread(mean: float, sd: float, n: int) -> str:
    """Write a mean with its standard deviation and the number of repeats.

    Examples
    --------
    >>> spread(0.731, 0.052, 5), spread(0.731, float("nan"), 1)
    ('0.731 ± 0.052 (5)', '0.731 (1)')
    """
    return f"{mean_sd(mean, sd)} ({n})"


def mean_sd(mean: float, sd: float) -> str:
    """Write a mean with its standard deviation, where there is one."""
    return f"{mean:.3f} ± {sd:.3f}" if known(sd) else f"{mean:.3f}"


def p_value(value: float) -> str:
    """Write a p or q value.

    Examples
    --------
    >>> p_value(0.0312), p_value(0.00004), p_value(float("nan"))
    ('0.031', '< 0.001', '-')
    """
    if not known(value):
        return "-"
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


VOID = "void (equal in every repeat)"
"""A difference that is exactly 0 in every repeat: nothing was compared, and it is neither an effect nor none."""


def verdict(low: float, high: float, p: float, repeats: int) -> str:
    """Say what a difference shows, by its interval and by its adjusted p.

    Examples
    --------
    >>> verdict(0.0, 0.0, 1.0, 5)
    'void (equal in every repeat)'
    >>> verdict(0.01, 0.05, 0.01, 5), verdict(0.01, 0.05, 0.2, 5), verdict(-0.03, 0.05, 0.2, 5)
    ('an effect is shown', 'a hint: interval and test disagree', 'no effect shown')
    >>> verdict(float("nan"), float("nan"), 0.01, 5)
    'the test alone speaks for an effect, and there is no interval'
    """
    if not known(p) and not known(low):
        return f"not judged: {repeats} repeat{'' if repeats == 1 else 's'}, no interval"
    if low == high == 0:
        return VOID
    outside = known(low) and (low > 0 or high < 0)
    below = known(p) and p < LEVEL
    if not known(low):
        return "the test alone speaks for an effect, and there is no interval" if below else "no effect shown"
    if outside and not known(p):
        return "a hint: the interval alone, no test on so few repeats"
    if outside and below:
        return "an effect is shown"
    return "a hint: interval and test disagree" if outside or below else "no effect shown"


def minus(first: str, second: str, row: pd.Series, p: str = "p_adjusted") -> str:
    """Write the difference default minus variant, with interval, p, repeats and what it shows.

    Parameters
    ----------
    first, second
        What the default has and what the variant has in its place.
    row
        Of `EvaluationSummary` or `Recovery`: difference (variant minus default), its interval, pairs, p.
    p
        Column of the p value.
    """
    if not known(row["difference"]):
        return f"{first} minus {second}: not run in the same repeats."
    low, high = -row["difference_high"], -row["difference_low"]
    pairs = int(row["pairs"])
    said = [f"95 % interval {signed(low)} to {signed(high)}"] if known(low) else []
    said += [f"p {p_value(row[p])}" if row[p] < 0.001 else f"p = {p_value(row[p])}"] if known(row[p]) else []
    said.append(f"{pairs} repeat{'' if pairs == 1 else 's'}")
    found = f"{first} minus {second}: {signed(-row['difference'])} ({', '.join(said)})"
    return f"{found}: {verdict(low, high, row[p], pairs)}."


def listed(lines: list[str]) -> str:
    """Write lines as a list, or say that nothing was run."""
    return "\n".join(f"- {line}" for line in lines) if lines else "Not run."


def markdown_table(table: pd.DataFrame) -> str:
    """Write a table of texts and numbers in Markdown; numbers go to the right."""
    numbers = [pd.api.types.is_numeric_dtype(table[name]) for name in table.columns]
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    lines = [list(map(str, table.columns)), ["---:" if number else "---" for number in numbers], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.3f}"
    return "-" if value is None else str(value).replace("|", "\\|")
