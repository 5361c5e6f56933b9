"""Specificity of ligands and receptors between populations: ours against liana's CellPhoneDB, and our ranking.

    python benchmarks/cell_communication.py [--cells 5000] [--populations 10] [--genes 2000] [--pairs 1500]
                                       [--permutations 1000] [--liana PYTHON] [--data ../shared/data]

Both test the same interactions of the same drawn cells (one pair in ten has a complex), with one thread, each in a
process of its own that reads the cells from disk. Seconds begin when the cells are read, and include the compilation of
ours. MB is the most memory that the process held, libraries and cells included; "beyond" leaves out what it held
before. ``--liana`` is an interpreter that has liana (pip install liana), this one if it is not given; where liana
cannot be imported, a loop in NumPy over a twentieth of the permutations is timed instead, and its seconds are
multiplied by twenty. In permuted cells the least member of a complex is looked for anew by us, as by CellPhoneDB; liana
keeps the one of the cells as they are. So p is compared for single genes.

With ``--data`` the Kang cells are ranked too, by us and by liana's rank_aggregate: Spearman's correlation over the
interactions that both list, and how many of the first hundred are among the other's first hundred. Every receptor has a
path there and all paths count the same, since no model is fitted.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

LEAST = 0.1
"""Share of a population's cells that must express a ligand or receptor."""

SLOW = 20
"""The loop in NumPy runs one permutation in so many."""

KEYS = ["sender", "receiver", "ligand", "receptor"]
TOP = 100


def drawn(populations: int, cells: int, genes: int, pairs: int) -> tuple[anndata.AnnData, pd.DataFrame]:
    """Log-normalised cells with some genes of each population, and pairs of genes."""
    rng = np.random.default_rng(0)
    chance = np.clip(rng.beta(0.6, 5.0, genes) * rng.choice([0.5, 1.0, 3.0], (populations, genes)), 0.01, 0.9)
    parts = []
    for own in chance:
        found = rng.random((cells, genes), dtype=np.float32) < own
        parts.append(sparse.csr_matrix(np.where(found, rng.gamma(4.0, 0.3, found.shape).astype(np.float32), 0)))
    names = [f"G{i}" for i in range(genes)]
    obs = pd.DataFrame({"cell_type": pd.Categorical(np.repeat([f"P{i:02d}" for i in range(populations)], cells))})
    obs.index = [f"cell_{i}" for i in range(len(obs))]
    adata = anndata.AnnData(sparse.vstack(parts, format="csr"), obs, pd.DataFrame(index=names))
    half = rng.permutation(names)
    ligands, receptors = rng.choice(half[: genes // 2], pairs), rng.choice(half[genes // 2 :], pairs)
    second = rng.choice(half[genes // 2 :], pairs)
    complexes = (rng.random(pairs) < 0.1) & (second != receptors)
    receptors = np.where(complexes, [f"{a}_{b}" for a, b in zip(receptors, second, strict=True)], receptors)
    table = pd.DataFrame({"ligand": ligands, "receptor": receptors}).drop_duplicates(ignore_index=True)
    return adata, table


def ours(cells: anndata.AnnData, pairs: pd.DataFrame, permutations: int) -> pd.DataFrame:
    """P-values of the interactions that are expressed, by the library."""
    from pathlore.explain.cell_communication.specificity import specificity

    groups, ligands, receptors, interactions = _interactions(cells, pairs)
    p = specificity(groups.x, groups.population, ligands, receptors, interactions, permutations, 0)
    return _table(groups.names, ligands.names, receptors.names, interactions, p)


def loop(cells: anndata.AnnData, pairs: pd.DataFrame, permutations: int) -> pd.DataFrame:
    """The same in NumPy, one permutation and one population at a time."""
    groups, ligands, receptors, interactions = _interactions(cells, pairs)
    sender, receiver, ligand, receptor = interactions

    def statistics(labels: np.ndarray) -> np.ndarray:
        means = np.stack([np.asarray(groups.x[labels == s].mean(axis=0))[0] for s in range(len(groups.names))])
        return ligands.least(means)[sender, ligand] + receptors.least(means)[receiver, receptor]

    rng, observed = np.random.default_rng(0), statistics(groups.population)
    reached = sum(statistics(rng.permutation(groups.population)) >= observed for _ in range(permutations))
    return _table(groups.names, ligands.names, receptors.names, interactions, (1 + reached) / (1 + permutations))


def liana_cellphonedb(cells: anndata.AnnData, pairs: pd.DataFrame, permutations: int) -> pd.DataFrame:
    """The same by liana."""
    from liana.method import cellphonedb

    found = cellphonedb(cells, n_perms=permutations, n_jobs=1, **_for_liana(pairs))
    return _of_liana(found, {"cellphone_pvals": "p"})


def liana_ranks(cells: anndata.AnnData, pairs: pd.DataFrame, permutations: int) -> pd.DataFrame:
    """Interactions by liana's aggregated ranks."""
    from liana.method import rank_aggregate

    found = rank_aggregate(cells, n_perms=permutations, n_jobs=1, **_for_liana(pairs))
    return _of_liana(found, {"magnitude_rank": "magnitude", "specificity_rank": "specificity"})


def our_ranks(cells: anndata.AnnData, pairs: pd.DataFrame, permutations: int) -> pd.DataFrame:
    """Interactions by our score and by our specificity; a path of equal importance begins at every receptor."""
    from pathlore.config import CellCommunicationConfig
    from pathlore.explain.cell_communication import cell_communication

    heads = sorted({gene for name in pairs["receptor"] for gene in name.split("_")})
    paths = pd.DataFrame({"path": [f"{gene}>STAT1>IRF1" for gene in heads], "receptor": heads, "importance": 0.5})
    paths = paths.assign(rank=range(1, len(paths) + 1), route=paths["path"].str.replace(">", " > "), tf="STAT1")
    paths = paths.assign(target="IRF1", direction="stim")
    config = CellCommunicationConfig(
        top_paths=len(paths), min_fraction=LEAST, min_cells=5, permutations=permutations, max_interactions=10**6, seed=0
    )
    found = cell_communication(cells, pairs, {"pooled": paths}, ["ctrl", "stim"], config)
    expression = found["ligand_expression"] + found["receptor_expression"]
    return found[KEYS].assign(score=-found["score"], specific=found["p_specific"] - 1e-6 * expression, mean=-expression)


WORK: dict[str, Callable[..., pd.DataFrame]] = {
    "ours": ours,
    "NumPy": loop,
    "liana": liana_cellphonedb,
    "liana ranks": liana_ranks,
    "our ranks": our_ranks,
}


def work(folder: Path, name: str, permutations: int) -> None:
    """One method in a process of its own: the table to a file, seconds and MB as JSON."""
    cells, pairs = anndata.read_h5ad(folder / "cells.h5ad"), pd.read_csv(folder / "pairs.csv")
    if "liana" in name:
        import liana.method  # noqa: F401
    else:
        import numba  # noqa: F401

        import pathlore.explain.cell_communication  # noqa: F401
    before, start = _megabytes(), time.perf_counter()
    table = WORK[name](cells, pairs, permutations)
    seconds, after = time.perf_counter() - start, _megabytes()
    table.to_csv(folder / f"{name}.csv", index=False)
    print(json.dumps({"seconds": seconds, "mb": after, "beyond": after - before}))


def run(python: str, folder: Path, name: str, permutations: int) -> tuple[dict[str, float], pd.DataFrame]:
    """Cost and table of a method."""
    command = [python, __file__, "--work", name, "--folder", str(folder), "--permutations", str(permutations)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1]), pd.read_csv(folder / f"{name}.csv")


def has_liana(python: str) -> bool:
    """Whether an interpreter can import it."""
    return subprocess.run([python, "-c", "import liana"], capture_output=True, check=False).returncode == 0


def compare_cost(arguments: argparse.Namespace, folder: Path, *, liana: bool) -> None:
    """Print seconds and memory of both, and whether they agree."""
    cells, pairs = drawn(arguments.populations, arguments.cells, arguments.genes, arguments.pairs)
    cells.write_h5ad(folder / "cells.h5ad")
    pairs.to_csv(folder / "pairs.csv", index=False)
    print(f"{cells.n_obs} cells, {cells.n_vars} genes, {len(pairs)} pairs, {arguments.permutations} permutations\n")
    cost, table = run(sys.executable, folder, "ours", arguments.permutations)
    if liana:
        name, times = "liana", 1
        other, theirs = run(arguments.liana, folder, name, arguments.permutations)
    else:
        print("liana cannot be imported: a loop in NumPy is timed instead\n")
        name, times = "NumPy", SLOW
        other, theirs = run(sys.executable, folder, name, max(1, arguments.permutations // SLOW))
    print("method | seconds | MB | MB beyond the cells and libraries")
    for method, found, factor in (("ours", cost, 1), (name, other, times)):
        print(f"{method} | {factor * found['seconds']:.1f} | {found['mb']:.0f} | {found['beyond']:.0f}")
    both = table.merge(theirs, on=KEYS, suffixes=("", "_theirs"))
    single = both[~both["receptor"].str.contains("_")]
    difference = (single["p"] - single["p_theirs"]).abs()
    print(
        f"\nlines: ours {len(table)}, {name} {len(theirs)}, both {len(both)}; of {len(single)} between single genes ",
        end="",
    )
    print(f"p differs by {difference.mean():.4f} on average, at most {difference.max():.3f}")
    ratio, memory = times * other["seconds"] / cost["seconds"], other["beyond"] / max(cost["beyond"], 1)
    print(f"\nratio {name} / ours: time {ratio:.1f}x, memory beyond {memory:.1f}x")


def compare_ranks(arguments: argparse.Namespace, folder: Path) -> None:
    """Print how far our rankings of the Kang cells are from liana's."""
    import scanpy as sc

    cells = anndata.read_h5ad(arguments.data / "expression" / "kang2018_pbmc_ifnb.h5ad")
    sc.pp.normalize_total(cells, target_sum=1e4)
    sc.pp.log1p(cells)
    cells = anndata.AnnData(cells.X, cells.obs[["cell_type", "condition"]].assign(donor="unknown"), cells.var[[]])
    table = pd.read_csv(arguments.data / "network" / "interactions_curated.csv.gz")
    table = table[(table["kind"] == "ligand_receptor") & (table["n_evidence"] >= 2)]
    pairs = table.rename(columns={"source": "ligand", "target": "receptor"}).assign(references="")
    cells.write_h5ad(folder / "cells.h5ad")
    columns = ["ligand", "receptor", "sign", "n_evidence", "resources", "references"]
    pairs[columns].to_csv(folder / "pairs.csv", index=False)
    _, mine = run(sys.executable, folder, "our ranks", arguments.permutations)
    _, theirs = run(arguments.liana, folder, "liana ranks", arguments.permutations)
    both = mine.merge(theirs, on=KEYS)
    print(f"\nKang cells: {len(mine)} interactions of ours, {len(theirs)} of liana, {len(both)} of both\n")
    print(f"ours | liana | Spearman | of the first {TOP} among the other's")
    for own in ("specific", "mean", "score"):
        for other in ("specificity", "magnitude"):
            spearman = both[own].corr(both[other], method="spearman")
            first = set(both[own].rank(method="first").nsmallest(TOP).index)
            shared = len(first & set(both[other].rank(method="first").nsmallest(TOP).index))
            print(f"{own} | {other} | {spearman:.2f} | {shared}")


def _interactions(cells: anndata.AnnData, pairs: pd.DataFrame) -> tuple:
    """Groups, ligands, receptors, and the codes of the interactions that are expressed, (4, N)."""
    from pathlore.explain.cell_communication.groups import class_fractions, group_cells
    from pathlore.explain.cell_communication.partners import Partners

    cells.obs["condition"] = "one"
    genes = sorted({gene for name in (*pairs["ligand"], *pairs["receptor"]) for gene in name.split("_")})
    groups = group_cells(cells, list(cells.obs["cell_type"].cat.categories), ["one"], genes)
    ligands, receptors = (Partners(sorted(pairs[end].unique()), genes) for end in ("ligand", "receptor"))
    fractions = class_fractions(groups)[:, 0]
    place = [
        pd.Index(part.names).get_indexer(pairs[end]) for part, end in ((ligands, "ligand"), (receptors, "receptor"))
    ]
    possible = (ligands.least(fractions) >= LEAST)[:, None, place[0]] & (receptors.least(fractions) >= LEAST)[
        None, :, place[1]
    ]
    sender, receiver, pair = np.nonzero(possible)
    return groups, ligands, receptors, np.stack([sender, receiver, place[0][pair], place[1][pair]])


def _table(
    names: list[str], ligands: list[str], receptors: list[str], interactions: np.ndarray, p: np.ndarray
) -> pd.DataFrame:
    found = [
        np.array(kind)[codes] for kind, codes in zip((names, names, ligands, receptors), interactions, strict=True)
    ]
    return pd.DataFrame(dict(zip(KEYS, found, strict=True))).assign(p=p)


def _for_liana(pairs: pd.DataFrame) -> dict[str, object]:
    return {
        "groupby": "cell_type",
        "resource": pairs[["ligand", "receptor"]],
        "expr_prop": LEAST,
        "use_raw": False,
        "seed": 0,
        "verbose": False,
        "inplace": False,
    }


def _of_liana(found: pd.DataFrame, values: dict[str, str]) -> pd.DataFrame:
    names = {"source": "sender", "target": "receiver", "ligand_complex": "ligand", "receptor_complex": "receptor"}
    return found[[*names, *values]].rename(columns=names | values)


def _megabytes() -> float:
    """Most memory of this process so far, in MB (10^6 bytes); POSIX alone."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cells", type=int, default=5000, help="of each population")
    parser.add_argument("--populations", type=int, default=10)
    parser.add_argument("--genes", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=1500)
    parser.add_argument("--permutations", type=int, default=1000)
    parser.add_argument("--liana", default=sys.executable, help="an interpreter that has liana")
    parser.add_argument("--data", type=Path, help="folder of the real data")
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.folder, given.work, given.permutations)
        sys.exit()
    there = has_liana(given.liana)
    with tempfile.TemporaryDirectory() as place:
        compare_cost(given, Path(place), liana=there)
        if given.data and there:
            compare_ranks(given, Path(place))
