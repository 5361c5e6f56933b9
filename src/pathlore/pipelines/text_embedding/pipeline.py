"""The text_embedding pipeline."""

from kedro.pipeline import Pipeline

from pathlore.pipelines.assembly import node, pipeline
from pathlore.pipelines.text_embedding import nodes


def create_pipeline() -> Pipeline:
    """Text-numeric graphs -> sentences -> embeddings."""
    return pipeline(
        "text_embedding",
        [
            node(nodes.collect_sentences, "text_numeric_graphs", ["gene_sentences", "path_sentences"]),
            node(
                nodes.embed_sentences,
                ["gene_sentences", "path_sentences", "params:text_embedding.encoder", "params:text_embedding.tuning",
                 "params:text_embedding.control"],
                ["gene_embeddings", "path_embeddings"],
            ),
            node(nodes.export_gene_vectors, ["gene_embeddings", "params:text_embedding.encoder"], "gene_vectors"),
            node(
                nodes.compare_encoders,
                ["gene_sentences", "path_sentences", "gene_embeddings", "path_embeddings", "params:text_embedding"],
                ["text_vectors", "encoder_report"],
            ),
        ],
    )  # fmt: skip
