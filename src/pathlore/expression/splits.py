"""Training, validation and test cells, with no donor on two sides: drawn, in folds, or as others published them."""

import hashlib
import logging
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from pathlore.config import PopulationConfig, SplitConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.design import check_design, term_columns
from pathlore.expression.populations import populations
from pathlore.keys import Obs, Split
from pathlore.resources.raw import RawTables
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
    check_cells(table, population)
    return _draw(table[Obs.LABEL], config, _seeds(config.seed)[0])


def check_cells(table: pd.DataFrame, population: str) -> None:
    """Refuse a class with too few cells for three sets."""
    counts = table[Obs.CONDITION].value_counts()
    if counts.min() < MIN_DONORS:
        raise PathloreError(
            f"{population}: class '{counts.idxmin()}' has {counts.min()} cell(s), at least {MIN_DONORS} are needed for "
            "three sets: raise `ingestion.population.min_cells_per_class`, or change `ingestion.cells.classes`"
        )


def _best_draw(strata: pd.Series, sizes: pd.DataFrame, config: SplitConfig) -> pd.Series | None:
    wanted = np.array([config.train, config.validation, config.test])[:, None]
    draws = (_draw(strata, config, seed) for seed in _seeds(config.seed))
    return _nearest(draws, sizes, lambda fractions: fractions - wanted)


def _nearest(
    draws: Iterable[pd.Series], sizes: pd.DataFrame, off: Callable[[np.ndarray], np.ndarray]
) -> pd.Series | None:
    """The draw whose fractions of the cells of each class, (3, C), are least off; None: each leaves a set empty."""
    best, least, cells = None, np.inf, sizes.to_numpy()
    for sets in draws:
        held = np.stack([cells[(sets == name).to_numpy()].sum(axis=0) for name in Split.ALL])  # (3, C)
        if (held == 0).any():
            continue
        distance = np.abs(off(held / held.sum(axis=0))).sum()
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


def _seeds(entropy: int | list[int]) -> list[int]:
    return [int(seed) for seed in np.random.SeedSequence(entropy).generate_state(CANDIDATES)]


def fold_splits(
    obs: pd.DataFrame, config: SplitConfig, fold: int, n_folds: int, *, paired_donors: bool, population: str
) -> tuple[pd.DataFrame, str]:
    """Hold out one of the folds that the units of a population are dealt to.

    The unit is the donor where donors allow it, by the rules of :func:`~pathlore.expression.splits.split_cells`, else
    the cell. Units are dealt to the folds by :class:`sklearn.model_selection.StratifiedKFold` within each class, donors
    that are paired all together, so that over ``n_folds`` folds each is tested once. Where a class has fewer units
    than folds are asked for, there are as many folds as it has units. A fold beyond the last is one of another deal.
    Where a class has two donors, one pair after the other is tested, see `pathlore.expression.splits.pair_sets`.
    The validation set is drawn from the other units, so many as ``config.validation`` says of all; of 20 draws the one
    is taken that comes nearest to that fraction of the cells of each class.

    Parameters
    ----------
    obs
        One row per cell of the population, as :func:`~pathlore.expression.observations.label_cells` makes it.
    config
        Unit, fraction of the validation set, and seed of the deal.
    fold, n_folds
        Which fold is the test set, from 0, and how many there are.
    paired_donors
        True: a donor may have cells of several classes.
    population
        Name of the population, written into the table.

    Returns
    -------
    table, by
        `pathlore.schemas.Splits`, and ``donor`` or ``cell``.

    Raises
    ------
    PathloreError
        A class has fewer than three cells, or ``by`` is ``donor`` and the donors do not allow it.
    """
    table = observations(obs)
    check_design(table, population)
    if config.by != "cell" and wants_pairs(table, config, paired=paired_donors):
        return assigned(table, pair_sets(table, config, fold, paired=paired_donors), "donor pair", population), "donor"
    strata, sizes, reason = donor_strata(table, paired=paired_donors)
    sets = None
    if config.by != "cell" and not reason:
        sets = _sets(strata, sizes, config, fold, n_folds)
        reason = "" if sets is not None else f"in none of {CANDIDATES} draws did each set hold cells of each class"
    if sets is not None:
        return assigned(table, sets, "donor", population), "donor"
    if config.by == "donor":
        raise no_donor_split(population, reason)
    check_cells(table, population)
    labels = table[Obs.LABEL]
    sets = _sets(labels, pd.get_dummies(labels).astype(int), config, fold, n_folds)
    if sets is None:
        raise PathloreError(f"{population}: no division of {len(table)} cells holds each class: lower the folds")
    return assigned(table, sets, "cell", population), "cell"


def _sets(strata: pd.Series, sizes: pd.DataFrame, config: SplitConfig, fold: int, n_folds: int) -> pd.Series | None:
    """Set of each unit; None where no draw has cells of each class in each set."""
    from sklearn.model_selection import StratifiedKFold

    counts = strata.value_counts()
    folds = min(n_folds, int(counts.min()))
    while folds < counts.min() and (np.ceil(counts / folds) > counts - 2).any():  # two of a class must be left
        folds += 1
    deal, place = divmod(fold, folds)
    for seed in _seeds([config.seed, deal]):
        cut = StratifiedKFold(folds, shuffle=True, random_state=seed).split(strata, strata)
        tests = [strata.index[test] for _, test in cut]
        if all(sizes.loc[test].sum().all() for test in tests):  # a deal counts for all of its folds
            return _with_validation(strata, sizes, config, tests[place], seed)
    return None


def _with_validation(
    strata: pd.Series, sizes: pd.DataFrame, config: SplitConfig, test: pd.Index, seed: int
) -> pd.Series | None:
    tested = strata.index.isin(test)
    groups = [(strata == group).to_numpy() for group in strata.unique()]
    wanted = [max(1, round(config.validation * int(group.sum()))) for group in groups]
    rest = [np.flatnonzero(group & ~tested) for group in groups]

    def drawn(seed: int) -> pd.Series:
        sets = np.where(tested, Split.TEST, Split.TRAIN).astype(object)
        for units, n in zip(rest, wanted, strict=True):
            order = np.random.RandomState(seed).permutation(len(units))  # as scikit-learn's train_test_split
            sets[units[order[: min(n, len(units) - 1)]]] = Split.VALIDATION
        return pd.Series(sets, index=strata.index)

    return _nearest(map(drawn, _seeds(seed)), sizes, lambda fractions: fractions[1] - config.validation)


PUBLISHED = [Obs.POPULATION, Obs.DONOR, Obs.CELL, Obs.SPLIT]


def given_splits(tables: RawTables) -> pd.DataFrame | None:
    """The user's tables of splits as one; None where there is none.

    Raises
    ------
    PathloreError
        A table lacks a column, or names another set than train, validation and test.
    """
    if not tables:
        return None
    wrong = [name for name, raw in tables.items() if not isinstance(raw, pd.DataFrame) or not _is_split(raw)]
    if wrong:
        raise PathloreError(
            f"{shorten(wrong)} is no table of splits: expected the columns `split` ({', '.join(Split.ALL)}) and `cell` "
            "or `donor`, perhaps `population`: change `splits`"
        )
    return pd.concat([raw for raw in tables.values() if isinstance(raw, pd.DataFrame)], ignore_index=True)


def as_given(obs: pd.DataFrame, given: pd.DataFrame, population: str) -> pd.DataFrame:
    """Divide the cells of a population as a table says.

    Parameters
    ----------
    obs
        One row per cell of the population, as `pathlore.expression.observations.label_cells` makes it.
    given
        Of `given_splits`: a row for each cell, or for each donor. Cells that it does not name are left out.
    population
        Name of the population; rows of others are passed over.

    Returns
    -------
    Table `pathlore.schemas.Splits`.

    Raises
    ------
    PathloreError
        A cell or donor is in two sets, none of them is known here, or a set lacks a class.
    """
    table = observations(obs)
    if Obs.POPULATION in given and given[Obs.POPULATION].ne("").any():
        given = given[given[Obs.POPULATION] == population]
    by = Obs.CELL if Obs.CELL in given and given[Obs.CELL].ne("").any() else Obs.DONOR
    own = given[[by, Obs.SPLIT]].drop_duplicates().set_index(by)[Obs.SPLIT]
    twice = own.index[own.index.duplicated()].unique()
    if len(twice):
        raise PathloreError(f"{population}: {by}(s) {shorten(twice)} are in two sets, one was expected: mend `splits`")
    here = set(table.index.astype(str)) if by == Obs.CELL else set(table[Obs.DONOR].dropna())
    if not here & set(own.index):
        raise PathloreError(
            f"{population}: none of the {len(own)} {by}s of the table of splits is among the cells (such as "
            f"{shorten(own.index, 3)}; here {shorten(sorted(here), 3)}): change `splits`"
        )
    result = assigned(table, own, str(by), population)
    held = pd.crosstab(result[Obs.SPLIT], result[Obs.LABEL]).reindex(
        index=Split.ALL, columns=sorted(table[Obs.LABEL].unique()), fill_value=0
    )
    if (held == 0).any(axis=None):
        lacking = [f"{split} of class {label}" for split, row in held.iterrows() for label in row.index[row == 0]]
        raise PathloreError(f"{population}: no cell for {shorten(lacking)} in the given splits: change `splits`")
    return result


def divided(
    obs: pd.DataFrame,
    population: PopulationConfig,
    config: SplitConfig,
    given: pd.DataFrame | None,
    *,
    paired_donors: bool,
) -> dict[str, pd.DataFrame]:
    """Divide each population, as the table that is given says, else by `pathlore.expression.splits.split_cells`.

    Returns
    -------
    Population -> `pathlore.schemas.Splits`. The log has the digest of all.
    """
    result = {}
    for name, index in populations(obs, population).items():
        own = obs.loc[index]
        split = split_cells(own, config, paired_donors=paired_donors, population=name) if given is None else None
        result[name] = as_given(own, given, name) if split is None else split
    logger.info("Splits%s: SHA-256 %s", "" if given is None else ", as given", digest(pd.concat(result.values())))
    return result


def published(splits: pd.DataFrame) -> pd.DataFrame:
    """The columns of splits that others need, rows in the order of population and cell."""
    return splits[PUBLISHED].sort_values([Obs.POPULATION, Obs.CELL], ignore_index=True)


def digest(splits: pd.DataFrame) -> str:
    """SHA-256 of which cell is in which set, whatever the order of the rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"population": "pooled", "cell": ["a", "b"], "donor": None, "split": ["train", "test"]})
    >>> digest(rows) == digest(rows.iloc[::-1]), digest(rows)[:8]
    (True, '92b03b49')
    """
    texts = published(splits).astype(str)
    rows = texts[Obs.POPULATION] + "\t" + texts[Obs.CELL] + "\t" + texts[Obs.SPLIT]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _is_split(table: pd.DataFrame) -> bool:
    if Obs.SPLIT not in table or not {Obs.CELL, Obs.DONOR} & set(table.columns):
        return False
    return bool(table[Obs.SPLIT].isin(Split.ALL).all())
