"""Nodes of the text_embedding pipeline."""

import pandas as pd

from pathlore.config import EncoderConfig, TextParameters
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.text import comparison, embedding


def collect_sentences(text_numeric_graphs: Partitions[TextNumericGraph]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gather the texts of all populations' genes and paths, each once."""
    graphs = load_all(text_numeric_graphs).values()
    genes = pd.concat([graph.entities[["gene", "text", "has_text"]] for graph in graphs])
    paths = pd.concat([graph.paths[["path", "text"]] for graph in graphs]).assign(has_text=True)
    return (
        genes.rename(columns={"gene": "key"}).drop_duplicates("key").sort_values("key", ignore_index=True),
        paths.rename(columns={"path": "key"}).drop_duplicates("key").sort_values("key", ignore_index=True),
    )


def embed_sentences(
    gene_sentences: pd.DataFrame, path_sentences: pd.DataFrame, config: EncoderConfig
) -> tuple[embedding.TextEmbedding, embedding.TextEmbedding]:
    """Encode every text with the frozen encoder."""
    return embedding.embed_sentences(gene_sentences, path_sentences, config)


def compare_encoders(
    gene_sentences: pd.DataFrame,
    path_sentences: pd.DataFrame,
    gene_embeddings: embedding.TextEmbedding,
    path_embeddings: embedding.TextEmbedding,
    config: TextParameters,
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Embed the same texts with the other encoders, and export all vectors."""
    return comparison.compare_encoders(gene_sentences, path_sentences, (gene_embeddings, path_embeddings), config)
