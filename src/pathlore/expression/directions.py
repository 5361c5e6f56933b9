"""In which direction each gene of a changed path is shifted."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathlore.keys import Kind


def directions(
    genes: Sequence[str],
    mode: str,
    steps: Sequence[int],
    rng: np.random.Generator,
    decided: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Draw the direction in which each gene of a path or of a pair is shifted, +1 up or -1 down in the case.

    Parameters
    ----------
    genes
        Connected genes, in order.
    mode
        ``coherent``: one direction for all; ``edges``: each gene's is the one before times the sign of the step, an
        unknown sign counts as +1; ``random``: each gene's own.
    steps
        Sign of each step, as `step_signs` gives them.
    rng
        Source of randomness.
    decided
        Directions that stand already: they stay, and the others follow the first of them.
    """
    decided = decided or {}
    if mode == "random":
        drawn = rng.choice([-1, 1], len(genes))
    else:
        factors = [sign if mode == "edges" else 1 for sign in steps]
        drawn = np.cumprod([int(rng.choice([-1, 1])), *factors])
        for gene, sign in zip(genes, drawn, strict=True):
            if gene in decided:
                drawn = drawn * sign * decided[gene]
                break
    return {gene: decided.get(gene, int(sign)) for gene, sign in zip(genes, drawn, strict=True)}


def step_signs(genes: Sequence[str], signs: Mapping[tuple[str, str, str], int]) -> list[int]:
    """Sign of each step of a path, of which the last is transcription factor -> target; +1 where it is not known."""
    kinds = [Kind.SIGNALING] * (len(genes) - 2) + [Kind.TF_TARGET]
    return [signs[a, b, kind] or 1 for a, b, kind in zip(genes, genes[1:], kinds, strict=False)]


def edge_signs(network: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """Sign of each association, 0 where it is not known."""
    keys = zip(network["source"], network["target"], network["kind"], strict=True)
    signs = network["sign"].fillna(0) if "sign" in network else [0] * len(network)
    return {key: int(sign) for key, sign in zip(keys, signs, strict=True)}
