"""Whose genes a list of names holds: of the human, of the mouse, or of both, which is refused."""

import re

import pandas as pd

from pathlore.errors import PathloreError, shorten

MIXED = 0.05
"""Share of all names that speak for a species, above which it counts as present."""
MOUSE = 0.2
"""Share of names like those of mouse genes that is needed, besides being the more frequent."""
SMALL = 0.5
"""Share of names without a capital letter above which they are those of no mammal."""
FEWEST = 20
"""Names that are needed to see that."""
TELLING = 3
"""Names of another animal that are needed to tell it."""
ANIMALS = {
    "a zebrafish": re.compile(r"(?:si|zgc|zmp|im|wu):.+"),
    "a rat": re.compile(r"RT1-.+|AABR\d+.*"),
    "a pig": re.compile(r"SLA-.+"),
    "a macaque": re.compile(r"MAMU-.+", re.IGNORECASE),
    "a dog": re.compile(r"DLA-.+"),
    "cattle": re.compile(r"BOLA-.+", re.IGNORECASE),
    "a fly": re.compile(r"FBgn\d{7}|CG\d{4,5}"),
    "a worm": re.compile(r"WBGene\d{8}"),
    "yeast": re.compile(r"Y[A-P][LR]\d{3}[WC](?:-[A-Z])?"),
    "a plant": re.compile(r"AT[1-5CM]G\d{5}(?:\.\d+)?"),
}
"""Names that only one of them has."""
OWN = re.compile(r"(?:HLA|H2)-.+")
ROW_NUMBERS = 20
"""So many consecutive numbers from 0 or 1 are row numbers, not Entrez ids."""


def judge_species(genes: pd.DataFrame, species: str) -> str:
    """Say which species the names speak for.

    Parameters
    ----------
    genes
        Of `pathlore.genes.identifiers.describe`.
    species
        ``"human"`` or ``"mouse"`` where it is known; ``"auto"``: the one whose genes the names look like, and human
        where they do not tell. Letters of symbols then do not contradict it, but Ensembl ids and prefixes are.

    Returns
    -------
    ``"human"`` or ``"mouse"``.

    Raises
    ------
    PathloreError
        Genes of both species, of a third one, or row numbers instead of names; or, where the species is not said,
        names in small letters.

    Examples
    --------
    >>> from pathlore.genes.identifiers import describe
    >>> judge_species(describe(pd.Series(["Trp53", "Myc", "H2-K1"])), "auto")
    'mouse'
    """
    _refuse_row_numbers(genes)
    certain = genes["prefixed"] | (genes["kind"] == "ensembl")
    told = genes if species == "auto" else genes[certain]
    groups = {name: told.loc[told["species"] == name, "id"] for name in ("human", "mouse", "other")}
    amounts = {name: len(ids) for name, ids in groups.items()}
    if amounts["other"] > len(genes) / 2:
        raise PathloreError(
            f"{amounts['other']} of {len(genes)} gene names are Ensembl ids of another species (such as "
            f"{shorten(groups['other'], 3)}), genes of human or mouse are expected: name a column of var with human "
            "gene symbols in `ingestion.cells.gene_column`"
        )
    if min(amounts["human"], amounts["mouse"]) > max(MIXED * len(genes), 1):
        examples = {name: ", ".join(ids.iloc[:3]) for name, ids in groups.items()}
        raise PathloreError(
            f"the {len(genes)} gene names are of two species: {amounts['human']} look human (such as "
            f"{examples['human']}) and {amounts['mouse']} look like mouse (such as {examples['mouse']}), one species "
            "is expected: keep the genes and cells of one of them, or, where all are of one, name it in "
            "`ingestion.genes.species`"
        )
    if species != "auto":
        return species
    _refuse_others(genes)
    is_mouse = amounts["mouse"] > amounts["human"] and amounts["mouse"] > MOUSE * len(genes)
    return "mouse" if is_mouse else "human"


def _refuse_others(genes: pd.DataFrame) -> None:
    """Ask for the species where the names are those of neither human nor mouse."""
    symbols = genes.loc[genes["kind"] == "symbol", "id"]
    ask = (
        "genes of human (TP53) or mouse (Trp53) are expected: set `ingestion.genes.species` if they are of one of "
        "these, else name a column of var with the symbols of their human orthologs in `ingestion.cells.gene_column`"
    )
    if not symbols.map(lambda name: bool(OWN.fullmatch(name))).any():
        for animal, pattern in ANIMALS.items():
            found = symbols[symbols.map(lambda name, pattern=pattern: bool(pattern.fullmatch(name)))]
            if len(found) >= TELLING:
                such = shorten(found, 3)
                raise PathloreError(f"{len(found)} of {len(genes)} gene names are of {animal} (such as {such}), {ask}")
    small = symbols[symbols.str.fullmatch(r"[a-z][a-z0-9:.()-]*")]  # not: probe_7, 1007_s_at
    if len(small) > max(SMALL * len(genes), FEWEST):
        raise PathloreError(
            f"{len(small)} of {len(genes)} gene names are in small letters (such as {', '.join(small.iloc[:3])}), as "
            f"those of zebrafish and frog are, and {ask}"
        )


def _refuse_row_numbers(genes: pd.DataFrame) -> None:
    """Numbers that count the rows look like Entrez ids, and many of them are."""
    numbers = genes.loc[genes["kind"] == "entrez", "id"]
    if len(numbers) < ROW_NUMBERS or len(numbers) < len(genes) / 2 or not numbers.str.fullmatch(r"\d+").all():
        return
    values = sorted(map(int, numbers))
    if values[0] <= 1 and values == list(range(values[0], values[0] + len(values))):
        raise PathloreError(
            f"the names of the genes are the numbers {values[0]} to {values[-1]}, which count the rows: name the "
            "column of var with gene symbols or ids in `ingestion.cells.gene_column`"
        )
