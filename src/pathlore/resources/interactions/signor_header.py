"""The header of SIGNOR's table of all data, given back to a file that came without it."""

import re

import pandas as pd

HEADER = (
    "ENTITYA", "TYPEA", "IDA", "DATABASEA", "ENTITYB", "TYPEB", "IDB", "DATABASEB", "EFFECT", "MECHANISM", "RESIDUE",
    "SEQUENCE", "TAX_ID", "CELL_DATA", "TISSUE_DATA", "MODULATOR_COMPLEX", "TARGET_COMPLEX", "MODIFICATIONA", "MODASEQ",
    "MODIFICATIONB", "MODBSEQ", "PMID", "DIRECT", "NOTES", "ANNOTATOR", "SENTENCE", "SIGNOR_ID", "SCORE",
)  # fmt: skip
"""In the order of the file; later columns differ between releases and are not read."""

READ_COLUMNS = HEADER.index("DIRECT") + 1
DATABASES = ("UNIPROT", "SIGNOR", "PUBCHEM", "CHEBI", "MIRBASE", "RNACENTRAL", "DRUGBANK")


def is_headless(table: pd.DataFrame) -> bool:
    """Whether the first row of SIGNOR's data was taken for the header: databases stand where they should."""
    columns = [str(column) for column in table.columns]
    if len(columns) < READ_COLUMNS:
        return False
    names = _without_suffix(columns)
    return names[3].upper() in DATABASES and names[7].upper() in DATABASES


def headed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with SIGNOR's header; if the first row had been taken for one, it is a row again."""
    if not is_headless(table):
        return table
    width = min(len(HEADER), table.shape[1])
    first = _without_suffix([str(column) for column in table.columns])[:width]
    rows = table.iloc[:, :width].set_axis(HEADER[:width], axis=1)
    return pd.concat([pd.DataFrame([first], columns=rows.columns), rows], ignore_index=True)


def _without_suffix(columns: list[str]) -> list[str]:
    """Undo what pandas does to a header: ``Unnamed: 4`` for an empty cell, ``protein.1`` for a repeated one."""
    found = []
    for name in columns:
        base = re.sub(r"\.\d+$", "", name)
        repeated = base != name and base in columns
        found.append("" if name.startswith("Unnamed: ") else base if repeated else name)
    return found
