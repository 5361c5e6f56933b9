"""Experiments with a known ligand: effects of genes, and which ligand was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind
from pathlore.resources.raw import RawTables
from pathlore.signals.effects import read_effects
from pathlore.signals.inputs import load_names

_MEMBERS: Final = {
    "TGF-beta": "INHBA INHBB BMP2 BMP4 BMP6 BMP7 GDF2 GDF11 GDF15 MSTN TGFB1 TGFB2 TGFB3 AMH NODAL",
    "TNF": "CD40LG LTA LTB TNF TNFSF10 TNFSF11 TNFSF12 TNFSF13 TNFSF13B TNFSF14 FASLG CD70 NGF BDNF NTF3 NTF4",
    "interferon": "IFNA1 IFNA2 IFNB1 IFNG IFNL1 IFNL2 IFNL3 IFNW1",
    "IL10": "IL10 IL19 IL20 IL22 IL24 IL26",
    "IL12": "IL12A IL12B IL23A IL27 EBI3",
    "gamma chain": "IL2 IL4 IL7 IL9 IL13 IL15 IL21 TSLP",
    "beta chain": "CSF2 IL3 IL5",
    "IL17": "IL17A IL17B IL17C IL17F IL25",
    "IL1": "IL1A IL1B IL18 IL33 IL36A IL36B IL36G IL36RN IL1RN",
    "gp130": "IL6 IL11 LIF OSM CNTF CLCF1 CTF1 IL31",
    "growth hormone": "CSF3 EPO TPO THPO GH1 PRL LEP",
    "EGF": "EGF TGFA AREG EREG BTC HBEGF NRG1 NRG2",
    "FGF": "FGF1 FGF2 FGF7 FGF9 FGF10 FGF18 FGF19 FGF21 FGF23",
    "PDGF, VEGF": "VEGFA VEGFB VEGFC VEGFD PGF PDGFA PDGFB PDGFC PDGFD CSF1 IL34 KITLG FLT3LG",
    "HGF": "HGF MST1",
    "insulin": "INS IGF1 IGF2",
    "WNT": "WNT1 WNT2 WNT3 WNT3A WNT4 WNT5A WNT5B WNT7A WNT7B WNT10B WNT11 RSPO1 RSPO2 RSPO3 DKK1",
    "chemokine": "CXCL1 CXCL2 CXCL8 CXCL9 CXCL10 CXCL11 CXCL12 CXCL13 CCL2 CCL3 CCL4 CCL5 CCL17 CCL19 CCL21 CX3CL1",
}

FAMILIES: Final = {ligand: family for family, members in _MEMBERS.items() for ligand in members.split()}
"""Ligand -> family."""

CYTOSIG: Final = {
    **{name: name for name in (
        "BDNF", "BMP2", "BMP4", "BMP6", "CXCL12", "EGF", "FGF2", "GDF11", "HGF", "IFNG", "IL10", "IL13", "IL15",
        "IL17A", "IL1A", "IL1B", "IL2", "IL21", "IL22", "IL3", "IL4", "IL6", "LIF", "LTA", "OSM", "TGFB1", "TGFB3",
        "VEGFA", "WNT3A",
    )},
    "Activin A": "INHBA", "CD40L": "CD40LG", "GCSF": "CSF3", "GMCSF": "CSF2", "MCSF": "CSF1", "TNFA": "TNF",
    "TRAIL": "TNFSF10", "TWEAK": "TNFSF12", "IFN1": "IFNA1,IFNA2,IFNB1", "IFNL": "IFNL1,IFNL2,IFNL3",
    "IL12": "IL12A,IL12B", "IL27": "IL27,EBI3", "IL36": "IL36A,IL36B,IL36G",
}  # fmt: skip
"""Name in CytoSig -> ligands; NO has no protein ligand and is left out."""


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
                receptors_of = (
                    {name.removeprefix(RECEPTOR)} if name.startswith(RECEPTOR) else bonds.get(name.strip(), set())
                )
                true |= receptors_of
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
    labels = key.loc[known]
    return _made(file, effects, labels["ligand"], labels.get("family"))


def _made(file: str, effects: pd.DataFrame, ligands: pd.Series, families: pd.Series | None) -> Experiments:
    effects = read_effects(effects, load_names()).table
    given = pd.Series(dtype=object) if families is None else families.replace("", np.nan).dropna()
    family = pd.Series({name: given.get(name, family_of(ligands[name])) for name in effects}, dtype=object)
    return Experiments(_short(file), effects, ligands.astype(str), family)


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
