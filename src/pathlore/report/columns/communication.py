"""Columns of the networks between cells."""

from pathlore.report.columns.column import Column

SENDER = Column("Sender", "cell type", "Cells that express the ligand.")
RECEIVER = Column("Receiver", "cell type", "Cells that express the receptor, and whose path it starts.")

CELL_COMMUNICATION = {
    "rank": Column("Rank", "", "By score.", "integer"),
    "sender": SENDER,
    "ligand": Column("Ligand", "", "Gene, or the members of a complex.", "genes"),
    "receiver": RECEIVER,
    "receptor": Column("Receptor", "", "First gene of the path, or the members of a complex.", "genes"),
    "route": Column(
        "Interaction", "", "Ligand, receptor, and the most important path of the receiver from there.", "route"
    ),
    "score": Column(
        "Score", "0 to 1",
        "Combines the change of the ligand, the evidence for the pair and the importance of the path; halved if the "
        "ligand is highest in another class than the path. It is no probability, and no transport was observed.",
        "bar",
    ),
    "ligand_log_fold_change": Column(
        "Ligand change", "log2, case against control", "Of the ligand in the sender.", "signed"
    ),
    "ligand_p": Column("p of the ligand", "", "Test of its change over donors.", "p", shown=False),
    "ligand_q": Column(
        "q of the ligand", "false discovery rate",
        "Test of its change over donors, adjusted over the ligands of the sender. Empty: too few donors.", "p",
    ),
    "q": Column(
        "q of change", "false discovery rate", "Labels of donors or cells permuted; adjusted over the "
        "interactions.", "p"
    ),
    "p": Column(
        "p of change", "",
        "Fraction of the permutations of the classes of donors (without donors, of cells) in which the ligand "
        "changes as "
        "much, up or down. Over cells it is too small.",
        "p", shown=False,
    ),
    "q_specific": Column(
        "q of specificity", "false discovery rate",
        "Whether ligand and receptor are higher in these two populations than with cells permuted over populations. It "
        "does not compare case and control.",
        "p", shown=False,
    ),
    "p_specific": Column("p of specificity", "", "The same before the adjustment.", "p", shown=False),
    "concordant": Column(
        "Concordant", "",
        "Whether the ligand is highest in the class in which the path is more active; no, where the path is mixed.",
        "flag",
    ),
    "direction": Column(
        "Path more active in", "class", "Class in which the receiver's path is more active, or mixed.", "class"
    ),
    "importance": Column("Path importance", "0 to 1", "Of the receiver's best path from the receptor.", "number"),
    "path": Column("Path genes", "", "The same path without its unmeasured genes.", "route", shown=False),
    "tfs": Column("Transcription factors", "", "Of the paths from the receptor.", "list", shown=False),
    "targets": Column("Targets", "", "Of the paths from the receptor.", "list", shown=False),
    "n_paths": Column("Paths", "paths", "Important paths of the receiver from this receptor.", "integer", shown=False),
    "evidence_score": Column("Evidence score", "0 to 1", "Degree of documentation of the pair.", "number", shown=False),
    "n_evidence": Column("Entries", "entries", "Independent entries that list the pair.", "integer", shown=False),
    "resources": Column("Resources", "", "Resources that list the pair.", "list", shown=False),
    "references": Column("References", "", "Literature, by PubMed number.", "references", shown=False),
    "ligand_expression": Column(
        "Ligand expression", "mean log(1 + normalised count)", "In the sender; of a complex its lowest member.",
        "number",
        shown=False,
    ),
    "ligand_fraction": Column(
        "Cells with ligand", "fraction of cells", "Of the sender; of a complex its lowest member.", "share", shown=False
    ),
    "receptor_expression": Column(
        "Receptor expression", "mean log(1 + normalised count)", "In the receiver; of a complex its lowest member.",
        "number", shown=False,
    ),
    "receptor_fraction": Column(
        "Cells with receptor", "fraction of cells", "Of the receiver; of a complex its lowest member.", "share",
        shown=False,
    ),
    "autocrine": Column("Autocrine", "", "Whether sender and receiver are one population.", "flag", shown=False),
}  # fmt: skip

COMMUNICATION_PAIRS = {
    "sender": SENDER,
    "receiver": RECEIVER,
    "n_interactions": Column("Interactions", "", "Ligand-receptor interactions between the two.", "integer"),
    "n_significant": Column("Significant", "interactions", "Of these, with q of change below 0.05.", "integer"),
    "score": Column(
        "Score", "sum", "Sum over the interactions. It grows with the number of expressed genes.", "number"
    ),
    "top_interactions": Column("Strongest interactions", "", "The first by score.", "list"),
}  # fmt: skip
