"""The MLflow model around a bundle, and what it reads and answers."""

from typing import Any

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import PythonModel
from mlflow.pyfunc.model import PythonModelContext

from pathlore.errors import PathloreError
from pathlore.scoring import Bundle, Scores, read_bundle

TOTAL = "total_counts"
"""Column with a cell's counts over all genes, those that the model does not read included."""

SCALES = ("counts", "log")


class BundleModel(PythonModel):
    """Probabilities of cells whose columns are genes.

    One row per cell and one column per gene symbol of the model; genes that were not measured are left out. With the
    parameter ``scale`` ``counts`` the values are raw counts, and the column ``total_counts`` has the cell's counts over
    **all** its genes, which the normalisation divides by; with ``log`` they are natural log(1 + counts per target sum).
    With ``contributions`` the answer also has what adds up to each logit, see `pathlore.scoring.Scores.contributions`.
    """

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle among the artifacts."""
        self.bundle = read_bundle(context.artifacts["bundle"])

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Score cells.

        Raises
        ------
        MlflowException
            The input cannot be scored; the message is that of `pathlore.errors.PathloreError`.
        """
        settings = params or {}
        try:
            scores = score_table(self.bundle, model_input, str(settings.get("scale", "counts")))
        except PathloreError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from error
        answer = answer_table(scores)
        if settings.get("contributions", False):
            parts = scores.contributions().drop(columns="cell")
            answer = pd.concat([answer, parts.set_axis(answer.index)], axis=1)
        return answer.set_axis(model_input.index)


def score_table(bundle: Bundle, table: pd.DataFrame, scale: str) -> Scores:
    """Score the rows of a table of genes; see `BundleModel`.

    Raises
    ------
    PathloreError
        The scale is another, counts come without their total, the total is too small, or a value is missing.
    """
    from anndata import AnnData
    from scipy import sparse

    from pathlore.scoring.labels import known_labels
    from pathlore.scoring.new_cells import on_genes_of
    from pathlore.scoring.score import score_prepared

    if scale not in SCALES:
        raise PathloreError(f"scale '{scale}' was found, expected is one of {', '.join(SCALES)}: change the parameter")
    genes = table.drop(columns=TOTAL, errors="ignore")
    values = genes.to_numpy(dtype=np.float64)
    if scale == "counts":
        values, names = np.column_stack([values, _rest(table, values)]), [*genes.columns, ""]
    else:
        names = list(genes.columns)
    facts = bundle.facts
    plain = facts.cells.model_copy(update={"layer": "X", "gene_column": "gene"})
    numbered = [str(i) for i in range(len(table))]
    cells = AnnData(
        X=sparse.csr_matrix(values, dtype=np.float32),
        obs=pd.DataFrame(index=numbered),
        var=pd.DataFrame({"gene": pd.Series(names, dtype=object)}).set_index(pd.Index(map(str, range(len(names))))),
    )
    prepared = on_genes_of(bundle, cells, plain, scale, None)
    labels = known_labels(cells.obs, facts.cells, bundle.class_names)
    return score_prepared(bundle, prepared, labels, facts.limits.min_coverage)


def answer_table(scores: Scores) -> pd.DataFrame:
    """Columns of `pathlore.schemas.CellScores` that a served model answers with."""
    return scores.table().drop(columns=["cell", "quality", "condition", "donor", "cell_type"])


def _rest(table: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """Counts of each cell on genes that the table does not have, (n,)."""
    if TOTAL not in table.columns:
        raise PathloreError(
            f"counts were found without the column `{TOTAL}`, which was expected: each cell's counts over all its "
            "genes, also those that the model does not read; or send log values with the parameter scale: log"
        )
    rest = table[TOTAL].to_numpy(dtype=np.float64) - values.sum(axis=1)
    if not (rest > -0.5).all():  # also where a value is missing
        raise PathloreError(
            f"`{TOTAL}` is missing or smaller than the sum of the genes in {int((~(rest > -0.5)).sum())} of "
            f"{len(rest)} cells, each cell's counts over all its genes were expected: mend the column `{TOTAL}`"
        )
    return rest.clip(min=0)
