"""How many genes and paths a run will have, and what the network is worth."""

import numpy as np
import pandas as pd

from pathlore.config import EncoderConfig, PathConfig
from pathlore.errors import PathloreError
from pathlore.graph.bridge import bridge_network
from pathlore.graph.paths import find_paths
from pathlore.inspection.cell_quality import FEW_GENES, Pass
from pathlore.inspection.findings import Choice, Finding, Level
from pathlore.inspection.genes import GeneKnowledge
from pathlore.keys import POOLED
from pathlore.signals.inputs import text_kinds
from pathlore.signals.truth import network_quality

FEW_PATHS = 50
"""With fewer paths, a table that was cut to some genes is tried with steps over the others."""
BRIDGES = (2, 4)
BRIDGE = "graph_construction.paths.bridge"


def expressed_genes(counted: Pass, symbols: pd.Index, min_fraction: float) -> set[str]:
    """Genes that so great a share of the cells of any one class express."""
    shares = counted.expressing / np.maximum(counted.sizes, 1)[:, None]
    return set(symbols[(shares >= min_fraction).any(axis=0)])


def inspect_reach(
    network: pd.DataFrame, measured: pd.Index, expressed: set[str], config: PathConfig
) -> tuple[int, int, dict[str, Choice], list[Finding]]:
    """Search the paths as a run does; where few are found among few genes, lead steps over unmeasured ones.

    Returns
    -------
    genes, paths, choices, findings
        Genes on a path, and paths.
    """
    genes, paths, trouble = _search(network, set(measured), expressed, config)
    choices: dict[str, Choice] = {}
    if paths < FEW_PATHS and len(measured) < FEW_GENES and not config.bridge and config.mode == "k_shortest":
        for bridge in BRIDGES:
            found = _search(network, set(measured), expressed, config.model_copy(update={"bridge": bridge}))
            if found[1] > max(2 * paths, paths + FEW_PATHS // 2):
                reason = (
                    f"genes in a row that were not measured and that a step may pass over: {found[1]:,} paths instead "
                    f"of {paths:,}. The table holds {len(measured):,} genes, too few for most steps"
                )
                text = (
                    f"{paths:,} paths among the measured genes, {found[1]:,} over unmeasured ones: `bridge` is {bridge}"
                )
                choices[BRIDGE] = Choice(value=bridge, reason=reason)
                return found[0], found[1], choices, [Finding(level="note", text=text, parameter=BRIDGE)]
    if not paths:
        return 0, 0, choices, [Finding(level="problem", text=f"no path: {trouble}", parameter="network")]
    level = "ok" if paths >= FEW_PATHS else "warning"
    text = f"{paths:,} paths over {genes:,} genes, among {len(expressed):,} genes that are expressed"
    return genes, paths, choices, [Finding(level=level, text=text)]


def inspect_network(knowledge: GeneKnowledge) -> list[Finding]:
    """Measure the network by the experiments with a known ligand, if there are any; texts are read as words (LSA)."""
    if not knowledge.experiments:
        return []
    texts = text_kinds(knowledge.network, knowledge.annotations, EncoderConfig(kind="lsa"))
    quality = network_quality(knowledge.network, texts, knowledge.experiments)
    level: Level = "ok" if quality.shown else "note" if quality.shown is None else "warning"
    doubt = "" if quality.shown is not False else ": its associations do not explain these experiments"
    return [Finding(level=level, text=quality.sentence + doubt, parameter="network")]


def _search(network: pd.DataFrame, measured: set[str], expressed: set[str], config: PathConfig) -> tuple[int, int, str]:
    try:
        paths, _ = find_paths(bridge_network(network, measured, config), expressed, config, POOLED)
    except PathloreError as error:
        return 0, 0, str(error)
    return len({gene for path in paths["path"] for gene in path.split(">")}), len(paths), ""
