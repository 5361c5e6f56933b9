"""Parameters of the inspection of a file."""

from typing import Annotated

from pydantic import Field

from pathlore.config.blocks import Block


class FilesConfig(Block):
    """Where the raw files of a run lie, as the environment is to name them; several with ``;`` between them."""

    cells: str = Field(default="", description="expression")
    cell_annotations: str = Field(default="", description="tables about the cells")
    network: str = Field(default="", description="who signals to whom")
    gene_text: str = Field(default="", description="what is written about genes")
    gene_names: str = Field(default="", description="names of genes")
    orthologs: str = Field(default="", description="mouse and human genes")
    gene_sets: str = Field(default="", description="gene sets")
    gene_lists: str = Field(default="", description="genes you look for")
    decimal: str = Field(default="", description="sign before the fraction in a text table")
    encoding: str = Field(default="", description="of a text table")


class InspectionConfig(Block):
    """``inspection`` in parameters.yml: the environment that is written, and columns that the user knows."""

    name: Annotated[str, Field(pattern=r"^([A-Za-z0-9]\w*)?$")] = Field(
        default="", description="of the environment that is written, conf/<name>; empty: from the file's name"
    )
    overwrite: bool = Field(
        default=False, description="true: the files of an environment that is there already are replaced"
    )
    folder: Annotated[str, Field(min_length=1)] = Field(
        default="", description="folder that gets the environment: that of all settings, conf"
    )
    condition: str = Field(
        default="", description="column of obs with the condition; empty: judged; none: there is none"
    )
    donor: str = Field(default="", description="column of obs with the donor; empty: judged; none: not known")
    cell_type: str = Field(default="", description="column of obs with the cell type; empty: judged; none: not known")
    files: FilesConfig = Field(default_factory=FilesConfig)
