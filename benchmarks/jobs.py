"""What is measured: the jobs that `steps` builds and `workers` run, and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Size(NamedTuple):
    """Genes, paths and cells of a step."""

    G: int
    P: int
    B: int

    @classmethod
    def of(cls, text: str) -> "Size":
        """Read '1000,2000,4'."""
        return cls(*(int(part) for part in text.split(",")))


@dataclass(frozen=True)
class Job:
    """What a worker runs.

    Attributes
    ----------
    kind
        predecessor, plain (the plain form of our model), ours, or matmul (the machine's matrix product).
    size
        (G, P, B); of a matmul, G is its size.
    config
        Changes of `steps.PUBLISHED`, the model's configuration.
    text_width
        T.
    train
        A whole training step, or else a forward pass in evaluation.
    precision, device, threads
        fp32 or bf16 (autocast); cpu or cuda; threads of torch.
    """

    kind: str
    size: Size
    config: Mapping[str, Any] = field(default_factory=dict)
    text_width: int = 768
    train: bool = True
    precision: str = "fp32"
    device: str = "cpu"
    threads: int = 1


class Cost(NamedTuple):
    """Seconds of a step on the processor (all threads) and on the clock; peak of memory, with and without imports, GB.

    On a GPU the clock is the device's, and both peaks are what torch allocated there. GB are 10^9 bytes.
    """

    cpu: float
    wall: float
    peak: float
    beyond: float

    def best(self, other: "Cost") -> "Cost":
        """Least seconds, most memory."""
        return Cost(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))
