import numpy as np
import pytest

from pathlore.errors import PathloreError
from pathlore.scoring.coverage import check_coverage, gene_coverage


def test_all_found(bundle):
    whole = gene_coverage(bundle, np.ones(len(bundle.model.genes), bool))
    assert (whole.genes, whole.path_genes, whole.complete_paths) == (1.0, pytest.approx(1.0), pytest.approx(1.0))
    assert whole.missing == []


def test_paths_weigh_as_much_as_their_importance(bundle):
    gone = bundle.model.paths[0].split(">")[0]
    found = np.array([gene != gone for gene in bundle.model.genes])
    coverage = gene_coverage(bundle, found)
    weight = bundle.model.importance / bundle.model.importance.sum()
    genes = [path.split(">") for path in bundle.model.paths]
    hit = np.array([gone in path for path in genes])
    assert 0 < hit.sum() < len(hit)
    assert coverage.complete_paths == pytest.approx(weight[~hit].sum())
    assert coverage.path_genes == pytest.approx(
        1 - sum(w / len(p) for w, p in zip(weight, genes, strict=True) if gone in p)
    )
    assert coverage.missing == [gone]


def test_the_bound_is_the_last_share_that_passes(bundle):
    coverage = gene_coverage(bundle, np.arange(len(bundle.model.genes)) % 2 == 0)
    check_coverage(coverage, coverage.path_genes, [])
    with pytest.raises(PathloreError, match="the cells have such as GENE1"):
        check_coverage(coverage, coverage.path_genes + 1e-6, ["GENE1"])


def test_without_importance_all_paths_weigh_the_same(bundle_of):
    bundle = bundle_of(importance="none")
    found = np.arange(len(bundle.model.genes)) != 0
    shares = [np.mean([gene != bundle.model.genes[0] for gene in path.split(">")]) for path in bundle.model.paths]
    assert gene_coverage(bundle, found).path_genes == pytest.approx(np.mean(shares))
