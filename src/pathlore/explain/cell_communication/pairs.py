"""How much each population says to each other one."""

import pandas as pd

from pathlore.explain.significance import LEVEL
from pathlore.schemas import CommunicationPairs

SHOWN = 3


def communication_pairs(interactions: pd.DataFrame) -> pd.DataFrame:
    """Sum the interactions of each sender and receiver.

    Parameters
    ----------
    interactions
        `pathlore.schemas.CellCommunication`; interactions that were cut off by ``max_interactions`` do not count.

    Returns
    -------
    `pathlore.schemas.CommunicationPairs`, the highest sum of scores first. The sum grows with the number of
    interactions, and so with the ligands and receptors that are known of a population.
    """
    if interactions.empty:
        return CommunicationPairs.empty()
    table = interactions.sort_values("rank").assign(
        interaction=interactions["ligand"] + ">" + interactions["receptor"], significant=interactions["q"] < LEVEL
    )
    pairs = table.groupby(["sender", "receiver"], as_index=False).agg(
        n_interactions=("interaction", "size"),
        n_significant=("significant", "sum"),
        score=("score", "sum"),
        top_interactions=("interaction", lambda names: "; ".join(names.head(SHOWN))),
    )
    order = ["score", "sender", "receiver"]
    return CommunicationPairs.validate(pairs.sort_values(order, ascending=[False, True, True], ignore_index=True))
