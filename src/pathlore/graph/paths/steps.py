"""The network as the search sees it: outgoing steps of one kind, with costs."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from pathlore.graph.network import restrict
from pathlore.keys import Kind

Route = tuple[float, tuple[str, ...]]
"""Cost and genes of a way; routes compare by cost, then by genes."""


@dataclass(frozen=True)
class Step:
    """One association as the search sees it."""

    cost: float
    sign: int
    pathways: tuple[str, ...]
    via: tuple[str, ...]  # genes that were not measured and are passed over


Steps = Mapping[str, Mapping[str, Step]]
"""Source -> target -> step."""


@dataclass(frozen=True)
class Ways:
    """What a search may use: the steps among the genes of a population, and the roles that order them.

    ``receptors`` are the targets of ``ligand_receptor`` edges of the *whole* network: a receptor's ligand may come
    from another cell.
    """

    signaling: Steps
    regulation: Steps
    receptors: frozenset[str]
    first: frozenset[str] | None = None  # receptors that a path may begin at; None: any

    @property
    def tfs(self) -> frozenset[str]:
        """Genes that regulate a target."""
        return frozenset(self.regulation)

    @property
    def heads(self) -> list[str]:
        """Receptors from which a signal can leave, sorted."""
        heads = self.receptors & self.signaling.keys()
        return sorted(heads if self.first is None else heads & self.first)

    def of_route(self, genes: tuple[str, ...]) -> list[Step]:
        """The steps of a whole path; KeyError if one is not there."""
        inner = [self.signaling[a][b] for a, b in pairwise(genes[:-1])]
        return [*inner, self.regulation[genes[-2]][genes[-1]]]

    def within(self, pathway: str) -> "Ways":
        """The steps of one named pathway alone."""
        return replace(self, signaling=_named(self.signaling, pathway), regulation=_named(self.regulation, pathway))

    def narrowed(self, receptors: Collection[str], tfs: Collection[str]) -> "Ways":
        """The same for paths that begin at one of some receptors and pass one of some factors; empty: any."""
        regulation = {tf: steps for tf, steps in self.regulation.items() if not tfs or tf in tfs}
        return replace(self, regulation=regulation, first=frozenset(receptors) if receptors else None)

    def pathways(self) -> dict[str, int]:
        """Named pathways of the steps, with the number of their steps."""
        count: dict[str, int] = defaultdict(int)
        for steps in (*self.signaling.values(), *self.regulation.values()):
            for step in steps.values():
                for name in step.pathways:
                    count[name] += 1
        return dict(sorted(count.items()))


def ways_among(network: pd.DataFrame, genes: set[str], step_cost: float) -> Ways:
    """Prepare the search among some genes of a network.

    A step costs ``(1 + m) (1 / sqrt(n_evidence) + step_cost)``, with m the genes that it passes over (``via``).
    """
    edges = restrict(network, genes)
    return Ways(
        signaling=_steps(edges[edges["kind"] == Kind.SIGNALING], step_cost),
        regulation=_steps(edges[edges["kind"] == Kind.TF_TARGET], step_cost),
        receptors=frozenset(network.loc[network["kind"] == Kind.LIGAND_RECEPTOR, "target"]),
    )


def _steps(edges: pd.DataFrame, step_cost: float) -> dict[str, dict[str, Step]]:
    steps: dict[str, dict[str, Step]] = defaultdict(dict)
    passed = [via.count(";") + 1 if via else 0 for via in edges["via"]]
    costs = (1.0 / np.sqrt(edges["n_evidence"].to_numpy(dtype=float)) + step_cost) * (1.0 + np.array(passed))
    columns = (edges[name] for name in ("source", "target", "sign", "pathway", "via"))
    for source, target, sign, pathway, via, cost in zip(*columns, costs.tolist(), strict=True):
        steps[source][target] = Step(cost, int(sign), _names(pathway), _names(via))
    return dict(steps)


def _names(joined: object) -> tuple[str, ...]:
    return tuple(joined.split(";")) if isinstance(joined, str) and joined else ()


def _named(steps: Steps, pathway: str) -> dict[str, dict[str, Step]]:
    kept = {a: {b: step for b, step in following.items() if pathway in step.pathways} for a, following in steps.items()}
    return {source: following for source, following in kept.items() if following}
