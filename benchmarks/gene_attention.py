"""Gene attention alone, forward and backward: each of our routes beside the library's attention without any bias.

    python benchmarks/gene_attention.py [--sizes 200,32 400,32 1000,16] [--heads 2] [--width 16] [--rounds 3]

Sizes are genes and cells; a graph has three edges per gene. ``pairs`` and ``matrix`` are our two forms, of which the
number of genes decides. ``library`` computes less: neither the spatial term nor the edges. Milliseconds of the
processor with one thread, the best of the rounds, in turn.
"""

import argparse
import time
from functools import partial

import torch
from measure import interleaved

from pathlore.model.attention import edge_pairs, fused, matrix, stock

EDGES_PER_GENE = 3


def library(qkv: torch.Tensor, grad_o: torch.Tensor) -> None:
    """The library's fused attention and its gradients, without a bias."""
    scale = qkv.shape[-1] ** -0.5
    q, k, v = qkv.permute(2, 0, 3, 1, 4)
    o, lse = fused.forward(q, k, v, scale)
    fused.backward(grad_o.transpose(1, 2), q, k, v, o, lse, scale)


def ours(route: str, qkv: torch.Tensor, grad_o: torch.Tensor, *graph: torch.Tensor) -> None:
    """One of our routes, with its gradients."""
    spatial, pattern, bias = graph
    matrix.MOST = 10**9 if route == "matrix" else 0
    o, lse = stock.dense_forward(qkv, spatial, pattern, bias)
    stock.dense_backward(qkv, spatial, pattern, bias, o, lse, grad_o)


def main(arguments: argparse.Namespace) -> None:
    """Print a table."""
    torch.set_num_threads(1)
    print("| genes, cells | library | pairs | matrix | pairs / library | matrix / library |")
    print("|---|---|---|---|---|---|")
    for size in arguments.sizes:
        genes, cells = map(int, size.split(","))
        torch.manual_seed(0)
        pattern = edge_pairs(torch.randint(0, genes, (2, EDGES_PER_GENE * genes)), genes)
        qkv = torch.randn(cells, genes, 3, arguments.heads, arguments.width)
        spatial, bias = (torch.randn(n, arguments.heads) for n in (genes, len(pattern.rows)))
        grad_o = torch.randn_like(qkv[:, :, 0])
        steps = {"library": partial(library, qkv, grad_o)}
        steps |= {name: partial(ours, name, qkv, grad_o, spatial, pattern, bias) for name in ("pairs", "matrix")}
        seconds = interleaved(steps, arguments.rounds, time.process_time)
        cost = " | ".join(f"{1000 * value:.1f}" for value in seconds.values())
        ratios = " | ".join(f"{seconds[name] / seconds['library']:.2f}" for name in ("pairs", "matrix"))
        print(f"| {genes}, {cells} | {cost} | {ratios} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", nargs="+", default=["200,32", "400,32", "1000,16"], metavar="G,B")
    parser.add_argument("--heads", type=int, default=2)
    parser.add_argument("--width", type=int, default=16, help="of a head")
    parser.add_argument("--rounds", type=int, default=3)
    main(parser.parse_args())
