"""Made-up tables of a run, of any size."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from pathlore.plot.network_cytoscape import laid_out
from pathlore.report import Fact, PopulationContents, ReportContents, write_caveats
from pathlore.schemas import Enrichment, GeneListOverlap

CLASSES = ("healthy", "cirrhotic")
WORDS = ("TGF-beta signaling", "Interferon response", "Toll-like receptor signaling", "NF-kappa B", "Chemokines")


def figure(points: int = 3) -> str:
    """An SVG such as matplotlib writes."""
    dots = "".join(
        f'<use xlink:href="#m1" x="{place}.123456" y="10" style="fill: #0072b2"/>' for place in range(points)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="300pt" height="100pt" viewBox="0 0 300 100" '
        'xmlns="http://www.w3.org/2000/svg" version="1.1"><metadata><rdf/></metadata>'
        '<defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>'
        '<g id="figure_1"><path id="m1" d="M 0 0.123456 L 5 5" clip-path="url(#p1)"/>'
        f'{dots}<text style="font: 10px \'DejaVu Sans\'" x="5" y="20">TNF → NFKB1</text></g>'
        '<defs><clipPath id="p1"><rect width="300" height="100"/></clipPath></defs></svg>'
    )


def paths_table(n: int, rng: np.random.Generator, *, refits: int = 5) -> pd.DataFrame:
    genes = [[f"{kind}{rng.integers(1, 60)}" for kind in ("RECR", "SIGA", "SIGB", "TFF", "TARG")] for _ in range(n)]
    genes = [[*own[:-1], f"{own[-1]}N{place}"] for place, own in enumerate(genes)]
    path = [">".join(own) for own in genes]
    importance = np.sort(rng.beta(0.4, 2, n))[::-1]
    missing = [None] * n
    return pd.DataFrame(
        {
            "rank": range(1, n + 1),
            "path": path,
            "route": [f"{a} > (MEDIATOR1, MEDIATOR2) > {b} > {c} > {d} > {e}" for a, b, c, d, e in genes],
            "receptor": [own[0] for own in genes],
            "tf": [own[3] for own in genes],
            "target": [own[4] for own in genes],
            "importance": importance,
            "prior_rank": rng.permutation(n) + 1,
            "prior": rng.uniform(0, 1, n),
            "activity_auroc": rng.uniform(0.4, 0.95, n),
            "direction": rng.choice(CLASSES, n),
            "comparison": "cirrhotic vs healthy",
            "sign": rng.choice([-1, 0, 1], n),
            "pathway": rng.choice(WORDS, n),
            "log_fold_change": ["; ".join(f"{gene} {rng.normal():+.2f}" for gene in own) for own in genes],
            "fraction_expressed": ["; ".join(f"{gene} {rng.uniform():.2f}" for gene in own) for own in genes],
            "sources": [" | ".join(["OmniPath;SIGNOR;Reactome FI"] * 4) for _ in genes],
            "sentence": [
                f"{WORDS[0]}: the receptor {a} activates {b} through MEDIATOR1 and MEDIATOR2, {b} inhibits {c}, {c} "
                f"activates {d}; the transcription factor {d} switches on {e}." for a, b, c, d, e in genes
            ],
            "mean_rank": rng.uniform(0, 1, n),
            "importance_mean": importance if refits > 1 else missing,
            "importance_sd": rng.uniform(0, 0.1, n) if refits > 1 else missing,
            "rank_mean": np.arange(1, n + 1) + 0.4 if refits > 1 else missing,
            "rank_sd": rng.uniform(0, 9, n) if refits > 1 else missing,
            "selection_frequency": rng.integers(0, 6, n) / 5 if refits > 1 else missing,
            "refits": pd.array([refits if refits > 1 else None] * n, dtype="Int64"),
            "in_top_10": [f"{count} of 5" for count in rng.integers(0, 6, n)] if refits > 1 else missing,
            "p": rng.uniform(0, 1, n), "q": np.sort(rng.uniform(0.001, 1, n)), "p_family": missing,
            "family": range(1, n + 1), "best_of_family": True,
            "gene_effects": ["; ".join(f"{gene} ↑ {rng.uniform(1, 3):+.1f}" for gene in own) for own in genes],
            "effects_over": "donors",
            "donors_expressing": ["; ".join(f"{gene} {rng.integers(3, 12)}/12" for gene in own) for own in genes],
        }
    ).astype(dict.fromkeys(("p_family", "importance_mean", "rank_sd", "selection_frequency"), float))  # fmt: skip


def population(name: str, n: int, n_donors: int, seed: int) -> PopulationContents:
    rng = np.random.default_rng(seed)
    paths = paths_table(n, rng)
    donors = [(f"donor_{place}", CLASSES[place % 2]) for place in range(n_donors)]
    activity = pd.DataFrame(
        [
            (path, donor, condition, 180, value, value / 2)
            for path in paths["path"]
            for (donor, condition), value in zip(donors, rng.normal(0, 1, n_donors), strict=True)
        ],
        columns=["path", "donor", "condition", "n_cells", "coherent", "edge_signs"],
    )
    tests = pd.DataFrame(
        {"comparison": "cirrhotic vs healthy", "path": paths["path"],
         "sign_model": rng.choice(["coherent", "edge_signs"], n), "direction": paths["direction"],
         "smallest_t": rng.normal(0, 1, n),
         "n_donors": "healthy 6, cirrhotic 6", "relabellings": 462,
         "p": paths["p"], "q": paths["q"], "p_family": np.linspace(0.002, 1, n), "note": ""}
    )  # fmt: skip
    rows = [
        (ranking, method, "hallmark", f"HALLMARK_{place}", 30 + place, 90, float(place), 2.5 - place / 10,
         0.001 * place, 0.01 * place, "GENE1;GENE2", 0, None)
        for place in range(1, 12)
        for ranking in ("importance", "prior", "random")
        for method in ("over_representation", "ranked")
    ]  # fmt: skip
    enrichment = pd.DataFrame(rows, columns=list(Enrichment.to_schema().columns))
    coherence = pd.DataFrame(
        {"path": paths["path"], "rank": paths["rank"], "coherence": rng.uniform(0, 1, n), "random_mean": 0.2,
         "random_sd": 0.1, "z": rng.normal(0, 2, n), "p": rng.uniform(0, 1, n), "q": 0.5, "sets": "SET_ONE;SET_TWO"}
    )  # fmt: skip
    ablation = pd.DataFrame(
        {"path": paths["path"], "importance": paths["importance"], "contribution": rng.uniform(0, 0.2, n),
         "loss_increase": rng.normal(0, 0.01, n), "rank_ablation": paths["prior_rank"]}
    )  # fmt: skip
    rows = [
        ("importance", "GWAS cirrhosis", 20, 60.0, 7.0, 3.1, 3.4, 0.004),
        ("prior", "GWAS cirrhosis", 20, 60.0, 6.0, 3.1, 2.4, 0.03),
    ]
    lists = pd.DataFrame(rows, columns=list(GeneListOverlap.to_schema().columns))
    return PopulationContents(
        name, paths, activity, tests,
        enrichment=enrichment, coherence=coherence, gene_lists=lists, ablation=ablation, ablation_spearman=0.81,
        plots={"importance": figure(), "core_network": figure(), "donor_heatmap": figure()},
        files={"Core network (GraphML)": f"core_networks/{name}.graphml"}, network=core(paths),
    )  # fmt: skip


def metrics_table(names: list[str], *, intervals: bool = True) -> pd.DataFrame:
    rows = [
        (
            name,
            level,
            split,
            method,
            metric,
            value - 0.02 * place,
            8 if level == "donor" else 1200,
            value - 0.1,
            value + 0.05,
        )
        for place, name in enumerate(names)
        for level in ("cell", "donor")
        for split in ("validation", "test")
        for method, value in (("pathlore", 0.91), ("logistic_regression", 0.88), ("majority", 0.5))
        for metric in ("auroc", "auprc", "balanced_accuracy", "mcc")
    ]
    table = pd.DataFrame(
        rows, columns=["population", "level", "split", "method", "metric", "value", "n", "low", "high"]
    )
    return table if intervals else table.drop(columns=["low", "high"])


def communication_tables(names: list[str], n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(5)
    who = [(names[rng.integers(len(names))], names[rng.integers(len(names))]) for _ in range(n)]
    table = pd.DataFrame(
        {
            "rank": range(1, n + 1), "sender": [a for a, _ in who], "receiver": [b for _, b in who],
            "ligand": [f"LIG{place % 40}" for place in range(n)], "receptor": rng.choice(["RECR1", "ITGAV_ITGB3"], n),
            "score": np.linspace(0.9, 0.01, n), "ligand_log_fold_change": rng.normal(0, 1, n),
            "comparison": "cirrhotic vs healthy",
            "ligand_p": np.nan, "ligand_q": np.nan, "ligand_expression": 1.2, "ligand_fraction": 0.4,
            "receptor_expression": 0.7, "receptor_fraction": 0.3, "evidence_score": 0.8, "n_evidence": 7,
            "resources": "CellChatDB;CellPhoneDB", "references": "PMID:123456;PMID:234567", "importance": 0.6,
            "path": "RECR1>SIGA1>TFF1>TARG1", "route": "RECR1 > (MEDIATOR1) > SIGA1 > TFF1 > TARG1", "tfs": "TFF1;TFF2",
            "targets": "TARG1;TARG2", "n_paths": 3, "direction": rng.choice(CLASSES, n),
            "concordant": rng.choice([True, False], n), "p_specific": 0.01, "q_specific": 0.02,
            "p": np.linspace(0.001, 1, n), "q": np.linspace(0.002, 1, n), "autocrine": [a == b for a, b in who],
        }
    )  # fmt: skip
    pairs = table.groupby(["sender", "receiver"], as_index=False).agg(
        n_interactions=("rank", "size"), score=("score", "sum")
    )
    return table, pairs.assign(n_significant=1, top_interactions="LIG1 > RECR1; LIG2 > RECR1")


def written(populations: tuple[PopulationContents, ...]) -> dict[str, object]:
    """Texts and references of the first path of each population."""
    genes, steps = {}, {"signaling": {}, "tf_target": {}}
    for one in populations:
        own = one.path_importance["path"][0].split(">")
        genes |= {gene: {"name": f"name of {gene}", "text": f"What {gene} does.", "entrez": "7124"} for gene in own}
        pairs = [f"{a}>{b}" for a, b in pairwise(own)]
        known = {"pmids": [31415926, 2718281], "n_references": 14, "sources": ["SIGNOR"], "pathways": [WORDS[0]]}
        steps["signaling"] |= dict.fromkeys(pairs[:-1], known)
        steps["tf_target"] |= {pairs[-1]: {"sources": ["CollecTRI"]}}
    return {"genes": genes, "steps": steps, "pathways": dict.fromkeys(WORDS, "What the pathway does."), "words": {}}


def core(table: pd.DataFrame) -> dict[str, object]:
    """The network of the first five paths, laid out."""
    network = nx.DiGraph(n_paths=5)
    for path in table["path"].head(5):
        genes = path.split(">")
        for gene, layer in zip(genes, ("receptor", "signal", "signal", "tf", "target"), strict=True):
            network.add_node(gene, layer=layer, importance=0.5, n_paths=1, log_fold_change=-0.5)
        for place, (a, b) in enumerate(pairwise(genes)):
            kind = "tf_target" if place == 3 else "signaling"
            network.add_edge(a, b, sign=(1, -1, 0)[place % 3], importance=0.1 + place / 10, n_paths=1, kind=kind)
    return laid_out(network)


def run(names: list[str], n_paths: int, n_donors: int, n_interactions: int = 120) -> ReportContents:
    """A whole run of the given size."""
    populations = tuple(population(name, n_paths, n_donors, seed) for seed, name in enumerate(names))
    metrics = metrics_table(names)
    signs = pd.DataFrame(columns=["population", "name", "found", "look_at"])
    lines, pairs = communication_tables(names, n_interactions)
    return ReportContents(
        cohort="liver", classes=CLASSES, made="23 November 2026, 10:41", version="0.1.0",
        data=(Fact("Cells", "58,358"), Fact("Donors", f"{n_donors}"), Fact("Split by", "donor")),
        parameters=(Fact("Model", "additive, width 32, 1 layer"), Fact("Seed", "0")),
        metrics=metrics, caveats=write_caveats(metrics, populations, signs, "donor", n_donors), populations=populations,
        cell_communication=lines, communication_pairs=pairs,
        plots={"metrics": figure(), "communication_heatmap": figure()}, files={"Summary": "summary.txt"},
        literature=written(populations),
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_run():
    return run


@pytest.fixture(scope="session")
def contents():
    """Two populations of 120 paths and 12 donors."""
    return run(["T cells", "B cells"], 120, 12)


@pytest.fixture(scope="session")
def make_figure():
    return figure


@pytest.fixture
def svg():
    return figure()
