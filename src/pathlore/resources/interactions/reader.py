"""What a reader of one format is, and what it is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.resources.interactions.drop_counts import DropCounts
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
    counts: DropCounts = field(default_factory=DropCounts)

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
    """A format: how its files are known, and how they become interaction records.

    ``read`` returns the columns of `pathlore.resources.interactions.records.COLUMNS` and tells the counts of its
    source what it dropped, and by which rule.
    """

    name: str
    form: str  # what its files look like, for the message about a file that nobody knows
    recognises: Callable[[Raw], bool]
    read: Callable[[Source], pd.DataFrame]
    accompanies: Callable[[Raw], bool] = _nothing  # files that hold no associations and are read beside one that does
    columns: tuple[str, ...] = ()  # all that it reads, as its functions call them
    unread: tuple[str, ...] = ()  # further columns of published files, which nearly have the name of one that is read

    def adapted(self, raw: Raw) -> Raw:
        """A table with the columns of this format as the reader calls them, whatever letters and blanks a file has.

        A column whose name is right as it is stays the one that is read.
        """
        if not isinstance(raw, pd.DataFrame):
            return raw
        exact = set(raw.columns)
        wanted = {name.lower(): name for name in self.columns if name not in exact}
        names: dict[object, str] = {}
        for name in raw.columns:
            folded = " ".join(str(name).split()).lower()
            if folded in wanted and name not in self.columns:
                names[name] = wanted.pop(folded)
        return raw.rename(columns=names) if names else raw
