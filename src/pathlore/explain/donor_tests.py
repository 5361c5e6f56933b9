"""Whether a path as a whole differs between the classes from donor to donor: all relabellings of the donors."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathlore.config import DonorTestConfig
from pathlore.explain.importance import with_families
from pathlore.explain.path_changes import GeneEffects, gene_effects, path_directions
from pathlore.explain.significance import adjusted
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.schemas import DonorTests
from pathlore.training.data import CellSet
from pathlore.training.path_statistics import SIGN_MODELS, contrasts, exchanged, path_statistics
from pathlore.training.relabelling import LEVEL, Relabellings, family_p, pooled_p
from pathlore.training.replicates import DonorMeans, donor_means

logger = logging.getLogger(__name__)

P_VALUES = ("p", "q", "p_family")
NO_DONORS = (
    "no donor is known, or none has enough cells (`ingestion.cells.donor`, `interpretation.donors.min_cells`): cells "
    "of one donor are no independent samples, so p and q stay empty"
)


def donor_tests(
    graph: TextNumericGraph, data: Mapping[str, CellSet], class_names: Sequence[str], config: DonorTestConfig
) -> pd.DataFrame:
    r"""Test each path as a whole between the classes, over donors.

    .. math:: p_p = \frac{\#\{r, p' : S_{rp'} \ge S_p\}}{R\,P}

    with the statistic S of a path, which is large where even the gene that changes least changes
    (`pathlore.training.path_statistics.path_statistics`). Every one of the R relabellings of the donors gives every
    path an S in just the same way, the choice of the better sign model included. q is Benjamini-Hochberg's over the
    paths; ``p_family`` compares with the best path of each relabelling (max-T).

    A donor with cells of several classes exchanges them within itself, others within their batch; batch and covariates
    are regressed out of every gene under every relabelling. Where the relabellings are so few that no p
    below .05 is possible, p and q stay empty, and ``note`` says which p was possible.

    With several contrasts the first rows take the largest S of all (``any of 3``), and further rows test each by
    itself; a pair of classes then exchanges its own donors alone.

    Parameters
    ----------
    graph
        The graph of P paths.
    data
        Cells by split; all donors are tested, since nothing here was fitted to their classes.
    class_names
        The control first.
    config
        ``min_cells`` of a donor in a class.

    Returns
    -------
    `pathlore.schemas.DonorTests`, by comparison and in the order of the paths. Empty where no donor is known:
    `NO_DONORS` is logged.
    """
    donors = donor_means(data.values(), config.min_cells)
    if not len(donors.classes):
        logger.info("Donor tests: none, %s", NO_DONORS)
        return DonorTests.empty()
    found = gene_effects(data, len(class_names), config.min_cells)
    compared = contrasts(len(class_names), donors.contrast)
    parts = [_tested(donors, graph, found, class_names)] if len(compared) > 1 else []
    parts += [
        _tested(donors, graph, GeneEffects(found.t[k : k + 1], found.over, [contrast]), class_names)
        for k, contrast in enumerate(compared)
    ]
    table = DonorTests.validate(pd.concat(parts, ignore_index=True))
    logger.info("Donor tests: %s", said(table))
    return table


def _tested(
    donors: DonorMeans, graph: TextNumericGraph, found: GeneEffects, class_names: Sequence[str]
) -> pd.DataFrame:
    """Rows of the contrasts of ``found``, taken together."""
    compared = found.compared or contrasts(len(class_names), donors.contrast)
    single = compared[0] if len(compared) == 1 else None
    drawn = exchanged(donors, single)
    classes = sorted(single.classes if single else range(len(class_names)))
    note = _note(donors, drawn, class_names, classes)
    nodes, signs = graph.path_nodes(), graph.path_signs()
    tested = drawn if not note else Relabellings(drawn.labels[:1], drawn.distinct)
    statistic, smallest, best = path_statistics(donors, tested, donors.exchanged, nodes, signs, compared)
    table = pd.DataFrame({"path": list(graph.paths["path"]), "sign_model": np.array(SIGN_MODELS)[best]})
    table["comparison"] = single.name(class_names) if single else f"any of {len(compared)}"
    table["direction"] = path_directions(found, graph, class_names)[0]
    table["smallest_t"] = smallest
    table["p"] = np.nan if note else pooled_p(statistic)
    table["p_family"] = np.nan if note else family_p(statistic)
    table["q"] = adjusted(table["p"].to_numpy(dtype=float))
    table["n_donors"] = _counted(donors, class_names, classes)
    table["relabellings"] = int(min(drawn.distinct, len(drawn.labels)))
    return table.assign(note=note)


def overall(tests: pd.DataFrame) -> pd.DataFrame:
    """Rows of the test over all comparisons, a row per path; those of the only one where there is one."""
    return tests.drop_duplicates("path")


def said(tests: pd.DataFrame) -> str:
    """What the test over donors says of a population, in one sentence: for the log, the summary and the page.

    Of several comparisons, what is found in any, then briefly in each.
    """
    if tests.empty:
        return NO_DONORS
    (name, first), *each = tests.groupby("comparison", sort=False)
    if not each:
        return _said(first)
    parts = [f"{own_name} {_briefly(own)}" for own_name, own in each]
    return f"{name} comparisons: {_said(first)}. Alone: {'; '.join(parts)}"


def _briefly(tests: pd.DataFrame) -> str:
    if tests["p"].isna().all():
        return "no p, too few donors"
    return f"{int((tests['q'] < LEVEL).sum())} paths, p of the best {tests['p_family'].min():.2g}"


def _said(tests: pd.DataFrame) -> str:
    """What the test says of one comparison, or of all together."""
    first = tests.iloc[0]
    if isinstance(first["note"], str) and first["note"]:  # an empty note is read back as a missing value
        return first["note"]
    n, ways = int((tests["q"] < LEVEL).sum()), int(first["relabellings"])
    design = f"{first['n_donors']}: {ways:,} relabellings of the donors, so that no p of a run is below {1 / ways:.2g}"
    least = float(tests["p_family"].min())
    verdict = "at least one path differs" if least < LEVEL else "no path is supported"
    return f"{n} of {len(tests)} paths with q < {LEVEL}; p of the run's best path {least:.2g}: {verdict} ({design})"


def with_donor_tests(importance: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """Set what the test over donors says beside each path, NaN where none was made; families by it.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    tests
        `pathlore.schemas.DonorTests` of the same population.
    """
    found = overall(tests).set_index("path").reindex(importance["path"])
    return with_families(importance.assign(**{name: found[name].to_numpy(dtype=float) for name in P_VALUES}))


def _counted(donors: DonorMeans, class_names: Sequence[str], classes: Sequence[int]) -> str:
    """Donors of each of some classes in words; how many of them are in several."""
    text = ", ".join(f"{class_names[c]} {(donors.classes == c).sum()}" for c in classes)
    names = [name for name, c in zip(donors.donors, donors.classes, strict=True) if c in classes]
    both = sum(n > 1 for n in Counter(names).values())
    return f"{text} ({both} of them paired)" if both else text


def _note(donors: DonorMeans, drawn: Relabellings, class_names: Sequence[str], classes: Sequence[int]) -> str:
    """Why there is no p, in words; empty where there is one."""
    absent = [class_names[c] for c in classes if c not in donors.classes]
    if absent:
        return f"no test over donors: no donor of class {absent[0]} has enough cells"
    if drawn.least_p <= LEVEL and len(donors.classes) > len(class_names):
        return ""
    ways = f"{drawn.distinct:.0f} different relabelling{'s' if drawn.distinct > 1 else ''} of the donors"
    return (
        f"too few donors for a test ({_counted(donors, class_names, classes)}): {ways}, so that no p below "
        f"{drawn.least_p:.3f} is possible, whatever the effect; p and q stay empty"
    )
