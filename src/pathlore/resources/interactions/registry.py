"""The known formats, in the order in which they are tried."""

from pathlore.resources.interactions.cellchatdb import CELLCHATDB
from pathlore.resources.interactions.cellphonedb import CELLPHONEDB
from pathlore.resources.interactions.kegg import KEGG
from pathlore.resources.interactions.liana import LIANA
from pathlore.resources.interactions.omnipath import OMNIPATH
from pathlore.resources.interactions.plain import PLAIN
from pathlore.resources.interactions.predecessor import NICHENET, PREDECESSOR
from pathlore.resources.interactions.reactome_fi import REACTOME_FI
from pathlore.resources.interactions.reader import Reader
from pathlore.resources.interactions.regulons import REGULONS
from pathlore.resources.interactions.signor import SIGNOR
from pathlore.resources.interactions.string import STRING

READERS: tuple[Reader, ...] = (
    PLAIN,
    PREDECESSOR,
    NICHENET,
    OMNIPATH,
    SIGNOR,
    KEGG,
    REACTOME_FI,
    STRING,
    REGULONS,
    CELLPHONEDB,
    CELLCHATDB,
    LIANA,
)
"""A table that has the columns of several formats is read as the first of them."""
