"""Gene sets as far as they lie on a graph."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from pathlore.config import KnownBiologyConfig
from pathlore.errors import PathloreError, shorten
from pathlore.graph.text_numeric_graph import TextNumericGraph

logger = logging.getLogger(__name__)

PREFIXES = frozenset({"hallmark", "kegg", "reactome", "wp", "go", "gobp", "gomf", "gocc", "biocarta", "pid"})
"""First words of the names that say where a set is from."""
EMPTY_WORDS = frozenset(
    (
        *("a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "is", "of", "on", "or", "the", "to", "via"),
        *("with", "pathway", "signaling", "signalling", "response", "regulation", "positive", "negative", "process"),
        *("event", "mediated", "up", "dn"),
    )
)
"""Words that stand in too many names and texts to name anything."""


@dataclass(frozen=True)
class GeneSet:
    """A set of genes on a graph.

    Attributes
    ----------
    collection, name
        As in the file.
    genes
        Members that are on the graph and count.
    named
        Members on the graph that were left out, because their text names the set.
    """

    collection: str
    name: str
    genes: frozenset[str]
    named: int = 0


def sets_on_graph(gene_sets: pd.DataFrame, graph: TextNumericGraph, config: KnownBiologyConfig) -> list[GeneSet]:
    """Cut gene sets to the genes of a graph, and keep those of a fair size.

    Parameters
    ----------
    gene_sets
        Columns ``collection``, ``set_name``, ``gene``, see `pathlore.resources.gene_sets.read_gene_sets`.
    graph
        Its entities are the background; with ``exclude_named`` it has their ``text``.
    config
        ``min_set`` genes on the graph at least, ``max_set`` genes in all at most. ``exclude_named``: a gene does not
        count for a set if its text holds every word of the set's name (in any order, without the prefix of the
        collection and words such as "pathway"), since the model has read that text.

    Returns
    -------
    Sorted by collection and name.

    Raises
    ------
    PathloreError
        ``exclude_named`` is wanted, and the graph has no texts.
    """
    if config.exclude_named and "text" not in graph.entities:
        raise PathloreError(
            f"the graph has the columns {shorten(graph.entities.columns)}, a text of each gene was expected: set "
            "`interpretation.known_biology.exclude_named: false`"
        )
    known = set(graph.genes)
    texts = graph.entities.set_index("gene")["text"].fillna("").map(_words).to_dict() if config.exclude_named else {}
    kept, named = [], 0
    keys = ["collection", "set_name"]
    sizes = gene_sets.groupby(keys)["gene"].nunique()
    on_graph = gene_sets[gene_sets["gene"].isin(known)]
    for (collection, name), rows in on_graph.groupby(keys, sort=True):
        if sizes[collection, name] > config.max_set:
            continue
        genes = set(rows["gene"])
        words = words_of_name(name)
        described = {gene for gene in genes if words and words <= texts.get(gene, set())}
        if len(genes - described) >= config.min_set:
            kept.append(GeneSet(str(collection), str(name), frozenset(genes - described), len(described)))
            named += len(described)
    logger.info(
        "Gene sets: %d of %d have %d genes or more on the graph and %d or fewer in all%s",
        len(kept),
        len(sizes),
        config.min_set,
        config.max_set,
        f"; {named} memberships left out, the gene's text names the set" if config.exclude_named else "",
    )
    return kept


def words_of_name(name: str) -> frozenset[str]:
    """The words by which a text would name a set.

    Examples
    --------
    >>> sorted(words_of_name("HALLMARK_INTERFERON_GAMMA_RESPONSE"))
    ['gamma', 'interferon']
    >>> sorted(words_of_name("regulation of Notch receptor targets (GO:0008593)"))
    ['notch', 'receptor', 'target']
    """
    plain = re.sub(r"\(?\bGO[:_]\d+\)?|\bR-HSA-\d+|\bWP\d+", " ", name)
    words = [word for word in re.split(r"[^a-z0-9]+", plain.lower()) if word]
    if words and words[0] in PREFIXES:
        words = words[1:]
    return frozenset(_normalised(word for word in words if word not in EMPTY_WORDS))


def _words(text: str) -> set[str]:
    return set(_normalised(word for word in re.split(r"[^a-z0-9]+", text.lower()) if word))


def _normalised(words: Iterable[str]) -> Iterable[str]:
    """Words without the ending of the plural."""
    return (word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words)
