"""The cell-cell interactions: ligand (sender) -> receptor -> ... -> transcription factor -> target (receiver)."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.config import CellCommunicationConfig
from pathlore.explain.cell_communication.changes import Changes, ligand_changes
from pathlore.explain.cell_communication.groups import (
    Groups,
    class_fractions,
    group_cells,
    large_populations,
    population_means,
)
from pathlore.explain.cell_communication.partners import Partners
from pathlore.explain.cell_communication.receivers import Behind, behind_receptors, receiver_tables
from pathlore.explain.cell_communication.score import change_part, evidence_score, pooled_p, score
from pathlore.explain.cell_communication.specificity import specificity
from pathlore.explain.significance import LEVEL, adjusted
from pathlore.graph.interactions import members
from pathlore.schemas import CellCommunication

logger = logging.getLogger(__name__)


def cell_communication(
    cells: AnnData,
    pairs: pd.DataFrame,
    importance: Mapping[str, pd.DataFrame],
    class_names: Sequence[str],
    config: CellCommunicationConfig,
    *,
    paired_donors: bool = False,
) -> pd.DataFrame:
    """List the signals from each population to each other one, and to itself, that may start its important paths.

    An interaction is a ligand that at least ``min_fraction`` of the sender's cells of some class express, and a
    receptor that as many of the receiver's cells express and that heads one of its ``top_paths``. It has a score
    (`pathlore.explain.cell_communication.score.score`) and two p-values, which answer different questions: ``p``
    whether the ligand changes between the classes more than by chance (labels of donors, or of cells where donors are
    too few, permuted; see `pathlore.explain.cell_communication.score.pooled_p`), ``p_specific`` whether just these
    populations express the pair (`pathlore.explain.cell_communication.specificity.specificity`). An interaction with a
    small ``p_specific`` need not change at all. Means, changes and tests are of all cells, those that the model was
    trained on among them.

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
        The control first. Of several comparisons (``cells.uns["pathlore"]["contrast"]``: each class with each, or else
        with the control) the one in which the ligand changes most is reported.
    config
        Which interactions are listed, and how many permutations.
    paired_donors
        Whether donors have cells of several classes.

    Returns
    -------
    `pathlore.schemas.CellCommunication`, the highest score first; without a row, and with the reason in the log, where
    fewer than two cell types have enough cells or no pair is left.

    Raises
    ------
    PathloreError
        No table of paths is of a cell type with enough cells.
    """
    names = large_populations(cells.obs, class_names, config.min_cells)
    if len(names) < 2:
        logger.warning(
            "Cell communication: no network, %d cell type(s) with %d cells of each class, two are needed: set "
            "`ingestion.cells.cell_type`, or lower `interpretation.cell_communication.min_cells`",
            len(names),
            config.min_cells,
        )
        return CellCommunication.empty()
    tops = receiver_tables(importance, names, config.top_paths)
    behind = {name: behind_receptors(table, pairs["receptor"].unique()) for name, table in tops.items()}
    pairs = _reachable(pairs, cells.var_names, behind)
    genes = sorted({gene for name in (*pairs["ligand"], *pairs["receptor"]) for gene in members(name)})
    if not genes:
        logger.warning("Cell communication: no network, no measured ligand has a receptor at the head of a top path")
        return CellCommunication.empty()
    groups = group_cells(cells, names, class_names, genes)
    ligands, receptors = (Partners(sorted(pairs[end].unique()), genes) for end in ("ligand", "receptor"))
    interactions = _interactions(groups, pairs, ligands, receptors, behind, config.min_fraction)
    if interactions.empty:
        logger.warning(
            "Cell communication: no interaction, no ligand and receptor are expressed by %.3g %% of cells: lower "
            "`interpretation.cell_communication.min_fraction`",
            100 * config.min_fraction,
        )
        return CellCommunication.empty()
    all_pairs = cells.uns.get("pathlore", {}).get("contrast") == "all_pairs"
    interactions = _with_changes(interactions, groups, class_names, config, paired=paired_donors, all_pairs=all_pairs)
    codes = interactions[["sender_code", "receiver_code", "ligand_code", "receptor_code"]].to_numpy().T
    interactions["p_specific"] = specificity(
        groups.x, groups.population, ligands, receptors, codes, config.permutations, config.seed
    )
    for p, q in (("p", "q"), ("p_specific", "q_specific")):
        interactions[q] = adjusted(interactions[p].to_numpy())
    logger.info(
        "Cell communication: %d interactions of %d pairs from %d senders to %d receivers, %d with q < %.2g; %d kept",
        len(interactions),
        len(interactions[["ligand", "receptor"]].drop_duplicates()),
        interactions["sender"].nunique(),
        interactions["receiver"].nunique(),
        int((interactions["q"] < LEVEL).sum()),
        LEVEL,
        min(len(interactions), config.max_interactions),
    )
    keys = ["score", "sender", "receiver", "ligand", "receptor"]
    interactions = interactions.sort_values(keys, ascending=[False, True, True, True, True], ignore_index=True)
    interactions = interactions.head(config.max_interactions)
    interactions.insert(0, "rank", range(1, len(interactions) + 1))
    return CellCommunication.validate(interactions[list(CellCommunication.to_schema().columns)])


def _reachable(pairs: pd.DataFrame, measured: pd.Index, behind: Mapping[str, Mapping[str, Behind]]) -> pd.DataFrame:
    """Pairs whose members are all measured and whose receptor heads a path of some receiver."""
    known, heads = set(measured), set().union(*behind.values())
    ends = zip(pairs["ligand"], pairs["receptor"], strict=True)
    whole = [known.issuperset((*members(ligand), *members(receptor))) for ligand, receptor in ends]
    return pairs[np.array(whole, dtype=bool) & pairs["receptor"].isin(heads).to_numpy()].reset_index(drop=True)


def _interactions(
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
    interactions = (
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
    ends = zip(interactions["receiver"], interactions["receptor"], strict=True)
    started = pd.DataFrame([behind[name][receptor] for name, receptor in ends], columns=Behind._fields)
    interactions = pd.concat([interactions, started], axis=1)
    read = interactions[["ligand", "sender", "receptor", "route", "receiver"]].itertuples(index=False)
    return interactions.assign(route=[_route(*row) for row in read])


def _route(ligand: str, sender: str, receptor: str, route: str, receiver: str) -> str:
    """The whole interaction, as it is read.

    Examples
    --------
    >>> _route("L", "T cells", "R_Q", "R > S > F > X", "B cells")
    'L (T cells) -> R_Q -> S -> F -> X (B cells)'
    """
    _, *following = route.split(" > ")
    return " -> ".join([f"{ligand} ({sender})", receptor, *following]) + f" ({receiver})"


def _with_changes(
    interactions: pd.DataFrame,
    groups: Groups,
    class_names: Sequence[str],
    config: CellCommunicationConfig,
    *,
    paired: bool,
    all_pairs: bool,
) -> pd.DataFrame:
    """Add how each ligand changes in its sender, the score, and its p-value."""
    parts: list[tuple[pd.DataFrame, Changes, np.ndarray]] = []
    for code, rows in interactions.groupby("sender_code"):
        names = sorted(rows["ligand"].unique())
        partners = Partners(names, groups.genes)
        changes = ligand_changes(
            groups, int(str(code)), partners, config.permutations, config.seed, paired=paired, all_pairs=all_pairs
        )
        at = pd.Index(names).get_indexer(rows["ligand"])
        concordant = changes.highest[at] == _codes(rows["direction"], class_names)
        evidence = evidence_score(rows["n_evidence"].to_numpy())
        rows = rows.assign(
            ligand_log_fold_change=changes.log_fold_change[at],
            comparison=[f"{class_names[case]} vs {class_names[control]}" for control, case in changes.compared[at]],
            ligand_p=changes.p[at],
            ligand_q=adjusted(changes.p)[at],
            evidence_score=evidence,
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
    interactions = pd.concat([rows for rows, _, _ in parts], ignore_index=True)
    size = np.concatenate([changes.size[at] for _, changes, at in parts])
    null = np.concatenate([changes.null[:, at].astype(np.float32) for _, changes, at in parts], axis=1)
    return interactions.assign(p=pooled_p(size, null))


def _codes(names: pd.Series, class_names: Sequence[str]) -> np.ndarray:
    """Place of each class in the list of classes."""
    return np.asarray(pd.Index(class_names).get_indexer(names))


def _tell(changes: Sequence[Changes], permutations: int) -> None:
    """Say how the changes were tested."""
    distinct = [each.distinct for each in changes if each.distinct > 0]
    if len(distinct) < len(changes):
        logger.info(
            "Cell communication: labels of cells were permuted for %d of %d senders with fewer than 3 donors of a "
            "class: differences between donors count as changes there, and p is too small",
            len(changes) - len(distinct),
            len(changes),
        )
    if distinct and min(distinct) < permutations:
        logger.info(
            "Cell communication: the donors of a sender have only %.0f relabellings; p and q cannot "
            "fall far below 1 / %.0f there",
            min(distinct),
            min(distinct),
        )
