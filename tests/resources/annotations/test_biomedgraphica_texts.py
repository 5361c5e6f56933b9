import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.annotations import read_annotations

ID = "BioMedGraphica_Conn_ID"
GENES = pd.DataFrame(
    [("BMGC_GN1", "TP53", "7157", "ENSG00000141510"), ("BMGC_GN2", "RNA5-8SN5", "", ""), ("BMGC_GN3", "", "9", "")],
    columns=[ID, "HGNC_Symbol", "NCBI_Gene_ID", "Ensembl_Gene_ID"],
)
COMBINED = pd.DataFrame(
    [
        (
            "BMGC_GN1",
            "NCBI Gene: A tumor suppressor. [provided by RefSeq, Jul 2016] | "
            "Ensembl: tumor protein p53 [Source:HGNC Symbol;Acc:HGNC:11998]",
        ),
        ("BMGC_GN2", "NCBI Gene: From 60 to &gt;800 units."),
        ("BMGC_GN3", "Ensembl: novel transcript"),
    ],
    columns=[ID, "Description"],
)
EXPECTED = [["TP53", "tumor protein p53", "A tumor suppressor."], ["RNA5-8SN5", "", "From 60 to >800 units."]]


def sorted_rows(tables):
    return sorted(read_annotations(tables).to_numpy().tolist(), reverse=True)


@pytest.mark.parametrize("reverse", [False, True])
def test_descriptions_are_joined_to_symbols_by_id(reverse):
    tables = [("Gene.csv", GENES), ("Gene_Description_Combined.csv", COMBINED)]
    assert sorted_rows(dict(tables[::-1] if reverse else tables)) == EXPECTED


def test_display_names_and_separate_columns_under_the_other_name_of_the_id():
    names = GENES[[ID, "HGNC_Symbol"]].set_axis(["BioMedGraphica_ID", "BMG_Gene_Name"], axis=1)
    texts = pd.DataFrame(
        [
            (
                "BMGC_GN1",
                "A tumor suppressor. [provided by RefSeq, Jul 2016]",
                "tumor protein p53 [Source:HGNC Symbol;Acc:1]",
            ),
            ("BMGC_GN2", "From 60 to &gt;800 units.", None),
        ],
        columns=["BioMedGraphica_ID", "NCBI Gene", "Ensembl"],
    )
    assert sorted_rows({"names": names, "texts": texts}) == EXPECTED


def test_descriptions_alone_have_no_symbols():
    with pytest.raises(PathloreError, match=r"ids of 3 texts \(such as BMGC_GN1, .*HGNC_Symbol.*`gene_text`"):
        read_annotations({"x": COMBINED})
