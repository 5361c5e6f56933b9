"""Columns of what donors say of a path."""

from pathlore.report.columns.column import Column

PATH = Column("Path", "", "Genes of the path from receptor to target.", "route")

DONOR_ACTIVITY = {
    "path": PATH,
    "donor": Column("Donor", "", "Whose cells were averaged."),
    "condition": Column("Class", "", "Class of these cells. A paired donor has a row for each.", "class"),
    "n_cells": Column("Cells", "cells", "Cells behind the mean; few cells make it noisy.", "integer"),
    "coherent": Column(
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
    "direction": Column(
        "More active in", "class", "As in the ranking of the paths; mixed: its genes disagree.", "class"
    ),
    "smallest_t": Column(
        "Least changed gene", "moderated t",
        "The smallest signed effect along the path, over donors: below 0 the genes disagree, at 2 or more every one of "
        "them changes.",
        "signed",
    ),
    "q": Column(
        "q", "false discovery rate", "p adjusted over the paths of the population (Benjamini and Hochberg).", "p"
    ),
    "p": Column(
        "p", "",
        "Share of all paths under all relabellings of the donors that change as much as a whole. Each donor is one "
        "value. Empty: too few donors for any p below 0.05.",
        "p",
    ),
    "p_family": Column(
        "p of the whole run", "max-T", "The same against the best path of each relabelling.", "p"
    ),
    "sign_model": Column(
        "Sign model", "",
        "How the change travels along the path: all genes alike (coherent), or by the signs of the steps "
        "(edge_signs); the one with the larger change. The same choice is made under every relabelling.",
    ),
    "n_donors": Column("Donors", "", "Donors of each class in the test."),
    "relabellings": Column(
        "Relabellings", "", "Different ways to deal the classes to the donors that were computed.", "integer"
    ),
    "note": Column("Note", "", "Why there is no p, in words."),
}  # fmt: skip
