"""KEGG pathways in KGML, KEGG's markup language.

Documentation: https://www.kegg.jp/kegg/xml/docs/. Licence: free for academic use through KEGG's own service; not to be
passed on.

An entry is a box of the map: one gene, several genes that play the same part (``hsa:5594 hsa:5595``), or a group of
entries that form a complex. A relation between two boxes is read as one record for each gene with each gene.
"""

import itertools
from xml.etree.ElementTree import Element

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.keys import Kind
from pathlore.resources.interactions.fields import sign_of
from pathlore.resources.interactions.kgml import genes_of_entries, parse
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import directed, records
from pathlore.resources.raw import Raw

HUMAN = "hsa"
EXPRESSION = ("expression", "repression")
ACTIVATES = ("activation", "expression")
INHIBITS = ("inhibition", "repression")
NOT_DIRECTED = {"binding/association", "dissociation"}
COLUMNS = ("source", "target", "kind", "activates", "inhibits", "known")


def recognises(raw: Raw) -> bool:
    """Whether the text is that of a pathway."""
    return isinstance(raw, str) and "<pathway" in raw


def read(source: Source) -> pd.DataFrame:
    """Read relations between gene products (PPrel) and on the expression of genes (GErel) of one human pathway.

    GErel, and the subtypes expression and repression, are ``tf_target``, the others ``signaling``. Activation and
    expression have the sign 1, inhibition and repression -1, both together or neither 0. Relations that are nothing
    but a binding or dissociation have no direction. Dropped are relations of compounds (PCrel), of enzymes (ECrel),
    to other maps (maplink), and those that are missing in the disease of the map. The title is the pathway.

    Raises
    ------
    PathloreError
        The text is no sound KGML, or of another organism than hsa.
    """
    pathway = parse(str(source.raw), source.file)
    organism = pathway.get("org")
    if organism != HUMAN:
        raise PathloreError(
            f"{source.file} is a KEGG pathway of the organism {organism}; expected {HUMAN} (Homo sapiens), such as "
            f"{HUMAN}{pathway.get('number')}: check the parameter `network` (globals.yml or --params network=...)"
        )
    genes = genes_of_entries(pathway, source.names)
    rows = [row for relation in pathway.iter("relation") for row in _rows(relation, genes, source)]
    found = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[3:], bool))
    found = found.assign(
        sign=sign_of(found["activates"], found["inhibits"]), resources="KEGG", pathway=pathway.get("title", "")
    )
    found = directed(found, found["known"], source.config, source.counts)
    return records(found, source.counts)


def _rows(relation: Element, genes: dict[str, list[str]], source: Source) -> list[tuple[object, ...]]:
    """One relation as a row for each gene of its first entry with each of its second."""
    kind = relation.get("type", "")
    names = {subtype.get("name", "") for subtype in relation.iter("subtype")}
    if kind not in ("PPrel", "GErel"):
        source.counts.drop(1, f"of the type {kind or '(none)'}")
        return []
    if "missing interaction" in names:
        source.counts.drop(1, "missing interactions")
        return []
    ends = [genes.get(relation.get(entry, ""), []) for entry in ("entry1", "entry2")]
    if not all(ends):
        source.counts.drop(1, "without a known gene")
        return []
    expression = kind == "GErel" or bool(names & set(EXPRESSION))
    record = (
        Kind.TF_TARGET if expression else Kind.SIGNALING,
        bool(names & set(ACTIVATES)),
        bool(names & set(INHIBITS)),
        not names or not names <= NOT_DIRECTED,
    )
    return [(*pair, *record) for pair in itertools.product(*ends)]


KEGG = Reader("KEGG", "KGML, <pathway org='hsa'>", recognises, read)
