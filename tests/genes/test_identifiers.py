import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.genes import GeneNames, map_genes
from pathlore.genes.identifiers import (
    builtin_symbols,
    describe,
    identifier_advice,
    identifier_kind,
    plain_names,
    symbol_species,
)


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["Trp53", "Myc", "Cd4", "H2-K1", "1700001C02Rik"], "mouse symbols"),
        (["ENSMUSG00000059552", "ENSMUSG00000022346"], "Ensembl ids"),
        (["7157", "4609"], "Entrez ids"),
        (["TP53", "C1orf112", "MT-CO1", "LINC00115"], "human symbols"),
        ([], "human symbols"),
    ],
)
def test_identifier_kind(names, kind):
    assert identifier_kind(names) == kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TP53", ("TP53", "symbol", "human", False)),
        (" TP53 ", ("TP53", "symbol", "human", False)),
        ("GRCh38_TP53", ("TP53", "symbol", "human", True)),
        ("hg19_TP53", ("TP53", "symbol", "human", True)),
        ("GRCm39_____Trp53", ("Trp53", "symbol", "mouse", True)),
        ("mm10_GFP", ("GFP", "symbol", "mouse", True)),
        ("mm10___ENSMUSG00000059552", ("ENSMUSG00000059552", "ensembl", "mouse", True)),
        ("ENSG00000141510", ("ENSG00000141510", "ensembl", "human", False)),
        ("ENSG00000141510.18", ("ENSG00000141510", "ensembl", "human", False)),
        ("ENSG00000002586.20_PAR_Y", ("ENSG00000002586", "ensembl", "human", False)),
        ("ENSG00000002586_PAR_Y", ("ENSG00000002586", "ensembl", "human", False)),
        ("ENSRNOG00000010756", ("ENSRNOG00000010756", "ensembl", "other", False)),
        ("ENSG00000141510_TP53", ("TP53", "symbol", "human", False)),
        ("7157", ("7157", "entrez", "", False)),
        ("7157.0", ("7157", "entrez", "", False)),
    ],
)
def test_each_name_is_read_by_itself(name, expected):
    assert tuple(describe(pd.Series([name])).iloc[0]) == expected


@pytest.mark.parametrize(
    ("species", "symbols"),
    [
        ("human", ["HLA-A", "MT-CO1", "C1orf112", "CXorf38", "NKX2-1", "RP11-34P13.7", "A1BG"]),
        ("mouse", ["Trp53", "H2-Ab1", "mt-Nd1", "Gm12345", "D3Ertd751e", "A630001G21Rik", "4930404I05Rik"]),
        (
            "",
            [
                "tp53",
                "G1",
                "AL627309.1",
                "BC005537",
                "Blank-1",
                "Hashtag1",
                "NegControlProbe_00042",
                "gene_1",
                "ERCC-1",
            ],
        ),
    ],
)
def test_letters_tell_the_species_or_nothing(species, symbols):
    assert [symbol_species(symbol) for symbol in symbols] == [species] * len(symbols)


def test_the_kind_may_be_said():
    assert describe(pd.Series(["7157", "TP53"]), "symbol")["kind"].tolist() == ["symbol"] * 2


@pytest.mark.parametrize(
    ("kind", "word"), [("mouse symbols", "orthologs"), ("Ensembl ids", "gene_names"), ("human symbols", "species")]
)
def test_advice_names_what_to_give(kind, word):
    assert word in identifier_advice(kind)
    assert "`ingestion.cells.gene_column`" in identifier_advice(kind)


SYMBOLS = sorted(builtin_symbols())[:200]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ENSG00000141510|TP53", "TP53"),
        ("ENSG00000141510.18_TP53", "TP53"),
        ("ENSG00000204287-HLA-DRA", "HLA-DRA"),
        ("HLA-DRA_ENSG00000204287", "HLA-DRA"),
        ("TP53 (ENSG00000141510.18)", "TP53"),
        ("TP53;ENSG00000141510", "TP53"),
        ("ENSG00000141510.TP53", "TP53"),
        ("ENSG00000141510|", "ENSG00000141510"),
        ("ENSG00000141510|NA", "ENSG00000141510"),
        ("ENSMUSG00000059552_Trp53", "Trp53"),
        ("TP53__chr17", "TP53"),
        ("TP53_chr17", "TP53"),
        ("H2-K1__chr17", "H2-K1"),
        ("TP53:chr17:7661779-7687550", "TP53"),
        ("TP53|7157", "TP53"),
        ("7157|TP53", "TP53"),
        ("?|7157", "7157"),
        ("TP53|NM_000546.6|Reference_end", "TP53"),
        ("ENSG00000141510_TP53_ENSG00000141510", "TP53"),
        ("GRCh38-TP53", "TP53"),
        ("GRCh38_HLA-DRA", "HLA-DRA"),
        ("hg19_TP53", "TP53"),
        ("mm10---Trp53", "Trp53"),
        ("GRCh38_ENSG00000141510|TP53", "TP53"),
        ('"TP53"', "TP53"),
        ("2-Sep", "SEPTIN2"),
        ("Sep-09", "SEPTIN9"),
        ("7-Mar", "MARCHF7"),
        ("1-Mar", "1-Mar"),  # MARCHF1 or MTARC1
        ("X1700001C02Rik", "1700001C02Rik"),
        # names that look so, and are as they should be
        ("HLA-DRA", "HLA-DRA"),
        ("AC012345.1", "AC012345.1"),
        ("NKX2-1", "NKX2-1"),
        ("RP11-34P13.7", "RP11-34P13.7"),
        ("ENSG00000141510.18", "ENSG00000141510"),
        ("XIST", "XIST"),
        ("SEPTIN2", "SEPTIN2"),
        ("KRTAP10-1", "KRTAP10-1"),
    ],
)
def test_one_name(written, plain):
    table = describe(pd.Series([written, "HLA-A"]))  # hyphens are kept in this list
    assert table["id"].iloc[0] == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("HLA.DRA", "HLA-DRA"),
        ("HLA.DQA1", "HLA-DQA1"),
        ("HLA_B", "HLA-B"),
        ("MT.CO1", "MT-CO1"),
        ("mt.Nd1", "mt-Nd1"),
        ("H2.K1", "H2-K1"),
        ("NKX2.1", "NKX2-1"),
        ("RP11.34P13.7", "RP11-34P13.7"),
        ("CTD.2034I4.2", "CTD-2034I4.2"),
        ("MATN1.AS1", "MATN1-AS1"),
        ("AC012345.1", "AC012345.1"),
        ("AL627309.1", "AL627309.1"),
    ],
)
def test_names_of_r_in_a_list_without_hyphens(written, plain):
    assert plain_names([written, "TP53", "STAT1"]) == [plain, "TP53", "STAT1"]
    assert plain_names([written, "HLA-A"])[0] == written  # R would have changed that one too


@pytest.mark.parametrize("change", ["gene-{}", "gene:{}", "rna_{}", "{}.hg19", "{}-gene", "hs|{}"])
def test_what_all_names_have_is_taken_off(change):
    assert plain_names([change.format(name) for name in SYMBOLS]) == SYMBOLS


def test_a_family_keeps_its_name():
    family = [f"HLA-{letter}{i}" for letter in "ABCD" for i in range(9)]
    assert plain_names(family) == family


def test_numbers_of_repeats_and_ids():
    assert plain_names(["STAT1", "STAT1.1", "STAT1-1", "ABC1", "ABC1.1", "STAT2.1"]) == [
        "STAT1", "STAT1", "STAT1", "ABC1", "ABC1.1", "STAT2.1",
    ]  # fmt: skip
    assert plain_names(["X7157", "X4609", "TP53"]) == ["7157", "4609", "TP53"]


def test_respelled_names_are_told_and_mapped(config, caplog):
    caplog.set_level("INFO")
    names = GeneNames(pd.DataFrame({"symbol": ["HLA-DRA", "TP53"], "ensembl": ["", "ENSG00000141510"]}))
    mapping = map_genes(["HLA.DRA", "TP53"], names, pd.DataFrame(), config())
    assert mapping["symbol"].tolist() == ["HLA-DRA", "TP53"]
    assert "1 gene names are read without what a program added, such as HLA.DRA as HLA-DRA" in caplog.text


def test_dates_that_a_spreadsheet_made_are_named(config, caplog):
    names = GeneNames(pd.DataFrame({"symbol": ["TP53", "SEPTIN2"]}))
    mapping = map_genes(["TP53", "2-Sep", "1-Mar", "1-Dec", "2001/09/02"], names, pd.DataFrame(), config())
    assert mapping["symbol"].iloc[1] == "SEPTIN2"
    assert "made dates of names of genes, which are lost: 1-Dec, 1-Mar, 2001/09/02" in caplog.text


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([name.lower() for name in SYMBOLS], "200 of 200 gene names are in small letters .*those of zebrafish"),
        ([*SYMBOLS, "si:ch211-1", "zgc:123", "si:dkey-2"], "3 of 203 gene names are of a zebrafish"),
        ([*SYMBOLS, "RT1-A", "RT1-Da", "RT1-Ba"], "of a rat"),
        ([*SYMBOLS, "SLA-1", "SLA-2", "SLA-DRA"], "of a pig"),
        ([*SYMBOLS, "MAMU-A", "Mamu-DRA", "MAMU-E"], "of a macaque"),
        ([f"FBgn{i:07d}" for i in range(99)], "of a fly"),
        ([f"YAL{i:03d}C" for i in range(99)], "of yeast"),
    ],
)
def test_other_animals_are_asked_for(config, names, said):
    nothing = GeneNames(pd.DataFrame({"symbol": SYMBOLS}))
    with pytest.raises(PathloreError, match=rf"{said}.*`ingestion.genes.species`.*`ingestion.cells.gene_column`"):
        map_genes(names, nothing, pd.DataFrame(), config())
    assert len(map_genes(names, nothing, pd.DataFrame(), config(species="human"))) == len(names)


def test_pig_genes_among_those_of_man_are_two_genes(config):
    nothing = GeneNames(pd.DataFrame({"symbol": []}))
    names = [*SYMBOLS, "HLA-A", "SLA-1", "SLA-2", "SLA-DRA"]
    assert len(map_genes(names, nothing, pd.DataFrame(), config())) == 204


def test_real_names_of_r(shared_data, config):
    columns = pd.read_csv(shared_data / "field" / "r_checknames.csv", nrows=1).columns[2:]
    found = [name for name in plain_names(list(columns)) if name.startswith(("HLA-", "MT-"))]
    assert len([name for name in found if name.startswith("HLA-")]) == 17
    assert not [name for name in plain_names(list(columns)) if name.startswith(("HLA.", "MT."))]


@pytest.mark.parametrize("file", ["kang2018_pbmc_ifnb", "lin2020_pdac_primary_vs_metastasis_5samples"])
def test_real_names_stay(shared_data, file):
    import anndata

    names = list(anndata.read_h5ad(shared_data / "expression" / f"{file}.h5ad", backed="r").var_names)
    changed = {name: new for name, new in zip(names, plain_names(names), strict=True) if name != new}
    assert changed == {}
