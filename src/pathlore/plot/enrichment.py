"""Gene sets among the important genes, beside what the prior and random rankings find."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from pathlore.errors import PathloreError
from pathlore.plot.style import (
    BLUE,
    GREY,
    ORANGE,
    SMALL,
    TEXT,
    amount,
    house_style,
    note,
    shortened,
    text_width,
    titled,
)

ROW_HEIGHT = 0.26  # inches
LONGEST = 3.6  # inches, of a set's name
LOOKS = {"importance": (ORANGE, "o", "learned importance"), "prior": (BLUE, "D", "fold-change prior"),
         "random": (GREY, "|", "random rankings, mean")}  # fmt: skip
SCORES = {"over_representation": "odds ratio", "ranked": "normalised enrichment score"}
TITLES = {"over_representation": "genes of the top paths", "ranked": "all genes, ranked"}
FALSE_DISCOVERY = 0.05
HIGHEST = 10.0  # -log10 q; beyond it a dot stands at the margin


def enrichment_dots(enrichment: pd.DataFrame, population: str, method: str, n: int = 15) -> Figure:
    """Draw the gene sets with the lowest q by importance, beside the same sets by the prior and by random rankings.

    Left the score on one axis for all three, right -log10 q for importance and prior, and the share of the random
    rankings in which the set has q < 0.05. What random rankings find is the network's, what the prior finds is in the
    fold changes; the rest is the model's.

    Parameters
    ----------
    enrichment
        `pathlore.schemas.Enrichment`.
    population
        Name for the title.
    method
        ``over_representation`` or ``ranked``.
    n
        Number of sets, at most.

    Raises
    ------
    PathloreError
        ``n`` is below 1, or the method is unknown.
    """
    if n < 1 or method not in SCORES:
        raise PathloreError(f"{n} sets by `{method}` to draw, at least 1 by one of {', '.join(SCORES)} was expected")
    table = enrichment[enrichment["method"] == method]
    learned = table[table["ranking"] == "importance"]
    if learned.empty:
        return note(f"{population}: no gene set was tested ({TITLES[method]})")
    order = learned.sort_values(["q", "score", "collection", "set_name"], ascending=[True, False, True, True]).head(n)
    keys = list(zip(order["collection"], order["set_name"], strict=True))
    labels = [_label(row) for row in order.to_dict("records")]
    random = table[table["ranking"] == "random"].set_index(["collection", "set_name"])["share_significant"]
    with house_style():
        size = (max(map(text_width, labels)) + 6.6, 1.75 + ROW_HEIGHT * len(keys))
        figure = Figure(figsize=size, layout="constrained")
        score, significance = figure.subplots(1, 2, sharey=True)
        for ranking, look in LOOKS.items():
            own = table[table["ranking"] == ranking].set_index(["collection", "set_name"]).reindex(keys)
            _dots(score, own["score"].to_numpy(float), ranking, look)
            if ranking != "random":
                q = np.clip(own["q"].to_numpy(float), 1e-300, None)
                _dots(significance, np.minimum(-np.log10(q), HIGHEST), ranking, look)
        if method == "over_representation":
            score.set_xscale("log")
            score.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=6))
            score.xaxis.set_major_formatter("{x:g}")
            score.xaxis.set_minor_locator(NullLocator())
        score.axvline(1.0 if method == "over_representation" else 0.0, color=GREY, lw=0.9, ls=":", zorder=0)
        score.set_xlabel(f"{SCORES[method]} (dotted: none)")
        significance.axvline(-np.log10(FALSE_DISCOVERY), color=GREY, lw=0.9, ls=":", zorder=0)
        significance.set_xlabel(f"-log10 q (dotted: q = {FALSE_DISCOVERY})")
        significance.set_xlim(left=-0.15)
        score.set_yticks(range(len(keys)), labels, size=TEXT)
        score.set_ylim(len(keys) - 0.4, -0.6)
        for axes in (score, significance):
            axes.tick_params(axis="y", length=0)
            axes.grid(axis="x")
        at = {"xycoords": ("axes fraction", "data"), "size": SMALL, "color": GREY, "va": "center", "ha": "center"}
        for row, key in enumerate(keys):
            share = random.get(key, np.nan)
            significance.annotate("-" if np.isnan(share) else f"{share:.0%}", (1.12, row), **at)
        significance.annotate("random\nq < 0.05", (1.12, -0.7), **(at | {"va": "bottom"}))
        handles = [Line2D([], [], ls="", marker=marker, color=colour, ms=9 if marker == "|" else 6, label=label,
                          mew=1.6 if marker == "|" else 0) for colour, marker, label in LOOKS.values()]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower right", ncols=3)
        title = f"{population}: known biology in {TITLES[method]} (n = {_sizes(order)})"
        titled(figure, title)
    return figure


def _sizes(order: pd.DataFrame) -> str:
    least, most = int(order["n_genes"].min()), int(order["n_genes"].max())
    return amount(most, "gene") if least == most else f"{least:,} to {amount(most, 'gene')}"


def _dots(axes: Axes, values: np.ndarray, ranking: str, look: tuple[str, str, str]) -> None:
    colour, marker, _ = look
    bar = marker == "|"
    axes.plot(
        values, np.arange(len(values)), marker, ms=10 if bar else 6.5, color=colour, label=ranking, clip_on=False,
        mew=1.8 if bar else 0.7, mec=colour if bar else "white", zorder=2 if bar else 3 + (ranking == "importance"),
    )  # fmt: skip


def _label(row: dict[str, object]) -> str:
    """Name of a set and its size: the genes of the overlap, of all its genes on the graph."""
    return f"{readable_set(str(row['set_name']), str(row['collection']))}  {row['n_overlap']:.0f}/{row['n_set']}"


SOURCES = {"HALLMARK": "", "KEGG": "KEGG: ", "REACTOME": "Reactome: ", "WP": "WikiPathways: ", "PID": "PID: "}
"""First words of the names of MSigDB, as a reader knows them."""


def readable_set(name: str, collection: str) -> str:
    """Write the name of a gene set for a reader: without the collection's prefix and underscores.

    Examples
    --------
    >>> readable_set("HALLMARK_TNFA_SIGNALING_VIA_NFKB", "HALLMARK")
    'TNFA signaling via NFKB'
    >>> readable_set("HALLMARK_ADIPOGENESIS", "hallmark_v7.0"), readable_set("KEGG_JAK_STAT_SIGNALING_PATHWAY", "")
    ('Adipogenesis', 'KEGG: JAK STAT signaling pathway')
    """
    start = f"{collection}_"
    text = name[len(start) :] if name.upper().startswith(start.upper()) else name
    source = ""
    if text == text.upper() and "_" in text:
        first, _, rest = text.partition("_")
        if first in SOURCES:
            source, text = SOURCES[first], rest
        words = text.split("_")
        text = " ".join(word if _symbol(word) else word.lower() for word in words)
        text = text[:1].upper() + text[1:]
    return shortened(source + text.replace("_", " "), LONGEST)


def _symbol(word: str) -> bool:
    """Whether a word in capitals is the name of a gene or a pathway rather than an English word."""
    known = {"TNFA", "NFKB", "DNA", "RNA", "JAK", "STAT", "WNT", "TGF", "KRAS", "MYC", "PI3K", "AKT", "MTOR", "UV"}
    return word in known or any(letter.isdigit() for letter in word)
