import logging
import time

import anndata as ad
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.genes import GeneNames, map_genes
from pathlore.genes.identifiers import describe
from pathlore.genes.mapping import judge_species, map_human, map_mouse
from pathlore.keys import Mapped
from pathlore.schemas import GeneMapping

PAIRS = pd.DataFrame({"mouse": ["Trp53", "Myc", "Gapdh"], "human": ["TP53", "MYC", "GAPDH"]})
NO_PAIRS = pd.DataFrame(columns=["mouse", "human", "mouse_ensembl", "mouse_entrez"])
ANY = ["TP53", "tp53", "P53", "LFS1", "C1orf112", "FLIP", "MLL2", "ABC1", "ENSG00000141510.1", "3040", "99999", "MAFA"]


def test_one_row_per_name_and_one_line_of_log(names, config, caplog):
    caplog.set_level(logging.INFO)
    mapping = map_genes(["TP53", "C1orf112", "TP53", "ABC1"], names, NO_PAIRS, config())
    GeneMapping.validate(mapping)
    assert mapping.to_numpy().tolist() == [
        ["TP53", "TP53", Mapped.SYMBOL],
        ["C1orf112", "FIRRM", Mapped.PREVIOUS],
        ["ABC1", "ABC1", Mapped.AS_GIVEN],
    ]
    assert [record.getMessage() for record in caplog.records] == [
        "3 gene names taken as human symbols, 3 human symbols: 1 approved symbol, 1 previous symbol, "
        "1 not in the table of names, kept as given"
    ]


def test_lost_names_have_no_symbol(names, config):
    mapping = map_genes(["TP53", "ENSG00000000001"], names, NO_PAIRS, config())
    assert mapping["symbol"].isna().tolist() == [False, True]


def test_mouse(names, config):
    mapping = map_genes(["Trp53", "Myc", "Gm1"], names, PAIRS, config())
    assert mapping["symbol"].tolist()[:2] == ["TP53", "MYC"]
    assert mapping["how"].tolist() == [Mapped.ORTHOLOG, Mapped.ORTHOLOG, Mapped.NO_ORTHOLOG]


def test_prefixes_of_one_species_are_cut(names, config):
    mapping = map_genes(["mm10_Trp53", "mm10_Myc"], names, PAIRS, config())
    assert mapping["symbol"].tolist() == ["TP53", "MYC"]
    assert map_genes(["GRCh38_TP53", "GRCh38_ABC"], names, PAIRS, config())["symbol"].tolist() == ["TP53", "ABC"]


def test_mouse_without_orthologs_is_never_written_in_capitals(names, config):
    with pytest.raises(PathloreError, match=r"2 gene names \(such as Trp53, Myc\).*`orthologs` \(`--params orthologs="):
        map_genes(["Trp53", "Myc"], names, NO_PAIRS, config())
    with pytest.raises(PathloreError, match="orthologs"):
        map_genes(["TP53"], names, pd.DataFrame(), config(species="mouse"))


def test_too_few_ids(names, config):
    ids = ["ENSG00000141510", *(f"ENSG{i:011d}" for i in range(3)), "TP53"]
    with pytest.raises(PathloreError) as caught:
        map_genes(ids, names, NO_PAIRS, config())
    for words in (
        "1 of 4 human Ensembl ids (25 %, at least 50 % wanted)",
        "ENSG00000000000",
        "`--params gene_names=...`",
        "HGNC complete set",
        "`ingestion.cells.gene_column`",
        "`ingestion.genes.min_mapped`",
    ):
        assert words in str(caught.value)
    assert len(map_genes(ids, names, NO_PAIRS, config(min_mapped=0.25))) == 5


def test_a_few_ids_among_symbols_may_be_lost(names, config):
    mapping = map_genes(["TP53", "ABC1", "ENSG00000000001"], names, NO_PAIRS, config())
    assert mapping["how"].tolist() == [Mapped.SYMBOL, Mapped.AS_GIVEN, Mapped.UNKNOWN]


def test_too_few_orthologs_but_predicted_genes_do_not_count(names, config):
    predicted = [*(f"Gm{i}" for i in range(9)), "1700001C02Rik", "Rps2-ps5"]
    assert len(map_genes(["Trp53", "Abc1", *predicted], names, PAIRS, config())) == 13
    with pytest.raises(PathloreError, match=r"1 of 3 mouse symbols \(33 %, .*such as Abc1, Abc2 are not.*orthologs"):
        map_genes(["Trp53", "Abc1", "Abc2", *predicted], names, PAIRS, config())
    with pytest.raises(PathloreError, match=r"0 of 1 mouse Ensembl ids.*a fuller table with mouse Ensembl ids in"):
        map_genes(["ENSMUSG00000059552"], names, PAIRS, config())


def test_two_species(names, config):
    with pytest.raises(PathloreError, match=r"2 look human.*2 look like mouse"):
        map_genes(["TP53", "MYC", "Trp53", "Myc"], names, PAIRS, config())


def test_the_kind_may_be_said(names, config):
    asked = ["7157", "TP53"]
    as_ids = map_genes(asked, names, NO_PAIRS, config(identifier="entrez"))
    assert as_ids["how"].tolist() == [Mapped.ENTREZ, Mapped.UNKNOWN]
    as_symbols = map_genes(asked, names, NO_PAIRS, config(identifier="symbol"))
    assert as_symbols["how"].tolist() == [Mapped.AS_GIVEN, Mapped.SYMBOL]


def test_entrez_ids_are_of_the_species_whose_table_knows_them(names, config):
    pairs = PAIRS.assign(mouse_ensembl="", mouse_entrez=["22059", "17869", "14433"])
    assert map_genes(["22059", "17869"], names, pairs, config())["symbol"].tolist() == ["TP53", "MYC"]
    assert map_genes(["7157", "3040"], names, pairs, config())["symbol"].tolist() == ["TP53", "HBA2"]


def test_no_names(names, config):
    assert map_genes([], names, NO_PAIRS, config()).empty


@given(asked=st.lists(st.sampled_from(ANY)), seed=st.randoms())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_and_repetition_do_not_matter(names, config, asked, seed):
    shuffled = asked * 2
    seed.shuffle(shuffled)
    first, second = (map_genes(some, names, NO_PAIRS, config(min_mapped=0)) for some in (asked, shuffled))
    assert first["name"].tolist() == list(dict.fromkeys(asked))
    pd.testing.assert_frame_equal(first.set_index("name").sort_index(), second.set_index("name").sort_index())


@given(asked=st.lists(st.sampled_from(ANY)))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_approved_symbols_stay_when_mapped_again(names, config, asked):
    once = map_genes(asked, names, NO_PAIRS, config(min_mapped=0))
    symbols = once["symbol"].dropna()
    again = map_genes(list(symbols), names, NO_PAIRS, config(min_mapped=0)).set_index("name")
    approved = symbols[symbols.isin(names.symbols)].unique()
    assert again.loc[approved, "symbol"].tolist() == list(approved)
    assert set(again.loc[approved, "how"]) <= {Mapped.SYMBOL}


def test_sixty_thousand_names_take_under_a_second(config):
    ids = [f"ENSG{i:011d}" for i in range(60_000)]
    names = GeneNames(pd.DataFrame({"symbol": [f"GENE{i}" for i in range(60_000)], "ensembl": ids}))
    start = time.process_time()
    mapping = map_genes([f"{name}.3" for name in ids], names, NO_PAIRS, config())
    assert time.process_time() - start < 2  # seconds; 0.3 on a quiet machine
    assert mapping["symbol"].nunique() == 60_000


@pytest.mark.shared
def test_real_mouse_data_agree_with_their_human_symbols(shared_data, nothing, config):
    pairs = pd.read_csv(shared_data / "genes" / "mouse_human_gene_pairs.csv.gz").set_axis(["mouse", "human"], axis=1)
    file = shared_data / "expression" / "nugent2020_microglia_trem2ko_cuprizone_mouse.h5ad"
    var = ad.read_h5ad(file, backed="r").var
    mapping = map_genes(list(var.index), nothing, pairs, config()).set_index("name").join(var)
    listed = mapping[mapping["ortholog_in_table"].astype(str) == "True"]
    assert (len(mapping), len(listed)) == (7274, 6774)
    assert (listed["symbol"] == listed["human_symbol"]).sum() == 6757
    others = listed[(listed["symbol"] != listed["human_symbol"]) & listed["symbol"].notna()]
    assert (others["symbol"] == others.index.str.upper()).all()  # where the file took another of several human genes


@pytest.mark.shared
@pytest.mark.parametrize("file", ["kang2018_pbmc_ifnb", "sadefeldman2018_melanoma_icb_tcells_lognorm"])
def test_real_human_data_keep_all_their_genes(shared_data, nothing, config, file):
    var = ad.read_h5ad(shared_data / "expression" / f"{file}.h5ad", backed="r").var
    mapping = map_genes(list(var.index), nothing, NO_PAIRS, config())
    assert (mapping["symbol"] == mapping["name"]).all()


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
def mapped_of_mouse(names):
    def make(*given, orthologs=ORTHOLOGS):
        table = map_mouse(describe(pd.Series(given, dtype=object)), orthologs, names)
        return dict(zip(given, zip(table["symbol"], table["how"], strict=True), strict=True))

    return make


def test_symbols(mapped_of_mouse):
    assert mapped_of_mouse("Trp53", "Ccl3", "F8a", "H2-K1", "BC055324", "Gm1", "TRP53", "EGFP") == {
        "Trp53": ("TP53", Mapped.SHARED_ORTHOLOG),
        "TRP53": ("TP53", Mapped.SHARED_ORTHOLOG),
        "Ccl3": ("CCL3", Mapped.ORTHOLOG),
        "F8a": (None, Mapped.AMBIGUOUS),
        "H2-K1": ("HLA-A", Mapped.ORTHOLOG),
        "BC055324": ("FIRRM", Mapped.ORTHOLOG),  # C1orf112 is its previous symbol
        "Gm1": (None, Mapped.NO_ORTHOLOG),
        "EGFP": (None, Mapped.NO_ORTHOLOG),
    }


def test_several_mouse_genes_of_one_human_gene_are_marked(mapped_of_mouse):
    assert mapped_of_mouse("H2-K1", "H2-D1") == dict.fromkeys(("H2-K1", "H2-D1"), ("HLA-A", Mapped.SHARED_ORTHOLOG))


def test_ids(mapped_of_mouse):
    assert mapped_of_mouse(
        "ENSMUSG00000059552.4", "ENSMUSG00000000982", "ENSMUSG00000099999", "14070", "ENSMUSG00000022346"
    ) == {
        "ENSMUSG00000059552.4": ("TP53", Mapped.ORTHOLOG),
        "ENSMUSG00000000982": ("CCL3", Mapped.ORTHOLOG),
        "ENSMUSG00000099999": ("HLA-A", Mapped.ORTHOLOG),
        "14070": (None, Mapped.AMBIGUOUS),
        "ENSMUSG00000022346": ("MYC", Mapped.ORTHOLOG),
    }


def test_a_table_of_symbols_alone_knows_no_ids(mapped_of_mouse):
    found = mapped_of_mouse("Trp53", "22059", orthologs=ORTHOLOGS[["mouse", "human"]])
    assert found == {"Trp53": ("TP53", Mapped.ORTHOLOG), "22059": (None, Mapped.NO_ORTHOLOG)}


HUMAN = [f"GENE{i}" for i in range(90)]
MOUSE = [f"Gene{i}" for i in range(90)]


def judge(names, species="auto"):
    return judge_species(describe(pd.Series(names, dtype=object)), species)


@pytest.mark.parametrize(
    ("names", "species"),
    [
        (HUMAN, "human"),
        (MOUSE, "mouse"),
        ([f"ENSMUSG{i:011d}" for i in range(5)], "mouse"),
        ([f"ENSG{i:011d}" for i in range(5)], "human"),
        (["tp53", "myc"], "human"),
        (["7157", "22059"], "human"),
        ([], "human"),
        (["G1", "R2", "S3"], "human"),
        ([f"mm10_{name}" for name in MOUSE], "mouse"),
        ([f"GRCh38_{name}" for name in HUMAN], "human"),
        # a few names of another kind do not make a second species
        ([*HUMAN, "C1orf112", "Hashtag1", "Cd3-tag", "Metazoa"], "human"),
        ([*HUMAN[:20], *(f"Blank-{i}" for i in range(9)), *(f"C{i}orf7" for i in range(9))], "human"),
        ([*MOUSE, "EGFP", "AL627309.1", "AI413582", "TREM2"], "mouse"),
    ],
)
def test_verdict(names, species):
    assert judge(names) == species


@pytest.mark.parametrize(
    "names",
    [
        [*HUMAN, *MOUSE[:20]],
        [*HUMAN[:20], *MOUSE],
        ["TP53", "MYC", "Trp53", "Myc"],
        [*(f"ENSG{i:011d}" for i in range(50)), *(f"ENSMUSG{i:011d}" for i in range(50))],
        [*(f"hg19_{name}" for name in HUMAN), *(f"mm10_{name}" for name in HUMAN)],
        [*(f"GRCh38_{name}" for name in HUMAN), *(f"GRCm39_{name}" for name in MOUSE)],
    ],
)
def test_two_species_are_refused_with_amounts_and_examples(names):
    with pytest.raises(PathloreError, match=r"\d+ look human \(such as \S+.*\d+ look like mouse \(such as .*keep the"):
        judge(names)


def test_amounts_are_right():
    with pytest.raises(
        PathloreError, match=r"110 gene names .* 90 look human \(such as GENE0, GENE1, GENE2\) and 20 look"
    ):
        judge([*HUMAN, *MOUSE[:20]])


def test_a_species_that_is_said_holds_against_letters_but_not_against_ids():
    assert judge([*HUMAN, *MOUSE[:20]], "human") == "human"
    assert judge(HUMAN, "mouse") == "mouse"
    with pytest.raises(PathloreError, match="two species"):
        judge([*(f"ENSG{i:011d}" for i in range(50)), *(f"ENSMUSG{i:011d}" for i in range(50))], "human")


def test_a_third_species():
    with pytest.raises(PathloreError, match=r"5 of 6 gene names are Ensembl ids of another species \(such as ENSRNOG"):
        judge([*(f"ENSRNOG{i:011d}" for i in range(5)), "TP53"])


def test_genes_of_a_pig_that_have_no_symbol_tell_it():
    """Symbols of pig and monkey are written like those of human; genes without one keep their Ensembl id."""
    names = [*HUMAN, *(f"ENSSSCG{i:011d}" for i in range(9))]
    with pytest.raises(PathloreError, match=r"9 of 99 gene names are Ensembl ids of another species.*genes\.species"):
        judge(names)
    assert judge(names, "human") == "human"
    assert judge([*HUMAN, "ENSSSCG00000000001"]) == "human"


@pytest.mark.parametrize("first", [0, 1])
def test_row_numbers_are_not_entrez_ids(first):
    with pytest.raises(
        PathloreError, match=rf"numbers {first} to {first + 29}, which count.*`ingestion.cells.gene_column`"
    ):
        judge([str(i) for i in range(first, first + 30)])
    assert judge([str(i) for i in range(2, 60, 2)]) == "human"
