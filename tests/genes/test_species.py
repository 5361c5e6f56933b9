import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.genes.identifiers import describe
from pathlore.genes.species import judge_species

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


@pytest.mark.parametrize("first", [0, 1])
def test_row_numbers_are_not_entrez_ids(first):
    with pytest.raises(
        PathloreError, match=rf"numbers {first} to {first + 29}, which count.*`ingestion.cells.gene_column`"
    ):
        judge([str(i) for i in range(first, first + 30)])
    assert judge([str(i) for i in range(2, 60, 2)]) == "human"
