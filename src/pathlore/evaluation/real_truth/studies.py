"""Experiments that come as cells or samples: effects of a treatment, and signatures put on real control cells."""

from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import SemiRealConfig, StudyConfig
from pathlore.errors import PathloreError, shorten
from pathlore.signals.effects import read_effects
from pathlore.signals.inputs import load_names
from pathlore.signals.truth.experiments import Experiments, family_of
from pathlore.training.effects import effects as moderated_t

LARGEST = 8.0
"""Moderated t beyond which replicates say no more."""

LEAST_REPLICATES = 3
GROUPS = 6
"""Groups that the cells of a class are assigned to at random where donors are too few."""

LEAST_CELLS = 5
FLOOR = 0.02
"""Least mean of a gene per cell, in units of a count: a gene that was silent can be switched on."""

NOT_KNOWN = {"", "unknown", "nan", "none"}


def study(name: str, cells: AnnData, config: StudyConfig) -> Experiments:
    """Effects of each treatment of a study, for each part of it (a time, a cell type) by itself.

    Replicates are samples where there are few rows, else donors with `LEAST_CELLS` cells where each class has three of
    them, else `GROUPS` random groups of cells, which know nothing of donors. Effects are moderated t within
    +-`LARGEST`.

    Parameters
    ----------
    cells
        Cells or bulk samples x genes.
    config
        Columns, the control and what each treatment gives.

    Raises
    ------
    PathloreError
        A column or a value is not there, or no part has replicates enough.
    """
    obs = cells.obs
    absent = {config.condition, config.part, config.donor} - set(obs.columns) - {None}
    if absent:
        raise PathloreError(
            f"{name} has no column {shorten(absent)} (there are {shorten(obs.columns)}): check "
            "`evaluation.truth.studies`"
        )
    condition = obs[config.condition].astype(str).to_numpy()
    parts = obs[config.part].astype(str).to_numpy() if config.part else np.full(len(obs), "")
    columns, given = {}, {}
    for treatment, ligands in config.ligands.items():
        for part in pd.unique(parts):
            rows = np.flatnonzero((parts == part) & np.isin(condition, [config.control, treatment]))
            treated = (condition[rows] == treatment).astype(int)
            if min(treated.sum(), len(rows) - treated.sum()) < max(config.min_rows, 2):
                continue
            donors = obs[config.donor].astype(str).to_numpy()[rows] if config.donor else None
            label = f"{treatment}, {part}" if part else treatment
            columns[label] = _effects(_linear(cells[rows].X, config.scale), treated, donors)
            given[label] = ligands
    if not columns:
        raise PathloreError(
            f"no treatment of {name} ({shorten(config.ligands)}) has {config.min_rows} rows beside {config.control} "
            f"(found: {shorten(set(condition))}): check `evaluation.truth.studies`"
        )
    effects = pd.DataFrame(columns, index=cells.var_names.astype(str)).groupby(level=0).mean()
    effects = read_effects(effects[effects.notna().all(axis=1)], load_names()).table
    ligands = pd.Series(given)
    return Experiments(name, effects, ligands, ligands.map(family_of))


def _linear(x: Any, scale: str) -> np.ndarray:
    """Expression on a linear scale with equal sums."""
    dense = np.asarray(x.toarray() if sparse.issparse(x) else x, dtype=float)
    linear = np.expm1(dense) if scale == "log" else dense
    return linear / np.maximum(linear.sum(axis=1, keepdims=True), 1e-12) * 1e4


def _effects(linear: np.ndarray, classes: np.ndarray, donors: np.ndarray | None) -> np.ndarray:
    """Moderated t of class 1 against class 0 over replicates; NaN for a gene that is never seen."""
    replicate = _replicates(classes, donors)
    names = np.unique(replicate[replicate >= 0])
    means = np.stack([linear[replicate == r].mean(axis=0) for r in names])
    kind = np.array([classes[replicate == r][0] for r in names])
    seen = means.max(axis=0) > 0
    typical = np.median(means[means > 0])
    found = np.full(linear.shape[1], np.nan)
    found[seen] = np.clip(moderated_t(np.log(means[:, seen] + typical / 2), kind, 1), -LARGEST, LARGEST)
    return found


def _replicates(classes: np.ndarray, donors: np.ndarray | None) -> np.ndarray:
    """Replicate of each row, -1 for none; see `study`."""
    if len(classes) <= 2 * GROUPS * LEAST_CELLS and donors is None:
        return np.arange(len(classes))
    if donors is not None:
        pairs = pd.Series([f"{donor}|{c}" for donor, c in zip(donors, classes, strict=True)])
        known = ~pd.Series(donors).str.lower().isin(NOT_KNOWN) & (pairs.map(pairs.value_counts()) >= LEAST_CELLS)
        codes = pd.factorize(pairs)[0]
        each = [len(np.unique(codes[known & (classes == c)])) for c in (0, 1)]
        if min(each) >= LEAST_REPLICATES:
            return np.where(known, codes, -1)
    rng = np.random.default_rng(0)
    groups = np.empty(len(classes), dtype=int)
    for c in (0, 1):
        rows = np.flatnonzero(classes == c)
        groups[rows] = c * GROUPS + rng.permutation(len(rows)) % GROUPS
    return groups


def semi_real(name: str, cells: AnnData, signatures: Experiments, config: SemiRealConfig) -> Experiments:
    r"""Put each signature on real control cells, and measure its effects as those of any study.

    The control cells of each donor are split at random into an untreated and a treated half. In the treated half of
    donor d the counts of gene g are thinned with :math:`2^{\delta_{dg}}` where it falls, and Poisson counts with the
    mean :math:`\max(m_{dg}, m_0) (2^{\delta_{dg}} - 1)` are added where it rises, with the donor's mean m per cell and

    .. math:: \delta_{dg} = \beta s_g + \sigma \varepsilon_{dg},\qquad \varepsilon \sim N(0, 1),

    scaled so that ``effect`` is the 99th percentile of :math:`|\beta s_g|`. Noise acts on all genes.

    Parameters
    ----------
    name
        Of the result.
    cells
        Cells x genes, of which those with ``control`` are used.
    signatures
        Dense ones; genes that they lack do not change but for the noise.
    config
        Columns, size of the effects (log2) and sd of the donors' noise (log2).
    """
    control = cells[cells.obs[config.condition].astype(str).isin(config.control).to_numpy()]
    donors = control.obs[config.donor].astype(str)
    sizes = donors.value_counts()
    used = sorted(donor for donor in sizes.index[sizes >= 4 * LEAST_CELLS] if donor.lower() not in NOT_KNOWN)
    if len(used) < LEAST_REPLICATES:
        raise PathloreError(
            f"{name}: {len(used)} donors have {4 * LEAST_CELLS} control cells, {LEAST_REPLICATES} are needed: check "
            "`evaluation.truth.semi_real`"
        )
    control = control[donors.isin(used).to_numpy()]
    donors = control.obs[config.donor].astype(str).to_numpy()
    dense = np.asarray(control.X.toarray() if sparse.issparse(control.X) else control.X, dtype=float)
    counts = np.expm1(dense) if config.scale == "log" else dense
    rng = np.random.default_rng(config.seed)
    treated = np.zeros(len(donors), dtype=int)
    for donor in used:
        rows = rng.permutation(np.flatnonzero(donors == donor))
        treated[rows[: len(rows) // 2]] = 1
    genes = control.var_names.astype(str)
    columns = {}
    for signature in signatures.effects:
        shift = signatures.effects[signature].reindex(genes).fillna(0.0).to_numpy()
        shift *= config.effect / max(np.quantile(np.abs(signatures.effects[signature].dropna()), 0.99), 1e-9)
        changed = _changed(counts, donors, treated, shift, config.donor_sd, rng)
        columns[signature] = _effects(_linear(changed, "counts"), treated, donors)
    effects = pd.DataFrame(columns, index=genes).dropna()
    return Experiments(name, effects, signatures.ligands, signatures.families)


def _changed(
    counts: np.ndarray, donors: np.ndarray, treated: np.ndarray, shift: np.ndarray, sd: float, rng: np.random.Generator
) -> np.ndarray:
    """Counts, those of the treated cells changed by the shifts (log2) of their donor."""
    changed = counts.copy()
    unit = float(np.median(counts[counts > 0]))
    for donor in np.unique(donors):
        inside = donors == donor
        rows = np.flatnonzero(inside & (treated == 1))
        delta = shift + sd * rng.normal(size=len(shift))
        falls, rises = np.flatnonzero(delta < 0), np.flatnonzero(delta > 0)
        before = counts[np.ix_(rows, falls)] / unit
        changed[np.ix_(rows, falls)] = unit * rng.binomial(np.rint(before).astype(int), 2 ** delta[falls])
        mean = np.maximum(counts[np.ix_(inside, rises)].mean(axis=0) / unit, FLOOR * (shift[rises] > 0))
        added = rng.poisson(mean * (2 ** delta[rises] - 1), size=(len(rows), len(rises)))
        changed[np.ix_(rows, rises)] += unit * added
    return changed
