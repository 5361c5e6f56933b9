"""Time and memory of a run, before it."""

from pathlore.config import Parameters
from pathlore.engine import cores
from pathlore.inspection.findings import CostFacts

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
