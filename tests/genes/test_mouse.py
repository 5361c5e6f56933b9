import pandas as pd
import pytest

from pathlore.genes.identifiers import describe
from pathlore.genes.mouse import map_mouse
from pathlore.keys import Mapped

ORTHOLOGS = pd.DataFrame(
    [
        ("Trp53", "TP53", "ENSMUSG00000059552", "22059"),
        ("Ccl3", "CCL3", "ENSMUSG00000000982", "20302"),
        ("Ccl3", "CCL3L3", "ENSMUSG00000000982", "20302"),
        ("F8a", "F8A1", "ENSMUSG00000078317", "14070"),
        ("F8a", "F8A2", "ENSMUSG00000078317", "14070"),
        ("H2-K1", "HLA-A", "ENSMUSG00000061232", "14972"),
        ("H2-D1", "HLA-A", "ENSMUSG00000073411;ENSMUSG00000099999", "14964"),
        ("BC055324", "C1orf112", "", ""),
        ("", "MYC", "ENSMUSG00000022346", ""),
    ],
    columns=["mouse", "human", "mouse_ensembl", "mouse_entrez"],
)


@pytest.fixture
def mapped(names):
    def make(*given, orthologs=ORTHOLOGS):
        table = map_mouse(describe(pd.Series(given, dtype=object)), orthologs, names)
        return dict(zip(given, zip(table["symbol"], table["how"], strict=True), strict=True))

    return make


def test_symbols(mapped):
    assert mapped("Trp53", "Ccl3", "F8a", "H2-K1", "BC055324", "Gm1", "TRP53", "EGFP") == {
        "Trp53": ("TP53", Mapped.SHARED_ORTHOLOG),
        "TRP53": ("TP53", Mapped.SHARED_ORTHOLOG),
        "Ccl3": ("CCL3", Mapped.ORTHOLOG),
        "F8a": (None, Mapped.AMBIGUOUS),
        "H2-K1": ("HLA-A", Mapped.ORTHOLOG),
        "BC055324": ("FIRRM", Mapped.ORTHOLOG),  # C1orf112 is its previous symbol
        "Gm1": (None, Mapped.NO_ORTHOLOG),
        "EGFP": (None, Mapped.NO_ORTHOLOG),
    }


def test_several_mouse_genes_of_one_human_gene_are_marked(mapped):
    assert mapped("H2-K1", "H2-D1") == dict.fromkeys(("H2-K1", "H2-D1"), ("HLA-A", Mapped.SHARED_ORTHOLOG))


def test_ids(mapped):
    assert mapped(
        "ENSMUSG00000059552.4", "ENSMUSG00000000982", "ENSMUSG00000099999", "14070", "ENSMUSG00000022346"
    ) == {
        "ENSMUSG00000059552.4": ("TP53", Mapped.ORTHOLOG),
        "ENSMUSG00000000982": ("CCL3", Mapped.ORTHOLOG),
        "ENSMUSG00000099999": ("HLA-A", Mapped.ORTHOLOG),
        "14070": (None, Mapped.AMBIGUOUS),
        "ENSMUSG00000022346": ("MYC", Mapped.ORTHOLOG),
    }


def test_a_table_of_symbols_alone_knows_no_ids(mapped):
    found = mapped("Trp53", "22059", orthologs=ORTHOLOGS[["mouse", "human"]])
    assert found == {"Trp53": ("TP53", Mapped.ORTHOLOG), "22059": (None, Mapped.NO_ORTHOLOG)}
