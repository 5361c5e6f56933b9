"""What a run costs against its cells, genes, donors and paths: seconds and peak memory of each node.

    python benchmarks/cohort_size.py [--cells 10000 50000 200000] [--genes 20000] [--donors 40] [--paths 600]
                                     [--format h5ad|zarr] [--data COUNTS.h5ad] [--pipelines ingestion] [--in-memory]
                                     [--set modeling.training.epochs=3] [--folder FOLDER] [--made COHORT.h5ad]
                                     [--costs FILE.jsonl] [--figure FILE.svg]
    python benchmarks/cohort_size.py --make COHORT.h5ad --cells 1000000 [--data COUNTS.h5ad]

A cohort is made of real cells: each is a cell of ``--data`` (raw counts with columns ``condition`` of two values and
``cell_type``; without it, the PBMC that ship inside scanpy) whose counts are drawn anew, each from a Poisson law
around the count times an effect of the donor on the gene. Genes are added up to ``--genes``: symbols of the built-in
knowledge first, each with the counts of a measured gene in other cells. Half of the donors belong to each class; each
has cells of every type, and batches hold donors of both classes. Cells are named as those of several samples are after
`anndata.concat`: barcode-sample, so that their sorted order runs through all samples.

Each cohort is run by ``kedro run`` in a project of its own with ``stream_cells=true`` (not with ``--in-memory``).
Seconds and memory of a node include reading its inputs and writing its outputs. ``RSS`` is the resident memory of the
process and its children, ``anonymous`` what of it is not backed by a file. The last lines give the slopes of log
processor seconds (``CPU s``, user and system) over the log of each amount. Of cells, genes, donors and paths each may
have several values: one of them varies at a time, the others have their first. Cohorts and projects are removed after
use; ``--make`` keeps its file.
"""

import argparse
import copy
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from statistics import linear_regression
from typing import Any, NamedTuple

import anndata
import h5py
import numpy as np
import pandas as pd
import psutil
import yaml
import zarr
from scipy import sparse

ROOT = Path(__file__).resolve().parents[1]
BLOCK_CELLS = 10_000
DONOR_SD = 0.15  # sd of the log effect of a donor on a gene
DEPTH = 1.5  # mean of the drawn counts / counts of the source
N_BATCHES = 8
EVERY = 0.05  # seconds between two looks at the memory
ENVIRONMENT = "size"


class Source(NamedTuple):
    """Real cells that others are drawn from."""

    counts: sparse.csr_matrix  # (cells, genes)
    genes: list[str]
    condition: np.ndarray  # (cells,) 0 or 1
    cell_type: np.ndarray  # (cells,) texts


def source_of(data: Path | None, n_genes: int, rng: np.random.Generator) -> Source:
    """Read real counts and bring them to ``n_genes`` genes."""
    if data is None:
        cells = anndata.io.read_h5ad(
            str(resources.files("scanpy") / "datasets/10x_pbmc68k_reduced.h5ad")
        ).raw.to_adata()
        logs = sparse.csr_matrix(cells.X, dtype=np.float64).expm1()
        least = np.minimum.reduceat(logs.data, logs.indptr[:-1])
        counts = sparse.csr_matrix(sparse.diags(1 / least) @ logs).rint()  # the least value of a cell is one count
        types = cells.obs["bulk_labels"].astype(str).to_numpy()
        condition = np.isin(types, ["CD14+ Monocyte", "CD19+ B", "CD4+/CD25 T Reg", "CD8+ Cytotoxic T"])
    else:
        cells = anndata.io.read_h5ad(data)
        counts = sparse.csr_matrix(cells.X, dtype=np.float64)
        types = cells.obs["cell_type"].astype(str).to_numpy()
        condition = pd.factorize(cells.obs["condition"], sort=True)[0] == 1
    genes = [str(name) for name in cells.var_names][:n_genes]
    counts = counts[:, : len(genes)]
    known = pd.read_csv(str(resources.files("pathlore") / "knowledge/genes.csv"))["symbol"]
    more = [*sorted(set(known) - set(genes)), *(f"ADDED{i + 1}" for i in range(n_genes))][: n_genes - len(genes)]
    others = counts[rng.permutation(counts.shape[0])][:, rng.integers(counts.shape[1], size=len(more))]
    wide = sparse.csr_matrix(sparse.hstack([counts, others]))
    return Source(wide, genes + more, condition.astype(int), types)


def cell_table(
    n_cells: int, n_donors: int, source: Source, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """``obs`` of the cohort, and the row of the source that each cell is drawn from."""
    donor = np.arange(n_cells) * n_donors // n_cells
    condition = (donor >= n_donors // 2).astype(int)
    rows = np.empty(n_cells, dtype=int)
    for label in (0, 1):
        rows[condition == label] = rng.choice(np.flatnonzero(source.condition == label), (condition == label).sum())
    letters = np.frombuffer(b"ACGT", dtype="S1")
    names = []
    for number, amount in enumerate(np.bincount(donor, minlength=n_donors)):
        codes = np.unique(rng.integers(4**16, size=amount + 100))[:amount]  # in order, as Cell Ranger writes them
        digits = (codes[:, None] >> np.arange(30, -1, -2)) & 3
        barcodes = letters[digits].view("S16").ravel().astype(str)
        names.append(np.char.add(barcodes, f"-{number + 1}"))
    obs = pd.DataFrame(
        {
            "condition": pd.Categorical.from_codes(condition, ["control", "case"]),
            "donor": pd.Categorical.from_codes(donor, [f"donor {i + 1}" for i in range(n_donors)]),
            "cell_type": pd.Categorical(source.cell_type[rows]),
            "batch": pd.Categorical.from_codes(donor % N_BATCHES, [f"batch {i + 1}" for i in range(N_BATCHES)]),
        },
        index=pd.Index(np.concatenate(names), dtype=object),
    )
    return obs, rows


def drawn_blocks(
    source: Source, rows: np.ndarray, donor: np.ndarray, rng: np.random.Generator
) -> Iterator[sparse.csr_matrix]:
    """Counts of the cohort, (cells of a block, genes) float32."""
    effects = rng.lognormal(0, DONOR_SD, (donor.max() + 1, len(source.genes))) * DEPTH
    for start in range(0, len(rows), BLOCK_CELLS):
        block = source.counts[rows[start : start + BLOCK_CELLS]]
        per_value = np.repeat(donor[start : start + BLOCK_CELLS], np.diff(block.indptr))
        block.data = rng.poisson(block.data * effects[per_value, block.indices]).astype(np.float32)
        block.eliminate_zeros()
        block.sort_indices()
        yield sparse.csr_matrix(block, dtype=np.float32)


def make_cohort(
    path: Path, n_cells: int, *, data: Path | None = None, n_genes: int = 20_000, n_donors: int = 40, seed: int = 0
) -> None:
    """Write a cohort of drawn cells, ``.h5ad`` (lzf) or ``.zarr``, holding one block of it in memory."""
    rng = np.random.default_rng(seed)
    source = source_of(data, n_genes, rng)
    obs, rows = cell_table(n_cells, n_donors, source, rng)
    zarr_store = path.suffix == ".zarr"
    packed: dict[str, Any] = {} if zarr_store else {"compression": "lzf"}
    file = zarr.open_group(path, mode="w") if zarr_store else h5py.File(path, "w")
    anndata.io.write_elem(file, "/", anndata.AnnData(obs=obs, var=pd.DataFrame(index=source.genes)))
    for empty in ("X", "raw"):
        if empty in file:
            del file[empty]
    for block in drawn_blocks(source, rows, obs["donor"].cat.codes.to_numpy(), rng):
        if "X" not in file:
            block.indptr = block.indptr.astype(np.int64)  # offsets of all cells may pass 2 ** 31
            anndata.io.write_elem(file, "X", block, dataset_kwargs=packed)
        else:
            anndata.io.sparse_dataset(file["X"]).append(block)
    if not zarr_store:
        file.close()


class Memory(NamedTuple):
    """Megabytes (10^6) that a process and its children hold."""

    rss: float
    anonymous: float


class Sampler:
    """Looks at a process while it runs: `peak` is the most memory since it was last asked, `cpu` all its seconds.

    With the seconds of its children, also of those that have ended.
    """

    def __init__(self, pid: int) -> None:
        self._process, self._lock, self._peak, self._done = psutil.Process(pid), threading.Lock(), Memory(0, 0), False
        self.cpu = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done:
            try:
                alive = [self._process, *self._process.children(recursive=True)]
                infos = [process.memory_info() for process in alive]
                self.cpu = max(self.cpu, sum(sum(process.cpu_times()[:4]) for process in alive))
            except psutil.NoSuchProcess:  # a child that ended meanwhile, or the run itself
                infos = []
            now = Memory(sum(i.rss for i in infos) / 1e6, sum(i.rss - getattr(i, "shared", 0) for i in infos) / 1e6)
            with self._lock:
                self._peak = Memory(*map(max, self._peak, now))
            time.sleep(EVERY)

    def peak(self) -> Memory:
        """Most memory since the last call."""
        with self._lock:
            peak, self._peak = self._peak, Memory(0, 0)
        return peak

    def stop(self) -> None:
        """Look no more."""
        self._done = True
        self._thread.join()


class Size(NamedTuple):
    """Amounts of a run; ``paths`` at most."""

    cells: int
    genes: int
    donors: int
    paths: int


class Cost(NamedTuple):
    """What a node, or the whole run, costs: seconds on the clock and of processors, and the peak of the memory."""

    seconds: float
    cpu: float
    memory: Memory


def project_in(folder: Path, settings: dict[str, Any]) -> Path:
    """A project with this repository's configuration and an environment ``size``."""
    shutil.copytree(ROOT / "conf", folder / "conf", ignore=shutil.ignore_patterns("local"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in ("src", f"conf/{ENVIRONMENT}", "conf/local"):
        (folder / name).mkdir()
    (folder / f"conf/{ENVIRONMENT}/parameters.yml").write_text(yaml.safe_dump(settings, sort_keys=False))
    return folder


SETTINGS: dict[str, Any] = {
    "ingestion": {
        "cells": {
            "condition": "condition",
            "classes": {"control": ["control"], "case": ["case"]},
            "donor": "donor",
            "cell_type": "cell_type",
        },
        "quality": {"min_genes": 100},
    },
    "text_embedding": {"encoder": {"kind": "lsa"}},
    "modeling": {"training": {"accelerator": "cpu", "threads": 1}},
}


def settings_of(n_paths: int, more: list[str]) -> dict[str, Any]:
    """`SETTINGS` with so many paths at most, and with parameters as ``a.b=value``."""
    settings = copy.deepcopy(SETTINGS)
    for text in (f"graph_construction.paths.max_paths={n_paths}", *more):
        name, _, value = text.partition("=")
        *blocks, last = name.split(".")
        place = settings
        for block in blocks:
            place = place.setdefault(block, {})
        place[last] = yaml.safe_load(value)
    return settings


def along(costs: dict[Size, dict[str, Cost]], amount: str) -> dict[int, dict[str, Cost]]:
    """The runs in which nothing but one amount differs from the first run, by this amount."""
    first = next(iter(costs))
    others = {size: first._replace(**{amount: getattr(size, amount)}) for size in costs}
    return {getattr(size, amount): cost for size, cost in costs.items() if size == others[size]}


def run(project: Path, cells: Path, pipelines: str, *, stream: bool) -> dict[str, Cost]:
    """Run pipelines on a cohort; node -> cost, and ``in all`` with the start of the program."""
    command = [sys.executable, "-m", "kedro", "run", "--env", ENVIRONMENT, "--pipelines", pipelines]
    command += ["--params", f"cells={cells},stream_cells={str(stream).lower()}"]
    variables = os.environ | {
        "DO_NOT_TRACK": "1",
        "COLUMNS": "200",
        "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
    }
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=project, env=variables, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        sampler, costs, lines, before, cpu = Sampler(process.pid), {}, [], started, 0.0
        for line in process.stdout or ():
            lines.append(line)
            if found := re.search(r"Completed node: (\S+)", line):
                now, used = time.perf_counter(), sampler.cpu
                costs[found[1]] = Cost(now - before, used - cpu, sampler.peak())
                before, cpu = now, used
    costs["end"] = Cost(time.perf_counter() - before, sampler.cpu - cpu, sampler.peak())
    sampler.stop()
    if process.returncode:
        raise SystemExit("".join(lines[-60:]))
    peaks = [cost.memory for cost in costs.values()]
    costs["in all"] = Cost(
        time.perf_counter() - started, sampler.cpu, Memory(*(max(column) for column in zip(*peaks, strict=True)))
    )
    return costs


def read_costs(path: Path | None) -> dict[Size, dict[str, Cost]]:
    """What earlier commands measured."""
    costs: dict[Size, dict[str, Cost]] = {}
    for size, node, (seconds, cpu, memory) in map(json.loads, path.open() if path and path.exists() else ()):
        costs.setdefault(Size(*size), {})[node] = Cost(seconds, cpu, Memory(*memory))
    return costs


def slopes(series: dict[int, dict[str, Cost]], amount: str) -> list[str]:
    """Slopes of log processor seconds over the log of an amount; of three sizes without the first, mostly start."""
    sizes = sorted(series)[1:] if len(series) > 2 else sorted(series)
    if len(sizes) < 2:
        return []
    shared = [node for node in series[sizes[0]] if all(node in series[n] for n in sizes)]
    lines = []
    for node in shared:
        seconds = [math.log(max(series[n][node].cpu, EVERY)) for n in sizes]
        growth = series[sizes[-1]][node].memory.anonymous / max(series[sizes[0]][node].memory.anonymous, 1)
        slope = linear_regression([math.log(n) for n in sizes], seconds).slope
        lines.append(
            f"{node}: from {sizes[0]:,} to {sizes[-1]:,} {amount} CPU s ~ {amount}^{slope:.2f}, "
            f"anonymous memory x{growth:.2f}"
        )
    return lines


def draw(costs: dict[Size, dict[str, Cost]], path: Path) -> None:
    """Save a figure: processor seconds (above) and peak memory (below) against each amount that has several values."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    every = {amount: found for amount in Size._fields if len(found := along(costs, amount)) > 1}
    whole = max(costs.values(), key=lambda found: found["in all"].cpu)
    nodes = sorted((n for n in whole if n not in ("in all", "end")), key=lambda n: -whole[n].cpu)[:5]
    figure, axes = plt.subplots(
        2, len(every), figsize=(max(7, 3 * len(every)), 6), sharey="row", layout="constrained", squeeze=False
    )
    for (amount, series), (above, below) in zip(every.items(), axes.T, strict=True):
        for node in ("in all", *nodes):
            known = [n for n in sorted(series) if node in series[n]]
            style: dict[str, Any] = {"color": "black", "linewidth": 2} if node == "in all" else {}
            label = node.rpartition(".")[2].replace("_", " ")
            above.plot(known, [series[n][node].cpu for n in known], "o-", markersize=4, label=label, **style)
            below.plot(known, [series[n][node].memory.anonymous / 1000 for n in known], "o-", markersize=4, **style)
        above.set(xscale="log", yscale="log")
        below.set(xlabel=amount, xscale="log", ylim=(0, None))
        for one in (above, below):
            one.spines[["top", "right"]].set_visible(False)
            one.set_xticks(sorted(series), [f"{n:,}" if n < 10_000 else f"{n // 1000:,}k" for n in sorted(series)])
            one.minorticks_off()
    axes[0, 0].set_ylabel("processor seconds")
    axes[1, 0].set_ylabel("peak memory, GB")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    figure.savefig(path)


def main(arguments: argparse.Namespace) -> None:
    """Make cohorts and run them, or make one and keep it."""
    amounts = {amount: getattr(arguments, amount) for amount in Size._fields}
    base = Size(**{amount: values[0] for amount, values in amounts.items()})
    build: Callable[[Path, Size], None] = lambda path, size: make_cohort(  # noqa: E731
        path, size.cells, data=arguments.data, n_genes=size.genes, n_donors=size.donors
    )
    if arguments.make:
        build(arguments.make, base)
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    costs = read_costs(arguments.costs)
    for size in dict.fromkeys(base._replace(**{name: n}) for name, values in amounts.items() for n in values):
        if size in costs:
            continue
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            cells = arguments.made or Path(folder) / f"cells.{arguments.format}"
            if not arguments.made:
                build(cells, size)
            project = Path(folder) / "project"
            project.mkdir()
            settings = settings_of(size.paths, arguments.set)
            costs[size] = run(project_in(project, settings), cells, arguments.pipelines, stream=not arguments.in_memory)
            written = sum(f.stat().st_size for f in (project / "data").rglob("*") if f.is_file()) / 1e6
        named = ", ".join(f"{n:,} {amount}" for amount, n in size._asdict().items())
        print(f"\n{named}; {arguments.format}; {written:,.0f} MB written\n")
        print("| node | s | CPU s | RSS, MB | anonymous, MB |\n| --- | --- | --- | --- | --- |")
        for node, (seconds, cpu, memory) in costs[size].items():
            print(f"| {node} | {seconds:.1f} | {cpu:.1f} | {memory.rss:.0f} | {memory.anonymous:.0f} |", flush=True)
        if arguments.costs:
            lines = [[size, node, cost] for size, found in costs.items() for node, cost in found.items()]
            arguments.costs.write_text("\n".join(map(json.dumps, lines)) + "\n")
    costs = {size: costs[size] for size in sorted(costs, key=lambda size: size != base)}  # the base first
    if arguments.figure:
        draw(costs, arguments.figure)
    for amount in Size._fields:
        print("\n" + "\n".join(slopes(along(costs, amount), amount)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for amount, default in (
        ("cells", [10_000, 50_000, 200_000]),
        ("genes", [20_000]),
        ("donors", [40]),
        ("paths", [600]),
    ):
        parser.add_argument(f"--{amount}", type=int, nargs="+", default=default, help="of each run, see above")
    parser.add_argument("--data", type=Path, help="AnnData file of raw counts to draw from")
    parser.add_argument("--format", choices=["h5ad", "zarr"], default="h5ad", help="of the raw cells")
    parser.add_argument("--pipelines", default="ingestion", help="names with commas, as for kedro run")
    parser.add_argument("--set", nargs="*", default=[], metavar="a.b=value", help="parameters of the runs")
    parser.add_argument("--in-memory", action="store_true", help="stream_cells=false")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "cells", help="for large files")
    parser.add_argument("--make", type=Path, help="write one cohort here and stop")
    parser.add_argument("--made", type=Path, help="run this cohort of --make, made of the same amounts")
    parser.add_argument("--costs", type=Path, help="file of what was measured: such runs are not made again")
    parser.add_argument("--figure", type=Path, help="file of the figure: cost against each amount")
    main(parser.parse_args())
