"""How far the knowledge reaches: paths among the expressed genes, the quality of the network, what a run will cost."""

import numpy as np
import pandas as pd

from pathlore.config import EncoderConfig, Parameters, PathConfig
from pathlore.engine import cores
from pathlore.errors import PathloreError
from pathlore.graph.bridge import bridge_network
from pathlore.graph.paths import find_paths
from pathlore.inspection.findings import Choice, CostFacts, Finding, Level
from pathlore.inspection.genes import GeneKnowledge
from pathlore.inspection.matrix import FEW_GENES, Pass
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


# Processor milliseconds of a training step for each cell, default model, batches of 32, one thread: fitted to nine
# sizes of random graphs from (G, P) = (100, 100) to (1800, 600) and (800, 1500) on two shared cores (AMD Zen 5).
CELL, GENE, GENE_SQUARED, PATH, PATH_SQUARED = 0.5, 1.65e-3, 3.0e-6, 1.4e-3, 1.9e-6
OTHER = 1.3
"""Beside the steps: validation after each epoch, batches, the branch on genes."""
FIXED = 40.0  # seconds: imports, texts, figures, report
FIXED_REFIT, REFIT_PATH_SQUARED = 2.0, 1.3e-4
"""Seconds of a refit beside its steps: tables, and the evidence of competing paths; of runs with 126 and 600 paths."""
PROCESS, PER_GENE, PER_PATH = 0.6, 1.6e-4, 1.5e-4
"""Gigabytes of a process that fits, at its peak: libraries, and what grows; measured on the same graphs."""
MAIN = 0.6  # gigabytes that the first process holds beside: libraries for figures and tables
COPIES = 3.0
"""Of the sparse cells: those read, those normalised, and the block on its way."""


def estimate(genes: int, paths: int, n_cells: int, megabytes: float, parameters: Parameters) -> CostFacts:
    r"""Estimate the default run: one fit, then the refits of `interpretation.refits`, several at a time.

    .. math:: t_{cell} = a + b G + c G^2 + d P + e P^2 \quad (D = 32, K = 1)

    An upper bound in one respect: every fit is taken to need all of its epochs, though most stop early. Models wider
    than the default, and GPUs, are not in it.

    Parameters
    ----------
    genes, paths
        G and P.
    n_cells
        Cells of the classes that are kept.
    megabytes
        Of the matrix, as CSR.
    parameters
        Epochs, fractions and refits.
    """
    per_cell = (CELL + GENE * genes + GENE_SQUARED * genes**2 + PATH * paths + PATH_SQUARED * paths**2) / 1000 * OTHER
    train, refits = parameters.ingestion.split.train, parameters.interpretation.refits
    n_train = round(train * n_cells)
    fits = refits.fits
    processes = max(1, min(fits, parameters.engine.workers or cores()))
    beside = FIXED_REFIT + REFIT_PATH_SQUARED * paths**2
    each = beside + refits.epochs * train * min(n_cells, refits.max_cells) * per_cell
    fitting = PROCESS + PER_GENE * genes + PER_PATH * paths
    return CostFacts(
        genes=genes,
        paths=paths,
        training_cells=n_train,
        seconds_fit=FIXED + parameters.modeling.training.epochs * n_train * per_cell,
        seconds_refits=fits * each / processes,
        gigabytes=MAIN + fitting * (1 + processes * bool(fits)) + COPIES * megabytes / 1000,
        processes=processes,
    )


def written(seconds: float) -> str:
    """Write a time as people do.

    Examples
    --------
    >>> written(40), written(200), written(4000), written(90000)
    ('a minute', '3 minutes', '1.1 hours', '25 hours')
    """
    if seconds < 90:
        return "a minute"
    if seconds < 3600:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 36000 else f"{seconds / 3600:.0f} hours"
