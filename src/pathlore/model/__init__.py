"""The text-numeric graph transformer, in pure torch.

Letters of all shapes:

B cells in a batch, G genes, E edges, P paths, L genes on the longest path, T text width, D model width, H attention
heads, R aggregation heads, K encoder layers, C classes.
"""

from pathlore.model.graph_tensors import GraphTensors, graph_tensors
from pathlore.model.loss import path_prior, total_loss
from pathlore.model.transformer import TextNumericGraphTransformer

__all__ = ["GraphTensors", "TextNumericGraphTransformer", "graph_tensors", "path_prior", "total_loss"]
