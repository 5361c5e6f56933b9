"""Known biology as a yardstick: whether the paths of a named set of genes come out on top."""

from collections.abc import Collection

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.evaluation.recovery import recovery_summary
from pathlore.resources.gene_sets import read_gene_sets
from pathlore.resources.raw import RawTables
from pathlore.schemas import Recovery


def named_genes(gene_sets: RawTables, names: Collection[str]) -> set[str]:
    """Genes of some gene sets.

    Parameters
    ----------
    gene_sets
        Tables with the columns ``set_name`` and ``gene``.
    names
        The sets.

    Raises
    ------
    PathloreError
        A table has other columns, or a set is in none of them.
    """
    whole = read_gene_sets(gene_sets)
    absent = set(names) - set(whole["set_name"])
    if absent:
        raise PathloreError(
            f"`evaluation.known_sets` names {shorten(absent)}, the {whole['set_name'].nunique()} sets of `gene_sets` "
            "do not: change either"
        )
    return set(whole.loc[whole["set_name"].isin(list(names)), "gene"])


def known_biology(rankings: pd.DataFrame, gene_sets: RawTables, names: Collection[str]) -> pd.DataFrame:
    """Judge every ranking of the cohort's own cells by the paths that lie in named sets of genes.

    A path counts as known if its target belongs to the sets: such sets list what is transcribed in a response, not the
    receptors and kinases on the way. That is no planted truth: what else responds in these cells counts against a
    ranking.

    Parameters
    ----------
    rankings
        `pathlore.schemas.EvaluationRankings`.
    gene_sets
        Tables with the columns ``set_name`` and ``gene``.
    names
        The sets; none: nothing is judged.

    Returns
    -------
    `pathlore.schemas.Recovery`.
    """
    if not names:
        return Recovery.empty()
    genes = named_genes(gene_sets, names)
    own = rankings[rankings["scenario"].isna()]
    known = {path: path.rpartition(">")[2] in genes for path in own["path"].unique()}
    return Recovery.validate(recovery_summary(own.assign(planted=own["path"].map(known).astype("boolean"))))
