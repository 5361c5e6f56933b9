"""Plots as the page holds them: what each is called, what it shows, and what is said where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from pathlore.errors import PathloreError
from pathlore.report.svg import inline_svg


@dataclass(frozen=True)
class Drawing:
    """A figure that is ready for the page.

    Attributes
    ----------
    name, title, caption
        Key of `PLOTS`, heading, and how to read it.
    svg
        Clean SVG; empty where there is no figure.
    missing
        Why there is none.
    """

    name: str
    title: str
    caption: str
    svg: str = ""
    missing: str = ""


PLOTS = {
    "importance": (
        "The most important paths",
        "Bars: importance, in the colour of the class in which the path is more active, grey where its genes disagree. "
        "Diamonds: the fold-change prior. Where bars only follow the diamonds, the model adds little.",
    ),
    "core_network": (
        "Core network",
        "The first paths as one network, receptors on the left, targets on the right. Fill: log2 fold change. "
        "Width: importance summed over the paths through a step.",
    ),
    "donor_heatmap": (
        "Path activity by donor",
        "One column for each donor. A path that changes in one donor only is a finding about that donor.",
    ),
    "donor_strips": (
        "Paths and receptors by donor",
        "One point for each donor and class; the bar is the median. The activity of a path is the mean z of its genes "
        "over donors. The score of a receptor says how well its activity would explain what the donor differs by.",
    ),
    "cell_map": (
        "Map of the cells",
        "A sample of the cells, placed by t-SNE on principal components of the training cells. The model's score is "
        "shown for held-out cells alone. Activity is the mean z of the genes of a path, by the signs of its steps. "
        "Large distances have no meaning.",
    ),
    "enrichment": (
        "Gene sets by ranking",
        "Gene sets enriched by importance, compared with the prior and with random rankings. A set that these enrich "
        "equally is no finding of the model.",
    ),
    "ablation": (
        "Importance and ablation",
        "Learned importance of a path against the increase of the loss on held-out cells without it. Where the two "
        "disagree, trust neither alone.",
    ),
    "curves": (
        "ROC and precision-recall curves",
        "On held-out cells. The band is a 95 % interval of the curve, resampled over donors where they are known, else "
        "over cells. The table of metrics lists the intervals of the areas.",
    ),
    "training": (
        "How the fit went",
        "Losses and validation AUROC by epoch. The line marks the selected epoch.",
    ),
    "sentences": (
        "Paths by their sentences",
        "Paths with similar sentences lie close together. Large distances have no meaning.",
    ),
    "metrics": (
        "Model and baselines",
        "Metrics on held-out cells. A constant prediction reaches only the chance level.",
    ),
    "communication_heatmap": (
        "Who signals to whom",
        "Sum of the scores of all interactions from sender to receiver. It grows with the number of expressed genes.",
    ),
    "communication_circle": (
        "Strongest connections",
        "Ribbons run from sender to receiver; their width is the score. No transport of a molecule was observed.",
    ),
    "communication_interactions": (
        "The strongest interactions",
        "Ligand of the sender, receptor of the receiver, and the path that it starts.",
    ),
}
"""Heading and caption of each figure."""


def drawing(name: str, plots: Mapping[str, str], missing: Mapping[str, str], prefix: str, owner: str) -> Drawing:
    """Make a figure fit for the page.

    Parameters
    ----------
    name
        Key of `PLOTS`.
    plots, missing
        SVG text, or why there is none, by name.
    prefix
        Of its ids.
    owner
        Population or cohort, for the label that is read aloud.
    """
    title, caption = PLOTS[name]
    if name not in plots:
        return Drawing(name, title, caption, missing=missing.get(name, "Not drawn in this run."))
    return Drawing(name, title, caption, inline_svg(plots[name], f"{prefix}-{name}", f"{title}: {owner}. {caption}"))


def refuse_unknown(plots: Mapping[str, str], owner: str) -> None:
    """Refuse plots that the page has no place for.

    Raises
    ------
    PathloreError
        A name that is not among `PLOTS`.
    """
    unknown = sorted(set(plots) - set(PLOTS))
    if unknown:
        raise PathloreError(
            f"{owner}: no place for the plots {', '.join(unknown)}; expected are {', '.join(PLOTS)}: change `plots`"
        )
