"""The text_embedding pipeline."""

from kedro.pipeline import Node, Pipeline

from pathlore.pipelines.text_embedding import nodes


def create_pipeline() -> Pipeline:
    """Text-numeric graphs -> sentences -> embeddings."""
    return Pipeline(
        [
            Node(
                func=nodes.collect_sentences,
                inputs="text_numeric_graphs",
                outputs=["gene_sentences", "path_sentences"],
                name="collect_sentences",
            ),
            Node(
                func=nodes.embed_sentences,
                inputs=[
                    "gene_sentences",
                    "path_sentences",
                    "params:text_embedding.encoder",
                    "params:text_embedding.tuning",
                    "params:text_embedding.control",
                ],
                outputs=["gene_embeddings", "path_embeddings"],
                name="embed_sentences",
            ),
            Node(
                func=nodes.export_gene_vectors,
                inputs=["gene_embeddings", "params:text_embedding.encoder"],
                outputs="gene_vectors",
                name="export_gene_vectors",
            ),
            Node(
                func=nodes.compare_encoders,
                inputs=[
                    "gene_sentences",
                    "path_sentences",
                    "gene_embeddings",
                    "path_embeddings",
                    "params:text_embedding",
                ],
                outputs=["text_vectors", "encoder_report"],
                name="compare_encoders",
            ),
        ],
        tags="text_embedding",
        namespace="text_embedding",
        prefix_datasets_with_namespace=False,
    )
