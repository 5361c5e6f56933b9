"""Expression matrices in the formats that people have: AnnData, 10x Genomics, loom, and plain tables.

:func:`~pathlore.expression.formats.read_cells.read_cells` reads any of them,
:func:`~pathlore.expression.formats.annotations.join_annotations` adds a table about the cells.
"""

from pathlore.expression.formats.annotations import join_annotations
from pathlore.expression.formats.read_cells import read_cells

__all__ = ["join_annotations", "read_cells"]
