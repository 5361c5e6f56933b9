"""Names of columns, slots and metrics, each written once.

The classes are plain namespaces: ``Obs.DONOR`` reads better than a bare string and cannot be misspelt in silence.
"""

from typing import Final


class Obs:
    """Columns of ``cells.obs`` and of the ``splits`` tables."""

    CELL: Final = "cell"
    CONDITION: Final = "condition"
    LABEL: Final = "label"
    DONOR: Final = "donor"
    CELL_TYPE: Final = "cell_type"
    POPULATION: Final = "population"
    SPLIT: Final = "split"


class Split:
    """Values of ``splits.split``."""

    TRAIN: Final = "train"
    VALIDATION: Final = "validation"
    TEST: Final = "test"
    ALL: Final = ("train", "validation", "test")


class Kind:
    """Kinds of an association, as the network tables name them."""

    LIGAND_RECEPTOR: Final = "ligand_receptor"
    SIGNALING: Final = "signaling"
    TF_TARGET: Final = "tf_target"
    LIGAND_TARGET: Final = "ligand_target"
    ALL: Final = ("ligand_receptor", "signaling", "tf_target", "ligand_target")


class Role:
    """Roles of a gene, derived from the kinds of its associations."""

    LIGAND: Final = "ligand"
    RECEPTOR: Final = "receptor"
    SIGNAL: Final = "signal"
    TF: Final = "tf"
    TARGET: Final = "target"
    ALL: Final = ("ligand", "receptor", "signal", "tf", "target")


class Mapped:
    """How the name of a measured gene was understood, or why it was lost."""

    SYMBOL: Final = "approved symbol"
    CASE: Final = "symbol in other letters"
    PREVIOUS: Final = "previous symbol"
    ALIAS: Final = "alias"
    ENSEMBL: Final = "Ensembl id"
    ENTREZ: Final = "Entrez id"
    ORTHOLOG: Final = "ortholog"
    SHARED_ORTHOLOG: Final = "ortholog, shared with other mouse genes"
    AS_GIVEN: Final = "not in the table of names, kept as given"
    AMBIGUOUS: Final = "lost: several symbols are meant"
    UNKNOWN: Final = "lost: unknown id"
    NO_ORTHOLOG: Final = "lost: no ortholog"
    ALL: Final = (
        SYMBOL, CASE, PREVIOUS, ALIAS, ENSEMBL, ENTREZ, ORTHOLOG, SHARED_ORTHOLOG, AS_GIVEN, AMBIGUOUS, UNKNOWN,
        NO_ORTHOLOG,
    )  # fmt: skip


class Method:
    """Who made a prediction: the model, one of its branches alone, all of them but the paths, or a baseline."""

    MODEL: Final = "pathlore"
    PATHS: Final = "paths"
    GRAPH_GENES: Final = "graph_genes"
    WIDE: Final = "wide"
    WITHOUT_PATHS: Final = "without_paths"
    LOGISTIC_REGRESSION: Final = "logistic_regression"
    MAJORITY: Final = "majority"
    BRANCHES: Final = ("paths", "graph_genes", "wide")
    ALL: Final = ("pathlore", "paths", "graph_genes", "wide", "without_paths", "logistic_regression", "majority")


POOLED: Final = "pooled"
"""Name of the population that holds every cell."""

RANDOM_STEP: Final = "random control"
"""Stands in the column ``resources`` of a step that was drawn at random, for which nothing speaks."""


MIXED: Final = "mixed"
"""The direction of a path whose genes do not agree on one."""
