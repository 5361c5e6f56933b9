"""Pandera models of every table that is saved; Kedro checks them on each load and save."""

from pathlore.schemas.cells import DesignFindings, GeneStatistics, Splits
from pathlore.schemas.cohort import CohortClusters, CohortSamples
from pathlore.schemas.communication import CellCommunication, CommunicationPairs, LigandReceptorPairs
from pathlore.schemas.discovery import DiscoveredPaths, EvaluationDiscovery, EvaluationShape, EvaluationWithheld
from pathlore.schemas.evaluation import (
    EvaluationFailures,
    EvaluationPredictions,
    EvaluationRankings,
    EvaluationRuns,
    EvaluationStability,
    EvaluationSummary,
    PathSignificance,
    Recovery,
)
from pathlore.schemas.network import (
    Coverage,
    DownloadReport,
    GeneAnnotations,
    GeneMapping,
    GeneNamesTable,
    LigandReceptorSteps,
    Network,
    PathReport,
    ProposedPaths,
    SignalingPaths,
)
from pathlore.schemas.reading import (
    Ablation,
    ActiveLigands,
    ActiveReceptors,
    DonorTests,
    Enrichment,
    GeneListOverlap,
    PathActivityByDonor,
    PathCoherence,
)
from pathlore.schemas.real_truth import RealTruth, RealTruthEncoders, RealTruthSignatures
from pathlore.schemas.results import (
    Diagnostics,
    EdgeImportance,
    GeneImportance,
    History,
    Metrics,
    PathImportance,
    Predictions,
)
from pathlore.schemas.scoring import CellScores, PathContributions
from pathlore.schemas.table import Table
from pathlore.schemas.text import EncoderReport, Sentences, TextVectors

__all__ = [
    "Ablation",
    "ActiveLigands",
    "ActiveReceptors",
    "CellCommunication",
    "CellScores",
    "CohortClusters",
    "CohortSamples",
    "CommunicationPairs",
    "Coverage",
    "DesignFindings",
    "Diagnostics",
    "DiscoveredPaths",
    "DonorTests",
    "DownloadReport",
    "EdgeImportance",
    "EncoderReport",
    "Enrichment",
    "EvaluationDiscovery",
    "EvaluationFailures",
    "EvaluationPredictions",
    "EvaluationRankings",
    "EvaluationRuns",
    "EvaluationShape",
    "EvaluationStability",
    "EvaluationSummary",
    "EvaluationWithheld",
    "GeneAnnotations",
    "GeneImportance",
    "GeneListOverlap",
    "GeneMapping",
    "GeneNamesTable",
    "GeneStatistics",
    "History",
    "LigandReceptorPairs",
    "LigandReceptorSteps",
    "Metrics",
    "Network",
    "PathActivityByDonor",
    "PathCoherence",
    "PathContributions",
    "PathImportance",
    "PathReport",
    "PathSignificance",
    "Predictions",
    "ProposedPaths",
    "RealTruth",
    "RealTruthEncoders",
    "RealTruthSignatures",
    "Recovery",
    "Sentences",
    "SignalingPaths",
    "Splits",
    "Table",
    "TextVectors",
]
