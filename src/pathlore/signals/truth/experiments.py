"""Experiments with a known ligand: effects of genes, and which ligand was given."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind
from pathlore.resources.raw import RawTables
from pathlore.signals.effects import read_effects
from pathlore.signals.inputs import load_names
from pathlore.signals.truth.families import CYTOSIG, FAMILIES

RECEPTOR = "receptor:"
"""Stands before the name of a receptor that was active by itself."""


@dataclass(frozen=True)
class Experiments:
    """Signatures of one source.

    Attributes
    ----------
    name
        Of the source.
    effects
        Genes x signatures; NaN where a gene was not measured or, in sets of genes, not named.
    ligands
        Signature -> what was given: ligands, ','-joined, or ``receptor:NAME``.
    families
        Signature -> family of its ligand; families are left out, and drawn, as a whole.
    """

    name: str
    effects: pd.DataFrame
    ligands: pd.Series
    families: pd.Series

    @property
    def complete(self) -> bool:
        """Whether every gene was measured in every signature, and not only some are named."""
        return bool(self.effects.notna().all(axis=None))

    def truth(self, network: pd.DataFrame, receptors: list[str]) -> np.ndarray:
        """(R, signatures) bool: the receptors of each signature's ligands by the network."""
        bonds = network[network["kind"] == Kind.LIGAND_RECEPTOR].groupby("source")["target"].agg(set).to_dict()
        columns = []
        for given in self.ligands[self.effects.columns]:
            true: set[str] = set()
            for name in given.split(","):
                own = {name.removeprefix(RECEPTOR)} if name.startswith(RECEPTOR) else bonds.get(name.strip(), set())
                true |= own
            columns.append([receptor in true for receptor in receptors])
        return np.array(columns, dtype=bool).T.reshape(len(receptors), -1)


def read_experiments(tables: RawTables) -> list[Experiments]:
    """Read experiments from files in any mixture of three forms.

    ============  ====================================================================================================
    form          columns
    ============  ====================================================================================================
    responses     ``signature``, ``ligand``, ``gene``, and ``direction`` (1, -1) or ``stat``: all in one long table
    signatures    genes in the first column, one column of effects for each signature
    key           ``signature``, ``ligand``, perhaps ``family``: what was given in the signatures of the other files
    ============  ====================================================================================================

    Several ligands are ','-joined; ``receptor:NAME`` is a receptor that was active. The signatures of CytoSig are known
    without a key. A signature without a ligand is left out.

    Parameters
    ----------
    tables
        File name -> table with all cells as text.

    Raises
    ------
    PathloreError
        A table is in none of these forms, or no signature has a ligand.
    """
    key = pd.DataFrame({"ligand": CYTOSIG})
    wide: dict[str, pd.DataFrame] = {}
    found = []
    for file, raw in tables.items():
        if not isinstance(raw, pd.DataFrame):
            raise PathloreError(f"{file} is no table; expected experiments with a known ligand: check `truth`")
        table = raw.rename(columns={name: str(name).strip() for name in raw})
        if {"signature", "ligand", "gene"} <= set(table):
            found.append(_responses(file, table))
        elif {"signature", "ligand"} <= set(table):
            key = pd.concat([table.set_index("signature")[[c for c in ("ligand", "family") if c in table]], key])
        else:
            wide[file] = table
    key = key[~key.index.duplicated()]
    found += [_signatures(file, table, key) for file, table in wide.items()]
    if not found:
        raise PathloreError(f"no signatures are in the {len(tables)} file(s) {shorten(tables)}: check `truth`")
    return found


def _responses(file: str, table: pd.DataFrame) -> Experiments:
    column = next((name for name in ("stat", "direction") if name in table), None)
    values = table.assign(value=pd.to_numeric(table[column], errors="coerce") if column else 1.0)
    effects = values.pivot_table(values="value", index="gene", columns="signature", aggfunc="mean")
    effects = effects.where(effects != 0)  # a gene that is said to rise and to fall says nothing
    once = table.drop_duplicates("signature").set_index("signature")
    return _made(file, effects, once["ligand"], once.get("family"))


def _signatures(file: str, table: pd.DataFrame, key: pd.DataFrame) -> Experiments:
    if isinstance(table.index, pd.RangeIndex):
        table = table.set_index(table.columns[0])
    known = [name for name in table if name in key.index]
    if not known:
        raise PathloreError(
            f"no column of {file} ({shorten(table.columns, 6)}) has a ligand; expected signatures named in a table "
            "with the columns signature and ligand: add it to `truth`"
        )
    effects = table[known].apply(pd.to_numeric, errors="coerce")
    effects = effects[effects.notna().any(axis=1)].groupby(level=0).mean()
    own = key.loc[known]
    return _made(file, effects, own["ligand"], own.get("family"))


def _made(file: str, effects: pd.DataFrame, ligands: pd.Series, families: pd.Series | None) -> Experiments:
    effects = read_effects(effects, load_names()).table
    given = pd.Series(dtype=object) if families is None else families.replace("", np.nan).dropna()
    own = pd.Series({name: given.get(name, family_of(ligands[name])) for name in effects}, dtype=object)
    return Experiments(_short(file), effects, ligands.astype(str), own)


def _short(file: str) -> str:
    """First word of a file's name."""
    return file.split(".")[0].split("_")[0]


def family_of(ligands: str, families: Mapping[str, str] = FAMILIES) -> str:
    """Family of what was given, by its first ligand; an unknown one is a family of its own.

    Examples
    --------
    >>> family_of("IFNA1,IFNB1"), family_of("receptor:NOTCH1"), family_of("NEW1")
    ('interferon', 'NOTCH1', 'NEW1')
    """
    first = ligands.split(",")[0].strip().removeprefix(RECEPTOR)
    return families.get(first, first)
