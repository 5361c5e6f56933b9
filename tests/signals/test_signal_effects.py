import logging

import numpy as np
import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.signals.effects import read_effects
from pathlore.signals.inputs import load_names

NAMES = load_names()
HUMAN = pd.Series({"STAT1": 3.0, "MYC": -2.0, "GAPDH": 0.01, "JUN": 0.2})


def read(effects, **more):
    return read_effects(effects, NAMES, **more)


@pytest.mark.parametrize(
    "given",
    [
        HUMAN,
        HUMAN.to_dict(),
        HUMAN.to_frame("t of interferon"),
        HUMAN.rename_axis("gene").rename("stat").reset_index(),
        HUMAN.rename_axis("names").rename("scores").reset_index().assign(pvals=0.1),
        HUMAN.rename_axis("Symbol").rename("logFC").reset_index().assign(**{"adj.P.Val": 0.1}),
        pd.DataFrame({"log2FoldChange": HUMAN * 9, "stat": HUMAN, "padj": 0.1}),  # DESeq2, genes in the index
        pd.DataFrame({"p_val": 0.1, "avg_log2FC": HUMAN, "pct.1": 0.5, "p_val_adj": 0.2}),  # Seurat
        HUMAN.astype(str),
        HUMAN.rename(index={"STAT1": "Stat1", "MYC": "Myc", "GAPDH": "Gapdh", "JUN": "Jun"}),
    ],
)
def test_every_form_gives_the_same(given):
    found = read(given)
    assert not found.several
    assert found.table.iloc[:, 0].to_dict() == HUMAN.to_dict()


def test_genes_by_other_names_of_the_table():
    """ARNTL is the former symbol of BMAL1."""
    names = load_names(pd.DataFrame({"symbol": ["STAT1", "MYC"], "ensembl": ["ENSG00000115415", "ENSG00000136997"]}))
    found = read_effects(pd.Series({"ENSG00000115415.21": 3.0, "ENSG00000136997": 0.1, "ENSG00000999999": 5.0}), names)
    assert found.table.iloc[:, 0].to_dict() == {"STAT1": 3.0, "MYC": 0.1}
    old = read(pd.Series({"ARNTL": 3.0, "MYC": 0.1}))
    assert old.table.iloc[:, 0].to_dict() == {"BMAL1": 3.0, "MYC": 0.1}


def test_mouse_genes_by_orthologs_and_without_by_letters(caplog):
    mouse = pd.Series({"Trp53": 3.0, "Myc": 0.1, "H2-K1": 1.0, "Stat1": -1.0})
    pairs = pd.DataFrame({"mouse": ["Trp53", "Myc", "Stat1"], "human": ["TP53", "MYC", "STAT1"]})
    assert read(mouse, orthologs=pairs).table.iloc[:, 0].to_dict() == {"TP53": 3.0, "MYC": 0.1, "STAT1": -1.0}
    with caplog.at_level(logging.WARNING):
        assert {"MYC", "STAT1"} < set(read(mouse).table.index)
    assert "orthologs" in caplog.text


def test_several_values_of_one_gene_missing_and_infinite_ones():
    table = pd.DataFrame({"gene": ["MYC", "MYC", "JUN", "FOS", None], "stat": [1.0, -3.0, np.inf, np.nan, 9.0]})
    assert read(table).table["effects"].to_dict() == {"MYC": -3.0, "JUN": 3.0}


def test_several_signatures_wide_and_long():
    wide = pd.DataFrame({"a": [1.0, 0.01], "b": [np.nan, 2.0]}, index=["MYC", "JUN"])
    found = read(wide)
    assert found.several
    assert list(found.table) == ["a", "b"]
    long = pd.DataFrame({"group": ["a", "a", "b"], "gene": ["MYC", "JUN", "JUN"], "t": [1.0, 0.01, 2.0]})
    pd.testing.assert_frame_equal(read(long).table.loc[["MYC", "JUN"]], wide, check_names=False)


def test_a_table_that_lies_on_its_side_is_turned(caplog):
    genes = ["MYC", "JUN", "FOS", "STAT1", "STAT3", "IRF1", "MX1", "OAS1", "SOCS3", "EGR1", "TP53"]
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(11, 2)), index=genes, columns=["a", "b"])
    pd.testing.assert_frame_equal(read(wide.T).table, wide, check_names=False)
    assert "signatures x genes" in caplog.text
    with pytest.raises(PathloreError, match="several columns named a"):
        read(wide.set_axis(["a", "a"], axis=1))


def test_lists_of_changed_genes_are_told_from_transcriptomes():
    assert read(["MYC", "JUN"]).selected[0]
    assert read({"MYC": 1.0, "JUN": -1.0}).selected[0]
    assert read({"MYC": 0.01, "JUN": -3.0, "FOS": 8.0}).selected[0], "few"
    measured = pd.Series(np.random.default_rng(0).normal(size=3000), index=[f"G{i}A" for i in range(3000)])
    assert not read(measured).selected[0]
    assert read(measured[measured.abs() > 1.5]).selected[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pd.DataFrame({"gene": ["MYC"], "pvalue": [0.1]}), "expected a signed statistic"),
        (pd.DataFrame({"MYC": [0.1], "cell": ["a"]}), "genes in the index"),
        (pd.Series([1.0, 2.0]), "row numbers"),
        ([1.0, 2.0], "names of genes"),
        ("MYC", "of type str"),
        (3.0, "of type float"),
        (pd.Series({"MYC": "high"}), "'high'"),
        (pd.Series({"MYC": np.nan}), "no finite statistic"),
        (pd.Series(dtype=float), "no finite statistic"),
        (pd.Series({"ENSG00000000001": 1.0, "ENSG00000000002": 1.0}), "gene_names"),
        (pd.Series({"ENSMUSG00000000001": 1.0, "ENSMUSG00000000002": 1.0}), "orthologs"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_one_line(given, words):
    with pytest.raises(PathloreError, match=words) as caught:
        read(given)
    assert "\n" not in str(caught.value)
