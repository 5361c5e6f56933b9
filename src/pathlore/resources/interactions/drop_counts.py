"""Counts of what a reader dropped, by rule."""

import pandas as pd


class DropCounts:
    """Rows dropped, by the rule that dropped them, in the order of the rules.

    Examples
    --------
    >>> counts = DropCounts()
    >>> table = pd.DataFrame({"species": ["human", "mouse", "human"]})
    >>> len(counts.keep(table, table["species"] == "human", "other species"))
    2
    >>> counts.drop(0, "never met")
    >>> str(counts)
    '1 other species'
    """

    def __init__(self) -> None:
        self.dropped: dict[str, int] = {}

    def drop(self, amount: int, rule: str) -> None:
        """Note that so many rows were dropped by a rule."""
        if amount:
            self.dropped[rule] = self.dropped.get(rule, 0) + int(amount)

    def keep(self, table: pd.DataFrame, wanted: pd.Series, rule: str) -> pd.DataFrame:
        """Keep the wanted rows, numbered anew, and count the others."""
        self.drop(int((~wanted).sum()), rule)
        return table[wanted].reset_index(drop=True)

    def __str__(self) -> str:
        return ", ".join(f"{amount} {rule}" for rule, amount in self.dropped.items()) or "nothing"
