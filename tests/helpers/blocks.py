"""Parameter blocks as in conf/base, with changes: a test names only what it is about."""

import copy
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

import pathlore
from pathlore.config import NetworkConfig, PathConfig
from pathlore.graph.network import build_network
from pathlore.keys import Kind


@cache
def _base(pipeline: str) -> dict[str, dict[str, object]]:
    file = Path(__file__).parents[2] / "conf" / "base" / pipeline / "parameters.yml"
    return yaml.safe_load(file.read_text())[pipeline]


def base(pipeline: str, block: str, **changes: object) -> dict[str, object]:
    """One block of conf/base/<pipeline>/parameters.yml, with changes."""
    return _base(pipeline)[block] | changes


def whole(changes: dict[str, object]) -> dict[str, object]:
    """All parameters of conf/base, with changes by their dotted names."""
    pipelines = (
        "ingestion",
        "graph_construction",
        "text_embedding",
        "modeling",
        "interpretation",
        "evaluation",
        "engine",
    )
    tree = copy.deepcopy({name: _base(name) for name in pipelines})
    for name, value in changes.items():
        *path, last = name.split(".")
        block = tree
        for key in path:
            block = block[key]
        block[last] = value
    return tree


def network_block(**changes: object) -> NetworkConfig:
    return NetworkConfig.model_validate(base("ingestion", "network", **changes))


def path_block(**changes: object) -> PathConfig:
    return PathConfig.model_validate(base("graph_construction", "paths", **changes))


def built_in_network() -> pd.DataFrame:
    """The network that comes with the package, with all kinds of associations."""
    return network_of(pd.read_csv(Path(pathlore.__file__).parent / "knowledge" / "interactions.csv"))


def network_of(table: pd.DataFrame, **changes: object) -> pd.DataFrame:
    """The network of a table that names the ends and kinds; the other columns have neutral values where absent."""
    columns = ["source", "target", "kind"]
    neutral = {"sign": 0, "n_evidence": 1, "resources": "TestDB", "references": "", "pathway": None}
    records = table.assign(**{name: value for name, value in neutral.items() if name not in table})
    return build_network(records[[*columns, *neutral]], network_block(**{"kinds": list(Kind.ALL)} | changes))
