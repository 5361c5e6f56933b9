"""Reactome functional interactions, from pathways and regulons, with annotations and predictions.

Documentation: https://reactome.org/download-data, "Functional interactions (FIs) derived from Reactome and other
pathway and interaction databases". Licence: Reactome CC0; the other databases' own.

The direction is drawn: ``->`` the first gene activates or catalyses the second, ``-|`` it inhibits it, ``<-`` and
``|-`` the other way round, both together such as ``<-|``, and ``-`` where they only meet in a complex or reaction.
"""

import pandas as pd

from pathlore.keys import Kind
from pathlore.resources.interactions.fields import as_written, column
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import directed, records
from pathlore.resources.raw import Raw, has_columns

COLUMNS = ("Gene1", "Gene2", "Annotation", "Direction")
EXPRESSION_FORWARD = r"expression regulates|GErel: (?:expression|repression)(?!\s*by)"
EXPRESSION_BACKWARD = r"expression regulated by|GErel: (?:expression|repression)\s*by"
ONLY_EXPRESSION = r"^(?:expression regulate(?:s|d by)(?:;\s*|$))+$"
"""Annotations from regulons alone, which do not say whether the factor activates or represses."""


def recognises(raw: Raw) -> bool:
    """Whether the table has two genes, an annotation and a direction."""
    return has_columns(raw, "Gene1", "Gene2", "Annotation", "Direction")


def read(source: Source) -> pd.DataFrame:
    """Read one record for each direction that is drawn.

    A direction for which the annotation names regulated expression is a ``tf_target``, any other ``signaling``. An
    arrowhead has the sign 1 and a bar -1; where nothing but regulated expression is annotated, an arrowhead has the
    sign 0. What is predicted and nothing else is dropped.
    """
    counts = source.counts
    table = source.table
    annotation = column(table, "Annotation")
    table = counts.keep(table, annotation.str.lower() != "predicted", "predicted")
    drawn = as_written(table, "Direction")
    table = counts.keep(table, drawn.str.fullmatch(r"[<|]?-[>|]?"), "with an unknown direction")
    drawn, annotation = as_written(table, "Direction"), column(table, "Annotation")
    pair = pd.DataFrame({"source": table["Gene1"], "target": table["Gene2"], "annotation": annotation, "drawn": drawn})
    forward = _one_way(pair[drawn.str.contains(r"-[>|]")], drawn.str[-1], EXPRESSION_FORWARD)
    turned = pair.rename(columns={"source": "target", "target": "source"})
    backward = _one_way(turned[drawn.str.contains(r"[<|]-")], drawn.str[0], EXPRESSION_BACKWARD)
    undirected = pair[drawn == "-"].assign(kind=Kind.SIGNALING, sign=0)
    found = pd.concat([forward, backward, undirected], ignore_index=True).assign(resources="ReactomeFI")
    found = directed(found, found["drawn"] != "-", source.config, counts)
    return records(found, counts)


def _one_way(pairs: pd.DataFrame, heads: pd.Series, expression: str) -> pd.DataFrame:
    """Kind and sign of one direction, by the annotation and by the head of the arrow."""
    annotation = pairs["annotation"]
    regulated = annotation.str.contains(expression)
    sign = heads.loc[pairs.index].map({"|": -1, ">": 1, "<": 1}).astype(int)
    unsigned = (sign == 1) & annotation.str.contains(ONLY_EXPRESSION)
    return pairs.assign(
        kind=regulated.map({True: Kind.TF_TARGET, False: Kind.SIGNALING}),
        sign=sign.where(~unsigned, 0),
    )


REACTOME_FI = Reader("Reactome FI", "Gene1, Gene2, Annotation, Direction", recognises, read, columns=COLUMNS)
