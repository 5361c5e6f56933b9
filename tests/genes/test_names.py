import time

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.genes.names import COLUMNS, GeneNames


@pytest.mark.parametrize(
    ("identifier", "kind", "symbol"),
    [
        ("TP53", "symbol", "TP53"),
        ("tp53", "symbol", "TP53"),
        ("C1orf112", "symbol", None),
        ("C1orf112", "alias", "FIRRM"),
        ("C1ORF112", "previous", "FIRRM"),
        ("FLIP", "previous", None),
        ("FLIP", "alias", "FIRRM"),
        ("p53", "alias", "TP53"),
        ("MAFA", "symbol", "MAFA"),
        ("MAFA", "alias", None),  # approved, and so never taken for KLRG1
        ("mafa", "alias", None),
        ("MLL2", "alias", None),  # of two genes
        ("MLL2", "previous", None),
        ("ENSG00000141510.18", "ensembl", "TP53"),
        ("ENSG00000141510_PAR_Y", "ensembl", "TP53"),
        ("ENSG00000141510.1_PAR_Y", "ensembl", "TP53"),
        ("7157", "entrez", "TP53"),
        ("Q5JWF2", "uniprot", "GNAS"),
        ("Q5JWF2-2", "uniprot", "GNAS"),
        ("P69905", "uniprot", None),  # of two genes
        ("", "symbol", None),
        ("nothing", "alias", None),
    ],
)
def test_one_identifier(names, identifier, kind, symbol):
    assert names.to_symbol(identifier, kind) == symbol


def test_what_is_unclear_is_told_from_what_is_unknown(names):
    asked = pd.Series(["MLL2", "mll2", "MAFA", "P53", "ABC"])
    assert names.ambiguous(asked, "alias").tolist() == [True, True, True, False, False]
    assert names.ambiguous(pd.Series(["P69905", "P04637", "Q1"]), "uniprot").tolist() == [True, False, False]


def test_letters_that_differ_only_in_case_are_told_apart():
    names = GeneNames(pd.DataFrame({"symbol": ["Abc", "ABC", "X"], "aliases": ["", "", "abx"]}))
    assert [names.to_symbol(name, "symbol") for name in ("Abc", "ABC", "abc")] == ["Abc", "ABC", None]
    assert names.ambiguous(pd.Series(["abc"]), "symbol").tolist() == [True]
    assert names.to_symbol("ABX", "alias") == "X"


def test_an_alias_that_repeats_the_symbol_is_no_alias():
    names = GeneNames(pd.DataFrame({"symbol": ["TP53"], "aliases": ["TP53"]}))
    assert not names.ambiguous(pd.Series(["TP53"]), "alias").any()


def test_rows_of_one_symbol_are_united_and_columns_may_be_missing():
    names = GeneNames(pd.DataFrame({"symbol": ["A", "A"], "ensembl": ["E1", None]}))
    assert (len(names), names.to_symbol("E1", "ensembl"), names.to_symbol("1", "entrez")) == (1, "A", None)
    assert list(names.table.columns) == list(COLUMNS)


def test_index_is_kept_and_missing_identifiers_are_nothing(names):
    found = names.to_symbols(pd.Series([None, float("nan"), "TP53"], index=[7, 7, 1]), "symbol")
    assert list(found.index) == [7, 7, 1]
    assert found.tolist() == [None, None, "TP53"]


def test_errors(names):
    with pytest.raises(PathloreError, match=r"kind 'hgnc'.*expected is one of symbol, alias"):
        names.to_symbol("TP53", "hgnc")
    with pytest.raises(PathloreError, match="columns gene; `symbol` is expected"):
        GeneNames(pd.DataFrame({"gene": ["A"]}))


words = st.text("ABab1", min_size=1, max_size=3)
tables = st.lists(st.tuples(words, st.lists(words, max_size=3), st.lists(words, max_size=3)), max_size=6)


@given(tables)
@settings(max_examples=50, deadline=None)
def test_a_name_means_one_gene_or_none(rows):
    table = pd.DataFrame(
        [(symbol, ";".join(previous), ";".join(aliases)) for symbol, previous, aliases in rows],
        columns=["symbol", "previous", "aliases"],
        dtype=object,
    )
    names = GeneNames(table)
    shuffled = GeneNames(table.iloc[::-1])
    for symbol, previous, aliases in rows:
        assert names.to_symbol(symbol, "symbol") == symbol
        assert names.to_symbol(symbol, "alias") is None
        for other in previous + aliases:
            found = names.to_symbol(other, "alias")
            assert found == shuffled.to_symbol(other, "alias")
            owners = {s for s, p, a in rows if other in p + a}
            assert found is None or (owners == {found} and other not in names.symbols)


def test_a_hundred_thousand_names_take_no_time():
    symbols = [f"GENE{i}" for i in range(50_000)]
    names = GeneNames(pd.DataFrame({"symbol": symbols, "aliases": [f"A{i};B{i}" for i in range(50_000)]}))
    asked = pd.Series([f"b{i}" for i in range(100_000)])
    start = time.perf_counter()
    found = names.to_symbols(asked, "alias")
    assert time.perf_counter() - start < 2
    assert found.notna().sum() == 50_000
