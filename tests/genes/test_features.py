import gzip

import pandas as pd
import pytest

from pathlore.genes.features import gene_features, is_feature, strangers

NO_GENES = ["ERCC-00002", "ERCC.00002", "__no_feature", "__ambiguous", "__alignment_not_unique", "N_unmapped"]
NO_GENES += ["N_multimapping", "CD3-TotalSeqC", "Hashtag1", "Hashtag-2", "HTO_3", "ADT-CD4", "CMO301", "EGFP", "eGFP"]
NO_GENES += [
    "SARS2-N",
    "H1N1-NP",
    "CD4_antibody",
    "AB_CD4",
    "CD3.ADT",
    "Unassigned_Ambiguity",
    "NC_045512.2",
    "gag-pol",
]
NO_GENES += ["mCherry", "tdTomato", "Cre", "Cas9", "WPRE", "SARS-CoV-2", "SARSCoV2_S", "HIV-1", "EBV", "HPV16-E7"]
NO_GENES += ["chr1:1000-2000", "chr1-1000-2000", "NegControlProbe_00042", "BLANK_0001", "sgRNA-TP53", "SIRV1"]
NO_GENES += ["nCount_RNA", "percent.mt", "seurat_clusters", "S.Score", "doublet_score", "n_genes_by_counts"]
NO_GENES += ["TREM2_status", "APOE_genotype", "Total_mRNAs", "CD4_count", "CD4:SK3|CD4|AHS0032|pAbO"]
GENES = ["TP53", "ERCC1", "ERCC6L2", "HIVEP1", "CFP", "ADTRP", "SNN", "PCA3", "Y_RNA", "AGER", "LMO1", "C6", "CD4"]
GENES += ["TP53_gene", "CD4_mRNA", "CD4|NM_000616|Reference_end"]
GENES += ["N4BP1", "BLNK", "GFPT1", "CREB1", "LUC7L", "MT-CO1", "HLA-DRA", "AC012345.1", "RP11-34P13.7", "Trp53"]


@pytest.mark.parametrize("name", NO_GENES)
def test_no_genes(name):
    assert is_feature(name)


@pytest.mark.parametrize("name", GENES)
def test_genes(name):
    assert not is_feature(name)


@pytest.mark.parametrize("column", ["feature_types", "feature_type", "modality"])
@pytest.mark.parametrize("gene", ["Gene Expression", "RNA", "gex"])
def test_types_tell_an_antibody_from_its_gene(column, gene):
    var = pd.DataFrame({column: pd.Categorical([gene, "Antibody Capture", gene, None])})
    assert gene_features(var, ["CD14", "CD14", "ERCC-00002", "TP53"]).tolist() == [True, False, False, True]


def test_types_without_one_of_genes_say_nothing():
    var = pd.DataFrame({"feature_types": ["protein_coding", "lincRNA"]})
    assert gene_features(var, ["CD14", "XIST"]).all()


def test_no_gene_of_the_real_tables_is_one(shared_data):
    text = pd.read_parquet(shared_data / "genes" / "gene_text.parquet")
    assert [name for name in text["symbol"] if is_feature(name)] == []
    mouse = pd.read_csv(shared_data / "genes" / "mouse_human_gene_pairs.csv.gz")["mouse_gene"].dropna()
    assert [name for name in mouse if is_feature(name)] == []
    folder = shared_data / "geo" / "GSE154778"
    references = set()  # 16 samples, three lists of genes
    for file in sorted(folder.glob("*genes.tsv.gz")) + sorted(folder.glob("*features.tsv.gz")):
        with gzip.open(file, "rt") as lines:
            references.add(tuple(line.split("\t")[1].strip() for line in lines))
    assert len(references) >= 2
    assert [name for name in set().union(*references) if is_feature(name)] == []
    assert {name for names in references for name in strangers(names)} <= {"THRA1/BTR"}


def test_many_odd_names_are_those_of_the_genes():
    assert strangers([f"GENE{i}A" for i in range(20)] + [f"gene{i}" for i in range(20)]) == []
    assert strangers(["tp53", "myc", "isg15", "age_of_fish"]) == []  # small letters are usual there
