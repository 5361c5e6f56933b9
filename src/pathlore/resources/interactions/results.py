"""Results of an analysis that have the columns of a resource."""

from collections.abc import Iterable

from pathlore.errors import PathloreError, shorten

RESULTS = frozenset(
    ["p_value", "p.value", "pvalue", "pval", "p_val", "padj", "p_adj", "p_val_adj", "fdr", "qvalue", "prob",
     "magnitude_rank", "specificity_rank", "aggregate_rank", "lr_means", "lr_logfc", "lrscore", "cellphone_pvals"]
)  # fmt: skip
"""Columns that say how an association came out in some cells; no resource has any of them."""


def refuse_results(file: str, columns: Iterable[object], expected: str) -> None:
    """Refuse a table of results, whose rows are no prior knowledge.

    Raises
    ------
    PathloreError
        It has a column of `RESULTS`.
    """
    found = [str(name) for name in columns if str(name).strip().lower() in RESULTS]
    if found:
        raise PathloreError(
            f"the network table {file} has the column(s) {shorten(found)}: it holds the results of an analysis or the "
            f"responses to pathways (as PROGENy's), not a resource; expected are {expected} as a database lists them: "
            "take it out of the files of the parameter `network`"
        )
