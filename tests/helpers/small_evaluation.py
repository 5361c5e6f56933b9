"""Sources and parameters of an evaluation of a few seconds: the test environment's, in memory."""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from blocks import network_of

from pathlore.config import Parameters, check
from pathlore.expression.fabricate import fabricate_cells
from pathlore.expression.prepare import prepare_cells
from pathlore.settings import CONFIG_LOADER_ARGS, CONFIG_LOADER_CLASS
from pathlore.study.sources import Sources

ROOT = Path(__file__).parents[2]
PATHWAYS = ("Notch signaling", "IL-6 and gp130 cytokines", "Type I and III interferon", "TGF-beta signaling")


@cache
def _tree() -> dict[str, Any]:
    return CONFIG_LOADER_CLASS(conf_source=str(ROOT / "conf"), env="test", **CONFIG_LOADER_ARGS)["parameters"]


def parameters_of(**evaluation: Any) -> Parameters:
    """The test environment's parameters; ``quick`` is merged, all else of `evaluation` replaced."""
    tree = _tree()
    quick = tree["evaluation"]["quick"] | evaluation.pop("quick", {})
    return check(Parameters, tree | {"evaluation": tree["evaluation"] | evaluation | {"quick": quick}}, "parameters")


@cache
def small_sources() -> Sources:
    """240 fabricated cells of eight donors on three pathways."""
    knowledge = ROOT / "src" / "pathlore" / "knowledge"
    table = pd.read_csv(knowledge / "interactions.csv")
    table = table[table["pathway"].isin(PATHWAYS)].drop_duplicates(["source", "target", "kind"])
    parameters = parameters_of()
    raw = fabricate_cells(table, n_cells=240, effect=1.5)
    cells = prepare_cells(raw, parameters.ingestion.cells, parameters.ingestion.quality)
    annotations = pd.read_csv(knowledge / "genes.csv")[["symbol", "name", "description"]].fillna("")
    truth = {"pooled": frozenset(str(path) for path in raw.uns["planted_paths"])}
    return Sources(cells, network_of(table), annotations, None, truth)
