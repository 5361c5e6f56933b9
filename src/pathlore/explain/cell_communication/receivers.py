"""What a signal would start in a receiver: the important paths behind each receptor."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.graph.interactions import members
from pathlore.keys import POOLED

logger = logging.getLogger(__name__)


class Behind(NamedTuple):
    """The receiver's top paths that begin at a receptor, or at a member of it: the best one, and all together."""

    importance: float
    path: str
    route: str
    direction: str
    tfs: str
    targets: str
    n_paths: int


def receiver_tables(
    importance: Mapping[str, pd.DataFrame], names: Sequence[str], top_paths: int
) -> dict[str, pd.DataFrame]:
    """The top paths of each receiver; the paths of all cells together are those of every population.

    Parameters
    ----------
    importance
        Population -> `pathlore.schemas.PathImportance`; ``pooled`` alone, where there is one model for all cells.
    names
        Populations with enough cells.
    top_paths
        By rank.

    Raises
    ------
    PathloreError
        No table is of a cell type, and none is pooled.
    """
    tops = {name: table.nsmallest(top_paths, "rank") for name, table in importance.items()}
    if set(tops) == {POOLED}:
        return dict.fromkeys(names, tops[POOLED])
    found = {name: table for name, table in tops.items() if name in names}
    if not found:
        raise PathloreError(
            f"path_importance is of {shorten(importance)}, cell types with enough cells are {shorten(names)}: one of "
            f"them, or {POOLED}, was expected; lower `interpretation.cell_communication.min_cells`"
        )
    return found


def behind_receptors(table: pd.DataFrame, receptors: Sequence[str]) -> dict[str, Behind]:
    """Receptor -> the paths behind it, for those at the head of a path; complexes by any of their members.

    Parameters
    ----------
    table
        Top paths of a receiver.
    receptors
        Genes, or members joined by '_'.
    """
    heads = {str(gene): rows for gene, rows in table.groupby("receptor").indices.items()}
    found = {}
    for name in receptors:
        places = [place for gene in members(name) for place in heads.get(gene, ())]
        if places:
            behind = table.iloc[places].sort_values(["importance", "rank"], ascending=[False, True])
            best = behind.iloc[0]
            found[name] = Behind(
                float(best["importance"]),
                best["path"],
                best["route"],
                best["direction"],
                ";".join(dict.fromkeys(behind["tf"])),
                ";".join(dict.fromkeys(behind["target"])),
                len(behind),
            )
    return found
