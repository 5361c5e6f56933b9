"""A small table of gene names, and parameters."""

import pandas as pd
import pytest

from pathlore.config import GenesConfig
from pathlore.genes.names import GeneNames


@pytest.fixture
def names() -> GeneNames:
    """Nine genes with the ways in which their names may be unclear."""
    rows = [
        ("TP53", "", "P53;LFS1", "ENSG00000141510", "7157", "P04637"),
        ("FIRRM", "C1orf112", "FLIP", "ENSG00000000460", "55732", ""),
        ("KLRG1", "", "MAFA;2F1", "ENSG00000139187", "10219", ""),
        ("MAFA", "", "hMafA", "ENSG00000182759", "389692", ""),  # an alias of KLRG1
        ("KMT2B", "", "MLL2", "ENSG00000272333", "9757", ""),
        ("KMT2D", "MLL2", "ALR", "ENSG00000167548", "8085", ""),
        ("GNAS", "", "GSA", "ENSG00000087460", "2778", "P63092;Q5JWF2"),
        ("HBA1", "", "HBH", "ENSG00000206172", "3039", "P69905"),
        ("HBA2", "", "", "ENSG00000188536", "3040", "P69905"),
    ]
    return GeneNames(pd.DataFrame(rows, columns=["symbol", "previous", "aliases", "ensembl", "entrez", "uniprot"]))


@pytest.fixture
def nothing() -> GeneNames:
    return GeneNames(pd.DataFrame({"symbol": []}))


@pytest.fixture
def config():
    def make(**given) -> GenesConfig:
        return GenesConfig(**({"species": "auto", "identifier": "auto", "min_mapped": 0.5} | given))

    return make
