"""The core network for Cytoscape and for the interactive figure of the report, laid out as the drawn figure is."""

import networkx as nx

from pathlore.explain.core_network import to_cytoscape
from pathlore.plot.network_layout import arrange
from pathlore.plot.style import TEXT, text_width

PIXELS = 96
"""Of an inch."""


def laid_out(network: nx.DiGraph) -> dict[str, object]:
    """Convert a core network to Cytoscape's JSON with the positions of the drawn figure.

    Parameters
    ----------
    network
        From `pathlore.explain.core_network.core_network`.

    Returns
    -------
    As `pathlore.explain.core_network.to_cytoscape`; each node has a ``position`` in pixels (y counts downwards) and a
    ``width``, each edge that passes over a column the text ``waypoints``: ``"x,y x,y"`` from source to target.
    """
    content = to_cytoscape(network)
    if not network:
        return content
    layout = arrange(network, {gene: text_width(gene, TEXT, bold=True) for gene in network})
    places = {
        slot: (round(layout.x[slot.column] * PIXELS, 1), round((layout.height - y) * PIXELS, 1))
        for slot, y in layout.y.items()
    }
    elements: dict[str, list[dict[str, dict[str, object]]]] = content["elements"]  # type: ignore[assignment]
    for node in elements["nodes"]:
        slot = layout.genes[str(node["data"]["id"])]
        x, y = places[slot]
        node["position"] = {"x": x, "y": y}
        node["data"]["width"] = round(layout.widths[slot.column] * PIXELS, 1)
    for edge in elements["edges"]:
        route = layout.routes.get((str(edge["data"]["source"]), str(edge["data"]["target"])))
        if route and len(route.slots) > 2:
            inner = [places[slot] for slot in route.slots[1:-1]]
            ordered = inner[::-1] if route.backward else inner
            edge["data"]["waypoints"] = " ".join(f"{x},{y}" for x, y in ordered)
    return content
