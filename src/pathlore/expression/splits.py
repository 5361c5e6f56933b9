"""Training, validation and test cells, with no donor on two sides."""

import logging

import numpy as np
import pandas as pd

from pathlore.config import SplitConfig
from pathlore.errors import PathloreError
from pathlore.expression.design import check_design, term_columns
from pathlore.keys import Obs, Split
from pathlore.schemas import Splits

logger = logging.getLogger(__name__)

CANDIDATES = 20
MIN_DONORS = 3
PAIR = 2
"""Donors of a class that are too few for three sets, and enough to test one of them."""

MAX_WITHOUT_DONOR = 0.1


def split_cells(obs: pd.DataFrame, config: SplitConfig, *, paired_donors: bool, population: str) -> pd.DataFrame:
    """Divide the cells of a population into training, validation and test set.

    The unit is the donor where donors allow it (each class has two or more, or two or more in all when they are
    paired; at most 10 % of the cells lack one, and those are left out), else the cell. Where a class has two, a pair of
    donors is tested, see `pair_sets`. Units are drawn with
    :func:`sklearn.model_selection.train_test_split` within each class, or among all donors when they are paired, so
    that each set holds each class. Of 20 draws, whose seeds follow from ``config.seed``, the one is taken that comes
    nearest to the wanted fractions of cells in each class.

    Parameters
    ----------
    obs
        One row per cell of the population, as :func:`~pathlore.expression.observations.label_cells` makes it.
    config
        Fractions of cells, unit, seed.
    paired_donors
        True: a donor may have cells of several classes.
    population
        Name of the population, written into the table.

    Returns
    -------
    Table :class:`~pathlore.schemas.Splits`.

    Raises
    ------
    PathloreError
        A class has fewer than three cells, or ``by`` is ``donor`` and the donors do not allow it.
    """
    table = observations(obs)
    check_design(table, population)
    if config.by != "cell" and wants_pairs(table, config, paired=paired_donors):
        return assigned(table, pair_sets(table, config, config.pair, paired=paired_donors), "donor pair", population)
    sets, reason = (None, "") if config.by == "cell" else _by_donor(table, config, paired=paired_donors)
    if sets is None and config.by == "donor":
        raise no_donor_split(population, reason)
    by = "donor" if sets is not None else "cell"
    if sets is None:
        if reason or table[Obs.DONOR].notna().any():
            logger.warning(
                "%s: SPLIT BY CELL, %s. Cells of one donor may be in training and test set, so metrics on the "
                "test set do not describe new donors",
                population,
                reason or "as `ingestion.split.by` says",
            )
        sets = _by_cell(table, config, population)
    return assigned(table, sets, by, population)


def observations(obs: pd.DataFrame) -> pd.DataFrame:
    """The columns of the cells that a split needs, None for what is not known; indexed by cell."""
    table = obs[[Obs.CONDITION, Obs.LABEL, Obs.DONOR, Obs.CELL_TYPE]].astype(object)
    terms = obs[term_columns(obs)].astype(float)
    return table.where(table.notna(), None).astype({Obs.LABEL: np.int64}).join(terms)


def no_donor_split(population: str, reason: str) -> PathloreError:
    """The error for a split that was asked for by donor and is not possible."""
    return PathloreError(
        f"{population}: cells cannot be split by donor, {reason}: set `ingestion.split.by: cell`, or change "
        "`ingestion.cells.donor`"
    )


def assigned(table: pd.DataFrame, sets: pd.Series, by: str, population: str) -> pd.DataFrame:
    """Write the set of each unit, donors or cells, to its cells.

    Returns
    -------
    Table :class:`~pathlore.schemas.Splits`; cells of no unit are left out.
    """
    table = table.copy()
    table.insert(0, Obs.CELL, table.index.astype(str))
    table[Obs.POPULATION] = population
    table[Obs.SPLIT] = table[Obs.DONOR].map(sets) if by == "donor" else sets.reindex(table.index)
    without = int(table[Obs.SPLIT].isna().sum())
    table = table[table[Obs.SPLIT].notna()].reset_index(drop=True)
    if by == "donor pair":
        _say_pair(table, population)
    logger.info(
        "%s: split by %s, %s%s",
        population,
        by,
        ", ".join(f"{(table[Obs.SPLIT] == name).sum()} {name}" for name in Split.ALL),
        f"; {without} cells without a donor left out" if without else "",
    )
    return Splits.validate(table)


def wants_pairs(table: pd.DataFrame, config: SplitConfig, *, paired: bool) -> bool:
    """Whether a pair of donors is to be tested: asked for, or a class has two donors, too few for three sets."""
    strata, sizes, reason = donor_strata(table, paired=paired)
    if config.mode == "fractions" or (config.mode == "auto" and not reason):
        return False
    possible = False
    if len(strata) and set(strata) == (set(sizes.columns) if not paired else {0}):
        turn = pd.Series(_dealt(strata, config))
        held = sizes.groupby(turn).sum()
        possible = len(held) >= PAIR and bool((held > 0).all(axis=None)) and bool((sizes.sum() > held).all(axis=None))
    if config.mode == "pairs" and not possible:
        raise PathloreError(
            "`ingestion.split.mode` is pairs, which needs two donors of each class"
            f"{', found ' + reason if reason else ''}: set it to auto, or change `ingestion.cells.donor`"
        )
    return possible


def pair_sets(table: pd.DataFrame, config: SplitConfig, pair: int, *, paired: bool) -> pd.Series:
    """Test one donor of each class (paired: one donor), and more of a class that has more, so that all take turns.

    Donors are dealt to as many tests as the class with the fewest has donors, in an order that follows from
    ``config.seed`` and their names. The others train. Where each class has three or more, the next pair is for
    validation; else so many cells of the donors that train as ``config.validation`` says, of each donor and class.

    Parameters
    ----------
    table
        Of `observations`.
    config
        Fractions and seed.
    pair
        Which pair, counted round.
    paired
        Whether donors have cells of several classes.

    Returns
    -------
    Set of each cell with a known donor, by its index.
    """
    dealt = _dealt(donor_strata(table, paired=paired)[0], config)
    tests, rng = 1 + max(dealt.values()), np.random.default_rng(config.seed)
    known = table.dropna(subset=[Obs.DONOR])
    turn = known[Obs.DONOR].map(dealt)
    sets = pd.Series(Split.TRAIN, index=known.index, dtype=object)
    sets[turn == pair % tests] = Split.TEST
    if tests > PAIR:
        sets[turn == (pair + 1) % tests] = Split.VALIDATION
        return sets
    fraction = config.validation / (config.train + config.validation)
    rest = known[sets == Split.TRAIN].assign(name=lambda own: own.index.astype(str)).sort_values("name")
    for _, cells in rest.groupby([Obs.DONOR, Obs.LABEL], sort=True):
        n = min(max(1, round(fraction * len(cells))), len(cells) - 1)
        sets[rng.permutation(cells.index)[:n]] = Split.VALIDATION
    return sets


def _dealt(strata: pd.Series, config: SplitConfig) -> dict[str, int]:
    """In which test each donor takes its turn."""
    rng = np.random.default_rng(config.seed)
    order = [rng.permutation(sorted(strata.index[strata == kind])) for kind in sorted(strata.unique())]
    tests = min(len(names) for names in order)
    return {str(donor): place % tests for names in order for place, donor in enumerate(names)}


def held_out_unit(splits: pd.DataFrame) -> str:
    """What is never on both sides of the test: ``donor`` where test donors have no other cells, else ``cell``."""
    test = splits[Obs.SPLIT] == Split.TEST
    whole = splits[Obs.DONOR].notna().all() and not set(splits.loc[test, Obs.DONOR]) & set(splits.loc[~test, Obs.DONOR])
    return "donor" if whole else "cell"


def _say_pair(table: pd.DataFrame, population: str) -> None:
    own = dict(list(table.groupby(Obs.SPLIT)))
    tested = ", ".join(
        f"{donor} ({condition})"
        for donor, condition in own[Split.TEST][[Obs.DONOR, Obs.CONDITION]].drop_duplicates().to_numpy()
    )
    shared = set(own[Split.VALIDATION][Obs.DONOR]) & set(own[Split.TRAIN][Obs.DONOR])
    logger.warning(
        "%s: FEW DONORS, ONE PAIR IS TESTED: %s%s. One pair is little evidence: `interpretation.refits.epochs` "
        "above 0 tests every donor once",
        population,
        tested,
        "; validation cells are of the donors that train" if shared else "",
    )


def _by_donor(table: pd.DataFrame, config: SplitConfig, *, paired: bool) -> tuple[pd.Series | None, str]:
    """Set of each donor, or None and the reason why there is none."""
    strata, sizes, reason = donor_strata(table, paired=paired)
    if reason:
        return None, reason
    sets = _best_draw(strata, sizes, config)
    return sets, "" if sets is not None else f"in none of {CANDIDATES} draws did each set hold cells of each class"


def donor_strata(table: pd.DataFrame, *, paired: bool) -> tuple[pd.Series, pd.DataFrame, str]:
    """Find the groups of donors that each set must draw from.

    Returns
    -------
    strata, sizes, reason
        Group of each donor, the class of most of its cells or one group of all where donors are paired; its cells of
        each class; and why cells cannot be split by donor, empty where they can.
    """
    known = table.dropna(subset=[Obs.DONOR])
    nothing = pd.Series(dtype=int), pd.DataFrame()
    if known.empty:
        return *nothing, "no donor is known"
    without = 1 - len(known) / len(table)
    if without > MAX_WITHOUT_DONOR:
        return *nothing, f"{without:.0%} of the cells lack a donor (at most {MAX_WITHOUT_DONOR:.0%} allowed)"
    sizes = pd.crosstab(known[Obs.DONOR], known[Obs.LABEL]).reindex(
        columns=sorted(table[Obs.LABEL].unique()), fill_value=0
    )  # (donors, C) cells
    names = dict(zip(table[Obs.LABEL], table[Obs.CONDITION], strict=True))
    strata = pd.Series(0, index=sizes.index) if paired else sizes.idxmax(axis=1)
    donors = {"all classes": len(sizes)} if paired else {names[k]: int((strata == k).sum()) for k in sizes.columns}
    if min(donors.values()) < MIN_DONORS:
        found = ", ".join(f"{n} in {name}" for name, n in donors.items())
        confounded = "" if paired or min(donors.values()) > 1 else ", so that condition and batch cannot be told apart"
        return strata, sizes, f"too few donors ({found}; at least {MIN_DONORS} needed){confounded}"
    return strata, sizes, ""


def _by_cell(table: pd.DataFrame, config: SplitConfig, population: str) -> pd.Series:
    counts = table[Obs.CONDITION].value_counts()
    if counts.min() < MIN_DONORS:
        raise PathloreError(
            f"{population}: class '{counts.idxmin()}' has {counts.min()} cell(s), at least {MIN_DONORS} are needed for "
            "three sets: raise `ingestion.population.min_cells_per_class`, or change `ingestion.cells.classes`"
        )
    return _draw(table[Obs.LABEL], config, _seeds(config)[0])


def _best_draw(strata: pd.Series, sizes: pd.DataFrame, config: SplitConfig) -> pd.Series | None:
    wanted = np.array([config.train, config.validation, config.test])[:, None]
    best, least = None, np.inf
    for seed in _seeds(config):
        sets = _draw(strata, config, seed)
        held = sizes.groupby(sets).sum().reindex(Split.ALL, fill_value=0).to_numpy()  # (3, C) cells
        if (held == 0).any():
            continue
        distance = np.abs(held / held.sum(axis=0) - wanted).sum()
        if distance < least:
            best, least = sets, distance
    return best


def _draw(strata: pd.Series, config: SplitConfig, seed: int) -> pd.Series:
    """Set of each unit: in each stratum first the test set, then the validation set from the rest, one unit or more."""
    from sklearn.model_selection import train_test_split

    sets = pd.Series(Split.TRAIN, index=strata.index, dtype=object)
    for _, units in strata.groupby(strata):
        n_test = min(max(1, round(config.test * len(units))), len(units) - 2)
        n_validation = min(max(1, round(config.validation * len(units))), len(units) - n_test - 1)
        rest, test = train_test_split(units.index, test_size=n_test, random_state=seed)
        _, validation = train_test_split(rest, test_size=n_validation, random_state=seed)
        sets[test], sets[validation] = Split.TEST, Split.VALIDATION
    return sets


def _seeds(config: SplitConfig) -> list[int]:
    return [int(seed) for seed in np.random.SeedSequence(config.seed).generate_state(CANDIDATES)]
