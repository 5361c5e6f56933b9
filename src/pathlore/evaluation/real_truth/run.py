"""All scorers on all experiments, as one table."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.config import PathConfig, TruthConfig
from pathlore.errors import PathloreError, shorten
from pathlore.evaluation.real_truth.rivals import PathTable, factor_activity, nichenet, own_change
from pathlore.evaluation.real_truth.studies import semi_real, study
from pathlore.resources.raw import RawTables
from pathlore.signals.profiles import NETWORK, TEXT, WALK, GeneTexts, SignalProfiles, make_profiles, permuted_texts
from pathlore.signals.rank import receptor_scores
from pathlore.signals.truth.experiments import Experiments, read_experiments
from pathlore.signals.truth.judge import (
    COLUMNS,
    difference_row,
    mean_of,
    one_ranking,
    per_signature,
    specific_scores,
    summary_row,
)
from pathlore.signals.truth.meter import rewired_networks

logger = logging.getLogger(__name__)

PATHLORE, NO_TEXT, PERMUTED, REWIRED, ONE = "pathlore", "no_text", "permuted_text", "rewired_network", "one_ranking"
REWIRED_NO_TEXT = "rewired_network_no_text"
WALK_ONLY, NETWORK_ONLY, TEXT_ONLY, PERMUTED_ONLY = "walk", "network", "text", "permuted_text_alone"
OWN, FACTORS, NICHENET = "own_change", "tf_activity_ulm", "nichenet_walk"
LOG_ODDS, FOLD_CHANGE, BOTH = "log_odds", "mean_abs_fold_change", "pathlore_and_log_odds"
COMPARED = [
    (PATHLORE, PERMUTED), (PATHLORE, NO_TEXT), (PATHLORE, REWIRED), (NO_TEXT, REWIRED_NO_TEXT), (PATHLORE, ONE),
    (PATHLORE, LOG_ODDS), (PATHLORE, FACTORS), (PATHLORE, NICHENET), (TEXT_ONLY, PERMUTED_ONLY),
]  # fmt: skip
"""Pairs of scorers whose difference is reported."""

RECEPTOR, SPECIFIC, PATH = "receptor", "receptor_specific", "path"
TRANSCRIPTOMES = "transcriptomes"
"""Studies with all genes measured, taken together."""

SIGNATURE_COLUMNS = ["scorer", "data", "unit", "signature", "ligand", "family", "auroc", "best_rank"]

PATH_WEIGHT = 0.1
"""Weight of a path's own log odds beside the affinity of its receptor."""


@dataclass(frozen=True)
class Truth:
    """What a run of the evaluation found.

    Attributes
    ----------
    results
        See `pathlore.signals.truth.judge.COLUMNS`.
    signatures
        ``scorer``, ``data``, ``unit`` and the columns of `per_signature`.
    """

    results: pd.DataFrame
    signatures: pd.DataFrame


@dataclass(frozen=True)
class Graphs:
    """The network with its texts, and what takes their place in the nulls."""

    network: pd.DataFrame
    real: SignalProfiles
    permuted: Sequence[SignalProfiles]
    rewired: Sequence[SignalProfiles]
    extra: Mapping[str, SignalProfiles] = field(default_factory=dict)


def make_graphs(network: pd.DataFrame, texts: Sequence[GeneTexts], config: TruthConfig) -> Graphs:
    """The real profiles, and ``draws`` of texts permuted over genes and of rewired networks."""
    real = make_profiles(network, texts)
    permuted = [replace(real, texts=permuted_texts(texts, seed)) for seed in range(config.draws)]
    rewired = [make_profiles(other, texts) for other in rewired_networks(network, config.draws)]
    return Graphs(network, real, permuted, rewired)


def assess(
    tables: RawTables,
    cells: Mapping[str, AnnData],
    network: pd.DataFrame,
    texts: Sequence[GeneTexts],
    config: TruthConfig,
    paths: PathConfig,
) -> Truth:
    """Read the experiments, and judge every scorer on them.

    Parameters
    ----------
    tables
        Signatures and what was given, see `read_experiments`; perhaps none.
    cells
        File name -> cells or samples that the studies and the semi-real cohorts of ``config`` name.
    network, texts
        What is judged.
    config, paths
        See `evaluate_truth`.

    Returns
    -------
    Empty tables where there is no experiment.
    """
    experiments = gather(tables, cells, config)
    if not experiments:
        return Truth(pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=SIGNATURE_COLUMNS))
    return evaluate_truth(experiments, make_graphs(network, texts, config), paths, config)


def gather(tables: RawTables, cells: Mapping[str, AnnData], config: TruthConfig) -> list[Experiments]:
    """All sources of experiments: signatures, studies of cells, and signatures on real control cells.

    Parameters
    ----------
    tables, cells, config
        As in `assess`.

    Raises
    ------
    PathloreError
        A file that the configuration names is not there.
    """
    experiments = read_experiments(tables) if tables else []
    for name, described in config.studies.items():
        experiments.append(study(name, _file(cells, described.file), described))
    dense = [source for source in experiments if source.name == config.put_on]
    for name, background in config.semi_real.items():
        if not dense:
            raise PathloreError(
                f"the signatures '{config.put_on}' to put on {name} are not there ("
                f"{shorten(e.name for e in experiments)} are): change `evaluation.truth.put_on`"
            )
        experiments.append(semi_real(name, _file(cells, background.file), dense[0], background))
    return experiments


def _file(cells: Mapping[str, AnnData], name: str) -> AnnData:
    if name not in cells:
        raise PathloreError(
            f"the file {name} of `evaluation.truth` is not among those given ({shorten(cells) or 'none'}): add it to "
            "`truth_cells` in globals.yml"
        )
    return cells[name]


def evaluate_truth(experiments: Sequence[Experiments], graphs: Graphs, paths: PathConfig, config: TruthConfig) -> Truth:
    """Judge every scorer on every source of experiments.

    Parameters
    ----------
    experiments
        Sources. Those that come as studies of whole transcriptomes are also judged together.
    graphs
        `make_graphs`.
    paths
        How paths are found among the measured genes.
    config
        Draws, resamples, seed, and which sources are whole transcriptomes.
    """
    tables: dict[tuple[str, str, str], pd.DataFrame] = {}
    for source in experiments:
        truth = source.truth(graphs.network, graphs.real.receptors)
        for (scorer, unit), draws in _receptor_units(source, graphs).items():
            judged = [per_signature(scores, truth, *_labels(source)) for scores in draws]
            tables[scorer, source.name, unit] = mean_of(judged)
        tables |= _path_tables(source, graphs, paths, truth)
        logger.info(
            "Real truth, %s: %d signatures of %d families, AUROC %.3f", source.name, source.effects.shape[1],
            source.families.nunique(), tables[PATHLORE, source.name, RECEPTOR]["auroc"].mean(),
        )  # fmt: skip
    tables |= _together(tables, [name for name in config.transcriptomes if name in {s.name for s in experiments}])
    rows = [summary_row(*key, table, config.resamples, config.seed) for key, table in tables.items() if len(table)]
    for data, unit in dict.fromkeys((data, unit) for _, data, unit in tables):
        for pair in COMPARED:
            judged = [tables.get((scorer, data, unit)) for scorer in pair]
            if all(table is not None and len(table) for table in judged):
                rows.append(difference_row(pair, data, unit, tuple(judged), config.resamples, config.seed))
    every = [table.assign(scorer=s, data=d, unit=u) for (s, d, u), table in tables.items() if len(table)]
    signatures = pd.concat(every, ignore_index=True)[SIGNATURE_COLUMNS]
    return Truth(pd.DataFrame(rows, columns=COLUMNS), signatures)


def _labels(source: Experiments) -> tuple[pd.Series, pd.Series]:
    columns = source.effects.columns
    return source.ligands[columns], source.families[columns]


def _receptor_units(source: Experiments, graphs: Graphs) -> dict[tuple[str, str], list[np.ndarray]]:
    """Scorer and unit -> scores of each draw, (R, signatures); one draw but for the nulls."""
    real, effects = graphs.real, source.effects
    filled = effects.fillna(0.0)
    universe = filled if source.complete else filled.reindex(filled.index.union(real.genes)).fillna(0.0)
    families = source.families[effects.columns]
    made = receptor_scores(real, effects)
    found: dict[str, list[np.ndarray]] = {
        PATHLORE: [made.score],
        **{name: [made.parts[part]] for name, part in ((WALK_ONLY, WALK), (NETWORK_ONLY, NETWORK), (TEXT_ONLY, TEXT))
           if part in made.parts},
        NO_TEXT: [receptor_scores(replace(real, texts=[]), effects).score],
        **{name: [receptor_scores(profiles, effects).score] for name, profiles in graphs.extra.items()},
        PERMUTED: [], PERMUTED_ONLY: [], REWIRED: [], REWIRED_NO_TEXT: [],
        OWN: [own_change(effects if source.complete else filled, real.receptors)],
        FACTORS: [factor_activity(graphs.network, real, universe)],
        NICHENET: [nichenet(graphs.network, real, universe)],
    }  # fmt: skip
    for profiles in graphs.permuted:
        mixed = receptor_scores(profiles, effects)
        found[PERMUTED].append(mixed.score)
        if TEXT in mixed.parts:
            found[PERMUTED_ONLY].append(mixed.parts[TEXT])
    for profiles in graphs.rewired:
        found[REWIRED].append(_in_order(receptor_scores(profiles, effects).score, profiles, real))
        bare = replace(profiles, texts=[])
        found[REWIRED_NO_TEXT].append(_in_order(receptor_scores(bare, effects).score, profiles, real))
    units = {(name, RECEPTOR): draws for name, draws in found.items() if draws}
    if families.nunique() > 2:
        units[ONE, RECEPTOR] = [one_ranking(made.score, families)]
        for name, draws in found.items():
            if draws:
                units[name, SPECIFIC] = [specific_scores(_without_gaps(scores), families) for scores in draws]
    return units


def _without_gaps(scores: np.ndarray) -> np.ndarray:
    """Scores with the least one of each signature where there is none."""
    table = pd.DataFrame(scores)
    return table.fillna(table.min()).fillna(0.0).to_numpy()


def _in_order(scores: np.ndarray, profiles: SignalProfiles, real: SignalProfiles) -> np.ndarray:
    """Scores of a rewired network's receptors in the order of the real ones: roles stay, and so do receptors."""
    return pd.DataFrame(scores, index=profiles.receptors).reindex(real.receptors).to_numpy()


def _path_tables(
    source: Experiments, graphs: Graphs, config: PathConfig, truth: np.ndarray
) -> dict[tuple[str, str, str], pd.DataFrame]:
    """Judge paths, and receptors by their best path."""
    real, effects = graphs.real, source.effects.fillna(0.0)
    genes = [gene for gene in real.genes if source.complete is False or gene in effects.index]
    values = effects.reindex(genes).fillna(0.0).to_numpy()
    paths = PathTable(graphs.network, genes, config)
    receptor = pd.Index(real.receptors).get_indexer(paths.table["receptor"])
    affinity = receptor_scores(real, source.effects).score[receptor]
    scores = {LOG_ODDS: paths.log_odds(values), FOLD_CHANGE: paths.fold_change(values)}
    tables = {}
    for name, values_of in scores.items():
        best = paths.by_receptor(values_of, real.receptors)
        tables[name, source.name, RECEPTOR] = per_signature(best, truth, *_labels(source))
    scores |= {PATHLORE: affinity, BOTH: _standard(affinity) + PATH_WEIGHT * _standard(scores[LOG_ODDS])}
    for name, values_of in scores.items():
        tables[name, source.name, PATH] = per_signature(values_of, truth[receptor], *_labels(source))
    return tables


def _standard(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1))


def _together(
    tables: Mapping[tuple[str, str, str], pd.DataFrame], names: Sequence[str]
) -> dict[tuple[str, str, str], pd.DataFrame]:
    """The studies of whole transcriptomes as one source."""
    found: dict[tuple[str, str, str], pd.DataFrame] = {}
    for scorer, unit in dict.fromkeys((s, u) for s, data, u in tables if data in names):
        parts = [tables[scorer, name, unit] for name in names if (scorer, name, unit) in tables]
        if len(names) > 1 and len(parts) == len(names):
            found[scorer, TRANSCRIPTOMES, unit] = pd.concat(parts, ignore_index=True)
    return found
