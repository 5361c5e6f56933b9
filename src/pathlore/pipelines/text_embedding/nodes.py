"""Nodes of the text_embedding pipeline."""

from pathlore.config import EncoderConfig, TextControlConfig, TextParameters, TuningConfig
from pathlore.pipelines.partitions import Partitions, load_all
from pathlore.pipelines.types import DataFrame, GeneVectors, TextEmbedding, TextNumericGraph


def collect_sentences(text_numeric_graphs: Partitions[TextNumericGraph]) -> tuple[DataFrame, DataFrame]:
    """Gather the texts of all populations' genes and paths, each once."""
    from pathlore.graph import text_numeric_graph

    return text_numeric_graph.collect_sentences(load_all(text_numeric_graphs).values())


def embed_sentences(
    gene_sentences: DataFrame,
    path_sentences: DataFrame,
    config: EncoderConfig,
    tuning: TuningConfig,
    control: TextControlConfig,
) -> tuple[TextEmbedding, TextEmbedding]:
    """Encode every text; tune the vectors, or replace them by a control, where that is wanted."""
    from pathlore.study.graphs import embed_texts

    return embed_texts(gene_sentences, path_sentences, config, tuning, control)


def export_gene_vectors(gene_embeddings: TextEmbedding, config: EncoderConfig) -> GeneVectors:
    """Vectors of the genes that have a text, with their origin, for others."""
    from pathlore.text import vectors_file
    from pathlore.text.presets import preset_of

    preset = preset_of(config.model) if config.kind in ("transformers", "static") else None
    return vectors_file.gene_vectors(gene_embeddings, preset.licence if preset else "")


def compare_encoders(
    gene_sentences: DataFrame,
    path_sentences: DataFrame,
    gene_embeddings: TextEmbedding,
    path_embeddings: TextEmbedding,
    config: TextParameters,
) -> tuple[dict[str, DataFrame], DataFrame]:
    """Embed the same texts with the other encoders, and export all vectors."""
    from pathlore.text import comparison

    return comparison.compare_encoders(gene_sentences, path_sentences, (gene_embeddings, path_embeddings), config)
