import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.expression.symbols import gene_columns


def test_index_or_column():
    var = pd.DataFrame({"symbol": ["A", None, "A", " B ", "nan", "mt-Co1"]}, index=[f"ENS{i}" for i in range(6)])
    genes = gene_columns(var, "symbol")
    assert list(genes.symbols) == ["A", "B", "mt-Co1"]
    assert (genes.n_nameless, genes.n_merged) == (2, 1)
    assert genes.collapse.toarray().sum(axis=0).tolist() == [2, 1, 1]
    assert genes.mitochondrial.tolist() == [False] * 5 + [True]
    assert list(gene_columns(var, None).symbols) == list(var.index)


def test_categories_are_read_as_text():
    var = pd.DataFrame({"symbol": pd.Categorical(["A", None])}, index=["1", "2"])
    assert gene_columns(var, "symbol").n_nameless == 1


def test_errors_name_the_parameter():
    var = pd.DataFrame({"feature_name": ["", None]}, index=["x", "y"])
    with pytest.raises(PathloreError, match=r"'symbol' not found in var, which has feature_name"):
        gene_columns(var, "symbol")
    with pytest.raises(PathloreError, match=r"none of 2 genes has a symbol.*`ingestion.cells.gene_column`"):
        gene_columns(var, "feature_name")
