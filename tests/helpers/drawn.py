"""What tests look for in a drawn figure."""

from itertools import combinations

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text


def texts_of(figure: Figure) -> list[Text]:
    """All visible texts of a figure that say something."""
    figure.draw_without_rendering()
    hidden = set()
    for axis in figure.findobj(Axis):
        drawn = axis._update_ticks()  # ticks beyond the limits, and those of axes that are off, are not drawn
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        ticks = [tick for tick in ticks if tick not in drawn or not axis.axes.axison]
        hidden |= {label for tick in ticks for label in (tick.label1, tick.label2)}
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in texts if text not in hidden]


def written(figure: Figure) -> set[str]:
    """What the texts say."""
    return {text.get_text() for text in texts_of(figure)}


def overlapping(texts: list[Text], slack: float = 1.0) -> list[tuple[str, str]]:
    """Pairs of level texts that overlap by more than ``slack`` pixels both ways."""
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts if text.get_rotation() % 90 == 0]
    return [
        (a, b) for (a, one), (b, other) in combinations(boxes, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > slack
        and min(one.y1, other.y1) - max(one.y0, other.y0) > slack
    ]  # fmt: skip


def outside(figure: Figure) -> set[str]:
    """Texts that leave the figure."""
    width, height = figure.bbox.width + 1, figure.bbox.height + 1
    boxes = {text.get_text(): Text.get_window_extent(text) for text in texts_of(figure)}
    return {name for name, box in boxes.items() if box.x0 < -1 or box.y0 < -1 or box.x1 > width or box.y1 > height}


def by_gid(figure: Figure, start: str) -> dict[str, object]:
    """Artists whose group id begins with ``start``, by the rest of it."""
    found = figure.findobj(lambda artist: str(artist.get_gid() or "").startswith(start))
    return {str(artist.get_gid())[len(start) :]: artist for artist in found}
