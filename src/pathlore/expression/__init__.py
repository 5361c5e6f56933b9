"""Cells as numbers: labels, quality, one scale, gene symbols, splits and statistics.

In the order of use: :func:`~pathlore.expression.prepare.prepare_cells`,
:func:`~pathlore.expression.populations.populations`, :func:`~pathlore.expression.splits.split_cells`,
:func:`~pathlore.expression.statistics.training_statistics`, :func:`~pathlore.expression.coverage.coverage`.
"""
