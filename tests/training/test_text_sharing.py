"""What similar sentences share: real clusters count, vectors without a meaning do not."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal

from pathlore.training import text_sharing
from pathlore.training.text_sharing import gene_members, meanings, pathway_members, shared_parts

CLUSTERS, MEMBERS = 8, 15
PATHS = CLUSTERS * MEMBERS


def likeness(vectors: np.ndarray) -> np.ndarray:
    return meanings(vectors) @ meanings(vectors).T


def common_genes(nodes: np.ndarray) -> np.ndarray:
    return gene_members(nodes) @ gene_members(nodes).T


def same_label(labels: list[str | None] | None, n: int) -> np.ndarray:
    return pathway_members(labels, n) @ pathway_members(labels, n).T


def clustered(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log odds (P,), vectors (P, 24) and nodes (P, 4): the paths of the first cluster have more log_odds."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(PATHS) % CLUSTERS
    vectors = rng.normal(size=(CLUSTERS, 24))[cluster] + 0.5 * rng.normal(size=(PATHS, 24))
    log_odds = 3.0 * (cluster == 0) + rng.normal(0, 0.7, PATHS)
    nodes = np.array([rng.choice(1000, 4, replace=False) for _ in range(PATHS)])
    return (log_odds - log_odds.mean()) / log_odds.std(), vectors, nodes


def test_likeness_is_the_cosine_of_few_vectors() -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 3))
    vectors[3] = vectors[[0, 1, 2, 4]].mean(axis=0)  # the mean itself has no direction
    centred = [v - sum(vectors) / 5 for v in vectors]
    expected = np.zeros((5, 5))
    for i, a in enumerate(centred):
        for j, b in enumerate(centred):
            if 3 not in (i, j):
                expected[i, j] = sum(a * b) / math.sqrt(sum(a * a) * sum(b * b))
    assert_allclose(likeness(vectors), expected, atol=1e-12)


def unit_vectors(vectors: np.ndarray) -> np.ndarray:
    centred = vectors - vectors.mean(axis=0)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True)


def test_likeness_is_the_nearest_of_its_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the cosine, by the eigenvectors of the largest eigenvalues."""
    vectors = np.random.default_rng(0).normal(size=(60, 50)) * np.geomspace(4, 0.2, 50)
    unit = unit_vectors(vectors)
    sizes, directions = np.linalg.eigh(unit @ unit.T)
    for components in (3, 10, 49, 80):
        monkeypatch.setattr(text_sharing, "COMPONENTS", components)
        largest = np.argsort(sizes)[::-1][:components]
        expected = (directions[:, largest] * sizes[largest]) @ directions[:, largest].T
        assert_allclose(likeness(vectors), expected, atol=1e-10)


def test_what_a_wide_random_vector_has_for_itself_is_left_out() -> None:
    """No path is much like itself where vectors have nothing in common; with 8 meanings, each is like its own kind."""
    rng = np.random.default_rng(0)
    random = rng.normal(size=(1000, 768))
    assert_allclose(np.diag(unit_vectors(random) @ unit_vectors(random).T), 1.0)
    assert np.diag(likeness(random)).mean() < 0.5
    assert np.diag(likeness(random)).max() < 0.6
    kind = np.arange(1000) % 8
    meaning = rng.normal(size=(8, 768))[kind] + 0.3 * random
    assert np.diag(likeness(meaning)).min() > 0.9
    assert likeness(meaning)[kind[:, None] == kind].min() > 0.8


def test_common_genes_agree_with_loops() -> None:
    paths = [[3, 1, 2], [1, 5], [7, 2, 1, 3], [0, 4, 6]]
    nodes = np.full((4, 4), -1)
    for p, genes in enumerate(paths):
        nodes[p, : len(genes)] = genes
    expected = [[len(set(a) & set(b)) / math.sqrt(len(a) * len(b)) for b in paths] for a in paths]
    assert_allclose(common_genes(nodes), expected, atol=1e-12)


def test_variances_are_those_of_the_greatest_likelihood() -> None:
    rng = np.random.default_rng(1)
    _, vectors, nodes = clustered(seed=1)
    kernels = [likeness(vectors), common_genes(nodes)]
    truth = 1.5 * kernels[0] + 0.3 * kernels[1] + 0.5 * np.eye(PATHS)
    values = rng.multivariate_normal(np.zeros(PATHS), truth)

    def likelihood(variances: np.ndarray) -> float:
        covariance = variances[0] * kernels[0] + variances[1] * kernels[1]
        covariance = covariance + (variances[2] + text_sharing.LEAST) * np.eye(PATHS)
        return float(multivariate_normal.logpdf(values, np.zeros(PATHS), covariance))

    found, fit = text_sharing._variances(values, kernels)
    assert_allclose(fit - PATHS / 2 * math.log(2 * math.pi), likelihood(found), rtol=1e-6)
    assert likelihood(found) > likelihood(np.array([1.5, 0.3, 0.5])) - 0.05
    for factors in ([1.5, 1, 1], [0.6, 1, 1], [1, 1, 1.3], [1, 1, 0.75]):
        assert likelihood(found * factors) < likelihood(found) + 0.05


@pytest.mark.parametrize("seed", range(3))
def test_members_of_a_cluster_lift_each_other(seed: int) -> None:
    log_odds, vectors, nodes = clustered(seed)
    first = np.arange(PATHS) % CLUSTERS == 0
    weakest = int(np.flatnonzero(first)[np.argmin(log_odds[first])])
    log_odds[weakest] = np.median(log_odds)  # nothing of its own speaks for it
    shared = shared_parts(log_odds, vectors, nodes).text
    assert shared[first].min() > shared[~first].max()
    assert shared[weakest] > 0.5
    assert abs(np.mean(shared[~first])) < 0.5
    assert np.abs(shared).max() <= np.abs(log_odds).max()  # shrunk, never more than what there is


@pytest.mark.parametrize("seed", range(3))
def test_vectors_without_a_meaning_share_nothing(seed: int) -> None:
    log_odds, vectors, nodes = clustered(seed)
    rng = np.random.default_rng(seed + 100)
    real = shared_parts(log_odds, vectors, nodes).text.std()
    for empty in (rng.permutation(vectors), rng.normal(size=vectors.shape)):
        assert shared_parts(log_odds, empty, nodes).text.std() < 0.15 * real


@pytest.mark.parametrize("seed", range(3))
def test_wide_random_vectors_share_little(seed: int) -> None:
    """Far wider than there are components, as those of a language model: their whole cosine is nearly noise itself."""
    rng = np.random.default_rng(seed)
    log_odds, _, nodes = clustered(seed)
    meaning = rng.normal(size=(CLUSTERS, 768))[np.arange(PATHS) % CLUSTERS] + 0.5 * rng.normal(size=(PATHS, 768))
    real = shared_parts(log_odds, meaning, nodes).text
    empty = shared_parts(log_odds, rng.normal(size=(PATHS, 768)), nodes).text
    assert real.std() > 0.5
    assert empty.std() < 0.2 * real.std()


def test_without_texts_nothing_is_shared() -> None:
    log_odds, vectors, nodes = clustered(0)
    for same in (np.zeros_like(vectors), np.ones_like(vectors)):
        shared = shared_parts(log_odds, same, nodes).text
        assert shared.shape == (PATHS,)
        assert not shared.any()
    assert not shared_parts(log_odds[:2], vectors[:2], nodes[:2]).text.any()


def test_more_paths_than_the_variances_are_estimated_from(monkeypatch: pytest.MonkeyPatch) -> None:
    log_odds, vectors, nodes = clustered(0)
    whole = shared_parts(log_odds, vectors, nodes).text
    monkeypatch.setattr(text_sharing, "MOST_PATHS", PATHS - 13)
    part = shared_parts(log_odds, vectors, nodes).text
    assert part.shape == (PATHS,)
    assert np.corrcoef(part, whole)[0, 1] > 0.95
    assert not np.array_equal(part, whole)


def test_paths_without_a_label_have_nothing_in_common() -> None:
    labels = ["a", None, "b", "a", None, ""]
    wanted = np.zeros((6, 6))
    for i, j in ((0, 0), (0, 3), (3, 0), (3, 3), (2, 2)):
        wanted[i, j] = 1
    assert_allclose(same_label(labels, 6), wanted)
    assert not same_label(None, 6).any()


def names(cluster: np.ndarray) -> list[str | None]:
    return [f"pathway {c}" for c in cluster]


@pytest.mark.parametrize("seed", range(3))
def test_what_a_text_only_repeats_belongs_to_the_pathway(seed: int) -> None:
    """The vectors of `clustered` know nothing but the pathway: beside its label they count next to nothing."""
    log_odds, vectors, nodes = clustered(seed)
    cluster = np.arange(PATHS) % CLUSTERS
    alone = shared_parts(log_odds, vectors, nodes)
    shared = shared_parts(log_odds, vectors, nodes, names(cluster))
    assert alone.text_weight > 0.9
    assert shared.pathway_weight > 0.9
    assert shared.pathway[cluster == 0].min() > shared.pathway[cluster != 0].max()
    assert shared.text.std() < 0.25 * shared.pathway.std()
    assert not alone.pathway.any()


@pytest.mark.parametrize("seed", range(3))
def test_a_text_is_credited_for_what_the_pathway_does_not_say(seed: int) -> None:
    """Half of the log odds are those of a pathway, half that of a meaning which crosses the pathways."""
    rng = np.random.default_rng(seed)
    pathway, meaning = np.arange(PATHS) % CLUSTERS, np.arange(PATHS) // CLUSTERS % 5
    vectors = rng.normal(size=(5, 24))[meaning] + 0.5 * rng.normal(size=(PATHS, 24))
    log_odds = 2.0 * (pathway == 0) + 2.0 * (meaning == 0) + rng.normal(0, 0.5, PATHS)
    nodes = np.array([rng.choice(1000, 4, replace=False) for _ in range(PATHS)])
    shared = shared_parts((log_odds - log_odds.mean()) / log_odds.std(), vectors, nodes, names(pathway))
    assert min(shared.pathway_weight, shared.text_weight) > 0.9
    assert shared.text[meaning == 0].mean() > shared.text[meaning != 0].mean() + 0.8
    assert shared.pathway[pathway == 0].mean() > shared.pathway[pathway != 0].mean() + 0.8
    assert abs(shared.text[pathway == 0].mean() - shared.text[pathway != 0].mean()) < 0.3


@pytest.mark.parametrize("seed", range(3))
def test_pathways_that_say_nothing_share_nothing(seed: int) -> None:
    log_odds, _, nodes = clustered(seed)
    rng = np.random.default_rng(seed)
    empty = rng.normal(size=(PATHS, 24))
    cluster = np.arange(PATHS) % CLUSTERS
    real = shared_parts(log_odds, empty, nodes, names(cluster)).pathway.std()
    assert shared_parts(log_odds, empty, nodes, names(rng.permutation(cluster))).pathway.std() < 0.15 * real
    assert not shared_parts(log_odds, empty, nodes, [None] * PATHS).pathway.any()


@pytest.mark.parametrize("n", [40, 700])
def test_posterior_means_by_factors_are_those_of_the_whole_covariance(n: int) -> None:
    """Fewer paths than pathways, components and genes together, and more."""
    rng = np.random.default_rng(n)
    nodes = np.array([rng.choice(60, 4, replace=False) for _ in range(n)])
    blocks = [
        pathway_members([f"p{i % 5}" if i % 3 else None for i in range(n)], n),
        meanings(rng.normal(size=(n, 30))),
        gene_members(nodes),
    ]
    variances, scores = np.array([0.3, 0.0, 0.7, 0.2]), rng.normal(size=n)
    kernels = [block @ block.T for block in blocks]
    covariance = sum(v * k for v, k in zip(variances, kernels, strict=False)) + (0.2 + text_sharing.LEAST) * np.eye(n)
    solved = np.linalg.solve(covariance, scores)
    found = text_sharing._means(scores, blocks, variances)
    for mean, v, kernel in zip(found, variances, kernels, strict=False):
        assert_allclose(mean, v * kernel @ solved, rtol=1e-9, atol=1e-12)
