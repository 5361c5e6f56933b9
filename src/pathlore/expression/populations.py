"""The groups of cells that a model each is trained on."""

import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from pathlore.config import PopulationConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import POOLED, Obs

logger = logging.getLogger(__name__)

LONGEST = 80
"""Characters of a file name: with what stands before and behind it, any file system takes it."""
DASH = re.compile("[\u2010-\u2015\u2212\ufe63]")
SIGN = re.compile(r"[+]+|(?<![^\W_])(?<!\s)-+|-+(?![^\W_])(?!\s)|(?<=[^\W_])-+(?=\s)|(?<=\s)-+(?=[^\W_])")
"""Plus anywhere, minus unless it stands between two words."""
GREEK = re.compile(r"GREEK (?:SMALL|CAPITAL) LETTER (?:FINAL )?([A-Z]+)")


def populations(obs: pd.DataFrame, config: PopulationConfig) -> dict[str, pd.Index]:
    """Name the cells of each population.

    Parameters
    ----------
    obs
        One row per cell, as :func:`~pathlore.expression.observations.label_cells` makes it.
    config
        ``pooled``: one population of all cells. ``per_cell_type``: one for each cell type that ``include`` names
        (all, if it is empty) and ``exclude`` does not; cells without a type are left out.

    Returns
    -------
    Population name -> cell names. A population in which a class has fewer than ``min_cells_per_class`` cells is left
    out, with a log line that says so.

    Raises
    ------
    PathloreError
        A name in ``include`` or ``exclude`` is no cell type, no cell type is known, or no population is left.
    """
    if config.mode == "pooled":
        if config.include or config.exclude:
            logger.warning("`ingestion.population.include` and `.exclude` have no effect while mode is pooled")
        groups = {POOLED: obs.index}
    else:
        groups = _by_cell_type(obs, config)
    classes = obs[Obs.CONDITION].dropna().astype(str).unique()
    kept, scarce = {}, []
    for name, cells in groups.items():
        counts = obs.loc[cells, Obs.CONDITION].astype(str).value_counts().reindex(classes, fill_value=0)
        if counts.min() >= config.min_cells_per_class:
            kept[name] = cells
        else:
            scarce.append(f"{name} ({counts.min()} {counts.idxmin()})")
    if scarce:
        logger.info(
            "%d of %d populations left out, fewer than %d cells in a class: %s",
            len(scarce),
            len(groups),
            config.min_cells_per_class,
            shorten(scarce, 20),
        )
    if not kept:
        raise PathloreError(
            f"no population has {config.min_cells_per_class} cells in each class (found: {shorten(scarce)}): lower "
            "`ingestion.population.min_cells_per_class` or change `ingestion.population.mode`"
        )
    logger.info("populations: %s", ", ".join(f"{name} ({len(cells)} cells)" for name, cells in kept.items()))
    return kept


def _by_cell_type(obs: pd.DataFrame, config: PopulationConfig) -> dict[str, pd.Index]:
    types = obs[Obs.CELL_TYPE].astype(object)
    names = sorted(types.dropna().unique())
    if not names:
        raise PathloreError(
            "no cell has a cell type, but one population per cell type is wanted: set `ingestion.cells.cell_type` to a "
            "column of obs, or `ingestion.population.mode: pooled`"
        )
    for key, given in (("include", config.include), ("exclude", config.exclude)):
        unknown = set(given) - set(names)
        if unknown:
            raise PathloreError(
                f"cell type(s) {shorten(unknown)} not found, the cells have {shorten(names, 30)}: change "
                f"`ingestion.population.{key}`"
            )
    if types.isna().any():
        logger.info("%d of %d cells left out, their cell type is not known", types.isna().sum(), len(types))
    chosen = [name for name in names if name not in config.exclude and (not config.include or name in config.include)]
    if not chosen:
        raise PathloreError(
            f"no cell type is left of {shorten(names, 30)}: change `ingestion.population.include` or `.exclude`"
        )
    return {name: obs.index[(types == name).to_numpy()] for name in chosen}


def slug(name: str) -> str:
    """Write a name with the characters that are safe in a file name, 80 of them at most.

    A sign behind a word, or alone, becomes ``pos`` or ``neg``, a Greek letter its name; a name that is too long ends
    in a fingerprint of the whole.

    Examples
    --------
    >>> slug("FCGR3A+ Monocytes"), slug("HIV-"), slug("γδ T"), slug("IFN-α"), slug("-/-"), slug("Non-responder")
    ('fcgr3a_pos_monocytes', 'hiv_neg', 'gamma_delta_t', 'ifn_alpha', 'neg_neg', 'non_responder')
    """
    plain = SIGN.sub(_sign, DASH.sub("-", unicodedata.normalize("NFKC", name)))
    plain = "".join(_letter(sign) for sign in unicodedata.normalize("NFKD", plain.replace("ß", "ss")))
    plain = plain.encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "population"
    if len(words) <= LONGEST:
        return words
    return f"{words[: LONGEST - 9].strip('_')}_{hashlib.sha256(name.encode('utf8', 'replace')).hexdigest()[:8]}"


def _sign(found: re.Match[str]) -> str:
    return " " + " ".join("pos" if sign == "+" else "neg" for sign in found[0]) + " "


def _letter(sign: str) -> str:
    """A Greek letter as its name, any other sign as it is."""
    found = GREEK.match(unicodedata.name(sign, ""))
    return f" {found[1]} " if found else sign


def partition_names(names: Iterable[str]) -> dict[str, str]:
    """Give each population a file name of its own, whatever the order they come in.

    Examples
    --------
    >>> partition_names(["CD4. T", "CD4 T", "B"])
    {'B': 'b', 'CD4 T': 'cd4_t', 'CD4. T': 'cd4_t_2'}
    """
    result: dict[str, str] = {}
    for name in sorted(set(names)):
        base = candidate = slug(name)
        number = 1
        while candidate in result.values():
            number += 1
            candidate = f"{base}_{number}"
        result[name] = candidate
    return result
