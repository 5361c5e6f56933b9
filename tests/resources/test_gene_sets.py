import gzip

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.gene_sets import read_gene_sets
from pathlore.resources.tables import read_raw

GMT = "SET_A\thttp://somewhere\tTP53\tEGFR,1.0\t\nSET_B\t\tMYC\n\n"


def gene_set_files(paths) -> pd.DataFrame:
    return read_gene_sets({path.name: read_raw(path, "gene_sets") for path in paths})


def test_gmt_and_long_table_together():
    long = pd.DataFrame({"set_name": ["C", "C", "C"], "gene": ["A", "A", ""], "more": "x"})
    found = read_gene_sets({"hallmark_v7.0.gmt": GMT, "mine.csv": long})
    assert list(found.itertuples(index=False, name=None)) == [
        ("hallmark", "SET_A", "TP53"), ("hallmark", "SET_A", "EGFR"), ("hallmark", "SET_B", "MYC"),
        ("gene sets", "C", "A"),
    ]  # fmt: skip


def test_collections_of_a_table_are_kept():
    long = pd.DataFrame({"collection": ["x", "y"], "set_name": "C", "gene": "A"})
    assert read_gene_sets({"t.parquet": long})["collection"].tolist() == ["x", "y"]


def test_nothing_gives_an_empty_table():
    assert list(read_gene_sets({}).columns) == ["collection", "set_name", "gene"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"x.gmt": "SET_A\tdescription\n"}, "line 1 of x.gmt has 2 field"),
        ({"x.csv": pd.DataFrame({"name": ["A"]})}, "x.csv has the columns name; expected set_name and gene"),
    ],
)
def test_other_files_are_refused(raw, message):
    with pytest.raises(PathloreError, match=message):
        read_gene_sets(raw)


def test_files_of_every_kind(tmp_path):
    (tmp_path / "plain.gmt").write_text(GMT)
    with gzip.open(tmp_path / "packed.gmt.gz", "wt") as file:
        file.write(GMT)
    long = pd.DataFrame({"collection": "c", "set_name": ["S", "S"], "gene": ["A", "NA"]})  # NA is no gene
    long.to_csv(tmp_path / "long.csv.gz", index=False)
    long.to_csv(tmp_path / "long.tsv", index=False, sep="\t")
    long.to_parquet(tmp_path / "long.parquet")
    found = gene_set_files(sorted(tmp_path.iterdir()))
    assert found["collection"].value_counts().to_dict() == {"plain": 3, "packed": 3, "c": 1}


@pytest.mark.shared
def test_published_sets(shared_data):
    folder = shared_data / "genesets"
    gmt = gene_set_files(sorted(folder.glob("*.gmt.gz")))
    assert gmt.groupby("collection")["set_name"].nunique().to_dict() == {
        "go_bp_enrichr_2021": 6036, "hallmark": 50, "kegg_legacy": 186, "reactome": 1448, "wikipathways": 500,
    }  # fmt: skip
    long = gene_set_files([folder / "genesets_long.parquet"])
    assert set(gmt["set_name"]) == set(long["set_name"])
