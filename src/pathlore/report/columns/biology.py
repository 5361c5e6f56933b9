"""Columns of the comparison with known biology, and of the cross-check by ablation."""

from pathlore.report.columns.column import Column

RANKING = Column(
    "Ranking", "",
    "Which ranking was asked: the model's importance, the fold-change prior, or random scores. What the prior or "
    "chance reaches as well is not the model's finding.",
)  # fmt: skip
PATH = Column("Path", "", "Genes of the path from receptor to target.", "route")

ENRICHMENT = {
    "set_name": Column("Gene set", "", "Name of the set in its collection."),
    "ranking": RANKING,
    "method": Column(
        "Method", "",
        "over_representation: genes of the top paths against all genes of the graph; ranked: all genes of the graph by "
        "their score.",
    ),
    "score": Column(
        "Score", "odds ratio or normalised score",
        "Odds ratio (over-representation) or normalised enrichment score (ranked). Compare within one method only.",
        "number",
    ),
    "p": Column("p", "", "Before the adjustment for many sets; random rankings have none.", "p", shown=False),
    "q": Column(
        "q", "false discovery rate",
        "Adjusted within the collection. Paths were drawn from named pathways, so some enrichment is circular: look at "
        "the prior and at random beside it.",
        "p",
    ),
    "share_significant": Column(
        "Random hits", "share of draws",
        "Share of the random rankings that reach q below 0.05 with this set. High: the set looks enriched whatever the "
        "ranking.",
        "share",
    ),
    "n_overlap": Column(
        "Overlap", "genes", "Genes of the set among those tested, or in the leading edge; random: the mean.", "number"
    ),
    "n_set": Column("Set on graph", "genes", "Genes of the set that are on the graph.", "integer"),
    "n_genes": Column("Tested", "genes", "Genes that were tested.", "integer", shown=False),
    "n_named": Column(
        "Named in texts", "genes", "Genes left out because their own text names the set.", "integer", shown=False
    ),
    "collection": Column("Collection", "", "Where the set comes from."),
    "genes": Column("Genes", "", "The overlap, or the leading edge.", "list", shown=False),
}  # fmt: skip

COHERENCE = {
    "rank": Column("Rank", "", "Place by importance.", "integer"),
    "path": PATH,
    "coherence": Column(
        "Coherence", "share of gene pairs",
        "Share of the path's gene pairs that share a known set. It says that the genes are known together, not that "
        "they act together here.",
        "bar",
    ),
    "random_mean": Column(
        "Random mean", "share of gene pairs", "Of random paths of the same length and similar degrees.", "number"
    ),
    "random_sd": Column("Random spread", "standard deviation", "Of the same random paths.", "number", shown=False),
    "z": Column("z", "standard deviations", "How far the path lies above the random ones.", "signed"),
    "p": Column("p", "", "Share of the random paths that are as coherent.", "p", shown=False),
    "q": Column("q", "false discovery rate", "p adjusted over the paths (Benjamini and Hochberg).", "p"),
    "sets": Column("Sets", "", "Sets that its genes share.", "list"),
}  # fmt: skip

GENE_LISTS = {
    "list_name": Column("Gene list", "", "Name of the list that was given."),
    "ranking": RANKING,
    "n_overlap": Column(
        "Overlap", "genes", "Genes of the list among the genes of the top paths; random: the mean.", "number"
    ),
    "expected": Column("Expected", "genes", "Overlap if the genes of the graph were drawn at random.", "number"),
    "odds_ratio": Column("Odds ratio", "", "1 is nothing.", "number"),
    "p": Column("p", "", "Hypergeometric test; the genes of the graph are the background.", "p"),
    "n_list": Column("List on graph", "genes", "Genes of the list that are on the graph.", "integer"),
    "n_top": Column("Top genes", "genes", "Genes of the top paths; random: the mean.", "number"),
}  # fmt: skip

ABLATION = {
    "path": PATH,
    "importance": Column("Importance", "0 to 1", "What the model learned for the path.", "bar"),
    "contribution": Column(
        "Contribution", "mean |logit|", "Mean size of what the path adds to the paths' answer for a held-out cell.",
        "number",
    ),
    "loss_increase": Column(
        "Loss without it", "increase of the log loss",
        "How much worse the paths predict held-out cells without this one. Near 0 or below: others stand in for it, or "
        "it does not help.",
        "signed",
    ),
    "rank_ablation": Column("Rank by ablation", "", "Place by the loss without it.", "integer"),
}  # fmt: skip
