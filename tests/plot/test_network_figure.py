from io import BytesIO

import networkx as nx
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba

from pathlore.explain.core_network import core_network
from pathlore.plot.network import FOLD_CHANGES, SIGN_COLOURS, core_network_figure, hubs


def draw(network):
    return core_network_figure(network, "T cells", "healthy", "cirrhotic")


def by_gid(figure, start):
    return {str(p.get_gid())[len(start) :]: p for p in figure.axes[0].patches if str(p.get_gid()).startswith(start)}


def test_every_gene_and_association_is_drawn(network):
    figure = draw(network)
    assert set(by_gid(figure, "gene ")) == set(network)
    assert set(by_gid(figure, "association ")) == {f"{a} {b}" for a, b in network.edges}
    assert set(network) <= {text.get_text() for text in figure.axes[0].texts}


def test_colour_is_the_fold_change_centred_at_zero(network):
    boxes = by_gid(draw(network), "gene ")
    reach = max(abs(change) for _, change in network.nodes("log_fold_change"))
    for gene, change in network.nodes("log_fold_change"):
        assert boxes[gene].get_facecolor() == pytest.approx(FOLD_CHANGES(0.5 + change / (2 * reach)), abs=0.01)


def test_width_grows_with_importance_and_sign_has_colour_and_dashes(network):
    lines = by_gid(draw(network), "association ")
    rows = [(score, sign, lines[f"{a} {b}"]) for (a, b), score, sign in
            ((e, network.edges[e]["importance"], network.edges[e]["sign"]) for e in network.edges)]  # fmt: skip
    assert {sign for _, sign, _ in rows} == {-1, 0, 1}
    widths = [line.get_linewidth() for _, _, line in sorted(rows, key=lambda row: row[0])]
    assert widths == sorted(widths)
    for _, sign, line in rows:
        assert to_hex(line.get_edgecolor()).upper() == SIGN_COLOURS[sign]
        assert (line.get_linestyle() != "-") == (sign < 0)


def test_colour_bar_names_the_classes(network):
    assert draw(network).axes[1].get_title() == "log2 fold change, cirrhotic / healthy"


def test_title_and_legend(network):
    figure = draw(network)
    title, subtitle = (text.get_text() for text in figure.texts)
    assert title == "Core signaling network, T cells"
    edges = network.number_of_edges()
    assert subtitle == f"the top 8 paths · {len(network)} genes · {edges} associations"
    written = {text.get_text() for text in figure.axes[0].texts}
    assert {"activates, transcribes", "inhibits, represses", "sign not known"} <= written


def test_labels_fit_their_boxes_and_the_figure(crowded):
    figure = draw(crowded)
    figure.draw_without_rendering()
    boxes = by_gid(figure, "gene ")
    extents = {text.get_text(): text.get_window_extent() for text in figure.axes[0].texts}
    for gene, box in boxes.items():
        outer, inner = box.get_window_extent(), extents[gene]
        assert outer.x0 <= inner.x0
        assert inner.x1 <= outer.x1
    for extent in extents.values():
        assert extent.x0 >= 0
        assert extent.x1 <= figure.bbox.width
        assert extent.y0 >= 0


def test_figure_grows_with_the_largest_layer(network, crowded):
    assert draw(crowded).get_size_inches()[1] > draw(network).get_size_inches()[1] + 2


def test_one_path_without_negative_fold_change(importance, graph):
    network = core_network(importance, graph, 1)
    nx.set_node_attributes(network, 0.5, "log_fold_change")
    figure = draw(network)
    figure.draw_without_rendering()
    assert len(by_gid(figure, "gene ")) == len(importance["path"][0].split(">"))


@pytest.mark.parametrize("value", [None, np.nan, 0.0])
def test_unknown_or_no_fold_changes(network, value):
    for gene in network:
        if value is None:
            del network.nodes[gene]["log_fold_change"]
        else:
            network.nodes[gene]["log_fold_change"] = value
    boxes = by_gid(draw(network), "gene ")
    if value != 0:
        assert {box.get_facecolor() for box in boxes.values()} == {to_rgba("white")}


def test_no_path_gives_a_note():
    assert "no path" in draw(nx.DiGraph()).texts[0].get_text()


def test_a_network_read_back_from_graphml_is_the_same_picture(network, tmp_path):
    nx.write_graphml(network, tmp_path / "core.graphml")
    pictures = []
    for each in (network, nx.read_graphml(tmp_path / "core.graphml")):
        buffer = BytesIO()
        draw(each).savefig(buffer, format="png", dpi=50)
        pictures.append(buffer.getvalue())
    assert pictures[0] == pictures[1]


def test_a_step_over_unmeasured_genes_has_an_open_circle_and_the_legend_says_so(network):
    assert not [patch for patch in draw(network).axes[0].patches if patch.get_gid() == "bridge"]
    ends = next(iter(network.edges))
    network.edges[ends]["via"] = "SYK;LYN"
    axes = draw(network).axes[0]
    assert len([patch for patch in axes.patches if patch.get_gid() == "bridge"]) == 2  # one on the line, one explained
    assert "passes over unmeasured genes" in {text.get_text() for text in axes.texts}


def test_the_genes_with_the_most_paths_have_a_bold_frame_and_the_legend_says_so(network):
    strong, least = hubs(network)
    assert 1 <= len(strong) <= 5
    counts = dict(network.nodes("n_paths"))
    assert min(counts[gene] for gene in strong) == least
    assert all(counts[gene] < least for gene in set(network) - strong)
    figure = draw(network)
    frames = {gene: box.get_linewidth() for gene, box in by_gid(figure, "gene ").items()}
    assert {gene for gene, width in frames.items() if width > 2} == strong
    assert f"hub: on {least} or more of the 8 paths" in {text.get_text() for text in figure.axes[0].texts}


def test_no_hub_where_no_gene_stands_out(importance, graph):
    network = core_network(importance, graph, 1)
    assert hubs(network) == (set(), 0)
    assert not by_gid(draw(network), "hub")
