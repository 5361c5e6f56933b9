import json

from pathlore.plot.network_cytoscape import PIXELS, laid_out
from pathlore.plot.network_layout import arrange
from pathlore.plot.style import TEXT, text_width


def test_positions_are_those_of_the_drawn_figure(crowded):
    content = laid_out(crowded)
    layout = arrange(crowded, {gene: text_width(gene, TEXT, bold=True) for gene in crowded})
    for node in content["elements"]["nodes"]:
        slot = layout.genes[node["data"]["id"]]
        assert abs(node["position"]["x"] - layout.x[slot.column] * PIXELS) < 0.1
        assert abs(node["position"]["y"] - (layout.height - layout.y[slot]) * PIXELS) < 0.1
    assert json.loads(json.dumps(content["elements"])) == content["elements"]


def test_waypoints_run_from_source_to_target(crowded):
    content = laid_out(crowded)
    place = {node["data"]["id"]: node["position"] for node in content["elements"]["nodes"]}
    passing = [edge["data"] for edge in content["elements"]["edges"] if "waypoints" in edge["data"]]
    assert passing
    for data in passing:
        xs = [float(pair.split(",")[0]) for pair in data["waypoints"].split()]
        xs = [place[data["source"]]["x"], *xs, place[data["target"]]["x"]]
        assert xs in (sorted(xs), sorted(xs, reverse=True))
