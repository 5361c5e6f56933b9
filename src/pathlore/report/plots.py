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
        "Diamonds: what the fold changes alone would say. Where bars only follow the diamonds, the model has added "
        "little.",
    ),
    "core_network": (
        "Core network",
        "The top paths joined to one network, receptors on the left, targets on the right. Fill: log2 fold change. "
        "Width: importance summed over the paths through a step, so it grows with their number, too.",
    ),
    "donor_heatmap": (
        "Path activity by donor",
        "One column for each donor. A path that one donor carries alone is a finding about that donor.",
    ),
    "enrichment": (
        "Gene sets by ranking",
        "Sets that importance enriches beside what the prior and random rankings give. What they reach as well is no "
        "finding of the model.",
    ),
    "ablation": (
        "Importance and ablation",
        "What the model learned for a path against what is lost on held-out cells when it is taken away. Where the two "
        "disagree, trust neither alone.",
    ),
    "curves": (
        "ROC and precision-recall curves",
        "On held-out cells. The band is a 95 % interval of the curve, drawn over donors where they are known, else "
        "over cells; intervals of the areas stand in the table of the metrics.",
    ),
    "training": (
        "How the fit went",
        "Losses and validation AUROC by epoch; the line marks the epoch that was kept.",
    ),
    "sentences": (
        "Paths by what is written about them",
        "Paths whose sentences are alike lie together. Distances between far groups mean nothing.",
    ),
    "metrics": (
        "Model and baselines",
        "Metrics of which a constant prediction reaches the chance level alone, on held-out cells.",
    ),
    "communication_heatmap": (
        "Who signals to whom",
        "Sum of the scores of all interactions from sender to receiver. It grows with the number of expressed genes.",
    ),
    "communication_circle": (
        "Strongest connections",
        "Ribbons run from sender to receiver, as wide as their score. No molecule was seen to travel.",
    ),
    "communication_interactions": (
        "The first interactions",
        "Ligand of the sender, receptor of the receiver, and the path behind it.",
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
