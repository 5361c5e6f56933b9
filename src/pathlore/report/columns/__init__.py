"""Label, unit and explanation of each column of each table that a report shows."""

from collections.abc import Mapping

from pathlore.report.columns.biology import ABLATION, COHERENCE, ENRICHMENT, GENE_LISTS
from pathlore.report.columns.column import Column, Format
from pathlore.report.columns.communication import CELL_COMMUNICATION, COMMUNICATION_PAIRS
from pathlore.report.columns.donors import DONOR_ACTIVITY, DONOR_TESTS
from pathlore.report.columns.paths import PATH_IMPORTANCE, PROPOSED_PATHS
from pathlore.report.columns.prediction import EVALUATION, METRICS
from pathlore.report.columns.signals import ACTIVE_LIGANDS, ACTIVE_RECEPTORS

COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "path_importance": PATH_IMPORTANCE,
    "donor_activity": DONOR_ACTIVITY,
    "donor_tests": DONOR_TESTS,
    "active_receptors": ACTIVE_RECEPTORS,
    "active_ligands": ACTIVE_LIGANDS,
    "enrichment": ENRICHMENT,
    "coherence": COHERENCE,
    "gene_lists": GENE_LISTS,
    "ablation": ABLATION,
    "proposed_paths": PROPOSED_PATHS,
    "cell_communication": CELL_COMMUNICATION,
    "communication_pairs": COMMUNICATION_PAIRS,
    "metrics": METRICS,
    "evaluation": EVALUATION,
}
"""Name of a table -> its columns, in the order in which they are shown."""

__all__ = ["COLUMNS", "Column", "Format"]
