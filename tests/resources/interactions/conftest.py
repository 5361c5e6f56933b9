"""Files written by hand, parsed as the dataset parses them, and read as the pipeline reads them."""

import io
import logging
from collections.abc import Callable

import pandas as pd
import pytest
from blocks import network_block

from pathlore.genes.names import GeneNames
from pathlore.keys import Kind
from pathlore.resources.interactions import read_interactions
from pathlore.resources.interactions.records import COLUMNS
from pathlore.resources.raw import Raw


@pytest.fixture
def table() -> Callable[..., pd.DataFrame]:
    """Text to a table with every cell a str; leading blanks of lines are for the reader of the test."""

    def parse(text: str, sep: str = ",") -> pd.DataFrame:
        lines = "\n".join(line.strip(" ") for line in text.strip().splitlines())
        return pd.read_csv(io.StringIO(lines), sep=sep, dtype=str, keep_default_na=False)

    return parse


@pytest.fixture
def read() -> Callable[..., pd.DataFrame]:
    """Read files with the given changes of the configuration, and check the form of what comes out."""

    def read(files: dict[str, Raw], names: GeneNames | None = None, **changes: object) -> pd.DataFrame:
        values = {
            "kinds": list(Kind.ALL),
            "resources": [],
            "min_evidence": 1,
            "min_string_score": 700,
            "regulon_levels": ["A", "B", "C"],
            "undirected": "drop",
        }
        found = read_interactions(files, names, network_block(**values | changes))
        assert tuple(found.columns) == COLUMNS
        assert found["sign"].dtype == int
        assert found["n_evidence"].dtype == int
        assert found["sign"].isin([-1, 0, 1]).all()
        assert (found["n_evidence"] >= 1).all()
        assert set(found["kind"]) <= set(Kind.ALL)
        for name in ("source", "target", "kind", "resources", "references", "source_complex", "target_complex"):
            assert all(isinstance(value, str) for value in found[name])
        assert all(value is None or (isinstance(value, str) and value) for value in found["pathway"])
        assert found.index.tolist() == list(range(len(found)))
        return found

    return read


@pytest.fixture
def edges() -> Callable[[pd.DataFrame], list[str]]:
    """Statements in short, in their order: ``A>B signaling -1``."""

    def short(found: pd.DataFrame) -> list[str]:
        return [f"{row.source}>{row.target} {row.kind} {row.sign:+d}" for row in found.itertuples()]

    return short


@pytest.fixture
def dropped(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """What the last file's line in the log says of dropped rows."""
    caplog.set_level(logging.INFO, logger="pathlore.resources.interactions")
    return lambda: caplog.messages[-1].split("dropped: ")[1]


@pytest.fixture(scope="session")
def names() -> GeneNames:
    rows = [
        ("MAPK1", "ERK2", "5594", "P28482"),
        ("MAPK3", "ERK1", "5595", "P27361"),
        ("EGFR", "ERBB", "1956", "P00533"),
        ("EGF", "", "1950", "P01133"),
        ("TP53", "p53", "7157", "P04637"),
        ("CDKN1A", "P21", "1026", "P38936"),
        ("ITGA1", "", "3672", "P56199"),
        ("ITGB1", "", "3688", "P05556"),
    ]
    return GeneNames(pd.DataFrame(rows, columns=["symbol", "aliases", "entrez", "uniprot"]))
