"""Tables of the network, the names of genes, and the paths."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Kind, Mapped
from pathlore.schemas.table import Table, column


class Network(Table):
    """One row per directed, typed association between two genes."""

    source: Series[str]
    target: Series[str]
    kind: Series[str] = pa.Field(isin=Kind.ALL)
    sign: Series[int] = pa.Field(isin=[-1, 0, 1], description="+1 activates, -1 inhibits, 0 not known")
    type: Series[int] = pa.Field(ge=1, description="edge type from kind and sign; 0 is reserved for 'no edge'")
    n_evidence: Series[int] = pa.Field(ge=1, description="number of independent entries")
    resources: Series[str] = pa.Field(description="';'-joined names of the tables that list the edge")
    references: Series[str] = pa.Field(description="';'-joined literature references (PMID:123), empty: none is known")
    conflict: Series[bool] = pa.Field(description="True: the tables contradict each other on the sign, which is then 0")
    pathway: Series[str] = pa.Field(nullable=True, description="';'-joined named pathways, where a table has one")
    via: Series[str] = pa.Field(description="';'-joined genes, not measured, that the step passes over; empty: direct")

    class Config:  # noqa: D106
        unique = ("source", "target", "kind")


class GeneNamesTable(Table):
    """One row per approved human gene symbol: every other name of the gene, lists joined by ';'."""

    symbol: Series[str] = pa.Field(unique=True)
    previous: Series[str] = pa.Field(description="symbols that were approved once")
    aliases: Series[str]
    ensembl: Series[str]
    entrez: Series[str]
    uniprot: Series[str]


class GeneMapping(Table):
    """One row per measured gene name: which symbol it was taken for, and how."""

    name: Series[str] = pa.Field(unique=True, description="as measured")
    symbol: Series[str] = pa.Field(nullable=True, description="human gene symbol; null: lost")
    how: Series[str] = pa.Field(isin=Mapped.ALL)


class GeneAnnotations(Table):
    """One row per gene symbol: what is written about it."""

    symbol: Series[str] = pa.Field(unique=True)
    name: Series[str] = pa.Field(description="approved name, empty where none is known")
    description: Series[str] = pa.Field(description="what is written, empty where nothing is")


class SignalingPaths(Table):
    """One row per typed path receptor -> (signal)* -> TF -> target."""

    path: Series[str] = column(  # gene symbols joined by '>'
        "Measured genes", "The path without the genes that were not measured.",
        "", "route", shown=False, listed=False, unique=True,
    )  # fmt: skip
    route: Series[str] = column(
        "Path",
        "Receptor, signals, transcription factor, target. In brackets: intermediate genes that were not measured. A "
        "path is a hypothesis from the network that expression is compatible with, not a measured chain.",
        "", "route",
    )  # fmt: skip
    receptor: Series[str] = column("Receptor", "First gene of the path.", shown=False)
    tf: Series[str] = column("Transcription factor", "Last gene but one of the path.", shown=False)
    target: Series[str] = column(
        "Target", "Last gene of the path, transcribed under its transcription factor.",
        shown=False,
    )  # fmt: skip
    pathway: Series[str] = column(
        "Pathway", "Named pathway of most of its steps. Its first and last step may belong to other pathways.",
        shown=False, nullable=True,
    )  # fmt: skip
    n_genes: Series[int] = column("Genes", "Genes on the path.", "genes", "integer", ge=3)
    cost: Series[float] = column(
        "Cost", "Sum of the costs of the steps: small means short and well documented.",
        "", "number", ge=0,
    )  # fmt: skip
    sign: Series[int] = column(
        "Sign", "Product of the signs of the steps: +1 activates, -1 inhibits, 0 if the sign of a step is not known.",
        "", "signed", shown=False, isin=[-1, 0, 1],
    )  # fmt: skip


class ProposedPaths(SignalingPaths):
    """One row per path that is not on the list and that a search by relevance proposes."""

    score: Series[float] = column(
        "Score",
        "Log of the geometric mean relevance of genes and steps. The paths were selected by it, so it is no evidence "
        "for them; held-out cells were not used.",
        "log, 0 is best", "number", le=0,
    )  # fmt: skip


class LigandReceptorSteps(Table):
    """One row per ligand of a receptor that heads a path: the step that may come from another cell."""

    population: Series[str]
    ligand: Series[str]
    receptor: Series[str]
    sign: Series[int] = pa.Field(isin=[-1, 0, 1])
    n_evidence: Series[int] = pa.Field(ge=1)
    resources: Series[str]
    references: Series[str] = pa.Field(nullable=True)
    pathway: Series[str] = pa.Field(nullable=True)
    ligand_expressed: Series[bool] = pa.Field(description="whether the population itself expresses the ligand")
    n_paths: Series[int] = pa.Field(ge=1, description="paths of the population that begin at the receptor")


class PathReport(Table):
    """One row per rule of the graph's construction: how much it let through."""

    population: Series[str]
    rule: Series[str]
    kept: Series[int] = pa.Field(ge=0)
    dropped: Series[int] = pa.Field(ge=0)


class Coverage(Table):
    """One row per question about how much of the data the knowledge reaches."""

    population: Series[str]
    measure: Series[str]
    count: Series[int] = pa.Field(ge=0)
    total: Series[int] = pa.Field(ge=0)


class DownloadReport(Table):
    """One row per file of a downloaded resource."""

    resource: Series[str]
    file: Series[str] = pa.Field(unique=True, description="where it lies")
    bytes: Series[int] = pa.Field(ge=0)
    sha256: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{64}$")
    url: Series[str] = pa.Field(nullable=True, description="null: fetched by hand")
    licence: Series[str] = pa.Field(description="in plain words, no legal advice")
    fetched: Series[bool] = pa.Field(description="True: fetched by this run, False: was there")
