"""From file to statistics on the published cohorts that lie beside the repository."""

import pytest
from anndata import read_h5ad

from pathlore.config import CellsConfig, GeneFilterConfig, QualityConfig
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.splits import split_cells
from pathlore.expression.statistics import training_statistics

pytestmark = pytest.mark.shared

KANG = {"control": ["ctrl"], "case": ["stim"]}
COHORTS = [
    ("kang2018_pbmc_ifnb", KANG, True, None, "counts", "lack a donor", ("ISG15", 1)),
    ("kang2018_pbmc_ifnb_2donors_1267genes", KANG, True, None, "counts", "ONE PAIR IS TESTED", ("ISG15", 1)),
    (
        "sadefeldman2018_melanoma_icb_tcells_lognorm",
        {"non_responder": ["Non-responder"], "responder": ["Responder"]},
        False,
        None,
        "log",
        None,
        ("CCR7", 1),
    ),
    (
        "nugent2020_microglia_trem2ko_cuprizone_mouse",
        {"wild_type": ["WT"], "knock_out": ["KO"]},
        False,
        "human_symbol",
        "counts",
        "1 in wild_type, 1 in knock_out",
        ("SPP1", -1),
    ),
]


@pytest.mark.parametrize(("name", "classes", "paired", "genes", "scale", "reason", "known"), COHORTS)
def test_cohort(shared_expression, split_config, caplog, name, classes, paired, genes, scale, reason, known):
    config = CellsConfig(
        layer="X",
        gene_column=genes,
        condition="condition",
        classes=classes,
        donor="donor",
        paired_donors=paired,
        donor_names="global",
        similar_donors="refuse",
        cell_type="cell_type",
        missing=["unknown"],
    )
    quality = QualityConfig(min_genes=100, max_mitochondrial_percent=20, scale="auto", target_sum=1e4)
    adata = read_h5ad(shared_expression / f"{name}.h5ad", backed="r")
    cells = prepare_cells(adata, config, quality)
    adata.file.close()
    assert cells.uns["pathlore"]["scale"] == scale
    assert cells.var_names.is_unique
    splits = split_cells(cells.obs, split_config(), paired_donors=paired, population="pooled")
    if reason is None:
        assert splits.groupby("donor")["split"].nunique().max() == 1
    else:
        assert reason in caplog.text
    table = training_statistics(cells, splits, GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5), list(classes))
    gene, sign = known
    assert table.set_index("gene")["log_fold_change"][gene] * sign > 1
