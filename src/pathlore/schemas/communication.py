"""Tables of the networks between cells."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.schemas.table import Table, column, comparison_column


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

    rank: Series[int] = column("Rank", "By score.", "", "integer", ge=1)
    sender: Series[str] = column("Sender", "Cells that express the ligand.", "cell type")
    receiver: Series[str] = column(
        "Receiver", "Cells that express the receptor, and whose path it starts.",
        "cell type",
    )  # fmt: skip
    ligand: Series[str] = column(  # members of a complex joined by '_'
        "Ligand", "Gene, or the members of a complex.",
        "", "genes",
    )  # fmt: skip
    receptor: Series[str] = column(  # members of a complex joined by '_'
        "Receptor", "First gene of the path, or the members of a complex.",
        "", "genes",
    )  # fmt: skip
    score: Series[float] = column(
        "Score",
        "Combines the change of the ligand, the evidence for the pair and the importance of the path; halved if the "
        "ligand is highest in another class than the path. It is no probability, and no transport was observed.",
        "0 to 1", "bar", ge=0, le=1,
    )  # fmt: skip
    ligand_log_fold_change: Series[float] = column(
        "Ligand change", "Of the ligand in the sender.",
        "log2", "signed",
    )  # fmt: skip
    comparison: Series[str] = comparison_column()
    ligand_p: Series[float] = column(
        "p of the ligand", "Test of its change over donors.",
        "", "p", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    ligand_q: Series[float] = column(
        "q of the ligand",
        "Test of its change over donors, adjusted over the ligands of the sender. Empty: too few donors.",
        "false discovery rate", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    ligand_expression: Series[float] = column(
        "Ligand expression", "In the sender; of a complex its lowest member.",
        "mean log(1 + normalised count)", "number", shown=False, ge=0,
    )  # fmt: skip
    ligand_fraction: Series[float] = column(
        "Cells with ligand", "Of the sender; of a complex its lowest member.",
        "fraction of cells", "share", shown=False, ge=0, le=1,
    )  # fmt: skip
    receptor_expression: Series[float] = column(
        "Receptor expression", "In the receiver; of a complex its lowest member.",
        "mean log(1 + normalised count)", "number", shown=False, ge=0,
    )  # fmt: skip
    receptor_fraction: Series[float] = column(
        "Cells with receptor", "Of the receiver; of a complex its lowest member.",
        "fraction of cells", "share", shown=False, ge=0, le=1,
    )  # fmt: skip
    evidence_score: Series[float] = column(  # n_evidence / (1 + n_evidence)
        "Evidence score", "Degree of documentation of the pair.",
        "0 to 1", "number", shown=False, ge=0, le=1,
    )  # fmt: skip
    n_evidence: Series[int] = column(
        "Entries", "Independent entries that list the pair.",
        "entries", "integer", shown=False, ge=1,
    )  # fmt: skip
    resources: Series[str] = column("Resources", "Resources that list the pair.", "", "list", shown=False)  # ';'-joined
    references: Series[str] = column(
        "References", "Literature, by PubMed number.",
        "", "references", shown=False, nullable=True,
    )  # fmt: skip
    importance: Series[float] = column(
        "Path importance", "Of the receiver's best path from the receptor.",
        "0 to 1", "number", ge=0, le=1,
    )  # fmt: skip
    path: Series[str] = column(  # gene symbols joined by '>'
        "Path genes", "The same path without its unmeasured genes.",
        "", "route", shown=False,
    )  # fmt: skip
    route: Series[str] = column(  # ligand (sender) -> receptor -> ... -> target (receiver)
        "Interaction", "Ligand, receptor, and the most important path of the receiver from there.",
        "", "route",
    )  # fmt: skip
    tfs: Series[str] = column(  # ';'-joined
        "Transcription factors", "Of the paths from the receptor.",
        "", "list", shown=False,
    )  # fmt: skip
    targets: Series[str] = column("Targets", "Of the paths from the receptor.", "", "list", shown=False)  # ';'-joined
    n_paths: Series[int] = column(
        "Paths", "Important paths of the receiver from this receptor.",
        "paths", "integer", shown=False, ge=1,
    )  # fmt: skip
    direction: Series[str] = column(
        "Path more active in", "Class in which the receiver's path is more active, or mixed.",
        "class", "class",
    )  # fmt: skip
    concordant: Series[bool] = column(
        "Concordant",
        "Whether the ligand is highest in the class in which the path is more active; no, where the path is mixed.",
        "", "flag",
    )  # fmt: skip
    p_specific: Series[float] = column(
        "p of specificity", "The same before the adjustment.",
        "", "p", shown=False, ge=0, le=1,
    )  # fmt: skip
    q_specific: Series[float] = column(
        "q of specificity",
        "Whether ligand and receptor are higher in these two populations than with cells permuted over populations. It "
        "does not compare case and control.",
        "false discovery rate", "p", shown=False, ge=0, le=1,
    )  # fmt: skip
    p: Series[float] = column(
        "p of change",
        "Fraction of the permutations of the classes of donors (without donors, of cells) in which the ligand changes "
        "as much, up or down. Over cells it is too small.",
        "", "p", shown=False, ge=0, le=1,
    )  # fmt: skip
    q: Series[float] = column(
        "q of change", "Labels of donors or cells permuted; adjusted over the interactions.",
        "false discovery rate", "p", ge=0, le=1,
    )  # fmt: skip
    autocrine: Series[bool] = column(
        "Autocrine", "Whether sender and receiver are one population.",
        "", "flag", shown=False,
    )  # fmt: skip


class CommunicationPairs(Table):
    """One row per sender and receiver: how much one says to the other."""

    sender: Series[str] = column("Sender", "Cells that express the ligand.", "cell type")
    receiver: Series[str] = column(
        "Receiver", "Cells that express the receptor, and whose path it starts.",
        "cell type",
    )  # fmt: skip
    n_interactions: Series[int] = column(
        "Interactions", "Ligand-receptor interactions between the two.",
        "", "integer", ge=1,
    )  # fmt: skip
    n_significant: Series[int] = column(
        "Significant", "Of these, with q of change below 0.05.",
        "interactions", "integer", ge=0,
    )  # fmt: skip
    score: Series[float] = column(
        "Score", "Sum over the interactions. It grows with the number of expressed genes.",
        "sum", "number", ge=0,
    )  # fmt: skip
    top_interactions: Series[str] = column(  # 'ligand>receptor', '; '-joined
        "Strongest interactions", "The first by score.",
        "", "list",
    )  # fmt: skip
