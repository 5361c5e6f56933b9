import pandas as pd
import pytest

from pathlore.genes.human import map_human
from pathlore.genes.identifiers import describe
from pathlore.keys import Mapped


@pytest.fixture
def mapped(names):
    def make(*given):
        table = map_human(describe(pd.Series(given, dtype=object)), names)
        return dict(zip(given, zip(table["symbol"], table["how"], strict=True), strict=True))

    return make


def test_every_way_to_be_understood(mapped):
    assert mapped(
        "TP53", "c1orf112", "gnas", "ENSG00000139187.4", "3039", "ALR", "MLL2", "ABC1", "ENSG00000000001", ""
    ) == {
        "TP53": ("TP53", Mapped.SYMBOL),
        "c1orf112": ("FIRRM", Mapped.PREVIOUS),
        "gnas": ("GNAS", Mapped.CASE),
        "ENSG00000139187.4": ("KLRG1", Mapped.ENSEMBL),
        "3039": ("HBA1", Mapped.ENTREZ),
        "ALR": ("KMT2D", Mapped.ALIAS),
        "MLL2": (None, Mapped.AMBIGUOUS),
        "ABC1": ("ABC1", Mapped.AS_GIVEN),
        "ENSG00000000001": (None, Mapped.UNKNOWN),
        "": (None, Mapped.UNKNOWN),
    }


@pytest.mark.parametrize("other", ["P53", "tp53", "Tp53"])
def test_columns_are_not_added_to_that_of_the_approved_symbol(mapped, other):
    assert mapped("TP53", other) == {"TP53": ("TP53", Mapped.SYMBOL), other: (other, Mapped.AS_GIVEN)}
    assert mapped("ENSG00000141510", other)[other] == (other, Mapped.AS_GIVEN)


def test_the_better_of_two_names_of_a_gene_wins(mapped):
    assert mapped("C1orf112", "FLIP") == {
        "C1orf112": ("FIRRM", Mapped.PREVIOUS),
        "FLIP": ("FLIP", Mapped.AS_GIVEN),
    }


def test_two_aliases_of_a_gene_are_two_genes(mapped):
    found = mapped("P53", "LFS1", "GNAS")
    assert found["P53"] == ("P53", Mapped.AS_GIVEN)
    assert found["LFS1"] == ("LFS1", Mapped.AS_GIVEN)


def test_approved_symbol_comes_before_alias_of_another(mapped):
    assert mapped("MAFA") == {"MAFA": ("MAFA", Mapped.SYMBOL)}


def test_a_small_table_does_not_know_enough_for_aliases(mapped):
    found = mapped("P53", "MLL2", "C1orf112", *(f"ABC{i}" for i in range(9)))
    assert found["P53"] == ("P53", Mapped.AS_GIVEN)
    assert found["MLL2"] == ("MLL2", Mapped.AS_GIVEN)
    assert found["C1orf112"] == ("FIRRM", Mapped.PREVIOUS)


def test_without_a_table_symbols_stay(nothing):
    table = map_human(describe(pd.Series(["TP53", "7157"])), nothing)
    assert table.to_numpy().tolist() == [["TP53", Mapped.AS_GIVEN], [None, Mapped.UNKNOWN]]
