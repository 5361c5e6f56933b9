import re
from importlib.resources import files

import pandas as pd
import pytest

from pathlore.errors import PathloreError


def test_three_columns_are_enough(table, read) -> None:
    found = read({"own.csv": table("source,target,kind\nA,B,signaling")})
    assert found.iloc[0].tolist() == ["A", "B", "signaling", 0, 1, "not named", "", None, "", ""]


def test_complexes_of_ligands_and_receptors_become_their_subunits(table, read) -> None:
    text = """
    source,target,kind
    TGFB1,ITGAV_ITGB8,ligand_receptor
    A_B,C,signaling
    """
    found = read({"own.csv": table(text)})
    assert found[["source", "target", "source_complex", "target_complex"]].to_numpy().tolist() == [
        ["TGFB1", "ITGAV", "", "ITGAV_ITGB8"],
        ["TGFB1", "ITGB8", "", "ITGAV_ITGB8"],
        ["A_B", "C", "", ""],
    ]


def test_all_columns_are_kept_and_others_ignored(table, read, dropped) -> None:
    text = """
    source,target,kind,sign,n_evidence,resources,references,pathway,conflict,type,note
     A ,B,signaling,-1,3,X;Y,PMID:1;PMID:2,p;q,True,4,?
    B,B,tf_target,1.0,0,,,,False,1,
    C,A,ligand_target,,,,,,,,
    ,A,signaling,,,,,,,,
    """
    found = read({"own.csv": table(text)})
    assert found.to_numpy().tolist() == [
        ["A", "B", "signaling", -1, 3, "X;Y", "PMID:1;PMID:2", "p;q", "", ""],
        ["B", "B", "tf_target", 1, 1, "not named", "", None, "", ""],  # a self loop is for the graph to drop
        ["C", "A", "ligand_target", 0, 1, "not named", "", None, "", ""],
    ]
    assert dropped() == "1 without a known gene name"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,target,kind\nA,B,phospho", ["own.csv", "kind(s) phospho", "signaling", "column kind", "`network`"]),
        ("source,target,kind\nA,B,", ["kind(s) (empty)", "column kind"]),
        ("source,target,kind,sign\nA,B,signaling,2", ["sign(s) 2", "column sign", "`network`"]),
        ("source,target,kind,sign\nA,B,signaling,+", ["sign(s) +", "column sign"]),
        ("source,target,kind,sign\nA,B,signaling,0.5", ["sign(s) 0.5", "1 (activates)"]),
    ],
)
def test_errors_say_what_was_found_and_what_to_change(table, read, text: str, said: list[str]) -> None:
    with pytest.raises(PathloreError) as error:
        read({"own.csv": table(text)})
    for words in said:
        assert re.search(re.escape(words), str(error.value)), f"{words!r} not in {error.value}"
    assert "\n" not in str(error.value)


def test_the_built_in_table_is_read(read) -> None:
    with files("pathlore").joinpath("knowledge/interactions.csv").open() as file:
        raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    found = read({"interactions.csv": raw})
    assert found[["source", "target", "kind"]].equals(raw[["source", "target", "kind"]])
    assert found["sign"].astype(str).tolist() == raw["sign"].tolist()


@pytest.mark.shared
def test_the_real_table_is_read(shared_data, read) -> None:
    raw = pd.read_csv(shared_data / "network" / "interactions_curated.csv.gz", dtype=str, keep_default_na=False)
    found = read({"interactions_curated.csv.gz": raw})
    assert len(found) == len(raw)
    assert found["n_evidence"].astype(str).tolist() == raw["n_evidence"].tolist()
    assert found["resources"].tolist() == raw["resources"].tolist()
