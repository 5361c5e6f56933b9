import numpy as np
import pandas as pd
import pytest

from pathlore.signals.walk import factors_reached, signed_targets


def network(*rows):
    kinds = {"-": "signaling", "=": "tf_target", "~": "ligand_receptor"}
    parts = [row.split() for row in rows]
    return pd.DataFrame(
        [(a, b, kinds[k], int(s)) for a, k, b, s in parts], columns=["source", "target", "kind", "sign"]
    )


def slow_reach(net, receptors, genes, steps):
    """All walks, one by one."""
    edges = net[net["kind"] == "signaling"]
    factors = set(net.loc[net["kind"] == "tf_target", "source"])
    out = {}
    for a, b, s in zip(edges["source"], edges["target"], edges["sign"], strict=True):
        out.setdefault(a, []).append((b, -1 if s < 0 else 1))
    table = np.zeros((len(receptors), len(genes)))
    for row, receptor in enumerate(receptors):
        seen, walks = {receptor}, {receptor: 1}
        if receptor in factors:
            table[row, genes.index(receptor)] = 1
        for step in range(1, steps + 1):
            arrived = {}
            for gene, count in walks.items():
                if gene in receptors and gene != receptor:
                    continue
                for other, sign in out.get(gene, []):
                    arrived[other] = arrived.get(other, 0) + np.sign(count) * sign
            walks = {gene: count for gene, count in arrived.items() if gene not in seen and count != 0}
            seen |= set(walks)
            for gene in walks.keys() & factors:
                table[row, genes.index(gene)] = np.sign(walks[gene]) * 0.5**step
    return table


NET = network(
    "L ~ R 1", "L ~ Q 1", "L ~ N 1", "R - K 1", "K - T 1", "R - I -1", "I - T 1", "I - U -1", "Q - K -1", "K - Q 1",
    "Q - R 1", "T = X 1", "T = Y -1", "U = X 1", "N = Y 1", "U = U 1",
)  # fmt: skip
GENES = sorted(set(NET["source"]) | set(NET["target"]))


def test_signs_steps_and_receptors_in_between():
    """R reaches T by +K and by -I, which cancel; U by -I- two steps away; Q reaches T by -K; N is a factor itself."""
    found = pd.DataFrame(factors_reached(NET, ["N", "Q", "R"], GENES), index=["N", "Q", "R"], columns=GENES)
    assert found.loc["R", "U"] == 0.25
    assert found.loc["R", "T"] == 0.0
    assert found.loc["Q", "T"] == -0.25
    assert found.loc["Q", "U"] == 0.0, "through the receptor R only"
    assert found.loc["N", "N"] == 1.0
    targets = pd.DataFrame(signed_targets(NET, found.to_numpy(), GENES), index=found.index, columns=GENES)
    assert targets.loc["R", "X"] == 0.25
    assert targets.loc["Q", ["X", "Y"]].tolist() == [-0.25, 0.25]
    assert targets.loc["N", "Y"] == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_walks_are_those_found_one_by_one(seed):
    rng = np.random.default_rng(seed)
    names = [f"G{i:02d}" for i in range(25)]
    rows = [f"{a} - {b} {rng.choice([-1, 0, 1])}" for a, b in rng.choice(names, (60, 2)) if a != b]
    rows += [f"{a} = {b} 1" for a, b in rng.choice(names[15:], (12, 2))]
    rows += [f"{a} ~ {b} 1" for a, b in zip(names[20:], names[:4], strict=False)]
    net = network(*rows).drop_duplicates(["source", "target", "kind"])
    genes, receptors = sorted(set(net["source"]) | set(net["target"])), names[:4]
    np.testing.assert_allclose(factors_reached(net, receptors, genes, 3), slow_reach(net, receptors, genes, 3))
