import logging
import time

import anndata as ad
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.genes import GeneNames, map_genes
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
