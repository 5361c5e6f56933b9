import pandas as pd
import pytest

from pathlore.resources.annotations import read_annotations
from pathlore.resources.annotations.uniprot import plain_function, recommended_name

UNIPROT = pd.DataFrame(
    [
        ("Q00001", "unreviewed", "TP53", "Fragment", "", "Homo sapiens (Human)"),
        (
            "P04637",
            "reviewed",
            "TP53",
            "Cellular tumor antigen p53 (Antigen NY-CO-13)",
            "FUNCTION: Acts as a tumor suppressor (PubMed:11025664, PubMed:12524540). {ECO:0000269|PubMed:11025664}.",
            "Homo sapiens (Human)",
        ),
        ("P02340", "reviewed", "Tp53", "Cellular tumor antigen p53", "FUNCTION: Of the mouse.", "Mus musculus (Mouse)"),
        ("P0CG47", "reviewed", "GENEA; GENEB", "Twin [Cleaved into: Part]", "", "Homo sapiens (Human)"),
        ("Q11111", "reviewed", "", "Orphan", "FUNCTION: x.", "Homo sapiens (Human)"),
    ],
    columns=["Entry", "Reviewed", "Gene Names (primary)", "Protein names", "Function [CC]", "Organism"],
)
EXPECTED = [
    ["TP53", "Cellular tumor antigen p53", "Acts as a tumor suppressor."],
    ["GENEA", "Twin", ""],
    ["GENEB", "Twin", ""],
]


def test_human_entries_reviewed_first():
    assert read_annotations({"uniprot.tsv": UNIPROT}).to_numpy().tolist() == EXPECTED


def test_organism_by_id_or_not_at_all():
    by_id = UNIPROT.drop(columns="Organism").assign(**{"Organism (ID)": ["9606", "9606", "10090", "9606", "9606"]})
    assert read_annotations({"uniprot.tsv": by_id}).to_numpy().tolist() == EXPECTED
    human = UNIPROT.drop(index=2).drop(columns="Organism")
    assert read_annotations({"uniprot.tsv": human}).to_numpy().tolist() == EXPECTED


def test_gene_names_without_a_primary_one():
    table = UNIPROT.iloc[[1]].drop(columns="Gene Names (primary)").assign(**{"Gene Names": "TP53 P53"})
    assert read_annotations({"uniprot.tsv": table})["symbol"].tolist() == ["TP53"]


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("", ""),
        ("FUNCTION: Kinase.", "Kinase."),
        ("FUNCTION: Kinase (PubMed:1). Binds X (By similarity). {ECO:0000250|UniProtKB:P1, ECO:0000269|PubMed:1}.",
         "Kinase. Binds X."),
        ("FUNCTION: [Isoform 1]: Kinase. {ECO:0000305}.; FUNCTION: [Isoform 2]: Inactive. {ECO:0000305}.",
         "[Isoform 1]: Kinase. [Isoform 2]: Inactive."),
        ("FUNCTION: Takes up Fe(2+) (PubMed:1, Ref.5), and NAD(P)H (PubMed:22).", "Takes up Fe(2+), and NAD(P)H."),
    ],
)  # fmt: skip
def test_function(comment, told):
    assert plain_function(comment) == told


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ("Insulin [Cleaved into: Insulin B chain; Insulin A chain]", "Insulin"),
        ("NAD(P)H dehydrogenase (EC 1.6.5.2)", "NAD(P)H dehydrogenase"),
        ("", ""),
    ],
)
def test_name(names, name):
    assert recommended_name(names) == name
