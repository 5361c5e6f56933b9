"""Seconds to load the built-in atlas, step by step, in a process that has imported everything.

python benchmarks/tables.py
"""

from importlib.resources import files
from pathlib import Path

import yaml
from measure import interleaved

from pathlore.config import NetworkConfig
from pathlore.datasets.raw_tables import RawTablesDataset
from pathlore.graph.network import build_network
from pathlore.resources.annotations import read_annotations
from pathlore.resources.interactions import read_interactions
from pathlore.resources.names import read_gene_names

CONF = Path(__file__).parents[1] / "conf" / "base" / "ingestion" / "parameters.yml"


def main() -> None:
    """Print the table."""
    config = NetworkConfig.model_validate(yaml.safe_load(CONF.read_text())["ingestion"]["network"])
    folder = files("pathlore") / "knowledge"
    datasets = {
        name: RawTablesDataset(files=str(folder / f"{name}.csv"), parameter=name) for name in ("genes", "interactions")
    }
    raw = {name: dataset.load() for name, dataset in datasets.items()}
    names = read_gene_names(raw["genes"])
    records = read_interactions(raw["interactions"], names, config)
    steps = {
        "read both files": lambda: [dataset.load() for dataset in datasets.values()],
        "gene names": lambda: read_gene_names(raw["genes"]),
        "gene texts": lambda: read_annotations(raw["genes"]),
        "interactions": lambda: read_interactions(raw["interactions"], names, config),
        "merge to the network": lambda: build_network(records, config),
    }
    seconds = interleaved(steps, 5)
    print(f"{len(raw['genes']['genes.csv'])} genes, {len(records)} associations\n\nstep | seconds")
    for step, value in seconds.items():
        print(f"{step} | {value:.3f}")
    print(f"in all | {sum(seconds.values()):.3f}")


if __name__ == "__main__":
    main()
