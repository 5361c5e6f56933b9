import numpy as np
import pytest

from pathlore.evaluation.baselines.path_regression import paths_l1, paths_l2


@pytest.mark.parametrize("kind", ["case", "three_classes"])
@pytest.mark.parametrize("baseline", [paths_l1, paths_l2])
def test_importance_is_the_size_of_a_coefficient(baseline, kind, request):
    fitted = baseline(request.getfixturevalue(kind), 0)
    importance = fitted.rankings["importance"]
    assert importance.shape == (30,)
    assert (importance >= 0).all()
    assert np.unique(importance).size > 3
    assert (importance > 0).sum() == fitted.notes["features"]
    assert fitted.notes["signed"] in (0.0, 1.0)


def test_l1_uses_fewer_paths(case):
    assert paths_l1(case, 0).notes["features"] < paths_l2(case, 0).notes["features"]
