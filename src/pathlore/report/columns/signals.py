"""Columns of the receptors and ligands that explain the changes of genes."""

from pathlore.report.columns.column import Column

ACTIVE_IN = Column("Active in", "", "Class in which the receptor would be active.", "class")
SCORE = Column(
    "Score", "sd over receptors",
    "How well activity of the receptor would explain which genes change: mean of walk, network and text. It compares "
    "receptors with each other; any data set has a first one.",
    "signed",
)  # fmt: skip
PARTS = {
    "walk": Column(
        "Walk", "sd over receptors",
        "Changes of the targets of the transcription factors that the receptor reaches within three signed steps.",
        "signed",
    ),
    "network": Column(
        "Network", "sd over receptors", "Proximity of the changed genes to the receptor in the whole network.", "signed"
    ),
    "text": Column(
        "Text", "sd over receptors", "Similarity of the texts on the changed genes and on the receptor.", "signed"
    ),
}  # fmt: skip
REACHES = Column(
    "Reaches a TF", "",
    "Whether a transcription factor lies within three steps of the receptor. If not, the walk contributes nothing.",
    "flag", shown=False,
)  # fmt: skip

ACTIVE_RECEPTORS = {
    "active_in": ACTIVE_IN,
    "rank": Column("Rank", "", "By score, within the class.", "integer"),
    "receptor": Column("Receptor", "", "Gene.", "genes"),
    "ligands": Column("Ligands", "", "Ligands of the receptor in the network.", "list"),
    "score": SCORE,
    "p_family": Column(
        "p over all receptors", "",
        "Fraction of the relabellings of the donors under which the best of all receptors scores as high (max-T). "
        "Empty: no donors, or too few for any p below 0.05.",
        "p",
    ),
    "p": Column(
        "p", "", "The same for this receptor alone, not adjusted for the number of receptors.", "p", shown=False
    ),
    **PARTS,
    "rank_without_text": Column(
        "Rank without text", "", "Rank by walk and network alone.", "integer", shown=False
    ),
    "genes": Column(
        "Supporting genes", "", "Changed genes that contribute most to the score.", "genes", shown=False
    ),
    "reaches_tf": REACHES,
    "complex": Column(
        "Complex", "", "Chains of the receptor complex of its best ligand, with weight one half.", shown=False
    ),
    "over": Column("Effects over", "", "Replicates over which the effects were computed.", shown=False),
}  # fmt: skip

ACTIVE_LIGANDS = {
    "active_in": ACTIVE_IN,
    "rank": Column("Rank", "", "By score; ligands of the same receptors share a rank.", "integer"),
    "ligand": Column("Ligand", "", "Gene.", "genes"),
    "receptors": Column("Receptors", "", "All receptors of the ligand in the network, with co-receptors.", "list"),
    "score": SCORE,
    **PARTS,
    "reaches_tf": REACHES,
}
