import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.keys import Kind
from pathlore.resources.interactions.predecessor import PREDECESSOR_KINDS


@pytest.mark.parametrize(("name", "kind"), PREDECESSOR_KINDS.items())
def test_every_edge_type_of_the_predecessor_is_understood(table, read, name: str, kind: str) -> None:
    found = read({"sig.csv": table(f"from,to,edge_type\nA,B,{name}")})
    assert found.iloc[0].tolist() == ["A", "B", kind, 0, 1, "PathFinder", "", None, "", ""]


def test_our_own_kinds_are_understood_as_edge_types_too(table, read) -> None:
    assert read({"sig.csv": table("from,to,edge_type\nA,B,signaling")})["kind"].tolist() == ["signaling"]


def test_an_unknown_edge_type_is_an_error(table, read) -> None:
    with pytest.raises(PathloreError, match=r"sig.csv has the kind\(s\) sig_xyz; .* edge_type.*`network`"):
        read({"sig.csv": table("from,to,edge_type\nA,B,sig_xyz")})


NICHENET = """
from,to,source,database
A,B,kegg_cytokines,kegg
A,C,ppi_lr,ppi_prediction
A,D,ppi_lr_go,ppi_prediction_go
,D,x,omnipath
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("lr_network_human_21122021.csv", Kind.LIGAND_RECEPTOR),
        ("signaling_network_human_21122021.csv.gz", Kind.SIGNALING),
        ("sig_network.csv", Kind.SIGNALING),
        ("GR_network.tsv", Kind.TF_TARGET),
    ],
)
def test_the_file_name_tells_nichenets_network(table, read, dropped, file: str, kind: str) -> None:
    found = read({file: table(NICHENET)})
    assert found[["source", "target", "kind", "resources"]].to_numpy().tolist() == [["A", "B", kind, "NicheNet;kegg"]]
    assert dropped() == "2 predicted, 1 without a known gene name"


def test_a_file_name_that_tells_nothing_is_an_error(table, read) -> None:
    with pytest.raises(
        PathloreError, match=r"nichenet.csv .*lr_network, signaling_network.*`ingestion.network.untyped_kind` does not"
    ):
        read({"nichenet.csv": table(NICHENET)})


@pytest.mark.shared
@pytest.mark.parametrize("part", ["lr", "sig", "gr", "lreg"])
def test_the_real_tables_are_read(shared_data, read, part: str) -> None:
    file = shared_data / "network" / f"pathfinder_{part}_network.csv.gz"
    raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    found = read({file.name: raw})
    assert len(found) == len(raw)
    assert found["source"].tolist() == raw["from"].str.strip().tolist()
