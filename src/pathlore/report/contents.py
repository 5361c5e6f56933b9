"""What a report is made of: the tables and plots of a run, each of which may be absent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

Level = Literal["stop", "caution", "note"]
"""How much a caveat weighs: the result means little; it means less than it seems; good to know."""


@dataclass(frozen=True)
class Fact:
    """One line of the header.

    Attributes
    ----------
    label, value
        What it is, and the value with its unit.
    note
        What a reader should know beside it; may be empty.
    """

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Caveat:
    """One sentence that limits what the result says.

    Attributes
    ----------
    level
        ``stop``, ``caution`` or ``note``.
    text
        The sentence.
    """

    level: Level
    text: str


@dataclass(frozen=True)
class PopulationContents:
    """Tables and plots of one population.

    A table that is None or has no row is replaced by a sentence: the one given in ``missing``, or that of the house
    (`pathlore.report.tables.TABLES`).

    Attributes
    ----------
    name
        Of the population.
    path_importance
        `pathlore.schemas.PathImportance`.
    donor_activity, donor_tests
        `PathActivityByDonor` and `DonorTests`.
    active_receptors, active_ligands
        `ActiveReceptors` and `ActiveLigands`.
    enrichment, coherence, gene_lists
        `Enrichment`, `PathCoherence` and `GeneListOverlap`.
    ablation
        `Ablation`.
    ablation_spearman
        Rank correlation of the loss increase with the importance; None: not known.
    proposed_paths
        `pathlore.schemas.ProposedPaths`.
    network
        The core network as `pathlore.plot.network_cytoscape.laid_out` gives it; None: only its figure is shown.
    training
        What training moved, in a sentence; see `pathlore.training.fit.moved`.
    plots
        SVG text by name: ``importance``, ``core_network``, ``donor_heatmap``, ``enrichment``, ``ablation``,
        ``curves``, ``training``, ``sentences``.
    files
        Label -> link relative to the page, of files that lie beside it, such as the GraphML of the core network.
    missing
        Name of a table or figure -> why this run has none.
    """

    name: str
    path_importance: pd.DataFrame | None = None
    donor_activity: pd.DataFrame | None = None
    donor_tests: pd.DataFrame | None = None
    active_receptors: pd.DataFrame | None = None
    active_ligands: pd.DataFrame | None = None
    enrichment: pd.DataFrame | None = None
    coherence: pd.DataFrame | None = None
    gene_lists: pd.DataFrame | None = None
    ablation: pd.DataFrame | None = None
    ablation_spearman: float | None = None
    proposed_paths: pd.DataFrame | None = None
    network: Mapping[str, Any] | None = None
    training: str = ""
    plots: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def joined(*sections: PopulationContents) -> PopulationContents:
    """Bring sections of one population together, each of which holds other tables and plots."""
    values: dict[str, Any] = {}
    for section in sections:
        for name, value in vars(section).items():
            if isinstance(values.get(name), dict) and isinstance(value, Mapping):
                values[name] = {**values[name], **value}
            elif value is not None and not (isinstance(value, str) and not value):
                values[name] = value
    return PopulationContents(**values)


@dataclass(frozen=True)
class Checks:
    """How sure the result of a run is, and what limits it.

    Attributes
    ----------
    metrics, coverage, diagnostics, design
        `pathlore.schemas.Metrics`, `Coverage`, `Diagnostics` and `DesignFindings`.
    predictions
        Population -> `pathlore.schemas.Predictions`.
    plots
        SVG text of ``metrics``.
    """

    metrics: pd.DataFrame
    predictions: Mapping[str, pd.DataFrame]
    coverage: pd.DataFrame
    diagnostics: pd.DataFrame
    design: pd.DataFrame
    plots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Communication:
    """What passes between the cell types.

    Attributes
    ----------
    interactions, pairs
        `pathlore.schemas.CellCommunication` and `CommunicationPairs`.
    plots
        SVG text of ``communication_heatmap``, ``communication_circle``, ``communication_interactions``.
    """

    interactions: pd.DataFrame
    pairs: pd.DataFrame
    plots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportContents:
    """Everything that the page says.

    Attributes
    ----------
    cohort
        Its name, the Kedro environment.
    classes
        Names of the classes, the control first.
    made
        When the run ended, as it shall be read.
    version
        Of the program.
    data
        Facts of the data: cells, donors, classes, populations, what was split by.
    parameters
        Facts of the fit: the parameters that matter, and the seed.
    metrics
        `pathlore.schemas.Metrics`; where it has columns ``low`` and ``high``, they are the ends of 95 % intervals.
    caveats
        From `pathlore.report.caveats.write_caveats`, and any other.
    populations
        In the order of their tabs.
    cell_communication, communication_pairs
        `CellCommunication` and `CommunicationPairs`.
    evaluation
        `pathlore.schemas.EvaluationSummary` of the same cohort.
    plots
        SVG text by name: ``metrics``, ``communication_heatmap``, ``communication_circle``,
        ``communication_interactions``.
    files, missing
        As those of `PopulationContents`.
    question
        The question in words; empty: "<case> against <control>".
    gravest
        The first line: what of the design makes the result doubtful; empty: nothing.
    literature
        What is written about the genes and steps, from `pathlore.explain.literature.literature`; may be empty.
    """

    cohort: str
    classes: tuple[str, ...]
    made: str
    version: str
    data: tuple[Fact, ...] = ()
    parameters: tuple[Fact, ...] = ()
    metrics: pd.DataFrame | None = None
    caveats: tuple[Caveat, ...] = ()
    populations: tuple[PopulationContents, ...] = ()
    cell_communication: pd.DataFrame | None = None
    communication_pairs: pd.DataFrame | None = None
    evaluation: pd.DataFrame | None = None
    plots: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    gravest: str = ""
    literature: Mapping[str, Any] = field(default_factory=dict)
