"""Words as vectors: sentences of genes and paths, encoders, and the embedding cache."""
