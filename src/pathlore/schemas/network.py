"""Tables of the network, the names of genes, and the paths."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Kind, Mapped
from pathlore.schemas.table import Table


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

    path: Series[str] = pa.Field(unique=True, description="gene symbols joined by '>'")
    route: Series[str] = pa.Field(description="the path, with the unmeasured genes that it passes over in brackets")
    receptor: Series[str]
    tf: Series[str]
    target: Series[str]
    n_genes: Series[int] = pa.Field(ge=3)
    sign: Series[int] = pa.Field(isin=[-1, 0, 1], description="product of the steps' signs, 0 if one is not known")
    cost: Series[float] = pa.Field(ge=0, description="sum of the steps' costs; small is well evidenced and short")
    pathway: Series[str] = pa.Field(
        nullable=True, description="named pathway of most of the steps, or that it was searched in"
    )


class ProposedPaths(SignalingPaths):
    """One row per path that is not on the list and that a search by relevance proposes."""

    score: Series[float] = pa.Field(le=0, description="log of the geometric mean relevance of its genes and steps")


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
