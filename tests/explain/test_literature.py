import json

import pandas as pd
import pytest

from pathlore.explain.literature import MOST_REFERENCES, WrittenKnowledge, literature, pathway_texts
from pathlore.schemas import CellCommunication

STEP = {"type": 1, "n_evidence": 1, "conflict": False, "sign": 1, "pathway": None, "via": ""}


def network(*rows):
    columns = ["source", "target", "kind", "references", "resources"]
    return pd.DataFrame(rows, columns=columns).assign(**STEP)


@pytest.fixture
def known():
    annotations = pd.DataFrame(
        {
            "symbol": ["R", "T", "X", "L", "Q"],
            "name": ["receptor one", "", "", "", ""],
            "description": [
                "Binds glycans on macrophages.",
                "",
                "Enzyme that cuts glycans.",
                "A cytokine.",
                "Other text.",
            ],
        }
    )
    names = pd.DataFrame(
        {"symbol": ["R", "T"], "previous": "", "aliases": "", "ensembl": ["ENSG1", ""], "entrez": ["11|12", ""],
         "uniprot": ["P1;P2", ""]}
    )  # fmt: skip
    bridged = network(
        ("R", "T", "signaling", "PMID:5;PMID:300;Reactome:R-1", "nichenetr;SIGNOR"),
        ("T", "X", "tf_target", ";".join(f"PMID:{i}" for i in range(1, 31)), "dorothea"),
        ("R", "X", "signaling", "PMID:99", "unused"),
    )
    bridged.loc[0, "via"] = "M"
    bridged.loc[0, "pathway"] = "Interferon signaling;Nothing known"
    return WrittenKnowledge(network(("L", "R", "ligand_receptor", "PMID:7", "pathlore")), bridged, annotations, names)


@pytest.fixture
def receptors():
    return pd.DataFrame({"receptor": ["R", "Q"], "rank": [1, 99], "ligands": ["L", "L2"], "genes": ["X,R", "R"]})


def test_references_ids_and_texts_of_a_path(known, receptors):
    found = literature(["R>T>X"], [receptors], CellCommunication.empty(), known)
    step = found["steps"]["signaling"]["R>T"]
    assert step["pmids"] == [300, 5]  # newest first; what is no PubMed number is no reference
    assert step["sources"] == ["NicheNet", "SIGNOR"]
    assert step["via"] == ["M"]
    many = found["steps"]["tf_target"]["T>X"]
    assert (many["n_references"], many["pmids"][0], len(many["pmids"])) == (30, 30, MOST_REFERENCES)
    assert found["steps"]["ligand_receptor"] == {
        "L>R": {"pmids": [7], "n_references": 1, "sources": ["pathlore's built-in network"]}
    }
    assert "R>X" not in found["steps"]["signaling"]  # no step of a path
    assert found["genes"]["R"] == {
        "name": "receptor one", "text": "Binds glycans on macrophages.", "entrez": "11", "uniprot": "P1",
        "ensembl": "ENSG1",
    }  # fmt: skip
    assert found["genes"]["T"] == {}
    assert {"L", "X", "M"} <= set(found["genes"])
    assert "Q" not in found["genes"]  # beyond the first ranks
    assert json.loads(json.dumps(found)) == found


def test_words_that_a_receptor_shares_with_the_genes_that_support_it(known, receptors):
    found = literature([], [receptors], CellCommunication.empty(), known)
    assert found["words"] == {"R": ["glycans"]}


def test_pathways_have_the_text_of_the_built_in_table(known, receptors):
    name = next(iter(pathway_texts()))
    found = literature(["R>T>X"], [receptors], CellCommunication.empty(), known, {name, "Nothing known"})
    assert found["pathways"] == {
        key: text for key, text in pathway_texts().items() if key in {name, "Interferon signaling"}
    }
    assert len(pathway_texts()[name]) > 100


def test_complexes_of_pairs_cell_communication(known, receptors):
    pairs = pd.DataFrame({"ligand": ["L_L3"], "receptor": ["R_Q"]})
    found = literature([], [receptors.head(0)], pairs, known)
    assert list(found["steps"]["ligand_receptor"]) == ["L>R"]
    assert {"L", "L3", "R", "Q"} <= set(found["genes"])
