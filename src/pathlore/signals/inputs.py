"""The network, texts and names that a caller gives, or the built-in ones, as profiles."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from pathlore.config import EncoderConfig, NetworkConfig, check
from pathlore.errors import PathloreError
from pathlore.genes.names import GeneNames
from pathlore.graph.network import build_network
from pathlore.resources.annotations import read_annotations
from pathlore.resources.given import BUILTIN, GENES, NETWORK, GivenTable, given_tables
from pathlore.resources.interactions import read_interactions
from pathlore.resources.names import read_gene_names
from pathlore.signals.cache import user_folder
from pathlore.signals.profiles import GeneTexts, SignalProfiles, encode_texts, make_profiles
from pathlore.signals.vectors import centred_unit
from pathlore.text.cache import EmbeddingCache
from pathlore.text.embedding import TextEmbedding, embedding_cache
from pathlore.text.encoders import TextEncoder, encoder_choice, make_encoder
from pathlore.text.lsa_encoder import LsaEncoder
from pathlore.text.sentences import GENE_TEMPLATE, gene_sentences

LSA_DIMENSIONS = 256

Network: TypeAlias = GivenTable | SignalProfiles
Texts: TypeAlias = GivenTable | TextEmbedding | Sequence[GivenTable | TextEmbedding] | None
Encoder: TypeAlias = str | EncoderConfig | TextEncoder


def load_profiles(
    network: Network = BUILTIN, texts: Texts = BUILTIN, encoder: Encoder = "lsa", cache: str | Path | None = "user"
) -> SignalProfiles:
    """Make the profiles that `rank_receptors` compares effects with; give them to it as ``network`` to make them once.

    Parameters
    ----------
    network
        ``"builtin"``, a table or file in any format of docs/resources.md, or profiles.
    texts
        ``"builtin"`` (a sentence for each gene of the atlas), a table or file with symbols and descriptions, vectors
        that are there already, several of these in a list, or None: text is left out.
    encoder
        ``"lsa"``, another name (``"minilm"``, a folder, a file of vectors), the parameters of an encoder, or anything
        with its methods.
    cache
        Folder of finished vectors; ``"user"``: in the user's cache folder; None: they are not kept.

    Raises
    ------
    PathloreError
        A table is not understood, or no receptor is in the network.
    """
    if isinstance(network, SignalProfiles):
        return network
    default = isinstance(network, str) and network == BUILTIN and isinstance(texts, str) and texts == BUILTIN
    if default and isinstance(encoder, str) and not isinstance(cache, Path):
        return _builtin_profiles(encoder, cache)
    return _make(network, texts, encoder, cache)


@lru_cache(maxsize=2)
def _builtin_profiles(encoder: str, cache: str | None) -> SignalProfiles:
    return _make(BUILTIN, BUILTIN, encoder, cache)


def _make(network: GivenTable, texts: Texts, encoder: Encoder, cache: str | Path | None) -> SignalProfiles:
    folder = user_folder() if cache == "user" else None if cache is None else Path(cache).expanduser()
    given: list[GivenTable | TextEmbedding] = []
    if isinstance(texts, str | Path | pd.DataFrame | TextEmbedding):
        given = [texts]
    elif texts is not None:
        given = list(texts)
    made = _encoder(encoder)
    kinds = [_texts(each, made, folder) for each in given]
    return make_profiles(load_network(network), kinds, folder)


def load_network(network: GivenTable) -> pd.DataFrame:
    """`pathlore.schemas.Network` of a table, a file or ``"builtin"``."""
    config = NetworkConfig()
    return build_network(read_interactions(given_tables(network, NETWORK, "network"), load_names(), config), config)


@lru_cache(maxsize=1)
def _builtin_names() -> GeneNames:
    return read_gene_names(given_tables(BUILTIN, GENES, "gene_names"))


def load_names(gene_names: GivenTable | GeneNames = BUILTIN) -> GeneNames:
    """Names of a table, a file or ``"builtin"``; a table of the user's is united with the built-in one."""
    if isinstance(gene_names, GeneNames):
        return gene_names
    if isinstance(gene_names, str) and gene_names == BUILTIN:
        return _builtin_names()
    given, shipped = (given_tables(table, GENES, "gene_names") for table in (gene_names, BUILTIN))
    return read_gene_names({**given, **shipped})


def _texts(texts: GivenTable | TextEmbedding, encoder: TextEncoder, folder: Path | None) -> GeneTexts:
    if isinstance(texts, TextEmbedding):
        rows = np.flatnonzero(texts.has_text)
        return GeneTexts([texts.keys[row] for row in rows], centred_unit(texts.vectors[rows].astype(np.float64)))
    annotations = read_annotations(given_tables(texts, GENES, "texts"), load_names())
    return described_texts(annotations, encoder, folder)


def described_texts(
    annotations: pd.DataFrame,
    encoder: TextEncoder | EncoderConfig,
    cache: Path | None = None,
    template: str = GENE_TEMPLATE,
) -> GeneTexts:
    """Vectors of the sentences of all genes that have a description.

    Parameters
    ----------
    annotations
        `pathlore.schemas.GeneAnnotations`.
    encoder
        An encoder or its parameters, which name the cache of single texts.
    cache
        Folder of finished vectors; None: none.
    template
        Of a sentence.

    Raises
    ------
    PathloreError
        No gene has a description.
    """
    described = annotations[annotations["description"] != ""]
    if described.empty:
        raise PathloreError(f"none of {len(annotations)} genes has a description: give other `texts`, or None")
    made, by_text = _with_cache(encoder)
    return encode_texts(gene_sentences(described["symbol"], described, template), made, cache, by_text)


def text_kinds(
    network: pd.DataFrame,
    annotations: pd.DataFrame,
    encoder: TextEncoder | EncoderConfig,
    template: str = GENE_TEMPLATE,
    cache: Path | None = None,
) -> list[GeneTexts]:
    """Kinds of text that a run compares receptors with: the descriptions given, and the sentences of the atlas.

    Each kind is encoded by itself. Descriptions speak for all genes that have one, on the network or not; the atlas
    names ligands, receptors and factors in the sentences of its genes. It is left out where the descriptions are its
    own, or where it knows no gene of the network.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    annotations
        `pathlore.schemas.GeneAnnotations`.
    encoder, cache
        As for `described_texts`.
    template
        Of a gene's sentence, as `pathlore.config.SentenceConfig` has it.
    """
    atlas = given_tables(BUILTIN, GENES, "texts")
    tables = [table for table in atlas.values() if isinstance(table, pd.DataFrame)]
    written = {pair for table in tables for pair in zip(table["symbol"], table["description"], strict=True)}
    described = annotations[annotations["description"] != ""]
    kinds = [described] * bool(len(described))
    if described.empty or not written.issuperset(zip(described["symbol"], described["description"], strict=True)):
        shipped = read_annotations(atlas, load_names())
        known = shipped["symbol"].isin({*network["source"], *network["target"]}).any()
        kinds += [shipped] * bool(known)
    made, by_text = _with_cache(encoder)
    sentences = [gene_sentences(kind["symbol"], kind, template) for kind in kinds]
    return [encode_texts(texts, made, cache, by_text) for texts in sentences]


def _with_cache(encoder: TextEncoder | EncoderConfig) -> tuple[TextEncoder, EmbeddingCache | None]:
    """An encoder, and where its parameters say that vectors of single texts are kept."""
    if not isinstance(encoder, EncoderConfig):
        return encoder, None
    made = make_encoder(encoder)
    return made, embedding_cache(encoder, made)


def _encoder(encoder: Encoder) -> TextEncoder:
    if isinstance(encoder, EncoderConfig):
        return make_encoder(encoder)
    if not isinstance(encoder, str):
        return encoder
    if encoder == "lsa":
        return LsaEncoder(LSA_DIMENSIONS, seed=0)
    return make_encoder(check(EncoderConfig, encoder_choice(encoder), "encoder"))


def as_background(background: pd.DataFrame | Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """A bank of signatures as genes x signatures; sets of genes count +1.

    Raises
    ------
    PathloreError
        There are fewer than three signatures.
    """
    if not isinstance(background, pd.DataFrame):
        columns = {name: pd.Series(1.0, index=list(dict.fromkeys(genes))) for name, genes in background.items()}
        background = pd.DataFrame(columns)
    if background.shape[1] < 3:
        raise PathloreError(
            f"the background has {background.shape[1]} signature(s); at least 3 are needed for a mean and a spread: "
            "give more as `background`, or None"
        )
    return background
