"""Nodes of the inspection pipeline."""

from typing import Any

from pathlore.config import InspectionConfig, Parameters, check
from pathlore.pipelines.types import AnnData, RawTables


def inspect_cells(
    cells_raw: AnnData,
    gene_names_raw: RawTables,
    orthologs_raw: RawTables,
    network_raw: RawTables,
    gene_text_raw: RawTables,
    truth_raw: RawTables,
    parameters: dict[str, Any],
    config: InspectionConfig,
) -> dict[str, Any]:
    """Say what the cells are, and choose the settings of a run on them."""
    from pathlore.genes.names import GeneNames
    from pathlore.graph.network import build_network
    from pathlore.inspection.genes import GeneKnowledge
    from pathlore.inspection.inspect import inspect
    from pathlore.resources.annotations import read_annotations
    from pathlore.resources.interactions import read_interactions
    from pathlore.resources.names import read_gene_names
    from pathlore.resources.orthologs import read_orthologs
    from pathlore.signals.truth import read_experiments

    checked = check(Parameters, parameters, "parameters")
    names = GeneNames(read_gene_names(gene_names_raw).table)
    network = checked.ingestion.network
    knowledge = GeneKnowledge(
        names=names,
        orthologs=read_orthologs(orthologs_raw, names),
        network=build_network(read_interactions(network_raw, names, network), network),
        annotations=read_annotations(gene_text_raw, names),
        experiments=read_experiments(truth_raw) if truth_raw else [],
    )
    return inspect(cells_raw, knowledge, checked, config.files.cells).model_dump()


def write_environment(inspection_findings: dict[str, Any], config: InspectionConfig) -> dict[str, Any]:
    """Write the settings down as an environment."""
    from pathlore.inspection import environment
    from pathlore.inspection.findings import Inspection

    return environment.write_environment(Inspection(**inspection_findings), config).model_dump()


def report_inspection(inspection_findings: dict[str, Any], written_environment: dict[str, Any]) -> str:
    """Write the findings as text."""
    from pathlore.inspection.environment import Written
    from pathlore.inspection.findings import Inspection
    from pathlore.inspection.report import report

    return report(Inspection(**inspection_findings), Written(**written_environment))
