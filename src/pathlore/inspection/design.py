"""What of the design of a cohort makes its result doubtful, judged in every run on the cells that it uses."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellsConfig, GeneFilterConfig
from pathlore.expression.matrix import BLOCK_VALUES
from pathlore.expression.statistics import silent_genes, silent_sentence
from pathlore.inspection import columns as roles_of
from pathlore.inspection.confounding import CELL_NAMES, MOST_VALUES, associations, from_names, judge
from pathlore.inspection.findings import LEVELS, Association, ColumnFacts, Finding
from pathlore.inspection.writing import judge_writing
from pathlore.keys import Obs
from pathlore.schemas import DesignFindings


def design_findings(
    obs: pd.DataFrame, cells: AnnData, config: CellsConfig, gene_filter: GeneFilterConfig
) -> pd.DataFrame:
    """Judge whether the condition can be told from cell type, library, batch, donor, and the genes that were counted.

    Labels that are one value in two writings, and names of donors that hold that of a batch, are named too.

    Parameters
    ----------
    obs
        Of the cells as found, with every column that they came with.
    cells
        Prepared cells of the classes.
    config, gene_filter
        Where the labels lie, and when a gene counts as silent.

    Returns
    -------
    Table `pathlore.schemas.DesignFindings`: problems before warnings.
    """
    named = {config.condition, config.donor, config.cell_type}
    measured = [pd.api.types.is_numeric_dtype(kind.dtype) and kind.nunique() > MOST_VALUES for _, kind in obs.items()]
    obs = obs.loc[:, [name in named or not number for name, number in zip(obs.columns, measured, strict=True)]]
    columns = roles_of.inspect_columns(obs)
    wanted = {"condition": config.condition, "donor": config.donor or "none", "cell_type": config.cell_type or "none"}
    roles = roles_of.choose_columns(columns, wanted)
    condition = np.full(len(obs), "", dtype=object)
    rows = cells.obs_names.get_indexer(obs.index.astype(str))
    condition[rows >= 0] = cells.obs[Obs.CONDITION].astype(str).to_numpy()[rows[rows >= 0]]
    donors = cells.obs.dropna(subset=[Obs.DONOR])
    shared = donors.groupby(Obs.DONOR, observed=True)[Obs.LABEL].nunique().gt(1).any()
    found = associated(obs, columns, condition, config.condition, roles)
    findings = judge(found, config.condition, unpaired=len(donors) > 0 and not shared)
    findings += judge_writing(obs, columns, roles)
    silent = _silent(cells, list(config.classes), gene_filter.silent_fraction)
    findings += [Finding(level="warning", text=silent)] if silent else []
    grave = [one for one in findings if one.level in ("problem", "warning")]
    grave.sort(key=lambda one: LEVELS.index(one.level))
    return DesignFindings.validate(pd.DataFrame([(one.level, one.text) for one in grave], columns=["level", "text"]))


def associated(
    obs: pd.DataFrame, columns: list[ColumnFacts], condition: np.ndarray, own: str, roles: Mapping[str, str]
) -> list[Association]:
    """`pathlore.inspection.confounding.associations` of the columns of ``obs``."""
    others = {
        facts.name: roles_of.column_of(obs, columns, facts.name)
        for facts in columns
        if facts.kind == "categories" and facts.name != own
    }
    roles = dict(roles)
    named = from_names(obs.index)
    if named is not None and roles_of.LIBRARY not in roles:
        others[CELL_NAMES], roles[roles_of.LIBRARY] = named, CELL_NAMES
    return associations(condition, others, columns, roles)


def _silent(cells: AnnData, class_names: list[str], fraction: float | None) -> str:
    """Genes that are silent in a class, over all cells, read by blocks; empty: none."""
    labels = cells.obs[Obs.LABEL].to_numpy(dtype=int)
    hits = np.zeros((len(class_names), cells.n_vars))
    step = max(1, BLOCK_VALUES // max(cells.n_vars, 1))
    for start in range(0, cells.n_obs, step):
        block = sparse.csr_matrix(cells.X[start : start + step]) > 0
        inside = labels[start : start + step]
        for label in range(len(class_names)):
            hits[label] += np.asarray(block[np.flatnonzero(inside == label)].sum(axis=0)).ravel()
    sizes = np.bincount(labels, minlength=len(class_names))
    silent = silent_genes(hits, sizes, cells.var_names, fraction)
    return silent_sentence(silent, cells.var_names, class_names) if silent.any() else ""


def gravest(findings: pd.DataFrame) -> str:
    """The first of `DesignFindings` as a sentence; empty: there is none."""
    if findings.empty:
        return ""
    text = str(findings["text"].iloc[0]).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
