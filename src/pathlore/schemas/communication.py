"""Tables of the networks between cells."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.schemas.table import Table


class LigandReceptorPairs(Table):
    """One row per ligand and receptor, each a gene or a complex with its members joined by '_'."""

    ligand: Series[str]
    receptor: Series[str]
    sign: Series[int] = pa.Field(isin=[-1, 0, 1], description="+1 activates, -1 inhibits, 0 not known")
    n_evidence: Series[int] = pa.Field(ge=1, description="number of independent entries")
    resources: Series[str] = pa.Field(description="';'-joined names of the tables that list the pair")
    references: Series[str] = pa.Field(nullable=True, description="';'-joined literature references (PMID:123)")

    class Config:  # noqa: D106
        unique = ("ligand", "receptor")


class CellCommunication(Table):
    """One row per ligand of a sender and receptor of a receiver: the signal between them, and what it starts."""

    rank: Series[int] = pa.Field(ge=1)
    sender: Series[str]
    receiver: Series[str]
    ligand: Series[str] = pa.Field(description="gene, or members of a complex joined by '_'")
    receptor: Series[str] = pa.Field(description="gene, or members of a complex joined by '_'")
    score: Series[float] = pa.Field(ge=0, le=1, description="of ligand change, evidence and path importance")
    ligand_log_fold_change: Series[float] = pa.Field(
        description="log2, in the sender, of the class with the largest change against the control"
    )
    ligand_p: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="over donors; null: donors too few")
    ligand_q: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="of ligand_p, over a sender's ligands")
    ligand_expression: Series[float] = pa.Field(ge=0, description="mean log expression in the sender, least member")
    ligand_fraction: Series[float] = pa.Field(ge=0, le=1, description="of the sender's cells, in its highest class")
    receptor_expression: Series[float] = pa.Field(ge=0, description="mean log expression in the receiver, least member")
    receptor_fraction: Series[float] = pa.Field(ge=0, le=1, description="of the receiver's cells, in its highest class")
    evidence_score: Series[float] = pa.Field(ge=0, le=1, description="of the pair: n_evidence / (1 + n_evidence)")
    n_evidence: Series[int] = pa.Field(ge=1)
    resources: Series[str]
    references: Series[str] = pa.Field(nullable=True)
    importance: Series[float] = pa.Field(ge=0, le=1, description="of the receiver's best path from the receptor")
    path: Series[str] = pa.Field(description="that path, gene symbols joined by '>'")
    route: Series[str] = pa.Field(description="ligand (sender) -> receptor -> ... -> target (receiver)")
    tfs: Series[str] = pa.Field(description="';'-joined transcription factors of the receiver's top paths from there")
    targets: Series[str] = pa.Field(description="';'-joined targets of the receiver's top paths from there")
    n_paths: Series[int] = pa.Field(ge=1, description="the receiver's top paths from there")
    direction: Series[str] = pa.Field(description="class in which the path is more active, or mixed")
    concordant: Series[bool] = pa.Field(
        description="whether the ligand is highest in that class, in the sender; false where the direction is mixed"
    )
    p_specific: Series[float] = pa.Field(ge=0, le=1, description="that only these populations express the pair so much")
    q_specific: Series[float] = pa.Field(ge=0, le=1, description="over the cohort's interactions")
    p: Series[float] = pa.Field(
        ge=0, le=1, description="of the score, conditions permuted; null of all interactions together"
    )
    q: Series[float] = pa.Field(ge=0, le=1, description="over the cohort's interactions")
    autocrine: Series[bool] = pa.Field(description="sender and receiver are one population")


class CommunicationPairs(Table):
    """One row per sender and receiver: how much one says to the other."""

    sender: Series[str]
    receiver: Series[str]
    n_interactions: Series[int] = pa.Field(ge=1)
    n_significant: Series[int] = pa.Field(ge=0, description="interactions with q below 0.05")
    score: Series[float] = pa.Field(ge=0, description="sum over the interactions")
    top_interactions: Series[str] = pa.Field(
        description="'ligand>receptor' of the interactions with the highest score, '; '-joined"
    )
