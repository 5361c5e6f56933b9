"""Columns of what donors say of a path."""

from pathlore.report.columns.column import Column

PATH = Column("Path", "", "Genes of the path from receptor to target.", "route")

DONOR_ACTIVITY = {
    "path": PATH,
    "donor": Column("Donor", "", "Donor of the averaged cells."),
    "condition": Column("Class", "", "Class of these cells. A paired donor has one row for each class.", "class"),
    "n_cells": Column("Cells", "cells", "Number of cells averaged; with few cells the mean is noisy.", "integer"),
    "coherent": Column(
        "Activity, coherent", "mean z",
        "Mean over the genes of the path of the donor's mean expression, standardised over donors. Labels are not "
        "used.",
        "signed",
    ),
    "edge_signs": Column(
        "Activity, edge signs", "mean z",
        "The same, with the sign inverted after an inhibiting step; a step of unknown sign counts as activating. "
        "Labels are not used.",
        "signed",
    ),
}  # fmt: skip

DONOR_TESTS = {
    "path": PATH,
    "direction": Column(
        "More active in", "class", "As in the ranking of the paths; mixed: its genes disagree.", "class"
    ),
    "smallest_t": Column(
        "Least changed gene", "moderated t",
        "Smallest signed effect along the path, over donors. Below 0 the genes disagree; at 2 or more every gene "
        "changes.",
        "signed",
    ),
    "q": Column(
        "q", "false discovery rate", "p adjusted over the paths of the population (Benjamini and Hochberg).", "p"
    ),
    "p": Column(
        "p", "",
        "Fraction of all paths, under all relabellings of the donors, that change as much. Each donor is one "
        "replicate. Empty: too few donors for any p below 0.05.",
        "p",
    ),
    "p_family": Column(
        "p of the whole run", "max-T", "The same, compared with the best path of each relabelling.", "p"
    ),
    "sign_model": Column(
        "Sign model", "",
        "Assumed direction of change along the path: all genes alike (coherent), or by the signs of the steps "
        "(edge_signs); the one with the larger change. The same choice is made under every relabelling.",
    ),
    "n_donors": Column("Donors", "", "Donors of each class in the test."),
    "relabellings": Column(
        "Relabellings", "", "Number of relabellings of the donors that were computed.", "integer", shown=False
    ),
    "note": Column("Note", "", "Why there is no p."),
}  # fmt: skip
