from io import BytesIO
from xml.etree import ElementTree

import matplotlib
import pytest
from matplotlib.figure import Figure

from pathlore.errors import PathloreError
from pathlore.report.svg import inline_svg


def test_ids_and_references_get_the_prefix(svg):
    text = inline_svg(svg, "p0-importance", "Bars")
    root = ElementTree.fromstring(text)
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert ids == ["p0-importance-figure_1", "p0-importance-m1", "p0-importance-p1"]
    assert root.find(".//use").attrib["href"] == "#p0-importance-m1"
    assert root.find(".//path").attrib["clip-path"] == "url(#p0-importance-p1)"


def test_only_what_is_drawn_is_left(svg):
    root = ElementTree.fromstring(inline_svg(svg, "a", "Bars"))
    assert {element.tag for element in root.iter()} == {"svg", "g", "path", "use", "text", "defs", "clipPath", "rect"}
    assert root.attrib["stroke-linejoin"] == "round"  # was in the style sheet
    assert root.attrib["aria-label"] == "Bars"
    assert root.attrib["width"] == "400"  # 300 points
    assert root.find(".//text").text == "TNF → NFKB1"
    assert root.find(".//path").attrib["d"] == "M 0 0.12 L 5 5"


def test_what_a_bar_says_under_the_pointer():
    figure, text = Figure(), BytesIO()
    bar, _ = figure.add_subplot().barh([0, 1], [1, 2])
    bar.set_gid('tip: "A" → <B>: importance 0.5')
    figure.savefig(text, format="svg")
    root = ElementTree.fromstring(inline_svg(text.getvalue().decode(), "a", "Bars"))
    assert [title.text for title in root.iter("title")] == ['"A" → <B>: importance 0.5']
    assert not any("tip" in element.attrib.get("id", "") for element in root.iter())


def test_what_runs_or_loads_is_left_out():
    bad = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="x()" viewBox="0 0 '
        '9 9"><script>x()</script><foreignObject><b/></foreignObject><a href="http://x"><text>y</text></a>'
        '<image xlink:href="http://x/y.png"/><image href="data:image/png;base64,AA AA"/>'
        '<rect style="fill: url(http://x)" onclick="x()"/><use href="other.svg#a"/><set attributeName="href"/></svg>'
    )
    text = inline_svg(bad, "a", "Bad")
    assert "http" not in text
    assert "x()" not in text
    assert 'href="data:image/png;base64,AAAA"' in text
    root = ElementTree.fromstring(text)
    assert [element.tag for element in root] == ["image", "image", "rect", "use"]
    assert root.find("use").attrib == {}


def test_a_figure_of_matplotlib_keeps_its_texts():
    figure = Figure()
    figure.add_subplot().plot([0, 1], label="a < b & c")
    figure.axes[0].legend()
    file = BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg")
    whole = file.getvalue().decode()
    text = inline_svg(whole, "a", "Line")
    assert "a &lt; b &amp; c" in text
    assert len(text) < len(whole)


@pytest.mark.parametrize("text", ["not a figure", "<html></html>", ""])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(PathloreError, match="figure p0-metrics"):
        inline_svg(text, "p0-metrics", "Metrics")
