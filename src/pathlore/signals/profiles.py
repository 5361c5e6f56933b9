"""What each receptor's activity should change: by walks, by place in the network, by what is written."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.keys import Kind
from pathlore.signals.cache import cached, digest
from pathlore.signals.vectors import DIMENSIONS, POWER, centred_unit, network_vectors, with_ligands
from pathlore.signals.walk import DECAY, STEPS, factors_reached, signed_targets
from pathlore.text.cache import EmbeddingCache
from pathlore.text.embedding import encode_sentences
from pathlore.text.encoders import TextEncoder

logger = logging.getLogger(__name__)

WALK, NETWORK, TEXT = "walk", "network", "text"
PARTS = (WALK, NETWORK, TEXT)


@dataclass(frozen=True)
class GeneTexts:
    """One text for each of some genes, and their vectors.

    Attributes
    ----------
    genes
        N symbols.
    vectors
        (N, T), centred and of unit length.
    """

    genes: list[str]
    vectors: np.ndarray

    def of(self, genes: Sequence[str]) -> np.ndarray:
        """(n, T) vectors of some genes, zero for those without a text."""
        place = {gene: i for i, gene in enumerate(self.genes)}
        rows = np.array([place.get(gene, -1) for gene in genes], dtype=int)
        found = np.zeros((len(rows), self.vectors.shape[1]), dtype=np.float32)
        found[rows >= 0] = self.vectors[rows[rows >= 0]]
        return found


@dataclass(frozen=True, eq=False)
class SignalProfiles:
    """Receptors of a network, with what is known of the genes that answer them.

    Attributes
    ----------
    genes
        n genes of the network, sorted.
    receptors, ligands
        R and L, sorted.
    bound
        (R, L) bool: which ligands each receptor binds.
    reaches_tf
        (R,) bool: a transcription factor lies within `pathlore.signals.walk.STEPS` steps.
    walk
        (R, n) signed targets of the factors that each receptor reaches.
    vectors
        (n, K) where each gene lies in the network without its ligand -> receptor associations: that a cell makes a
        ligand says to whom it speaks, not what it heard.
    texts
        One entry for each kind of text.
    """

    genes: list[str]
    receptors: list[str]
    ligands: list[str]
    bound: np.ndarray
    reaches_tf: np.ndarray
    walk: np.ndarray
    vectors: np.ndarray
    texts: list[GeneTexts] = field(default_factory=list)

    @cached_property
    def receptor_rows(self) -> np.ndarray:
        """(R,) places of the receptors among the genes."""
        place = {gene: i for i, gene in enumerate(self.genes)}
        return np.array([place[receptor] for receptor in self.receptors], dtype=int)

    @cached_property
    def complexes(self) -> tuple[np.ndarray, list[str]]:
        """(C, R) bool, the distinct sets of receptors that one ligand binds; and each set in words."""
        sets = np.unique(self.bound.T, axis=0)
        sets = sets[sets.any(axis=1)]
        names = ["+".join(np.array(self.receptors, dtype=object)[row]) for row in sets]
        return sets, names

    @cached_property
    def kernels(self) -> list[tuple[str, list[str], np.ndarray]]:
        """Part, genes, and (R, genes) how much each receptor's activity speaks for a change of each gene.

        By place and by text, genes of receptors are left out: how much of a receptor is there says which cells these
        are, and every receptor lies nearest to itself and its kin.
        """
        answering = self._answering(self.genes)
        vectors = self.vectors[answering]
        found = [
            (WALK, self.genes, self.walk),
            (NETWORK, [self.genes[i] for i in answering], self.vectors[self.receptor_rows] @ vectors.T),
        ]
        for texts in self.texts:
            whole = with_ligands(texts.of(self.receptors), texts.of(self.ligands), self.bound)
            answering = self._answering(texts.genes)
            found.append((TEXT, [texts.genes[i] for i in answering], whole @ texts.vectors[answering].T))
        return found

    def _answering(self, genes: list[str]) -> list[int]:
        """Places of the genes that are no receptors."""
        receptors = set(self.receptors)
        return [i for i, gene in enumerate(genes) if gene not in receptors]


def make_profiles(network: pd.DataFrame, texts: Sequence[GeneTexts], cache: Path | None = None) -> SignalProfiles:
    """Compute the profiles of all receptors of a network.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, or at least its columns source, target, kind and sign.
    texts
        Kinds of text, perhaps none.
    cache
        Folder of the network's vectors; None: they are not kept.

    Raises
    ------
    PathloreError
        The network has no ligand -> receptor association, or hardly any gene.
    """
    bonds = network[network["kind"] == Kind.LIGAND_RECEPTOR]
    if bonds.empty:
        raise PathloreError(
            f"the network has {len(network)} associations and no {Kind.LIGAND_RECEPTOR} one, from which receptors are "
            "known: give a `network` that has them"
        )
    genes = sorted(set(network["source"]) | set(network["target"]))
    place = {gene: i for i, gene in enumerate(genes)}
    inside = network[network["kind"] != Kind.LIGAND_RECEPTOR]
    source, target = (inside[end].map(place).to_numpy(dtype=int) for end in ("source", "target"))
    key = digest(["network", DIMENSIONS, POWER, *genes, source.tolist(), target.tolist()])
    vectors = cached(cache, key, lambda: network_vectors(source, target, len(genes)))
    receptors, ligands = sorted(set(bonds["target"])), sorted(set(bonds["source"]))
    reached = factors_reached(network, receptors, genes)
    bound = pd.crosstab(bonds["target"], bonds["source"]).reindex(index=receptors, columns=ligands).to_numpy() > 0
    profiles = SignalProfiles(
        genes, receptors, ligands, bound, (reached != 0).any(axis=1), signed_targets(network, reached, genes), vectors,
        list(texts),
    )  # fmt: skip
    logger.info(
        "Signals: %d receptors, of which %d reach a transcription factor in %d steps (each further one counts %g), %d "
        "ligands, %d genes, %d kind(s) of text",
        len(receptors), profiles.reaches_tf.sum(), STEPS, DECAY, len(ligands), len(genes), len(texts),
    )  # fmt: skip
    return profiles


def permuted_texts(texts: Sequence[GeneTexts], seed: int) -> list[GeneTexts]:
    """The same vectors, each of another gene at random: a null of what texts say."""
    rng = np.random.default_rng(seed)
    return [GeneTexts(kind.genes, kind.vectors[rng.permutation(len(kind.genes))]) for kind in texts]


def encode_texts(
    sentences: pd.DataFrame, encoder: TextEncoder, cache: Path | None = None, by_text: EmbeddingCache | None = None
) -> GeneTexts:
    """Encode sentences of genes, and centre the vectors.

    Parameters
    ----------
    sentences
        `pathlore.schemas.Sentences`; rows without a text are left out.
    encoder
        Turns texts into vectors.
    cache
        Folder of finished vectors, by the encoder's version and all texts.
    by_text
        Where the encoder's vectors of single texts are kept, so that a run reads each text once.

    Raises
    ------
    PathloreError
        No gene has a text, or the encoder refuses.
    """
    described = sentences[sentences["has_text"].astype(bool)].drop_duplicates("key").sort_values("key")
    if described.empty:
        raise PathloreError(f"none of {len(sentences)} genes has a text: give other `texts`, or None to leave text out")
    key = digest(["text", encoder.version(), *described["key"], *described["text"]])
    vectors = cached(cache, key, lambda: centred_unit(encode_sentences(described, encoder, by_text)[0]))
    return GeneTexts(described["key"].tolist(), vectors)
