"""What liana and scanpy ask of the same cells, and what pathlore does: processor seconds, without and with imports.

    python benchmarks/elsewhere.py [--liana PYTHON] [--data RAW] [--rounds 3] [--quick]

The cells are those of the demo (369 monocytes and dendritic cells, 765 genes, in scanpy's package) and with ``--data``
the 1,556 cells of two donors of Kang et al. (RAW is the folder of docs/reproducing.md), where the classes are the
stimulation. Each is a process of one thread; all take turns, and the least of the rounds counts:

- scanpy: `rank_genes_groups` (t-test) between the classes, and scikit-learn's logistic regression on all genes,
  standardised, in 5 folds of cells;
- liana: `rank_aggregate` with 100 permutations. Its groups are the classes of the demo and the cell types of Kang,
  since it asks which groups of cells speak to each other, not what tells two classes apart. PYTHON is an interpreter
  that has liana (``python -m venv FOLDER && FOLDER/bin/pip install liana``), which is no part of this project; without
  it this row is left out;
- pathlore from Python: `Study`, in ten lines: preparation, fit, ranking of the paths, report;
- pathlore, the whole demo: `kedro run --env demo` in a copy of this project, imports included (not with ``--quick``).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import interleaved_processes
from start_up import KEDRO, make_pathlore

CELLS = {
    "demo": {
        "file": None, "classes": ("CD14+ Monocyte", "Dendritic"), "condition": "bulk_labels", "groups": "bulk_labels",
        "study": {"layer": "raw"},
        "parameters": {
            "ingestion.quality.min_genes": 0, "ingestion.gene_filter.min_fraction": 0.1,
            "graph_construction.paths.bridge": 4, "modeling.training.threads": 1,
        },
    },
    "kang": {
        "file": "expression/kang2018_pbmc_ifnb_2donors_1267genes.h5ad", "classes": ("ctrl", "stim"),
        "condition": "condition", "groups": "cell_type", "study": {"donor": "donor", "paired_donors": True},
        "parameters": {"ingestion.quality.min_genes": 100, "modeling.training.threads": 1},
    },
}  # fmt: skip

READ = """
import json, time, warnings
warnings.simplefilter("ignore")
{imports}
import anndata, scanpy
from pathlib import Path
imports = time.process_time()
where = {file!r} or Path(scanpy.__file__).parent / "datasets/10x_pbmc68k_reduced.h5ad"
cells = scanpy.read_h5ad(where)
cells = cells[cells.obs[{condition!r}].isin({classes!r})].copy()
{raw}
spent, start = {{}}, time.process_time()
def done(what):
    global start
    spent[what], start = time.process_time() - start, time.process_time()
{work}
print(json.dumps({{"imports": imports, "genes": cells.n_vars, "cells": cells.n_obs, "spent": spent}}))
"""
AS_LOGARITHMS = {
    "demo": 'cells = anndata.AnnData(cells.raw.X, cells.obs[["bulk_labels"]].astype(str).astype("category"), '
    "cells.raw.var)",
    "kang": "scanpy.pp.normalize_total(cells, target_sum=1e4); scanpy.pp.log1p(cells)",
}

SCANPY = """
scanpy.tl.rank_genes_groups(cells, {condition!r}, method="t-test")
done("t-test")
x = cells.X.toarray() if hasattr(cells.X, "toarray") else cells.X
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
cross_val_score(model, x, cells.obs[{condition!r}].astype(str), cv=5, scoring="accuracy")
done("logistic regression, 5 folds")
"""
LIANA = """
liana.mt.rank_aggregate(cells, groupby={groups!r}, n_perms=100, use_raw=False, seed=0, n_jobs=1)
done("rank_aggregate")
"""
PATHLORE = """
import pathlore as pl
given = {{"condition": {condition!r}, "control": {control!r}, "case": {case!r}, "parameters": {parameters!r}}}
study = pl.Study(cells, **given, **{study!r})
study.prepare(encoder="lsa")
done("preparation, paths, texts, graph")
study.fit()
done("fit")
study.paths(); study.receptors()
done("paths and receptors")
with tempfile.TemporaryDirectory() as folder:
    study.report(Path(folder) / "report.html")
done("report")
"""
IMPORTS = {
    "scanpy": "from sklearn.linear_model import LogisticRegression\n"
    "from sklearn.model_selection import cross_val_score\n"
    "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler",
    "liana": "import liana",
    "pathlore": "import tempfile\nimport pathlore.api",
}


def program(tool: str, name: str, data: str | None) -> str:
    """What a process of a tool runs on some cells."""
    of = CELLS[name]
    file = None if of["file"] is None else str(Path(data or "").absolute() / of["file"])
    control, case = of["classes"]
    work = {"scanpy": SCANPY, "liana": LIANA, "pathlore": PATHLORE}[tool].format(**of, control=control, case=case)
    raw = "" if tool == "pathlore" else AS_LOGARITHMS[name]
    given = {key: of[key] for key in ("condition", "classes")}
    return READ.format(imports=IMPORTS[tool], file=file, raw=raw, work=work, **given)


def run(python: str, text: str) -> dict:
    """Run a program; what it prints last, and its processor seconds in all, those of its own processes included."""
    timed = "import os,subprocess,sys;r=subprocess.run([sys.argv[1],'-c',sys.argv[2]],capture_output=True,text=True);" \
        "t=os.times();print(r.stdout);print(t.children_user+t.children_system);" \
        "sys.stderr.write(r.stderr);sys.exit(r.returncode)"  # fmt: skip
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    done = subprocess.run(
        [sys.executable, "-c", timed, python, text],
        env=os.environ | threads,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{python} failed: {done.stderr.strip().splitlines()[-1]}")
    *_, found, whole = [line for line in done.stdout.splitlines() if line]
    return json.loads(found) | {"whole": float(whole)}


def demo(rounds: int) -> float:
    """Processor seconds of the whole demo by Kedro."""
    with tempfile.TemporaryDirectory() as folder:
        ours = make_pathlore(Path(folder, "pathlore"))
        command = {"demo": ([*KEDRO, "run", "--env", "demo"], ours)}
        environment = os.environ | {"DO_NOT_TRACK": "1", "PYTHONPATH": str(ours / "src"), "OMP_NUM_THREADS": "1"}
        return interleaved_processes(command, rounds, environment)["demo"].cpu


def main(arguments: argparse.Namespace) -> None:
    """Print a table for each set of cells, and the ratios."""
    pythons = {"scanpy": sys.executable, "liana": arguments.liana, "pathlore": sys.executable}
    if not arguments.liana:
        print("without --liana PYTHON: liana is left out\n")
    rounds = 1 if arguments.quick else arguments.rounds
    for name in ["demo", *(["kang"] if arguments.data else [])]:
        best: dict[str, dict] = {}
        for _ in range(rounds):
            for tool, python in pythons.items():
                found = run(python, program(tool, name, arguments.data)) if python else None
                if found and (tool not in best or found["whole"] < best[tool]["whole"]):
                    best[tool] = found
        first = best["scanpy"]
        print(f"{name}: {first['cells']:,} cells, {first['genes']:,} genes\n")
        print("| what | CPU s of the work | CPU s with imports |\n|---|---|---|")
        for tool, found in best.items():
            parts = ", ".join(f"{what} {seconds:.2f}" for what, seconds in found["spent"].items())
            print(f"| {tool}: {parts} | {sum(found['spent'].values()):.2f} | {found['whole']:.2f} |")
        if name == "demo" and not arguments.quick:
            print(f"| pathlore: kedro run --env demo | | {demo(rounds):.1f} |")
        for tool in ("scanpy", "liana"):
            if tool in best:
                work = [sum(best[one]["spent"].values()) for one in ("pathlore", tool)]
                print(f"pathlore / {tool}: work {work[0] / work[1]:.1f}, ", end="")
                print(f"with imports {best['pathlore']['whole'] / best[tool]['whole']:.1f}")
        print(flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--liana", metavar="PYTHON", help="an interpreter that has liana")
    parser.add_argument("--data", metavar="RAW", help="folder of raw files: Kang's cells too")
    parser.add_argument("--rounds", type=int, default=3, help="of which the best counts (default 3)")
    parser.add_argument("--quick", action="store_true", help="one round, without the whole demo")
    main(parser.parse_args())
