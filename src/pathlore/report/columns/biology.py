"""Columns of the comparison with known biology, and of the cross-check by ablation."""

from pathlore.report.columns.column import Column

RANKING = Column(
    "Ranking", "",
    "Importance of the model, the fold-change prior, or random scores. A result that the prior or random scores "
    "reach as well is not a finding of the model.",
)  # fmt: skip
PATH = Column("Path", "", "Genes of the path from receptor to target.", "route")

ENRICHMENT = {
    "set_name": Column("Gene set", "", "Name of the set in its collection."),
    "ranking": RANKING,
    "method": Column(
        "Method", "",
        "over_representation: genes of the first paths against all genes of the graph. ranked: all genes of the graph, "
        "ordered by their score.",
    ),
    "score": Column(
        "Score", "odds ratio or normalised score",
        "Odds ratio (over-representation) or normalised enrichment score (ranked). Compare within one method only.",
        "number",
    ),
    "p": Column("p", "", "Before the adjustment for many sets; random rankings have none.", "p", shown=False),
    "q": Column(
        "q", "false discovery rate",
        "Adjusted within the collection. Paths come from named pathways, so some enrichment is circular: compare with "
        "the prior and with random rankings.",
        "p",
    ),
    "share_significant": Column(
        "Random hits", "fraction of draws",
        "Fraction of the random rankings in which the set has q below 0.05. High: the set is enriched in any ranking.",
        "share",
    ),
    "n_overlap": Column(
        "Overlap", "genes", "Genes of the set among those tested, or in the leading edge; random: the mean.", "number"
    ),
    "n_set": Column("Set on graph", "genes", "Genes of the set that are on the graph.", "integer"),
    "n_genes": Column("Tested", "genes", "Genes that were tested.", "integer", shown=False),
    "n_named": Column(
        "Named in texts", "genes", "Genes excluded because their text names the set.", "integer", shown=False
    ),
    "collection": Column("Collection", "", "Source of the set."),
    "genes": Column("Genes", "", "The overlap, or the leading edge.", "list", shown=False),
}  # fmt: skip

COHERENCE = {
    "rank": Column("Rank", "", "By importance.", "integer"),
    "path": PATH,
    "coherence": Column(
        "Coherence", "fraction of gene pairs",
        "Fraction of the gene pairs of the path that share a known set. It shows that the genes are described "
        "together, not that they act together here.",
        "bar",
    ),
    "random_mean": Column(
        "Random mean", "fraction of gene pairs", "Of random paths of the same length and similar degrees.", "number"
    ),
    "random_sd": Column("Random spread", "standard deviation", "Of the same random paths.", "number", shown=False),
    "z": Column("z", "standard deviations", "Distance from the mean of the random paths.", "signed"),
    "p": Column("p", "", "Fraction of the random paths that are as coherent.", "p", shown=False),
    "q": Column("q", "false discovery rate", "p adjusted over the paths (Benjamini and Hochberg).", "p"),
    "sets": Column("Sets", "", "Sets shared by its genes.", "list"),
}  # fmt: skip

GENE_LISTS = {
    "list_name": Column("Gene list", "", "Name of the list."),
    "ranking": RANKING,
    "n_overlap": Column(
        "Overlap", "genes", "Genes of the list among the genes of the top paths; random: the mean.", "number"
    ),
    "expected": Column("Expected", "genes", "Overlap expected at random.", "number"),
    "odds_ratio": Column("Odds ratio", "", "1: no association.", "number"),
    "p": Column("p", "", "Hypergeometric test; the genes of the graph are the background.", "p"),
    "n_list": Column("List on graph", "genes", "Genes of the list that are on the graph.", "integer"),
    "n_top": Column("Top genes", "genes", "Genes of the top paths; random: the mean.", "number"),
}  # fmt: skip

ABLATION = {
    "path": PATH,
    "importance": Column("Importance", "0 to 1", "Learned importance of the path.", "bar"),
    "contribution": Column(
        "Contribution", "mean |logit|", "Mean absolute contribution of the path to the logit of a held-out cell.",
        "number",
    ),
    "loss_increase": Column(
        "Loss without it", "increase of the log loss",
        "Increase of the loss on held-out cells without this path. Near 0 or below: other paths replace it, or it does "
        "not help.",
        "signed",
    ),
    "rank_ablation": Column("Rank by ablation", "", "By the loss without it.", "integer"),
}  # fmt: skip
