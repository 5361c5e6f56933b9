"""The lines between cells: ligand (sender) -> receptor -> ... -> transcription factor -> target (receiver)."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.config import BetweenCellsConfig
from pathlore.explain.between_cells.changes import Changes, ligand_changes
from pathlore.explain.between_cells.groups import (
    Groups,
    class_fractions,
    group_cells,
    large_populations,
    population_means,
)
from pathlore.explain.between_cells.partners import Partners
from pathlore.explain.between_cells.receivers import Behind, behind_receptors, receiver_tables
from pathlore.explain.between_cells.score import change_part, evidence_part, pooled_p, score
from pathlore.explain.between_cells.specificity import specificity
from pathlore.explain.significance import LEVEL, adjusted
from pathlore.graph.interactions import members
from pathlore.schemas import BetweenCells

logger = logging.getLogger(__name__)


def between_cells(
    cells: AnnData,
    pairs: pd.DataFrame,
    importance: Mapping[str, pd.DataFrame],
    class_names: Sequence[str],
    config: BetweenCellsConfig,
    *,
    paired_donors: bool = False,
) -> pd.DataFrame:
    """List the signals from each population to each other one, and to itself, that may start its important paths.

    A line is a ligand that at least ``min_fraction`` of the sender's cells of some class express, and a receptor that
    as many of the receiver's cells express and that heads one of its ``top_paths``. It has a score
    (`pathlore.explain.between_cells.score.score`) and two p-values, which answer different questions: ``p`` whether the
    ligand changes between the classes more than by chance (labels of donors, or of cells where donors are too few,
    permuted; see `pathlore.explain.between_cells.score.pooled_p`), ``p_specific`` whether just these
    populations express the pair (`pathlore.explain.between_cells.specificity.specificity`). A line with a small
    ``p_specific`` need not change at all. Means, changes and tests are of all cells, those that the model was trained
    on among them.

    Parameters
    ----------
    cells
        ``X`` log(1 + normalised); ``obs`` with ``cell_type``, ``condition`` (class names) and ``donor``.
    pairs
        `pathlore.schemas.LigandReceptorPairs`; a pair with a member that was not measured is left out.
    importance
        Population -> `pathlore.schemas.PathImportance`. The populations are the receivers; where there is only
        ``pooled``, every cell type is one, with the same paths. Senders are all cell types.
    class_names
        The control first. With several cases the one in which the ligand changes most is reported.
    config
        Which lines are listed, and how many permutations.
    paired_donors
        Whether donors have cells of several classes.

    Returns
    -------
    `pathlore.schemas.BetweenCells`, the highest score first; without a row, and with the reason in the log, where fewer
    than two cell types have enough cells or no pair is left.

    Raises
    ------
    PathloreError
        No table of paths is of a cell type with enough cells.
    """
    names = large_populations(cells.obs, class_names, config.min_cells)
    if len(names) < 2:
        logger.warning(
            "Between cells: no network, %d cell type(s) with %d cells of each class, two are needed: set "
            "`ingestion.cells.cell_type`, or lower `interpretation.between_cells.min_cells`",
            len(names),
            config.min_cells,
        )
        return BetweenCells.empty()
    tops = receiver_tables(importance, names, config.top_paths)
    behind = {name: behind_receptors(table, pairs["receptor"].unique()) for name, table in tops.items()}
    pairs = _reachable(pairs, cells.var_names, behind)
    genes = sorted({gene for name in (*pairs["ligand"], *pairs["receptor"]) for gene in members(name)})
    if not genes:
        logger.warning("Between cells: no network, no measured ligand has a receptor at the head of a top path")
        return BetweenCells.empty()
    groups = group_cells(cells, names, class_names, genes)
    ligands, receptors = (Partners(sorted(pairs[end].unique()), genes) for end in ("ligand", "receptor"))
    lines = _lines(groups, pairs, ligands, receptors, behind, config.min_fraction)
    if lines.empty:
        logger.warning(
            "Between cells: no line, no ligand and receptor are expressed by %.3g %% of cells: lower "
            "`interpretation.between_cells.min_fraction`",
            100 * config.min_fraction,
        )
        return BetweenCells.empty()
    lines = _with_changes(lines, groups, ligands, class_names, config, paired=paired_donors)
    codes = lines[["sender_code", "receiver_code", "ligand_code", "receptor_code"]].to_numpy().T
    lines["p_specific"] = specificity(
        groups.x, groups.population, ligands, receptors, codes, config.permutations, config.seed
    )
    for p, q in (("p", "q"), ("p_specific", "q_specific")):
        lines[q] = adjusted(lines[p].to_numpy())
    logger.info(
        "Between cells: %d lines of %d pairs between %d senders and %d receivers, %d with q < %.2g; %d are kept",
        len(lines),
        len(lines[["ligand", "receptor"]].drop_duplicates()),
        lines["sender"].nunique(),
        lines["receiver"].nunique(),
        int((lines["q"] < LEVEL).sum()),
        LEVEL,
        min(len(lines), config.max_lines),
    )
    keys = ["score", "sender", "receiver", "ligand", "receptor"]
    lines = lines.sort_values(keys, ascending=[False, True, True, True, True], ignore_index=True)
    lines = lines.head(config.max_lines)
    lines.insert(0, "rank", range(1, len(lines) + 1))
    return BetweenCells.validate(lines[list(BetweenCells.to_schema().columns)])


def _reachable(pairs: pd.DataFrame, measured: pd.Index, behind: Mapping[str, Mapping[str, Behind]]) -> pd.DataFrame:
    """Pairs whose members are all measured and whose receptor heads a path of some receiver."""
    known, heads = set(measured), set().union(*behind.values())
    ends = zip(pairs["ligand"], pairs["receptor"], strict=True)
    whole = [known.issuperset((*members(ligand), *members(receptor))) for ligand, receptor in ends]
    return pairs[np.array(whole, dtype=bool) & pairs["receptor"].isin(heads).to_numpy()].reset_index(drop=True)


def _lines(
    groups: Groups,
    pairs: pd.DataFrame,
    ligands: Partners,
    receptors: Partners,
    behind: Mapping[str, Mapping[str, Behind]],
    min_fraction: float,
) -> pd.DataFrame:
    """One row per sender, receiver and pair that are expressed, with what is behind the receptor."""
    fractions, means = class_fractions(groups), population_means(groups)
    sent, received = (partners.least(fractions).max(axis=1) for partners in (ligands, receptors))  # (S, m)
    heads = [[name in behind.get(receiver, {}) for name in receptors.names] for receiver in groups.names]
    place = [
        pd.Index(partners.names).get_indexer(pairs[end])
        for partners, end in ((ligands, "ligand"), (receptors, "receptor"))
    ]
    possible = (sent >= min_fraction)[:, None, place[0]] & ((received >= min_fraction) & heads)[None, :, place[1]]
    sender, receiver, pair = np.nonzero(possible)
    ligand, receptor = place[0][pair], place[1][pair]
    names = np.array(groups.names, dtype=object)
    lines = (
        pairs.iloc[pair]
        .reset_index(drop=True)
        .assign(
            sender=names[sender],
            receiver=names[receiver],
            autocrine=sender == receiver,
            sender_code=sender,
            receiver_code=receiver,
            ligand_code=ligand,
            receptor_code=receptor,
            ligand_expression=ligands.least(means)[sender, ligand],
            ligand_fraction=sent[sender, ligand],
            receptor_expression=receptors.least(means)[receiver, receptor],
            receptor_fraction=received[receiver, receptor],
        )
    )
    ends = zip(lines["receiver"], lines["receptor"], strict=True)
    started = pd.DataFrame([behind[name][receptor] for name, receptor in ends], columns=Behind._fields)
    lines = pd.concat([lines, started], axis=1)
    read = lines[["ligand", "sender", "receptor", "route", "receiver"]].itertuples(index=False)
    return lines.assign(route=[_route(*row) for row in read])


def _route(ligand: str, sender: str, receptor: str, route: str, receiver: str) -> str:
    """The whole line, as it is read.

    Examples
    --------
    >>> _route("L", "T cells", "R_Q", "R > S > F > X", "B cells")
    'L (T cells) -> R_Q -> S -> F -> X (B cells)'
    """
    _, *following = route.split(" > ")
    return " -> ".join([f"{ligand} ({sender})", receptor, *following]) + f" ({receiver})"


def _with_changes(
    lines: pd.DataFrame,
    groups: Groups,
    ligands: Partners,
    class_names: Sequence[str],
    config: BetweenCellsConfig,
    *,
    paired: bool,
) -> pd.DataFrame:
    """Add how each ligand changes in its sender, the score, and its p-value."""
    parts: list[tuple[pd.DataFrame, Changes, np.ndarray]] = []
    for code, rows in lines.groupby("sender_code"):
        names = sorted(rows["ligand"].unique())
        own = Partners(names, groups.genes)
        changes = ligand_changes(groups, int(str(code)), own, config.permutations, config.seed, paired=paired)
        at = pd.Index(names).get_indexer(rows["ligand"])
        concordant = changes.highest[at] == _codes(rows["direction"], class_names)
        evidence = evidence_part(rows["n_evidence"].to_numpy())
        rows = rows.assign(
            ligand_log_fold_change=changes.log_fold_change[at],
            ligand_p=changes.p[at],
            ligand_q=adjusted(changes.p)[at],
            evidence=evidence,
            score=score(change_part(changes.size[at]), evidence, rows["importance"].to_numpy(), concordant),
            concordant=concordant,
        )
        parts.append((rows, changes, at))
    _tell([changes for _, changes, _ in parts], config.permutations)
    over_donors = [part for part in parts if part[1].distinct > 0]
    over_cells = [part for part in parts if part[1].distinct == 0]
    return pd.concat([_tested(alike) for alike in (over_donors, over_cells) if alike], ignore_index=True)


def _tested(parts: list[tuple[pd.DataFrame, Changes, np.ndarray]]) -> pd.DataFrame:
    """Add the p-value to senders whose labels were permuted in the same way."""
    lines = pd.concat([rows for rows, _, _ in parts], ignore_index=True)
    size = np.concatenate([changes.size[at] for _, changes, at in parts])
    null = np.concatenate([changes.null[:, at].astype(np.float32) for _, changes, at in parts], axis=1)
    return lines.assign(p=pooled_p(size, null))


def _codes(names: pd.Series, class_names: Sequence[str]) -> np.ndarray:
    """Place of each class in the list of classes."""
    return np.asarray(pd.Index(class_names).get_indexer(names))


def _tell(changes: Sequence[Changes], permutations: int) -> None:
    """Say how the changes were tested."""
    distinct = [each.distinct for each in changes if each.distinct > 0]
    if len(distinct) < len(changes):
        logger.info(
            "Between cells: for %d of %d senders with fewer than 3 donors of a class, labels of cells were permuted: "
            "differences between donors count as changes there, and p is too small",
            len(changes) - len(distinct),
            len(changes),
        )
    if distinct and min(distinct) < permutations:
        logger.info(
            "Between cells: the labels can be dealt to the donors of a sender in only %.0f ways; p and q cannot fall "
            "far below 1 / %.0f there",
            min(distinct),
            min(distinct),
        )
