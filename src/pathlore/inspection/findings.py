"""What an inspection finds: facts, choices with their reasons, and what to think of them."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Level = Literal["ok", "note", "warning", "problem"]
LEVELS: tuple[Level, ...] = ("problem", "warning", "note", "ok")
"""From what stops a run to what is as it should be."""

CAVEAT = "caveat"
"""The one choice that belongs into globals.yml: what a reader has to know of the cohort."""


class Fact(BaseModel):
    """A frozen record that can be written as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(Fact):
    """One sentence about the data, and which parameter it bears on."""

    level: Level
    text: str
    parameter: str = ""


class Choice(Fact):
    """A value that the environment sets, and why."""

    value: Any
    reason: str


class MatrixFacts(Fact):
    """One matrix of the file."""

    name: str  # X, raw, or the name of a layer
    n_cells: int
    n_genes: int
    scale: Literal["counts", "normalised", "log"] | None  # None: no expression, see `reason`
    reason: str  # for the scale, or why there is none
    doubt: str  # what may be wrong with the verdict on the scale; empty: nothing
    zeros: float  # share of the values looked at
    greatest: float  # of the values looked at
    megabytes: float  # in memory, as CSR float32


class CellFacts(Fact):
    """All cells of the chosen matrix."""

    n_cells: int
    empty: int  # without any value above zero
    repeated: int  # with all values of an earlier cell
    same_name: int  # with the name of an earlier cell
    median_genes: float  # with a value above zero, per cell
    median_total: float  # sum of a cell's values
    too_few_genes: int  # fewer than the chosen `min_genes`
    too_mitochondrial: int  # more than the chosen percentage; counts only


class GeneFacts(Fact):
    """The names of genes in the index of ``var``, or in one of its columns."""

    column: str | None  # None: the index
    species: str  # human, mouse; empty: not told
    kind: str  # symbol, ensembl or entrez
    examples: list[str]
    n_names: int
    repeated: int
    understood: int  # names that become a human symbol
    on_network: int  # genes of the network among them
    network: int  # genes of the network
    with_name: int  # of those on the network
    with_description: int  # of those on the network
    dates: tuple[str, ...] = ()  # symbols that a spreadsheet made dates
    trouble: str  # why the names cannot be used; empty: they can


class ColumnFacts(Fact):
    """One column of ``obs``."""

    name: str
    kind: Literal["constant", "categories", "numbers", "names"]
    n_values: int
    n_missing: int
    frequent: list[tuple[str, int]]  # the most frequent ones, with their cells
    scores: dict[str, float]  # role -> how well name and values fit it; only those above zero


class Association(Fact):
    """How a column goes along with the condition."""

    column: str
    role: str
    cramers_v: float  # 0 to 1
    nested: bool  # each value of the column has cells of one class alone
    fewest: int  # values of the column in the class that has the fewest


class DonorFacts(Fact):
    """Donors and cells of each class."""

    cells: dict[str, int]  # class -> cells
    donors: dict[str, int]  # class -> donors
    shared: int  # donors with cells of several classes
    without: int  # cells whose donor is not known
    cells_per_donor: tuple[int, float, int]  # fewest, median, most
    few: list[str]  # donors with too few cells of a class to count there
    split: Literal["donor", "pair", "cell"]
    reason: str  # why not by donor; empty: by donor


class CostFacts(Fact):
    """What the default run will need."""

    genes: int
    paths: int
    training_cells: int
    seconds_fit: float
    seconds_refits: float
    gigabytes: float
    processes: int


class Inspection(Fact):
    """Everything that was found."""

    file: str
    n_cells: int
    n_genes: int
    matrices: list[MatrixFacts]
    layer: str | None  # the chosen matrix
    cells: CellFacts | None
    genes: list[GeneFacts]
    columns: list[ColumnFacts]
    roles: dict[str, str]  # role -> chosen column
    associations: list[Association]
    donors: DonorFacts | None
    cost: CostFacts | None
    choices: dict[str, Choice]  # dotted parameter, or `CAVEAT` -> choice
    findings: list[Finding]


def worst(findings: Iterable[Finding]) -> Level:
    """The most serious level among findings; ``ok`` where there is none.

    Examples
    --------
    >>> worst([Finding(level="note", text="a"), Finding(level="warning", text="b")])
    'warning'
    """
    present = {finding.level for finding in findings}
    return next((level for level in LEVELS if level in present), "ok")
