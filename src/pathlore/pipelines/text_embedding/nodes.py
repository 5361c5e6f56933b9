"""Nodes of the text_embedding pipeline."""

import pandas as pd

from pathlore.config import EncoderConfig, TextControlConfig, TextParameters, TuningConfig
from pathlore.graph import text_numeric_graph
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.study.graphs import embed_texts
from pathlore.text import comparison, embedding, vectors_file
from pathlore.text.presets import preset_of


def collect_sentences(text_numeric_graphs: Partitions[TextNumericGraph]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gather the texts of all populations' genes and paths, each once."""
    return text_numeric_graph.collect_sentences(load_all(text_numeric_graphs).values())


def embed_sentences(
    gene_sentences: pd.DataFrame,
    path_sentences: pd.DataFrame,
    config: EncoderConfig,
    tuning: TuningConfig,
    control: TextControlConfig,
) -> tuple[embedding.TextEmbedding, embedding.TextEmbedding]:
    """Encode every text; tune the vectors, or replace them by a control, where that is wanted."""
    return embed_texts(gene_sentences, path_sentences, config, tuning, control)


def export_gene_vectors(gene_embeddings: embedding.TextEmbedding, config: EncoderConfig) -> vectors_file.GeneVectors:
    """Vectors of the genes that have a text, with their origin, for others."""
    preset = preset_of(config.model) if config.kind in ("transformers", "static") else None
    return vectors_file.gene_vectors(gene_embeddings, preset.licence if preset else "")


def compare_encoders(
    gene_sentences: pd.DataFrame,
    path_sentences: pd.DataFrame,
    gene_embeddings: embedding.TextEmbedding,
    path_embeddings: embedding.TextEmbedding,
    config: TextParameters,
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Embed the same texts with the other encoders, and export all vectors."""
    return comparison.compare_encoders(gene_sentences, path_sentences, (gene_embeddings, path_embeddings), config)
