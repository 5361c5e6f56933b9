"""Columns of what donors say of a path."""

from pathlore.report.columns.column import Column

PATH = Column("Path", "", "Genes of the path from receptor to target.", "route")

DONOR_ACTIVITY = {
    "path": PATH,
    "donor": Column("Donor", "", "Whose cells were averaged."),
    "condition": Column("Class", "", "Class of these cells. A paired donor has a row for each.", "class"),
    "n_cells": Column("Cells", "cells", "Cells behind the mean; few cells make it noisy.", "integer"),
    "one_direction": Column(
        "Activity, one direction", "mean z",
        "Mean over the genes of the path of the donor's mean expression, standardised over donors. It never saw a "
        "label.",
        "signed",
    ),
    "edge_signs": Column(
        "Activity, edge signs", "mean z",
        "The same, a gene after an inhibiting step counted the other way round; a step of unknown sign counts as "
        "activating. It never saw a label.",
        "signed",
    ),
}  # fmt: skip

DONOR_TESTS = {
    "path": PATH,
    "effect": Column("Effect", "mean z", "Difference of the activity between case and control.", "signed"),
    "p": Column(
        "p", "",
        "Of the test over donors, one value per donor, so that many cells of one donor do not count many times. Twice "
        "the smaller p of the two ways. Empty: too few donors for any p below 0.05.",
        "p",
    ),
    "q": Column(
        "q", "false discovery rate", "p adjusted over the paths of the population (Benjamini and Hochberg).", "p"
    ),
    "way": Column(
        "Way", "",
        "How changes travel along the path: all genes alike (one_direction), or by the signs of the steps "
        "(edge_signs); the one with the smaller p.",
    ),
    "n_donors": Column("Donors", "", "Donors of each class in the test."),
    "test": Column("Test", "", "Which test: of ranks, unpaired, paired or over several classes."),
    "statistic": Column("Statistic", "", "Of the test.", "number", shown=False),
    "note": Column("Note", "", "What limits the test, in words."),
}  # fmt: skip
