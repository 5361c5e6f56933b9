"""Columns of the ranking of paths, and of the paths that were proposed beside it."""

from pathlore.report.columns.column import Column

RANK = Column(
    "Rank", "", "By importance; 1 is the most important. Paths share genes, so ranks are not independent findings.",
    "integer",
)  # fmt: skip
PATH = Column(
    "Measured genes", "", "The path without the genes that were not measured.", "route", shown=False, listed=False
)
ROUTE = Column(
    "Path", "",
    "Receptor, signals, transcription factor, target. In brackets: intermediate genes that were not "
    "measured. A path is a hypothesis from the network that expression is compatible with, not a measured chain.",
    "route",
)  # fmt: skip
RECEPTOR = Column("Receptor", "", "First gene of the path.", shown=False)
TF = Column("Transcription factor", "", "Last gene but one of the path.", shown=False)
TARGET = Column("Target", "", "Last gene of the path, transcribed under its transcription factor.", shown=False)
SIGN = Column(
    "Sign", "", "Product of the signs of the steps: +1 activates, -1 inhibits, 0 if the sign of a step is not known.",
    "signed", shown=False,
)  # fmt: skip
PATHWAY = Column(
    "Pathway",
    "",
    "Named pathway of most of its steps. Its first and last step may belong to other pathways.",
    shown=False,
)

PATH_IMPORTANCE = {
    "rank": RANK,
    "route": ROUTE,
    "path": PATH,
    "importance": Column(
        "Importance", "0 to 1",
        "How much the model needs the path, given all other paths. It is no probability and no p-value, and is "
        "comparable within one run only. Where many paths carry the same signal the model needs only a few of them: "
        "low "
        "importance does not exclude a response.",
        "bar",
    ),
    "direction": Column(
        "More active in", "class",
        "Class in which the genes of the path are higher, by all donors (without donors, by training cells). Mixed: "
        "its "
        "genes disagree, or fewer than half of them change; see the arrow of each gene.",
        "class",
    ),
    "q": Column(
        "q", "false discovery rate",
        "Test over donors of a difference of the whole path between the classes; p adjusted over all paths (Benjamini "
        "and Hochberg). Empty: no donors, or too few.",
        "p",
    ),
    "in_top_10": Column(
        "In the top 10", "of all refits",
        "Number of refits, each with other donors held out, in which the path is among the first ten. It shows how "
        "much "
        "the ranking depends on the donors (on the cells, where donors are not known). Empty: no refits.",
    ),
    "affinity": Column(
        "Receptor affinity", "sd over receptors",
        "How well activity of the receptor would explain the changes of all measured genes, from network and texts; "
        "nothing is trained. It estimates which receptor was active; importance, which path the model needs. "
        "Empty: the network has no ligand of the receptor.",
        "number",
    ),
    "receptor": RECEPTOR,
    "tf": TF,
    "target": TARGET,
    "pathway": PATHWAY,
    "affinity_in": Column(
        "Receptor active in", "class", "Class in which the receptor would be active.", "class", shown=False
    ),
    "affinity_walk": Column(
        "Affinity by targets", "sd over receptors",
        "Contribution of the targets of the transcription factors that the receptor reaches; 0 is a typical receptor.",
        "number", shown=False,
    ),
    "affinity_network": Column(
        "Affinity by network", "sd over receptors",
        "Contribution of the proximity of the receptor to the changed genes in the network.", "number", shown=False,
    ),
    "affinity_text": Column(
        "Affinity by texts", "sd over receptors",
        "Contribution of the similarity of the texts on the receptor, its ligands and the changed genes.",
        "number", shown=False,
    ),
    "log_odds": Column(
        "Log odds", "natural log",
        "Log odds, from the training cells before training, that all genes of the path change together, given what "
        "other paths explain. Training starts from it.",
        "number", shown=False,
    ),
    "activity_auroc": Column(
        "Effect alone", "AUROC",
        "How well the activity of the path alone distinguishes the classes on held-out cells: 0.5 is chance; below 0.5 "
        "the held-out cells change in the opposite direction. It shows a response, not a cause.",
        "number", shown=False,
    ),
    "gene_effects": Column(
        "Effects of the genes", "moderated t",
        "For each gene, whether it is higher (up) or lower (down) in the case, and by how many standard errors. A dot: "
        "less than one. The next column states the replicates.",
        "list", shown=False,
    ),
    "effects_over": Column(
        "Effects over", "",
        "Replicates of the standard errors. donors: over donors. cells: donors are unknown or too few; over groups of "
        "training cells, which does not generalise to other donors.",
        shown=False,
    ),
    "mean_rank": Column(
        "Mean rank", "0 to 1, high is important",
        "Mean rank of importance and activity AUROC: paths that respond and that the model needs.",
        "number", shown=False,
    ),
    "p": Column(
        "p", "",
        "Fraction of all paths, under all relabellings of the donors, whose least changed gene changes as much. It "
        "tests the data, not the model.",
        "p", shown=False,
    ),
    "p_family": Column(
        "p of the whole run", "max-T",
        "Fraction of the relabellings of the donors under which the best of all paths changes as much. It bounds the "
        "probability of any false path, and is at least 1 / relabellings.",
        "p", shown=False,
    ),
    "family": Column(
        "Family", "",
        "Paths that share at least half of their genes with the best path of the family count as one finding.",
        "integer", shown=False,
    ),
    "best_of_family": Column(
        "Best of its family", "", "Whether the path is the best of its family.", "flag", shown=False
    ),
    "selection_frequency": Column(
        "Frequency in the top 10", "fraction of all refits", "The same as a fraction.",
        "share", shown=False, listed=False,
    ),
    "prior_rank": Column(
        "Rank by fold change", "",
        "Rank by the mean absolute fold change of its genes. If it equals the rank for most paths, the model adds "
        "little.",
        "integer", shown=False,
    ),
    "prior": Column(
        "Fold-change prior", "0 to 1",
        "Mean absolute log2 fold change of its genes in the training cells, scaled from 0 to 1 over the paths.",
        "number", shown=False,
    ),
    "importance_mean": Column(
        "Mean importance", "0 to 1", "Mean over the refits that list the path.", "number", shown=False
    ),
    "importance_sd": Column(
        "Spread of importance", "standard deviation", "Over the refits; one fit has none.", "number", shown=False
    ),
    "rank_mean": Column(
        "Rank over refits", "mean", "Mean rank over the refits that list the path.", "number", shown=False
    ),
    "rank_sd": Column(
        "Spread of rank", "standard deviation", "Over the refits; one fit has none.", "number", shown=False
    ),
    "refits": Column("Refits", "fits", "Number of refits.", "integer", shown=False),
    "sign": SIGN,
    "log_fold_change": Column(
        "Log fold changes", "log2, case against control",
        "Of each gene, in the training cells.", shown=False,
    ),
    "fraction_expressed": Column(
        "Cells that express it", "fraction of cells",
        "For each gene, fraction of the training cells with a count. A receptor in a few per cent of the cells may be "
        "contamination from other cells.",
        shown=False,
    ),
    "donors_expressing": Column(
        "Donors that express it", "donors", "For each gene, number of donors that express it.", shown=False
    ),
    "sources": Column(
        "Sources", "",
        "For each step, the resources that list it. A step listed by many is better known, not more active here.",
        shown=False,
    ),
    "sentence": Column("Sentence", "", "The sentence of the path that the text encoder read.", shown=False),
}  # fmt: skip

PROPOSED_PATHS = {
    "path": PATH,
    "route": ROUTE,
    "receptor": RECEPTOR,
    "tf": TF,
    "target": TARGET,
    "pathway": PATHWAY,
    "score": Column(
        "Score", "log, 0 is best",
        "Log of the geometric mean relevance of genes and steps. The paths were selected by it, so it is no evidence "
        "for them; held-out cells were not used.",
        "number",
    ),
    "n_genes": Column("Genes", "genes", "Genes on the path.", "integer"),
    "cost": Column("Cost", "", "Sum of the costs of the steps: small means short and well documented.", "number"),
    "sign": SIGN,
}  # fmt: skip
