"""Which receptors and ligands were active, from the changes of genes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.names import GeneNames
from pathlore.resources.given import BUILTIN, GivenTable
from pathlore.signals.effects import Effects, GeneEffects, is_selected, read_effects
from pathlore.signals.inputs import (
    Encoder,
    Network,
    Texts,
    as_background,
    load_names,
    load_profiles,
)
from pathlore.signals.profiles import NETWORK, PARTS, TEXT, WALK, SignalProfiles
from pathlore.signals.scores import (
    Kernel,
    Scores,
    background_p,
    complex_scores,
    contributions,
    kernels,
    sampled_p,
    score,
    specific,
)

SPEAKING = 8
"""Genes that are named for each receptor."""

LEAST_BACKGROUND = 20
"""Background signatures from which a p is computed."""

Direction = Literal["up", "down"]
Background: TypeAlias = pd.DataFrame | Mapping[str, Sequence[str]]


def rank_receptors(
    effects: Effects,
    *,
    network: Network = BUILTIN,
    texts: Texts = BUILTIN,
    encoder: Encoder = "lsa",
    background: Background | None = None,
    null: pd.DataFrame | np.ndarray | None = None,
    direction: Direction = "up",
    gene_names: GivenTable | GeneNames = BUILTIN,
    orthologs: pd.DataFrame | None = None,
    cache: str | Path | None = "user",
) -> pd.DataFrame:
    r"""Rank the receptors of a network by how well their activity explains the changes of genes.

    Nothing is trained: a receptor is compared with the genes that rose by the targets of the factors it reaches
    (``walk``), by its place in the network (``network``) and by what is written about it and its ligands (``text``);
    the formulas stand in `pathlore.signals.scores`.

    Parameters
    ----------
    effects
        Gene -> signed statistic, best a moderated t of treated against untreated: a Series or mapping, a DataFrame
        genes x signatures, a table of differential expression with columns gene and stat, or names of genes. Statistics
        of all measured genes say more than a list of those that changed; of a list, all other genes count as
        unchanged. See `pathlore.signals.effects.read_effects` for other names of columns, aliases, ids and mouse genes.
    network
        ``"builtin"``, a table or file of associations, or profiles of `pathlore.signals.load_profiles`, with which
        ``texts``, ``encoder`` and ``cache`` are not looked at.
    texts
        ``"builtin"``, a table or file (symbol, description), vectors, several of these in a list; None leaves text out.
    encoder
        ``"lsa"``, a `pathlore.config.EncoderConfig`, or an object with ``encode`` and ``version``.
    background
        Signatures of other experiments, genes x signatures or name -> genes. ``specific`` then says how far a
        receptor's score lies above its mean in them, in their standard deviations: what every change of cells calls
        for comes last. Leave out experiments with the same ligand. It helps where signatures are dense and may hurt
        short lists of genes.
    null
        (B, genes) effects with exchanged labels of donors or replicates, for one signature: a DataFrame with genes as
        columns, or an array with the genes in the order of ``effects``.
    direction
        ``"up"``: receptors that became active; ``"down"``: that became silent (all signs are turned).
    gene_names
        Other names and ids of genes, a table or file beside the built-in one (the HGNC complete set, for example).
    orthologs
        Pairs of mouse and human genes (``mouse``, ``human``).
    cache
        Folder of the vectors; ``"user"``: the user's cache folder; None: none.

    Returns
    -------
    One row per receptor (and ``signature``, where several are given), best first:

    - ``receptor``, and its ``ligands`` in the network (';'-joined)
    - ``score``: the larger the better, in standard deviations over receptors, about
    - ``walk``, ``network``, ``text``: its parts, of the receptor by itself; 0 is a typical receptor
    - ``specific``: see ``background``; NaN without one
    - ``p``: with ``null``, the fraction of exchanged labellings with at least this score (a null of samples: donors
      are the unit, and the least p is 1 / (B + 1)); else, with 20 background signatures or more, the fraction of those
      in which the receptor is as specific; else NaN. No p is computed by permuting genes: genes that respond together
      make such a p far too small.
    - ``p_family``: with ``null``, the fraction of exchanged labellings whose best receptor has at least this score
      (max-T), which allows for the number of receptors
    - ``rank``: 1 is the best, by ``score``
    - ``reaches_tf``: False where no transcription factor lies within three steps, so that the walk says nothing (0)
    - ``complex``: the chains of the best ligand's receptor, which count half
    - ``rank_without_text``: its rank if text is left out
    - ``genes``: those that speak for it, best first (','-joined)

    Raises
    ------
    PathloreError
        Effects or tables are not understood, or no gene of the network is among the effects.

    Examples
    --------
    >>> changed = pd.Series({"STAT1": 6.0, "MX1": 9.0, "ISG15": 8.0, "IRF7": 5.0, "ACTB": 0.1, "MYC": -2.0})
    >>> sorted(rank_receptors(changed, cache=None)["receptor"].iloc[:2])
    ['IFNAR1', 'IFNAR2']
    """
    study = study_of(effects, network, texts, encoder, direction, gene_names, orthologs, cache)
    bank = None if background is None else as_background(background)
    table = pd.concat([_receptor_rows(study, block, bank, null) for block in study.blocks()], ignore_index=True)
    return _ordered(table, study)


def rank_ligands(
    effects: Effects,
    *,
    network: Network = BUILTIN,
    texts: Texts = BUILTIN,
    encoder: Encoder = "lsa",
    background: Background | None = None,
    direction: Direction = "up",
    gene_names: GivenTable | GeneNames = BUILTIN,
    orthologs: pd.DataFrame | None = None,
    cache: str | Path | None = "user",
) -> pd.DataFrame:
    """Rank the ligands of a network by how well the activity of their receptors explains the changes of genes.

    The score of a ligand is the mean over all receptors, chains and co-receptors alike, that it binds; ligands of the
    same receptors cannot be told apart and share a rank.

    Parameters
    ----------
    effects, network, texts, encoder, background, direction, gene_names, orthologs, cache
        As for `rank_receptors`.

    Returns
    -------
    One row per ligand (and ``signature``, where several are given), best first: ``ligand``, ``receptors`` (';'-joined),
    ``score``, ``walk``, ``network``, ``text``, ``specific`` (NaN without a background), ``rank`` and ``reaches_tf``
    (one of its receptors does).

    Raises
    ------
    PathloreError
        As for `rank_receptors`.

    Examples
    --------
    >>> changed = pd.Series({"STAT1": 6.0, "MX1": 9.0, "ISG15": 8.0, "IRF7": 5.0, "ACTB": 0.1, "MYC": -2.0})
    >>> rank_ligands(changed, cache=None)["ligand"].iloc[0].startswith("IFN")
    True
    """
    study = study_of(effects, network, texts, encoder, direction, gene_names, orthologs, cache)
    bank = None if background is None else as_background(background)
    table = pd.concat([_ligand_rows(study, block, bank) for block in study.blocks()], ignore_index=True)
    return _ordered(table, study)


def receptor_scores(profiles: SignalProfiles, effects: pd.DataFrame) -> Scores:
    """Score the receptors of ready profiles for effects of approved symbols, genes x signatures; no table is made."""
    selected = np.array([is_selected(effects[name]) for name in effects])
    study = SignatureStudy(profiles, GeneEffects(effects, selected, several=True))
    order = [str(name) for name in effects]
    parts = [(block.names, score(profiles, block.kernels, block.changes)) for block in study.blocks()]
    places = np.argsort([order.index(name) for names, _ in parts for name in names])

    def joined(arrays: list[np.ndarray]) -> np.ndarray:
        return np.concatenate(arrays, axis=1)[:, places]

    return Scores(
        {part: joined([made.parts[part] for _, made in parts]) for part in parts[0][1].parts},
        joined([made.chain for _, made in parts]),
        joined([made.best_complex for _, made in parts]),
        joined([made.score for _, made in parts]),
    )


@dataclass(frozen=True)
class SignatureBlock:
    """Signatures with the same measured genes."""

    names: list[str]
    genes: list[str]
    changes: np.ndarray  # (G, signatures)
    kernels: list[Kernel]


@dataclass(frozen=True)
class SignatureStudy:
    """Effects beside the profiles that they are compared with."""

    profiles: SignalProfiles
    effects: GeneEffects

    def blocks(self) -> Iterator[SignatureBlock]:
        """Signatures, by their measured genes.

        Raises
        ------
        PathloreError
            No gene of a signature is in the network.
        """
        table = self.effects.table
        everywhere = list(
            dict.fromkeys([*table.index, *(gene for _, genes, _ in self.profiles.kernels for gene in genes)])
        )
        groups: dict[bytes, list[int]] = {}
        for column, selected in enumerate(self.effects.selected):
            mask = b"" if selected else table.iloc[:, column].notna().to_numpy().tobytes()
            groups.setdefault(mask, []).append(column)
        for mask, columns in groups.items():
            genes = list(table.index[np.frombuffer(mask, dtype=bool)]) if mask else everywhere
            values = table.iloc[:, columns].reindex(genes).fillna(0.0).to_numpy()
            self._check(table.iloc[:, columns])
            yield SignatureBlock([str(table.columns[i]) for i in columns], genes, values, kernels(self.profiles, genes))

    def _check(self, table: pd.DataFrame) -> None:
        known = table.index.isin(self.profiles.genes)
        changed = (table.fillna(0.0) > 0).to_numpy() & known[:, None]
        empty = ~changed.any(axis=0)
        if empty.any():
            raise PathloreError(
                f"of the {len(table)} genes of {table.columns[empty][0]}, {known.sum()} are in the network and none of "
                "these rises; expected genes that rise among human symbols: check the names of the genes and the sign "
                "of the statistic, or set direction='down'"
            )


def study_of(
    effects: Effects,
    network: Network,
    texts: Texts,
    encoder: Encoder,
    direction: Direction,
    gene_names: GivenTable | GeneNames,
    orthologs: pd.DataFrame | None,
    cache: str | Path | None,
) -> SignatureStudy:
    """Read effects and profiles as `rank_receptors` is given them."""
    if direction not in ("up", "down"):
        raise PathloreError(f"direction is '{direction}'; expected 'up' or 'down'")
    found = read_effects(effects, load_names(gene_names), orthologs)
    if direction == "down":
        found = GeneEffects(-found.table, found.selected, found.several)
    return SignatureStudy(load_profiles(network, texts, encoder, cache), found)


def _receptor_rows(
    study: SignatureStudy, block: SignatureBlock, bank: pd.DataFrame | None, null: pd.DataFrame | np.ndarray | None
) -> pd.DataFrame:
    profiles = study.profiles
    made = score(profiles, block.kernels, block.changes)
    without = score(profiles, [kernel for kernel in block.kernels if kernel.part != TEXT], block.changes)
    unique = p = family = np.full(made.score.shape, np.nan)
    if bank is not None:
        others = score(profiles, block.kernels, _bank_values(bank, block)).score
        unique = specific(made.score, others)
        p = background_p(unique, others) if others.shape[1] >= LEAST_BACKGROUND else p
    if null is not None:
        sampled = sampled_p(profiles, block.kernels, block.changes[:, 0], _null_values(null, study, block))
        p, family = (values[:, None] for values in sampled)
    ligands = [";".join(np.array(profiles.ligands, dtype=object)[row]) for row in profiles.bound]
    rows = []
    for column, name in enumerate(block.names):
        parts = {part: made.parts[part][:, column] if part in made.parts else np.nan for part in PARTS}
        rows.append(
            pd.DataFrame(
                {
                    "signature": name,
                    "receptor": profiles.receptors,
                    "ligands": ligands,
                    "score": made.score[:, column],
                    **parts,
                    "specific": unique[:, column],
                    "p": p[:, column],
                    "p_family": family[:, column],
                    "rank": _ranks(made.score[:, column]),
                    "reaches_tf": profiles.reaches_tf,
                    "complex": [profiles.complexes[1][row] for row in made.best_complex[:, column]],
                    "rank_without_text": _ranks(without.score[:, column]),
                    "genes": _speaking(block, made, column, profiles),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _ligand_rows(study: SignatureStudy, block: SignatureBlock, bank: pd.DataFrame | None) -> pd.DataFrame:
    profiles = study.profiles
    sets, _ = profiles.complexes
    place = {row.tobytes(): i for i, row in enumerate(sets)}
    places = np.array([place[np.ascontiguousarray(row).tobytes()] for row in profiles.bound.T])
    made = score(profiles, block.kernels, block.changes)
    total = complex_scores(profiles, made.chain)[places]
    unique = np.full(total.shape, np.nan)
    if bank is not None:
        others = score(profiles, block.kernels, _bank_values(bank, block)).chain
        unique = specific(total, complex_scores(profiles, others)[places])
    receptors = [";".join(np.array(profiles.receptors, dtype=object)[row]) for row in profiles.bound.T]
    reaches = (profiles.bound & profiles.reaches_tf[:, None]).any(axis=0)
    rows = []
    for column, name in enumerate(block.names):
        parts = {part: complex_scores(profiles, values)[places][:, column] for part, values in made.parts.items()}
        table = pd.DataFrame({"signature": name, "ligand": profiles.ligands, "receptors": receptors})
        table = table.assign(
            score=total[:, column], **{part: parts.get(part, np.nan) for part in (WALK, NETWORK, TEXT)}
        )
        rows.append(table.assign(specific=unique[:, column], rank=_ranks(total[:, column]), reaches_tf=reaches))
    return pd.concat(rows, ignore_index=True)


def _ranks(scores: np.ndarray) -> np.ndarray:
    """1 for the best; equals share the better rank."""
    return pd.Series(-scores.round(9)).rank(method="min").astype(int).to_numpy()


def _ordered(table: pd.DataFrame, study: SignatureStudy) -> pd.DataFrame:
    """In the order of the signatures, best first."""
    order = {str(name): i for i, name in enumerate(study.effects.table)}
    table = table.assign(order=table["signature"].map(order)).sort_values(["order", "rank"], kind="stable")
    dropped = ["order"] if study.effects.several else ["order", "signature"]
    return table.drop(columns=dropped).reset_index(drop=True)


def _bank_values(bank: pd.DataFrame, block: SignatureBlock) -> np.ndarray:
    """(G, background signatures); a gene that a background signature lacks counts as unchanged."""
    return bank.reindex(block.genes).fillna(0.0).to_numpy(dtype=float)


def _null_values(null: pd.DataFrame | np.ndarray, study: SignatureStudy, block: SignatureBlock) -> np.ndarray:
    """(B, G) exchanged effects in the order of the block's genes.

    Raises
    ------
    PathloreError
        There are several signatures, or the genes do not fit.
    """
    table = study.effects.table
    if table.shape[1] != 1:
        raise PathloreError(
            f"`null` belongs to one signature, and {table.shape[1]} are given: call it for each of them"
        )
    if not isinstance(null, pd.DataFrame):
        if null.ndim != 2 or null.shape[1] != len(table):
            raise PathloreError(
                f"`null` has the shape {null.shape}, and {len(table)} genes have effects; expected (B, genes): give a "
                "DataFrame with genes as columns where the orders differ"
            )
        if list(block.genes) == list(table.index) and not np.isnan(null).any():
            return null.astype(float, copy=False)
        null = pd.DataFrame(null, columns=table.index)
    absent = table.index.difference(null.columns)
    if len(absent):
        raise PathloreError(
            f"`null` lacks {len(absent)} of {len(table)} genes of the effects: give the same genes in both"
        )
    return null.reindex(columns=block.genes).fillna(0.0).to_numpy(dtype=float)


def _speaking(block: SignatureBlock, made: Scores, column: int, profiles: SignalProfiles) -> list[str]:
    """Names of the genes that speak for each receptor."""
    added = contributions(block.kernels, block.changes[:, column], len(block.genes))
    n = min(SPEAKING, added.shape[1])
    best = np.argpartition(-added, n - 1, axis=1)[:, :n]
    names = []
    for row, columns in zip(added, best, strict=True):
        columns = columns[np.argsort(-row[columns], kind="stable")]
        names.append(",".join(block.genes[i] for i in columns if row[i] > 0))
    return names
