import numpy as np
import pandas as pd

from pathlore.signals import load_profiles, path_affinity, rank_receptors
from pathlore.signals.paths import gene_affinity
from pathlore.signals.rank import SignatureBlock
from pathlore.signals.scores import activation

EFFECTS = pd.Series({"MX1": 9.0, "ISG15": 8.0, "IRF7": 5.0, "IFIT1": 9.0, "OAS1": 7.0})


def test_a_path_has_the_affinity_of_its_receptor():
    atlas = load_profiles(cache=None)
    names = ["IFNAR1>TYK2>STAT1>MX1", "IL6R>STAT3>SOCS3", "IFNAR1>JAK1>STAT2>ISG15", "NOTHING>STAT1>MX1", "INSR>FOXO1"]
    paths = pd.DataFrame({"path": names, "receptor": [name.split(">")[0] for name in names]})
    table = path_affinity(paths, EFFECTS, network=atlas)
    ranked = rank_receptors(EFFECTS, network=atlas).set_index("receptor")
    assert table["path"].tolist() == names
    assert table.loc[0, "affinity"] == table.loc[2, "affinity"] == ranked.loc["IFNAR1", "score"]
    assert table.loc[1, "affinity_text"] == ranked.loc["IL6R", "text"]
    assert table["known"].tolist() == [True, True, True, False, True]
    assert (table.loc[3, ["affinity", "affinity_walk", "affinity_network", "affinity_text"]] == 0).all()
    assert table.loc[0, "affinity_route"] > table.loc[1, "affinity_route"]
    assert table.loc[4, "affinity_route"] == 0.0, "nothing lies between"


def test_the_affinity_of_a_gene_leaves_itself_out():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(5, 3))
    genes = ["A", "B", "OFF", "D"]
    block = SignatureBlock(["x"], genes, rng.normal(size=(4, 1)) + 1, [])
    place = {gene: i for i, gene in enumerate("ABCDE")}
    y = activation(block.changes)[[0, 1, 3], 0]
    y = dict(zip("ABD", y - y.mean(), strict=True))
    slow = np.array([sum(vectors[place[h]] @ vectors[place[g]] * y[g] for g in y if g != h) for h in "ABCDE"])
    np.testing.assert_allclose(gene_affinity(vectors, place, block), (slow - slow.mean()) / slow.std())
