"""A figure's SVG made fit to stand inside a page beside others: nothing that runs or loads, no id twice."""

import re
from xml.etree import ElementTree

from pathlore.errors import PathloreError
from pathlore.plot.style import TIP

DRAWN = frozenset(
    (
        "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "defs", "use",
        "clipPath", "mask", "marker", "pattern", "symbol", "image", "linearGradient", "radialGradient", "stop", "title",
        "desc",
    )
)  # fmt: skip
"""Elements that are kept; all others go with their content."""
REFERENCE = re.compile(r"url\(\s*['\"]?(#?)([^)'\"]*)['\"]?\s*\)")
DECIMALS = re.compile(r"(\d+\.\d{2})\d+")
SPACE = re.compile(r"\s*([:;])\s*")
ROUNDED = ("d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height")
POINT = 4 / 3
"""Pixels of a point."""


def inline_svg(text: str, prefix: str, label: str) -> str:
    """Clean a figure for a page.

    Scripts, style sheets, links, other documents and event attributes are left out, ids and the references to them get
    the prefix, and coordinates are rounded to a hundredth of a point. An id that begins with `pathlore.plot.style.TIP`
    becomes a title, which browsers show under the pointer.

    Parameters
    ----------
    text
        A whole SVG document.
    prefix
        Put before each id; letters, digits, '-'.
    label
        What a screen reader says in place of the figure.

    Raises
    ------
    PathloreError
        The text is no SVG.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise PathloreError(
            f"figure {prefix}: {text[:40]!r} is no SVG ({error}): give the text of an SVG file"
        ) from None
    if _name(root) != "svg":
        raise PathloreError(
            f"figure {prefix}: the root is <{_name(root)}>, <svg> is expected: give the text of an SVG file"
        )
    inherited = _inherited(root)
    _clean(root, prefix)
    if "viewBox" not in root.attrib:
        root.set("viewBox", f"0 0 {_pixels(root.get('width', '600'))} {_pixels(root.get('height', '400'))}")
    root.set("width", f"{_pixels(root.get('width', root.attrib['viewBox'].split()[2] + 'pt')):.0f}")
    root.attrib.pop("height", None)
    for key, value in {**inherited, "role": "img", "aria-label": label}.items():
        root.set(key, value)
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element, prefix: str) -> None:
    """Keep what is drawn, in place."""
    element.tag = _name(element)
    tip = ""
    for key in list(element.attrib):
        value, name = element.attrib.pop(key), key.rsplit("}", 1)[-1]
        if name.startswith("on") or (key.startswith("{") and name != "href"):
            continue
        if name == "href":
            if value.startswith("#"):
                element.set("href", f"#{prefix}-{value[1:]}")
            elif value.startswith("data:image/"):
                element.set("href", re.sub(r"\s", "", value))
        elif name == "id" and value.startswith(TIP):
            tip = value.removeprefix(TIP)
        elif name == "id":
            element.set("id", f"{prefix}-{value}")
        else:
            value = REFERENCE.sub(lambda found: f"url(#{prefix}-{found[2]})" if found[1] else "none", value)
            value = SPACE.sub(r"\1", value) if name == "style" else value
            element.set(name, DECIMALS.sub(r"\1", value) if name in ROUNDED else value)
    for child in list(element):
        if _name(child) in DRAWN:
            _clean(child, prefix)
        else:
            element.remove(child)
    if tip:
        title = ElementTree.Element("title")
        title.text = tip
        element.insert(0, title)
    if element.tag not in {"text", "tspan", "title", "desc"}:
        element.text = None
    if element.tag != "tspan":
        element.tail = None


def _inherited(root: ElementTree.Element) -> dict[str, str]:
    """What matplotlib's own style sheet says of every element, as attributes that the root hands down."""
    sheets = " ".join(sheet.text or "" for sheet in root.iter() if _name(sheet) == "style")
    rules = re.findall(r"\*\s*\{([^}]*)\}", sheets)
    pairs = [pair.split(":", 1) for rule in rules for pair in rule.split(";") if ":" in pair]
    return {key.strip(): value.strip() for key, value in pairs if key.strip() in {"stroke-linejoin", "stroke-linecap"}}


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _pixels(size: str) -> float:
    """A length of matplotlib's (points) or of a browser's (pixels)."""
    number = float(re.match(r"[\d.]*", size)[0] or 0)  # type: ignore[index]
    return number * POINT if size.endswith("pt") else number
