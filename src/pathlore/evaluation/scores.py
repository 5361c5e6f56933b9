"""Which of a method's scores of the paths stand in tables and figures for a reader."""

import pandas as pd

from pathlore.keys import Method

MAIN = ("importance", "attention")
"""What a method is judged by: the first that it has."""


def shown_scores(table: pd.DataFrame, reference: str = Method.MODEL) -> pd.DataFrame:
    """Keep every score of the default, and of each other method the one that it is judged by.

    The scores beside it (fold changes, a path alone) say the same for every variant that sees the same cells.

    Parameters
    ----------
    table
        With columns variant and score, such as `pathlore.schemas.Recovery`.
    reference
        The default model.

    Examples
    --------
    >>> table = pd.DataFrame({"variant": ["pathlore", "pathlore", "per_cell", "per_cell", "random"]})
    >>> table["score"] = ["importance", "prior", "attention", "importance", "importance"]
    >>> shown_scores(table)["score"].tolist()
    ['importance', 'prior', 'importance', 'importance']
    """
    main = main_scores(table)
    return table[(table["variant"] == reference) & (table["score"] != "attention") | table.index.isin(main.index)]


def main_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Keep of each method the score that it is judged by: its importance, else its attention."""
    known = table[table["score"].isin(MAIN)]
    place = known["score"].map({name: place for place, name in enumerate(MAIN)})
    return known[place == place.groupby(known["variant"]).transform("min")]
