import numpy as np

from pathlore.explain.importance import families


def test_siblings_join_the_best_path_that_holds_half_of_their_genes():
    paths = [list("ABCD"), list("ABXY"), list("ABX"), list("AXYZ"), list("PQR")]
    assert families(paths, np.array([0, 1, 2, 3, 4])).tolist() == [1, 1, 1, 2, 3]
    assert families(paths, np.array([3, 1, 0, 2, 4])).tolist() == [2, 1, 1, 1, 3], "half of A-B-X-Y and two of A-B-X"


def test_families_are_numbered_by_their_best_path():
    paths = [list("ABC"), list("XYZ"), list("XYW")]
    assert families(paths, np.array([2, 0, 1])).tolist() == [2, 1, 1]


def test_a_path_does_not_join_through_a_sibling():
    """B-C-D shares two genes with the sibling A-B-C... of A-B-Q, but one with the best path."""
    paths = [list("ABQ"), list("ABC"), list("BCD")]
    assert families(paths, np.array([0, 1, 2])).tolist() == [1, 1, 2]
