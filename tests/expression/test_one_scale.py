import numpy as np
import pytest
from anndata import AnnData, read_h5ad
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.scale import cell_values, check_one_scale, judge_values, refuse_mixed

N, G = 120, 150


@pytest.fixture(scope="module")
def counts():
    """Cells of unequal depth; genes of unequal abundance."""
    rng = np.random.default_rng(3)
    mean = np.outer(rng.gamma(4, 0.3, N), rng.gamma(0.3, 2, G))
    return rng.poisson(mean).astype(float)


def log(counts, base=np.e, total=1e4):
    return np.log1p(counts * total / counts.sum(axis=1, keepdims=True)) / np.log(base)


def corrected(counts, share=0.1):
    """Ambient counts taken away, as by SoupX."""
    soup = share * counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return np.where(counts > 0, np.maximum(counts - soup, 0), 0)


def shared_out(counts):
    """A part of each gene's counts taken away, as by decontX."""
    return counts * np.random.default_rng(0).beta(20, 2, (len(counts), 1)) * np.linspace(0.9, 1, G)


def per_million(counts):
    return counts * 1e6 / counts.sum(axis=1, keepdims=True)


def values_of(matrix):
    return cell_values(sparse.csr_matrix(np.asarray(matrix, dtype=np.float32)))


SHALLOW = 20
FORMS = {
    "counts": (lambda c: c, "counts"),
    "natural": (log, "log"),
    "base 2": (lambda c: log(c, 2, 1e6), "log"),
    "base 10": (lambda c: log(c, 10), "log"),
    "three decimals": (lambda c: np.round(log(c), 3), "log"),
    "a part of the genes": (lambda c: log(c)[:, ::3], "log"),
    "per million": (per_million, "normalised"),
    "ambient": (corrected, "counts"),
    "ambient, shallow": (lambda c: corrected(np.minimum(c, SHALLOW)), "counts"),
    "contamination": (shared_out, "counts"),
    "contamination, shallow": (lambda c: shared_out(np.minimum(c, SHALLOW)), "counts"),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_the_values_are(counts, form):
    make, scale = FORMS[form]
    values = values_of(make(counts))
    assert judge_values(values).scale == scale
    assert check_one_scale(values, {"condition": np.repeat(["a", "b"], N // 2)}) == ""


MIXED = [
    ("counts", "natural"), ("counts", "per million"), ("natural", "base 2"), ("natural", "base 10"),
    ("per million", "natural"), ("ambient", "natural"), ("ambient, shallow", "base 2"),
    ("contamination", "per million"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), MIXED)
@pytest.mark.parametrize("by", ["half", "donor"])
def test_two_scales_are_refused(counts, one, other, by):
    """A half of the cells, or one donor of six."""
    labels = np.repeat(["a", "b"], N // 2) if by == "half" else np.repeat([f"d{i}" for i in range(6)], N // 6)
    second = labels == labels[-1]
    matrix = np.where(second[:, None], FORMS[other][0](counts), FORMS[one][0](counts))
    said = check_one_scale(values_of(matrix), {"column": labels})
    assert "`column`" in said
    assert str(labels[-1]) in said
    with pytest.raises(PathloreError, match=r"not on one scale.*`ingestion.cells.layer`"):
        refuse_mixed(said, "auto")


@pytest.mark.parametrize("total", [1e6, 1e3])
def test_logarithms_of_another_sum_are_refused_without_labels_too(counts, total):
    second = np.arange(N) % 3 == 0
    matrix = np.where(second[:, None], log(counts, total=total), log(counts))
    values = values_of(matrix)
    assert "logarithms of a sum of" in check_one_scale(values, {"group": np.where(second, "a", "b")})
    assert "logarithms of a sum of" in check_one_scale(values, {})


@pytest.mark.parametrize(("one", "other"), [("counts", "natural"), ("natural", "base 2"), ("per million", "natural")])
def test_two_scales_are_found_in_the_cells_themselves(counts, one, other):
    second = np.arange(N) % 2 == 0
    matrix = np.where(second[:, None], FORMS[other][0](counts), FORMS[one][0](counts))
    assert "by the cells themselves" in check_one_scale(values_of(matrix), {})


def test_corrected_and_plain_counts_go_together(counts):
    matrix = np.where(np.arange(N)[:, None] < N // 2, counts, corrected(counts))
    assert check_one_scale(values_of(matrix), {"group": np.repeat(["a", "b"], N // 2)}) == ""


def test_a_parameter_takes_them_with_a_warning(caplog):
    refuse_mixed("by `x`, a (whole numbers); b (fractions)", "counts")
    assert "all are used as 'counts'" in caplog.text


def test_a_run_refuses_them(raw_cells, cells_config, quality):
    mixed = raw_cells.copy()
    X = mixed.X.toarray()
    X[40:] = np.log1p(1e4 * X[40:] / X[40:].sum(axis=1, keepdims=True))
    mixed.X = sparse.csr_matrix(X)
    with pytest.raises(PathloreError, match="not on one scale"):
        prepare_cells(mixed, cells_config(), quality())
    assert isinstance(prepare_cells(raw_cells, cells_config(), quality()), AnnData)


REAL = {
    "kang2018_pbmc_ifnb": "counts",
    "lin2020_pdac_primary_vs_metastasis_5samples": "counts",
    "nugent2020_microglia_trem2ko_cuprizone_mouse": "counts",
    "sadefeldman2018_melanoma_icb_tcells_lognorm": "log",
}


@pytest.mark.parametrize("name", REAL)
def test_real_cohorts_are_of_one_scale(shared_expression, name):
    cells = read_h5ad(shared_expression / f"{name}.h5ad")
    values = cell_values(sparse.csr_matrix(cells.X))
    groups = {
        column: cells.obs[column].astype(str).to_numpy() for column in ("condition", "donor") if column in cells.obs
    }
    assert judge_values(values).scale == REAL[name]
    assert check_one_scale(values, groups) == ""
