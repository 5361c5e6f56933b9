"""Pandera models of every table that is saved; Kedro checks them on each load and save."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Kind, Mapped, Split


class Table(pa.DataFrameModel):
    """Base of all tables: the columns named here and, unless a model says otherwise, no others."""

    class Config:  # noqa: D106
        strict = True
        coerce = True


class Splits(Table):
    """One row per cell of a population, with the set that the cell belongs to."""

    cell: Series[str] = pa.Field(unique=True)
    condition: Series[str] = pa.Field(description="class name")
    label: Series[int] = pa.Field(ge=0, description="class index, 0 is the control")
    donor: Series[str] = pa.Field(nullable=True)
    cell_type: Series[str] = pa.Field(nullable=True)
    population: Series[str]
    split: Series[str] = pa.Field(isin=Split.ALL)


class GeneStatistics(Table):
    """One row per gene: what its expression looks like in the training cells of a population."""

    gene: Series[str] = pa.Field(unique=True)
    mean: Series[float] = pa.Field(ge=0, description="mean log1p-normalised expression")
    sd: Series[float] = pa.Field(ge=0, description="its standard deviation over cells")
    fraction_expressed: Series[float] = pa.Field(ge=0, le=1, description="share of cells with a count, all classes")
    log_fold_change: Series[float] = pa.Field(description="log2 fold change, case against control")
    log_fold_change_class: Series[str] = pa.Field(description="the class that the fold change speaks of")
    fraction_by_class: Series[float] = pa.Field(
        alias=r"^fraction_expressed_in_.+$", regex=True, ge=0, le=1, description="share of the class's cells"
    )
    passes: Series[bool] = pa.Field(description="whether the gene may enter the graph")


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


class Sentences(Table):
    """One row per text that is to be encoded."""

    key: Series[str] = pa.Field(unique=True, description="gene symbol or path")
    text: Series[str]
    has_text: Series[bool] = pa.Field(description="False: nothing beyond the symbol is known")


class TextVectors(Table):
    """One row per text of a gene or path: its vector, for other programs."""

    subject: Series[str] = pa.Field(isin=["gene", "path"])
    key: Series[str] = pa.Field(description="gene symbol or path")
    text: Series[str]
    has_text: Series[bool] = pa.Field(description="False: nothing beyond the symbol is known, the vector is zero")
    model: Series[str] = pa.Field(description="language model, or the kind of encoder where there is none")
    revision: Series[str] = pa.Field(nullable=True)
    encoder: Series[str] = pa.Field(description="everything that changes the vectors")
    vector: Series[object] = pa.Field(description="list of numbers")


class EncoderReport(Table):
    """One row per encoder: what it made of the same texts."""

    encoder: Series[str] = pa.Field(
        unique=True, description="name in `text_embedding.encoders`; `encoder`: the model's"
    )
    version: Series[str]
    model: Series[str]
    revision: Series[str] = pa.Field(nullable=True)
    width: Series[int] = pa.Field(ge=1)
    genes: Series[int] = pa.Field(ge=0)
    genes_without_text: Series[int] = pa.Field(ge=0)
    paths: Series[int] = pa.Field(ge=0)
    truncated: Series[int] = pa.Field(ge=0, description="texts whose ends were cut off")
    mean_cosine: Series[float] = pa.Field(nullable=True, description="between two genes; near 1: hardly told apart")
    shared_neighbours: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="share of the ten nearest genes that the main encoder finds too"
    )


class DownloadReport(Table):
    """One row per file of a downloaded resource."""

    resource: Series[str]
    file: Series[str] = pa.Field(unique=True, description="where it lies")
    bytes: Series[int] = pa.Field(ge=0)
    sha256: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{64}$")
    url: Series[str] = pa.Field(nullable=True, description="null: fetched by hand")
    licence: Series[str] = pa.Field(description="in plain words, no legal advice")
    fetched: Series[bool] = pa.Field(description="True: fetched by this run, False: was there")


class Coverage(Table):
    """One row per question about how much of the data the knowledge reaches."""

    population: Series[str]
    measure: Series[str]
    count: Series[int] = pa.Field(ge=0)
    total: Series[int] = pa.Field(ge=0)


class History(Table):
    """One row per epoch of a fit."""

    epoch: Series[int] = pa.Field(ge=1, unique=True)
    train_loss: Series[float]
    validation_loss: Series[float]
    validation_auroc: Series[float] = pa.Field(ge=0, le=1)
    learning_rate: Series[float] = pa.Field(ge=0)
    mean_importance: Series[float] = pa.Field(ge=0, le=1)
    seconds: Series[float] = pa.Field(ge=0)


class Predictions(Table):
    """One row per held-out cell and method: the probability of each class."""

    cell: Series[str]
    donor: Series[str] = pa.Field(nullable=True)
    split: Series[str] = pa.Field(isin=Split.ALL)
    method: Series[str]
    label: Series[int] = pa.Field(ge=0)
    predicted: Series[int] = pa.Field(ge=0)
    probability: Series[float] = pa.Field(alias=r"^probability_of_.+$", regex=True, ge=0, le=1)


class Metrics(Table):
    """One row per figure: population x level x split x method x metric."""

    population: Series[str]
    level: Series[str] = pa.Field(isin=["cell", "donor"])
    split: Series[str] = pa.Field(isin=Split.ALL)
    method: Series[str]
    metric: Series[str]
    value: Series[float] = pa.Field(nullable=True)
    n: Series[int] = pa.Field(ge=0, description="cells or donors that the figure was computed on")


class PathImportance(Table):
    """One row per path of a population: its score, its rank, and the evidence beside it."""

    rank: Series[int] = pa.Field(ge=1)
    path: Series[str] = pa.Field(unique=True)
    route: Series[str] = pa.Field(description="the path, with the unmeasured genes that it passes over in brackets")
    receptor: Series[str]
    tf: Series[str]
    target: Series[str]
    importance: Series[float] = pa.Field(ge=0, le=1, description="sigmoid(M_p)")
    prior_rank: Series[int] = pa.Field(ge=1, description="rank by the fold-change prior alone")
    prior: Series[float] = pa.Field(ge=0, le=1)
    marginal_effect: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="AUROC of the path's activity alone on held-out cells"
    )
    direction: Series[str] = pa.Field(description="class in which the path's activity is higher (training cells)")
    sign: Series[int] = pa.Field(isin=[-1, 0, 1])
    pathway: Series[str] = pa.Field(nullable=True)
    log_fold_change: Series[str] = pa.Field(description="per gene, in the path's order, '; '-joined")
    fraction_expressed: Series[str] = pa.Field(description="per gene, in the path's order, '; '-joined")
    sources: Series[str] = pa.Field(description="per step, the resources that list the edge, ' | '-joined")
    sentence: Series[str]
