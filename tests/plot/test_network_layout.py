from itertools import combinations, pairwise

import networkx as nx
import pytest

from pathlore.plot.network_layout import BOX_HEIGHT, TALLEST, _crossings, _links, arrange


@pytest.fixture
def layout(crowded):
    return arrange(crowded, dict.fromkeys(crowded, 0.6))


def column(layout, number):
    return sorted((slot for slot in layout.y if slot.column == number), key=lambda slot: layout.y[slot])


def test_every_gene_has_a_place_within_the_height(layout, crowded):
    assert set(layout.genes) == set(crowded)
    assert all(-1e-9 <= y <= layout.height + 1e-9 for y in layout.y.values())


def test_layers_stand_from_left_to_right(layout, crowded):
    spans = [layout.spans[layer] for layer in ("receptor", "signal", "tf", "target")]
    assert all(left[1] < right[0] for left, right in pairwise(spans))
    for gene, slot in layout.genes.items():
        first, last = layout.spans[crowded.nodes[gene]["layer"]]
        assert first <= slot.column <= last
    assert layout.x == sorted(layout.x)


def test_no_boxes_overlap_and_no_line_runs_through_one(layout):
    for number in range(len(layout.x)):
        for below, above in combinations(column(layout, number), 2):
            if not below.bundle or not above.bundle:
                room = BOX_HEIGHT if not below.bundle and not above.bundle else BOX_HEIGHT / 2
                assert layout.y[above] - layout.y[below] > room


def test_columns_do_not_touch(layout):
    for number in range(len(layout.x) - 1):
        assert layout.sides(number + 1)[0] - layout.sides(number)[1] > 0.5


def test_many_targets_stand_in_two_columns(layout, crowded):
    targets = [slot for gene, slot in layout.genes.items() if crowded.nodes[gene]["layer"] == "target"]
    assert len(targets) > TALLEST
    counts = [sum(slot.column == number for slot in targets) for number in sorted({s.column for s in targets})]
    assert len(counts) == 2
    assert abs(counts[0] - counts[1]) <= 1


def test_each_route_goes_from_column_to_column(layout, crowded):
    assert set(layout.routes) == set(crowded.edges)
    for (source, target), (slots, backward) in layout.routes.items():
        assert [slot.column for slot in slots] == list(range(slots[0].column, slots[-1].column + 1))
        assert [slots[0].gene, slots[-1].gene] == ([target, source] if backward else [source, target])


def test_sweeps_reduce_the_crossings(layout):
    drawn = [column(layout, number) for number in range(len(layout.x))]
    links = _links(layout.routes, len(drawn))
    assert _crossings(drawn, links) < 0.7 * _crossings([sorted(slots) for slots in drawn], links)


def test_crossings_are_counted():
    from pathlore.plot.network_layout import Slot

    a, b, c, d = Slot("a", 0), Slot("b", 0), Slot("c", 1), Slot("d", 1)
    assert _crossings([[a, b], [c, d]], [{(a, d), (b, c)}]) == 1
    assert _crossings([[a, b], [d, c]], [{(a, d), (b, c)}]) == 0


def test_loops_are_broken_at_the_least_important_step():
    network = nx.DiGraph()
    for gene in "AB":
        network.add_node(gene, layer="signal", importance=1.0)
    network.add_edge("A", "B", sign=1, importance=0.9)
    network.add_edge("B", "A", sign=-1, importance=0.1)
    layout = arrange(network, dict.fromkeys("AB", 0.2))
    assert layout.genes["A"].column < layout.genes["B"].column
    assert layout.routes["B", "A"].backward
    assert not layout.routes["A", "B"].backward


def test_layout_does_not_depend_on_the_order_of_the_network(crowded):
    turned = nx.DiGraph()
    turned.add_nodes_from(reversed(list(crowded.nodes(data=True))))
    turned.add_edges_from(reversed(list(crowded.edges(data=True))))
    widths = dict.fromkeys(crowded, 0.6)
    assert arrange(crowded, widths) == arrange(turned, widths)
