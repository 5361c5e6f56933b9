"""What a reader of one format is, and what it is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.resources.interactions.tally import Tally
from pathlore.resources.raw import Raw, RawTables

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames


@dataclass(frozen=True)
class Source:
    """One file that holds associations, with all that its reader may look at."""

    file: str
    raw: Raw
    beside: RawTables  # every file that was given, this one included
    names: "GeneNames | None"
    config: NetworkConfig
    tally: Tally = field(default_factory=Tally)

    @property
    def table(self) -> pd.DataFrame:
        """The file as a table with rows numbered from 0.

        Raises
        ------
        TypeError
            It is the text of an XML file; no reader that asks for a table recognises one.
        """
        if not isinstance(self.raw, pd.DataFrame):
            raise TypeError(f"{self.file} is text, not a table")
        return self.raw.reset_index(drop=True)

    def tables_beside(self, wanted: Callable[[Raw], bool]) -> Iterator[pd.DataFrame]:
        """The tables among all given files that are wanted, for example those with the members of complexes."""
        for raw in self.beside.values():
            if isinstance(raw, pd.DataFrame) and wanted(raw):
                yield raw.reset_index(drop=True)


def _nothing(raw: Raw) -> bool:
    """Accompany no file."""
    return False


@dataclass(frozen=True)
class Reader:
    """A format: how its files are known, and how they become statements.

    ``read`` returns the columns of `pathlore.resources.interactions.statements.COLUMNS` and tells the tally of its
    source what it dropped, and by which rule.
    """

    name: str
    form: str  # what its files look like, for the message about a file that nobody knows
    recognises: Callable[[Raw], bool]
    read: Callable[[Source], pd.DataFrame]
    accompanies: Callable[[Raw], bool] = _nothing  # files that hold no associations and are read beside one that does
