"""Paths that the user names."""

import logging
import re
from itertools import pairwise

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.columns import has, text
from pathlore.genes.faults import is_spreadsheet_date as is_date
from pathlore.graph.paths.search import Route, Ways
from pathlore.missing import is_missing
from pathlore.resources.raw import RawTables

logger = logging.getLogger(__name__)

COLUMN = "path"
ARROW = re.compile(r"\s*(?:->|→|>)\s*")
ADVICE = "change the table behind `paths`, or `network`"


def given_paths(tables: RawTables) -> pd.DataFrame | None:
    """The user's tables of paths as one; None where there is none.

    Raises
    ------
    PathloreError
        A file is no table.
    """
    texts = [file for file, raw in tables.items() if not isinstance(raw, pd.DataFrame)]
    if texts:
        raise PathloreError(f"{shorten(texts)} is no table of paths: expected a column `{COLUMN}`: change `paths`")
    frames = [raw for raw in tables.values() if isinstance(raw, pd.DataFrame)]
    return pd.concat(frames, ignore_index=True) if frames else None


def read_paths(table: pd.DataFrame, whole: Ways, expressed: Ways) -> tuple[list[Route], int]:
    """Read a user's paths and hold them against the network.

    Parameters
    ----------
    table
        A column ``path`` with gene symbols from receptor to target, joined by ``>`` or ``->``.
    whole
        All steps of the network, whatever is measured.
    expressed
        The steps among the genes of a population.

    Returns
    -------
    routes, n_read
        The distinct paths whose genes are all among those of the population, with their costs; and how many distinct
        paths the table has.

    Raises
    ------
    PathloreError
        No column of paths; a path with fewer than three genes or with a gene twice; a path that does not begin at a
        receptor; a step that is no edge of the network.
    """
    if not has(table, COLUMN):
        raise PathloreError(
            f"the table of paths has the columns {shorten(table.columns, 12)}; expected `{COLUMN}` with gene symbols "
            "joined by '>', such as IFNAR1>STAT1>ISG15: change the table behind `paths`"
        )
    texts = [cell for cell in text(table, COLUMN) if cell]
    paths = list(dict.fromkeys(tuple(ARROW.split(cell)) for cell in texts))
    logger.info(
        "Given paths: %d rows read, %d distinct paths; left out: %d empty rows, %d repeated ones",
        len(table), len(paths), len(table) - len(texts), len(texts) - len(paths),
    )  # fmt: skip
    _check(
        "have fewer than three genes (receptor, TF, target), or an empty one (NA)",
        [p for p in paths if len(p) < 3 or any(map(is_missing, p))],
        len(paths),
    )
    _check("have a gene that a spreadsheet made a date of", [p for p in paths if any(map(is_date, p))], len(paths))
    _check("have a gene twice (a cycle)", [p for p in paths if len(set(p)) < len(p)], len(paths))
    _check("do not begin at a receptor of the network", [p for p in paths if p[0] not in whole.receptors], len(paths))
    absent = sorted({step for path in paths for step in _absent(path, whole)})
    if absent:
        raise PathloreError(
            f"{len(absent)} step(s) of the {len(paths)} given paths are no edges of the network: "
            f"{shorten(absent, 5)}; expected signaling edges and a last tf_target edge: {ADVICE}"
        )
    routes = [(sum(step.cost for step in expressed.of_route(p)), p) for p in paths if not _absent(p, expressed)]
    return routes, len(paths)


def _absent(path: tuple[str, ...], ways: Ways) -> list[str]:
    """The steps of a path that are not there."""
    *inner, last = pairwise(path)
    missing = [f"{a}>{b} (signaling)" for a, b in inner if b not in ways.signaling.get(a, {})]
    a, b = last
    return missing if b in ways.regulation.get(a, {}) else [*missing, f"{a}>{b} (tf_target)"]


def _check(what: str, wrong: list[tuple[str, ...]], total: int) -> None:
    if wrong:
        raise PathloreError(f"{len(wrong)} of {total} given paths {what}: {shorten(map('>'.join, wrong), 3)}: {ADVICE}")
