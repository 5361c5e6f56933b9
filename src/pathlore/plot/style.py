"""One look for all plots: colours that colour-blind readers can tell apart, type sizes, light lines."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, AMBER, OLIVE = "#56B4E9", "#E69F00", "#B5A800"
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY, OLIVE)
"""Of the classes, in their order: Okabe and Ito's (https://jfly.uni-koeln.de/color/), their yellow darker for text."""

METHODS = ("#AA4499", "#332288", "#7A828C", "#117733", "#882255", "#999933", "#44AA99")
"""Of the methods: Tol's muted ones (https://personal.sron.nl/~pault/), and grey for the majority class."""

INK, GREY, PALE = "#262A30", "#7A828C", "#E3E6EA"
"""Text; what is secondary or not known; grid lines and bands."""

AMOUNTS = LinearSegmentedColormap.from_list("little to much", ["#EDF1F5", "#9CC3DF", BLUE, "#06263F"])
CONTRAST = LinearSegmentedColormap.from_list("control to case", [BLUE, "#F8F8F8", ORANGE])
RELATIVE = LinearSegmentedColormap.from_list("low to high", ["#5E3C84", "#B79DCB", "#F8F8F8", "#8CC394", "#1B6B3A"])
"""From nothing to much; lower or higher in the case; below or above the mean, where blue and orange are the classes."""

TIP = "tip: "
"""Begins the id of an element whose rest the report shows under the pointer."""

TITLE, TEXT, SMALL = 11.0, 9.0, 8.0
"""Type sizes in points."""

STYLE: Any = {
    "font.size": TEXT,
    "axes.titlesize": TITLE,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlepad": 10.0,
    "axes.labelsize": TEXT,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": PALE,
    "grid.linewidth": 0.7,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "figure.dpi": 150.0,
    "figure.facecolor": "white",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house's style; matplotlib's own settings come back afterwards.

    Examples
    --------
    >>> with house_style():
    ...     matplotlib.rcParams["axes.spines.top"]
    False
    """
    with matplotlib.rc_context(STYLE):
        yield


def class_colours(classes: Sequence[str]) -> dict[str, str]:
    """Give each class its colour by its place in the run: blue is the control, vermilion the case.

    Every figure, the report and Kedro-Viz take their colours here. Whatever is no class of the run, such as a direction
    that is ``mixed``, is grey: ask with ``.get(name, GREY)``.

    Examples
    --------
    >>> class_colours(["healthy", "cirrhotic"])
    {'healthy': '#0072B2', 'cirrhotic': '#D55E00'}
    """
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(classes)}


DARK_FILTER = "invert(.89) hue-rotate(180deg)"
"""CSS filter by which the report shows a figure on a dark screen: lightness is turned round, hues stay."""


def in_the_dark(colour: str) -> str:
    """Give the colour that `DARK_FILTER` makes of another (W3C Filter Effects, sRGB).

    Examples
    --------
    >>> in_the_dark("#ffffff"), in_the_dark("#0072B2")
    ('#1c1c1c', '#50a9db')
    """
    r, g, b = (0.89 - 0.78 * int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    turned = (
        -0.574 * r + 1.43 * g + 0.144 * b,
        0.426 * r + 0.43 * g + 0.144 * b,
        0.426 * r + 1.43 * g - 0.856 * b,
    )
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in turned)


def method_colours(methods: Sequence[str]) -> dict[str, str]:
    """Give each method its colour; none of them is the colour of a class.

    Examples
    --------
    >>> method_colours(["pathlore", "logistic_regression"])
    {'pathlore': '#AA4499', 'logistic_regression': '#332288'}
    """
    return {name: METHODS[i % len(METHODS)] for i, name in enumerate(methods)}


@lru_cache(maxsize=8192)
def text_width(text: str, size: float = TEXT, *, bold: bool = False) -> float:
    """Width in inches of one line, measured without a canvas."""
    if not text.strip():
        return 0.0
    font = FontProperties(weight="bold" if bold else "normal", size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) / 72


def note(message: str) -> Figure:
    """Write one sentence where there is nothing to draw."""
    with house_style():
        figure = Figure(figsize=(6, 1.2))
        figure.text(0.5, 0.5, message, ha="center", va="center", color=GREY)
    return figure


def titled(figure: Figure, title: str) -> None:
    """Set the title of a figure whose layout matplotlib makes."""
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=TITLE)


def headed(figure: Figure, title: str, told: str = "") -> None:
    """Write the title of a figure whose places are in inches, and a sentence below it."""
    width, height = figure.get_size_inches()
    at: Any = {"x": 0.15 / width, "ha": "left", "va": "top"}
    figure.text(y=1 - 0.14 / height, s=title, weight="bold", size=TITLE, **at)
    figure.text(y=1 - 0.37 / height, s=told, size=SMALL, color=GREY, **at)


def axes_at(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place in inches from the lower left."""
    whole = figure.get_size_inches()
    return figure.add_axes((left / whole[0], bottom / whole[1], width / whole[0], height / whole[1]))


def colour_bar(axes: Axes, norm: Normalize, colours: Colormap, title: str, loc: str = "left", **look: Any) -> None:
    """Fill axes with a level colour bar and its title above; ``look`` is for `matplotlib.figure.Figure.colorbar`."""
    figure: Any = axes.figure
    scale = figure.colorbar(ScalarMappable(norm, colours), cax=axes, orientation="horizontal", **look)
    scale.outline.set_visible(False)
    scale.ax.tick_params(length=2, pad=2)
    scale.ax.set_title(title, size=SMALL, loc=loc, pad=4, weight="normal")


def readable_path(path: str) -> str:
    """Write a path for a reader.

    Examples
    --------
    >>> readable_path("FPR1>SPI1>IL1B")
    'FPR1 → SPI1 → IL1B'
    """
    return path.replace(">", " → ")


def readable_name(name: str) -> str:
    """Write the name of a metric or a method for a reader.

    Examples
    --------
    >>> readable_name("auroc"), readable_name("balanced_accuracy"), readable_name("logistic_regression")
    ('AUROC', 'Balanced accuracy', 'Logistic regression')
    """
    if name in {"auroc", "auprc", "mcc"}:
        return name.upper()
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def probability(value: float) -> str:
    """Write a p or a q for a reader.

    Examples
    --------
    >>> probability(0.031), probability(0.0004), probability(float("nan"))
    ('0.031', '< 0.001', '-')
    """
    if value != value:
        return "-"
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def shortened(text: str, width: float, size: float = TEXT) -> str:
    """Cut a line that is wider than ``width`` inches, with an ellipsis at its end.

    Examples
    --------
    >>> shortened("CD4 T cells", 2.0), shortened("CD4 T cells", 0.52)
    ('CD4 T cells', 'CD4 T…')
    """
    if text_width(text, size) <= width:
        return text
    kept = bisect_left(range(len(text)), x=True, key=lambda n: text_width(text[: n + 1] + "…", size) > width)
    return text[:kept].rstrip() + "…"


def amount(count: int, noun: str) -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> amount(1, "path"), amount(1200, "path")
    ('1 path', '1,200 paths')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
