"""All typed simple paths of a small network, by plain recursion over its rows."""

import math

import pandas as pd

from pathlore.config import PathConfig


def all_paths(network: pd.DataFrame, genes: set[str], config: PathConfig) -> dict[tuple[str, ...], float]:
    """Genes -> cost, for every path receptor -> (signal)* -> TF -> target within the bounds."""
    rows = network.to_dict("records")
    receptors = {row["target"] for row in rows if row["kind"] == "ligand_receptor"}
    inside = [row for row in rows if row["source"] in genes and row["target"] in genes]
    found: dict[tuple[str, ...], float] = {}

    def walk(names: tuple[str, ...], cost: float) -> None:
        for row in inside:
            if row["source"] != names[-1] or row["target"] in names:
                continue
            following = (*names, row["target"])
            total = cost + 1 / math.sqrt(row["n_evidence"]) + config.step_cost
            if row["kind"] == "tf_target" and len(names) >= 2 and config.min_nodes <= len(following):
                found[following] = total
            through_receptor = bool(set(names[1:]) & receptors)
            if row["kind"] == "signaling" and not through_receptor and len(following) <= config.max_edges:
                walk(following, total)

    for receptor in sorted(receptors & genes):
        walk((receptor,), 0.0)
    return found


def best(paths: dict[tuple[str, ...], float], *places: int) -> dict[tuple[str, ...], float]:
    """The least cost for each combination of the genes at the given places."""
    result: dict[tuple[str, ...], float] = {}
    for genes, cost in paths.items():
        key = tuple(genes[place] for place in places)
        result[key] = min(cost, result.get(key, math.inf))
    return result
