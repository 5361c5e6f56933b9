"""How much each population says to each other one."""

import pandas as pd

from pathlore.explain.significance import LEVEL
from pathlore.schemas import BetweenPairs

SHOWN = 3


def between_pairs(lines: pd.DataFrame) -> pd.DataFrame:
    """Sum the lines of each sender and receiver.

    Parameters
    ----------
    lines
        `pathlore.schemas.BetweenCells`; lines that were cut off by ``max_lines`` do not count.

    Returns
    -------
    `pathlore.schemas.BetweenPairs`, the highest sum of scores first. The sum grows with the number of lines, and so
    with the ligands and receptors that are known of a population.
    """
    if lines.empty:
        return BetweenPairs.empty()
    table = lines.sort_values("rank").assign(
        line=lines["ligand"] + ">" + lines["receptor"], significant=lines["q"] < LEVEL
    )
    pairs = table.groupby(["sender", "receiver"], as_index=False).agg(
        n_lines=("line", "size"),
        n_significant=("significant", "sum"),
        score=("score", "sum"),
        top_lines=("line", lambda names: "; ".join(names.head(SHOWN))),
    )
    order = ["score", "sender", "receiver"]
    return BetweenPairs.validate(pairs.sort_values(order, ascending=[False, True, True], ignore_index=True))
