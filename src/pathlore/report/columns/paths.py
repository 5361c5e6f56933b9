"""Columns of the ranking of paths, and of the paths that were proposed beside it."""

from pathlore.report.columns.column import Column

RANK = Column(
    "Rank", "", "Place by importance, 1 is the most important. Paths share genes, so ranks are not independent "
    "findings.", "integer"
)  # fmt: skip
PATH = Column("Path", "", "Genes of the path from receptor to target.", "route", shown=False)
ROUTE = Column(
    "Path", "",
    "Receptor, signals, transcription factor, target. In brackets: genes that the steps pass over and that were not "
    "measured. A path is a sentence of the network that expression is compatible with, not a measured chain of events.",
    "route",
)  # fmt: skip
RECEPTOR = Column("Receptor", "", "First gene of the path.", shown=False)
TF = Column("Transcription factor", "", "Last gene but one of the path.", shown=False)
TARGET = Column("Target", "", "Last gene of the path, transcribed under its transcription factor.", shown=False)
SIGN = Column(
    "Sign", "", "Product of the signs of the steps: +1 activates, -1 inhibits, 0 where one step's sign is not known.",
    "signed", shown=False,
)  # fmt: skip
PATHWAY = Column("Pathway", "", "Named pathway of most of its steps. The first and the last step may belong elsewhere.")

PATH_IMPORTANCE = {
    "rank": RANK,
    "path": PATH,
    "route": ROUTE,
    "receptor": RECEPTOR,
    "tf": TF,
    "target": TARGET,
    "pathway": PATHWAY,
    "importance": Column(
        "Importance", "0 to 1",
        "What the model needs given all other paths. It is no probability and no p-value, and compares within one run "
        "only. Where many paths carry one signal the model needs a few: low importance does not mean no response.",
        "bar",
    ),
    "affinity": Column(
        "Receptor's affinity", "sd over receptors",
        "How well the activity of the path's receptor would explain the changes of all measured genes, by network and "
        "texts; nothing is learned. It answers which receptor was active, importance which path the model needs. "
        "Empty: no ligand binds the receptor in the network.",
        "number",
    ),
    "affinity_in": Column(
        "Receptor active in", "class", "Class in which the receptor would be active.", "class", shown=False
    ),
    "affinity_walk": Column(
        "Affinity by targets", "sd over receptors",
        "Its part by the targets of the transcription factors that the receptor reaches; 0 is a typical receptor.",
        "number", shown=False,
    ),
    "affinity_network": Column(
        "Affinity by network", "sd over receptors",
        "Its part by how near the receptor lies to the changed genes in the network.", "number", shown=False,
    ),
    "affinity_text": Column(
        "Affinity by texts", "sd over receptors",
        "Its part by what is written about the receptor, its ligands and the changed genes.", "number", shown=False,
    ),
    "log_odds": Column(
        "Log odds", "natural log",
        "What the training cells say before anything is learned: that all genes of the path change together, given "
        "what other paths explain. The importance begins there.",
        "number", shown=False,
    ),
    "activity_auroc": Column(
        "Effect alone", "AUROC",
        "How well the path's activity alone tells the classes apart on held-out cells: 0.5 is nothing, below 0.5 the "
        "held-out cells behave the other way round. It says that a path responds, not that it causes anything.",
        "number",
    ),
    "direction": Column(
        "More active in", "class",
        "Class in which the genes of the path are higher, by all donors (else by training cells). Mixed: its genes "
        "disagree, or fewer than half of them change, so that no direction is claimed; look at each gene's arrow.",
        "class",
    ),
    "gene_effects": Column(
        "Genes' arrows", "moderated t",
        "Of each gene, whether it is higher (up) or lower (down) in the case, and by how many standard errors. A dot: "
        "by less than one. The next column says what the errors were measured over.",
        "list", shown=False,
    ),
    "effects_over": Column(
        "Arrows over", "",
        "donors: the standard errors of the arrows are those over donors. cells: no donors are known or too few, and "
        "they are those over groups of training cells, which says nothing about other donors.",
        shown=False,
    ),
    "mean_rank": Column(
        "Mean rank", "0 to 1, high is important",
        "Mean rank of importance and effect alone: paths that respond and that the model needs.",
        "number",
    ),
    "q": Column(
        "q", "false discovery rate",
        "Whether the path as a whole differs between the classes: p, adjusted over all paths (Benjamini and Hochberg). "
        "Empty: no donors, or too few for any result.",
        "p",
    ),
    "p": Column(
        "p", "",
        "Share of all paths under all relabellings of the donors that change as much in their least changed gene. It "
        "is a test of the data, not of the model.",
        "p", shown=False,
    ),
    "p_family": Column(
        "p of the whole run", "max-T",
        "Share of the relabellings of the donors under which the best path of all changes as much. It bounds the "
        "chance of a single false path, and cannot fall below 1 / relabellings.",
        "p", shown=False,
    ),
    "family": Column(
        "Family", "",
        "Paths that share at least half of their genes with the best one of the family are one finding.",
        "integer",
    ),
    "best_of_family": Column("Best of its family", "", "Whether the path stands for its family.", "flag", shown=False),
    "in_top_10": Column(
        "In the top 10", "of all refits",
        "In how many of all refits, each with other donors held out, the path is among the first ten. It says how far "
        "the ranking depends on the donors (on the cells, where donors are not known). Empty: there were no refits.",
    ),
    "selection_frequency": Column(
        "Share in the top 10", "share of all refits", "The same as a share.", "share", shown=False,
    ),
    "prior_rank": Column(
        "Rank by fold change", "",
        "Place if the mean absolute fold change of its genes alone decided. Where it equals the rank everywhere, the "
        "model has added little.",
        "integer",
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
    "refits": Column("Refits", "fits", "How often the ranking was made again.", "integer", shown=False),
    "sign": SIGN,
    "log_fold_change": Column(
        "Log fold changes", "log2, case against control",
        "Of each gene, in the training cells. Shows which genes move; those near 0 do not.", shown=False,
    ),
    "fraction_expressed": Column(
        "Cells that express", "share of cells",
        "Of each gene, share of the training cells with a count. A receptor in a few per cent of the cells may be a "
        "trace of neighbours.",
        shown=False,
    ),
    "donors_expressing": Column(
        "Donors that express", "donors", "Of each gene, in how many of the donors it is expressed.", shown=False
    ),
    "sources": Column(
        "Sources", "",
        "Of each step, the resources that list it. A step that many list is better known, not truer here.",
        shown=False,
    ),
    "sentence": Column("Sentence", "", "The text of the path that the language model read.", shown=False),
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
        "Log of the geometric mean relevance of genes and steps. The paths were chosen by it, so it is no evidence for "
        "them; nothing was tried on held-out cells.",
        "number",
    ),
    "n_genes": Column("Genes", "genes", "Genes on the path.", "integer"),
    "cost": Column("Cost", "", "Sum of the steps' costs: small is short and well evidenced.", "number"),
    "sign": SIGN,
}  # fmt: skip
