"""Entries of a KGML file, and the genes they stand for. Source: https://www.kegg.jp/kegg/xml/docs/."""

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pathlore.errors import PathloreError
from pathlore.resources.interactions.complexes import members
from pathlore.resources.interactions.identifiers import with_ids

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames

INTERNAL_SUBSET = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]*\[")
"""Declarations inside the file, by which a small file can grow without bound. KEGG's own name a DTD elsewhere."""


def parse(text: str, file: str) -> Element:
    """The pathway of a KGML file.

    Raises
    ------
    PathloreError
        The text declares entities, is no XML, or its root is no pathway.
    """
    wrong = None
    if INTERNAL_SUBSET.search(text):
        wrong = "declares XML entities of its own, which KEGG's files never do"
    else:
        try:
            root = ElementTree.fromstring(text.lstrip("\ufeff \n\r\t").encode("utf-8"))
        except ElementTree.ParseError as error:
            wrong = f"is no well-formed XML ({error})"
        else:
            if root.tag == "pathway":
                return root
            wrong = f"has the root <{root.tag}>"
    raise PathloreError(
        f"{file} {wrong}; expected KGML with the root <pathway> as KEGG gives it: fetch the file behind `network` again"
    )


def genes_of_entries(pathway: Element, names: "GeneNames | None") -> dict[str, list[str]]:
    """Id of an entry -> symbols of its genes.

    Parameters
    ----------
    pathway
        Root of the file.
    names
        Translates the Entrez ids (``hsa:5594``). None: only entries of a single gene are known, by the first name that
        is drawn in their box.
    """
    contents: dict[str, list[str]] = {}
    for entry in pathway.iter("entry"):
        number = entry.get("id", "")
        if entry.get("type") == "gene":
            contents[number] = [f"symbol:{symbol}" for symbol in _symbols(entry, names)]
        elif entry.get("type") == "group":
            contents[number] = [component.get("id", "") for component in entry.iter("component")]
    return {
        number: [name.removeprefix("symbol:") for name in members(number, contents) if name.startswith("symbol:")]
        for number in contents
    }


def _symbols(entry: Element, names: "GeneNames | None") -> list[str]:
    ids = [name.split(":")[-1] for name in entry.get("name", "").split()]
    if known := with_ids(names, "entrez"):
        return [symbol for identifier in ids if (symbol := known.to_symbol(identifier, "entrez"))]
    graphics = entry.find("graphics")
    if len(ids) != 1 or graphics is None:
        return []
    drawn = graphics.get("name", "").split(",")[0].removesuffix("...").strip()
    return [drawn] if drawn else []
