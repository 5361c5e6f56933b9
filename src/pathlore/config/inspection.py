"""Parameters of the inspection of a file."""

from typing import Annotated

from pydantic import Field

from pathlore.config.blocks import Block


class FilesConfig(Block):
    """Where the raw files of a run lie, as the environment is to name them; several with ``;`` between them."""

    cells: str
    cell_annotations: str
    network: str
    gene_text: str
    gene_names: str
    orthologs: str
    gene_sets: str
    gene_lists: str
    decimal: str  # of a text table of cells, as its encoding
    encoding: str


class InspectionConfig(Block):
    """``inspection`` in parameters.yml: the environment that is written, and columns that the user knows."""

    name: Annotated[str, Field(pattern=r"^([A-Za-z0-9]\w*)?$")]  # empty: from the file's name
    overwrite: bool
    folder: Annotated[str, Field(min_length=1)]
    condition: str  # column of obs; empty: judged; none: there is none
    donor: str  # as condition
    cell_type: str  # as condition
    files: FilesConfig
