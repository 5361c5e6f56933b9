"""What a reader understood or left out, said in the log and kept beside the cells."""

import logging

from anndata import AnnData

logger = logging.getLogger(__name__)

SLOT = "pathlore_reading"
"""Of ``uns``: sentences for the user."""


def note(cells: AnnData, text: str) -> None:
    """Say a sentence about the reading of cells, and keep it in ``uns``."""
    logger.info("%s", text)
    cells.uns[SLOT] = [*notes(cells), text]


def notes(cells: AnnData) -> list[str]:
    """Sentences about the reading of cells."""
    return [str(text) for text in cells.uns.get(SLOT, [])]
