import numpy as np
import pandas as pd
import pytest
from drawn import outside, overlapping, texts_of, written

from pathlore.errors import PathloreError
from pathlore.plot.sentences import dot_size, pathway_middles, placed_paths, project, sentence_map


def ranked(count):
    return pd.DataFrame({
        "rank": range(1, count + 1), "path": [f"RECEPTOR{i}>TF{i % 5}>TARGET{i}" for i in range(count)],
        "importance": np.linspace(0.99, 0.01, count), "activity_auroc": np.linspace(0.9, 0.3, count),
        "pathway": [f"pathway {i % 4}" if i % 5 else None for i in range(count)],
        "sentence": "It acts.",
    })  # fmt: skip


def vectors(count, seed=0):
    centres = np.random.default_rng(seed).normal(size=(3, 30)) * 6
    return centres[np.arange(count) % 3] + np.random.default_rng(seed + 1).normal(size=(count, 30))


def test_like_sentences_stand_together():
    places, method = project(vectors(60))
    assert "t-SNE" in method
    groups = np.arange(60) % 3
    distances = np.linalg.norm(places[:, None] - places, axis=2)
    same = groups[:, None] == groups
    assert distances[same].max() < distances[~same].min()


def test_places_are_the_same_each_time():
    np.testing.assert_array_equal(project(vectors(30)).places, project(vectors(30)).places)


def test_few_paths_are_placed_by_their_principal_components():
    values = vectors(6)
    places, method = project(values)
    assert method == "PCA"
    left, scale, _ = np.linalg.svd(values - values.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(places), np.abs(left * scale)[:, :2])


@pytest.mark.parametrize(("values", "shape"), [(np.zeros((0, 4)), (0, 2)), (np.ones((1, 4)), (1, 2)),
                                              (np.ones((20, 4)), (20, 2)), (np.arange(12.0)[:, None], (12, 2)),
                                              (np.eye(2), (2, 2))])  # fmt: skip
def test_any_number_of_vectors(values, shape):
    places = project(values).places
    assert places.shape == shape
    assert np.isfinite(places).all()


def test_places_go_to_their_paths_in_any_order():
    table, values = ranked(5), vectors(5)
    order = [3, 0, 4, 1, 2]
    placed = placed_paths(list(table["path"][order]), project(values[order]), table)
    alone = placed_paths(list(table["path"]), project(values), table)
    assert list(placed["path"]) == list(table["path"])
    np.testing.assert_allclose(np.abs(placed[["x", "y"]]), np.abs(alone[["x", "y"]]))


def test_a_path_without_a_vector_is_an_error():
    table = ranked(5)
    with pytest.raises(PathloreError, match="text_embedding"):
        placed_paths(list(table["path"][:4]), project(vectors(4)), table)
    with pytest.raises(PathloreError, match="one for each"):
        placed_paths(list(table["path"][:4]), project(vectors(5)), table)


def test_colour_is_importance_and_size_the_activity_auroc():
    table = ranked(40)
    figure = sentence_map(list(table["path"]), project(vectors(40)), table, "T cells")
    sizes = dot_size(table["activity_auroc"])
    assert len(figure.axes[0].collections) == len(set(sizes)) > 4
    for dots, size in zip(figure.axes[0].collections, sorted(set(sizes)), strict=True):
        np.testing.assert_allclose(dots.get_array(), table["importance"][sizes == size])
        np.testing.assert_allclose(dots.get_sizes(), [size**2])
        assert (dots.norm.vmin, dots.norm.vmax) == (0, 1)


def test_sizes_begin_at_one_half():
    sizes = dot_size(pd.Series([np.nan, 0.2, 0.5, 0.75, 1.0]))
    assert sizes[0] == sizes[1] == sizes[2] < sizes[3] < sizes[4]


@pytest.mark.parametrize("count", [2, 6, 40, 300])
def test_names_do_not_overlap_or_leave(count):
    table = ranked(count)
    figure = sentence_map(list(table["path"]), project(vectors(count)), table, "T cells")
    assert not outside(figure)
    assert not overlapping(texts_of(figure))
    assert f"T cells: the sentences of {count} paths" in written(figure)
    names = [path.replace(">", " → ") for path in table["path"][:10]]
    assert sum(name in written(figure) for name in names) >= min(count, 5)


def test_frequent_pathways_are_named_at_the_middle_of_their_paths():
    table = ranked(40).assign(x=np.arange(40.0), y=0.0)
    names, middles = pathway_middles(table)
    assert sorted(names) == [f"pathway {i}" for i in range(4)]
    assert middles[names.index("pathway 1")][0] == table.loc[table["pathway"] == "pathway 1", "x"].median()
    assert pathway_middles(table.assign(pathway=None))[0] == []


def test_one_path_gives_a_note():
    table = ranked(1)
    assert "no map" in sentence_map(list(table["path"]), project(vectors(1)), table, "T").texts[0].get_text()
