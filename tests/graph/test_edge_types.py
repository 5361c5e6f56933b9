import itertools

import pandas as pd

from pathlore.graph.edge_types import N_EDGE_TYPES, NO_EDGE, edge_type, edge_type_name, edge_types
from pathlore.keys import Kind

ALL = list(itertools.product(Kind.ALL, (0, 1, -1)))


def test_types_are_1_to_12_each_once_and_never_0() -> None:
    assert sorted(edge_type(kind, sign) for kind, sign in ALL) == list(range(1, N_EDGE_TYPES))
    assert NO_EDGE == 0
    assert N_EDGE_TYPES == 13


def test_whole_columns_are_numbered_like_single_edges() -> None:
    kinds, signs = zip(*ALL, strict=True)
    found = edge_types(pd.Series(kinds), pd.Series(signs))
    assert found.tolist() == [edge_type(kind, sign) for kind, sign in ALL]
    assert edge_types(pd.Series([], dtype=object), pd.Series([], dtype=int)).tolist() == []


def test_names_say_the_kind_and_the_sign() -> None:
    names = [edge_type_name(number) for number in range(N_EDGE_TYPES)]
    assert len(set(names)) == N_EDGE_TYPES
    assert names[0] == "no edge"
    words = {0: "sign not known", 1: "activates", -1: "inhibits"}
    for kind, sign in ALL:
        assert names[edge_type(kind, sign)] == f"{kind}, {words[sign]}"
