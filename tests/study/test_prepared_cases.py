from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from small_evaluation import parameters_of, small_sources

from pathlore.config import PopulationConfig
from pathlore.study.prepare import prepare
from pathlore.study.sources import limited
from pathlore.training.sampling import evenly

PARAMETERS = parameters_of()
POOLED = PopulationConfig(mode="pooled", include=[], exclude=[], min_cells_per_class=10)


@pytest.fixture(scope="module")
def case():
    return prepare(small_sources(), PARAMETERS, 0, 4, 7)["pooled"]


def test_the_case(case):
    assert (case.population, case.fold, case.seed, case.split_by) == ("pooled", 0, 7, "donor")
    assert case.class_names == ["control", "case"]
    assert case.gene_vectors.shape == (len(case.graph.genes), 32)
    assert case.path_vectors.shape == (len(case.graph.paths), 32)
    assert sum(map(len, case.data.values())) == 240
    for split, cells in case.data.items():
        assert cells.x.shape == (len(cells), len(case.graph.genes))
        assert len(case.cell_types[split]) == len(cells)
        assert set(case.cell_types[split]) == {"lymphocyte", "myeloid"}
        wide = case.wide[split]
        assert wide.cells == cells.cells
        np.testing.assert_array_equal(wide.x[:, : cells.x.shape[1]].toarray(), cells.x.toarray())
    assert case.wide["test"].x.shape[1] == small_sources().cells.n_vars
    assert len(case.truth & set(case.graph.paths["path"])) > 0


def test_each_donor_is_tested_once():
    tested = [set(prepare(small_sources(), PARAMETERS, f, 4, 0)["pooled"].data["test"].donors) for f in range(4)]
    assert sorted(donor for donors in tested for donor in donors) == sorted(
        small_sources().cells.obs["donor"].astype(str).unique()
    )


def test_nothing_but_the_test_cells_depends_on_the_test_cells(case):
    sources = small_sources()
    cells = sources.cells.copy()
    rows = cells.obs_names.get_indexer(case.data["test"].cells)
    dense = cells.X.toarray()
    dense[rows] = np.random.default_rng(0).gamma(1.0, 2.0, (len(rows), dense.shape[1]))
    cells.X = sparse.csr_matrix(dense, dtype=np.float32)
    other = prepare(replace(sources, cells=cells), PARAMETERS, 0, 4, 7)["pooled"]
    for table in ("entities", "associations", "paths"):
        pd.testing.assert_frame_equal(getattr(case.graph, table), getattr(other.graph, table))
    np.testing.assert_array_equal(case.gene_vectors, other.gene_vectors)
    for split in ("train", "validation"):
        assert (case.wide[split].x != other.wide[split].x).nnz == 0
    assert (case.data["test"].x != other.data["test"].x).nnz > 0


def test_controls_reach_the_case(case):
    def changed(**changes):
        named = {key.replace("__", "."): value for key, value in changes.items()}
        return prepare(small_sources(), PARAMETERS.changed(named), 0, 4, 7)["pooled"]

    zero = changed(text_embedding__control__genes="zero")
    assert not zero.gene_vectors.any()
    np.testing.assert_array_equal(zero.path_vectors, case.path_vectors)
    permuted = changed(text_embedding__control__paths="permuted")
    assert not np.array_equal(permuted.path_vectors, case.path_vectors)
    np.testing.assert_allclose(
        np.sort(permuted.path_vectors, axis=0), np.sort(case.path_vectors, axis=0), err_msg="the same vectors"
    )
    drawn = changed(graph_construction__paths__mode="random")
    assert not set(drawn.graph.paths["path"]) & set(case.graph.paths["path"])
    rewired = changed(ingestion__network__rewire="degree_preserving")
    assert set(rewired.graph.paths["path"]) != set(case.graph.paths["path"])
    fewer = changed(graph_construction__paths__max_paths=10)
    assert len(fewer.graph.paths) == 10


def test_fewer_cells_evenly_over_donors_and_classes():
    small, names = limited(small_sources(), POOLED, 80, seed=1)
    assert names == ["pooled"]
    assert small.cells.n_obs == 80
    assert set(small.cells.obs["donor"].value_counts()) == {10}
    again, _ = limited(small_sources(), POOLED, 80, seed=1)
    other, _ = limited(small_sources(), POOLED, 80, seed=2)
    assert list(small.cells.obs_names) == list(again.cells.obs_names)
    assert list(small.cells.obs_names) != list(other.cells.obs_names)


def test_a_small_unit_keeps_all_and_the_others_share():
    units = np.array(["a"] * 3 + ["b"] * 50 + ["c"] * 50)
    chosen = evenly(np.arange(103), units, 43, np.random.default_rng(0))
    assert pd.Series(units[chosen]).value_counts().to_dict() == {"a": 3, "b": 20, "c": 20}
    assert len(evenly(np.arange(103), units, 1000, np.random.default_rng(0))) == 103


def test_the_checksum_sees_every_part():
    sources = small_sources()
    first = sources.checksum()
    assert first == replace(sources).checksum()
    cells = sources.cells.copy()
    cells.X = cells.X.copy()
    cells.X.data[5] += 1
    relabelled = sources.cells.copy()
    relabelled.obs["donor"] = relabelled.obs["donor"].astype(str) + "x"
    changed = [
        replace(sources, cells=cells),
        replace(sources, cells=relabelled),
        replace(sources, network=sources.network.iloc[1:]),
        replace(sources, annotations=sources.annotations.iloc[1:]),
        replace(sources, given=pd.DataFrame({"path": ["A>B>C"]})),
        replace(sources, truth={}),
    ]
    assert len({first, *(other.checksum() for other in changed)}) == 7
