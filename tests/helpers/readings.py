"""Made-up tables of the reading of a result."""

import numpy as np
import pandas as pd

POPULATIONS = ["CD14+ Monocytes", "B cells", "CD8 T cells", "Dendritic cells", "NK cells"]
GENES = ["CXCL10", "IFNG", "TGFB1", "IL6", "TNF", "CCL5", "IL10", "CD40LG"]
RECEPTORS = ["CXCR3", "IFNGR1_IFNGR2", "TGFBR1_TGFBR2", "IL6R_IL6ST", "TNFRSF1A", "CCR5", "IL10RA_IL10RB", "CD40"]


def interactions_between(n: int = 60, populations: list[str] | None = None, seed: int = 0) -> pd.DataFrame:
    """`pathlore.schemas.CellCommunication` with n lines."""
    rng = np.random.default_rng(seed)
    names = populations or POPULATIONS
    chosen = rng.integers(0, len(GENES), n)
    score = np.sort(rng.beta(2, 3, n))[::-1]
    q = np.clip(np.sort(rng.beta(0.4, 2, n)), 1e-4, 1)
    heads = [RECEPTORS[i].split("_")[0] for i in chosen]
    paths = [f"{head}>JAK1>STAT1>IRF1" if i % 3 else f"{head}>STAT1>GBP1" for i, head in enumerate(heads)]
    table = pd.DataFrame({
        "rank": range(1, n + 1), "sender": rng.choice(names, n), "receiver": rng.choice(names, n),
        "ligand": [GENES[i] for i in chosen], "receptor": [RECEPTORS[i] for i in chosen], "score": score,
        "ligand_log_fold_change": rng.normal(0.5, 1, n), "comparison": "stimulated vs control",
        "ligand_p": q, "ligand_q": q,
        "ligand_expression": rng.uniform(0, 2, n), "ligand_fraction": rng.uniform(size=n),
        "receptor_expression": rng.uniform(0, 2, n), "receptor_fraction": rng.uniform(size=n),
        "evidence_score": 0.75, "n_evidence": 3, "resources": "CellChatDB;OmniPath", "references": "PMID:1",
        "importance": rng.uniform(size=n), "path": paths,
        "route": [f"{GENES[i]} ({names[0]}) -> {path}" for i, path in zip(chosen, paths, strict=True)],
        "tfs": "STAT1;IRF9", "targets": "GBP1;IRF1;ISG15;MX1;OAS1", "n_paths": 3,
        "direction": rng.choice(["control", "stimulated"], n), "concordant": rng.uniform(size=n) < 0.7,
        "p_specific": q, "q_specific": q, "p": q, "q": q,
    })  # fmt: skip
    return table.assign(autocrine=table["sender"] == table["receiver"])


def pairs_between(lines: pd.DataFrame) -> pd.DataFrame:
    """`pathlore.schemas.CommunicationPairs` of the lines."""
    names = lines["ligand"] + ">" + lines["receptor"]
    return (
        lines.assign(name=names, significant=lines["q"] < 0.05)
        .groupby(["sender", "receiver"], as_index=False)
        .agg(
            n_interactions=("rank", "size"),
            n_significant=("significant", "sum"),
            score=("score", "sum"),
            top_interactions=("name", lambda own: "; ".join(own[:3])),
        )
    )


def donor_activity(paths: list[str], donors: dict[str, int], seed: int = 0) -> pd.DataFrame:
    """`pathlore.schemas.PathActivityByDonor`: so many donors of each class."""
    rng = np.random.default_rng(seed)
    rows = [
        (path, f"{condition[:2]}{donor}", condition, 50, *rng.normal(place * (i % 3 - 1), 0.6, 2))
        for i, path in enumerate(paths)
        for place, (condition, count) in enumerate(donors.items())
        for donor in range(count)
    ]
    return pd.DataFrame(rows, columns=["path", "donor", "condition", "n_cells", "coherent", "edge_signs"])


def donor_tests(paths: list[str], note: str = "") -> pd.DataFrame:
    """`pathlore.schemas.DonorTests`; with a note, no test was made."""
    p = np.full(len(paths), np.nan) if note else np.linspace(0.001, 0.8, len(paths))
    return pd.DataFrame({
        "comparison": "case vs control", "path": paths, "sign_model": ["coherent", "edge_signs"] * (len(paths) // 2)
        + ["coherent"] * (len(paths) % 2), "direction": "mixed", "smallest_t": 0.5,
        "n_donors": "control 6, case 6", "p": p, "q": p, "p_family": p, "relabellings": 462, "note": note,
    })  # fmt: skip


def predictions(donors: int = 12, cells: int = 40, n_classes: int = 2, seed: int = 0) -> pd.DataFrame:
    """`pathlore.schemas.Predictions` of held-out cells: the model good, the regression fair, the majority blind."""
    rng = np.random.default_rng(seed)
    names = ["control", "case", "late"][:n_classes]
    donor = np.repeat(np.arange(donors), cells)
    label = donor % n_classes
    tables = []
    for method, strength in (("pathlore", 2.2), ("logistic_regression", 1.2), ("majority", 0.0)):
        noise = rng.normal(size=(len(donor), n_classes)) + rng.normal(size=(donors, n_classes))[donor] * 0.5
        logits = strength * np.eye(n_classes)[label] + noise * bool(strength)
        share = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        table = pd.DataFrame(share, columns=[f"probability_of_{name}" for name in names])
        table.insert(0, "predicted", share.argmax(1))
        table.insert(0, "label", label)
        table.insert(0, "method", method)
        table.insert(0, "split", "test")
        table.insert(0, "donor", [f"d{i}" for i in donor])
        table.insert(0, "cell", [f"c{i}" for i in range(len(donor))])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def enrichment(n: int = 25, seed: int = 0) -> pd.DataFrame:
    """`pathlore.schemas.Enrichment` of n sets, by two methods and three rankings."""
    rng = np.random.default_rng(seed)
    rows = []
    for method in ("over_representation", "ranked"):
        for i in range(n):
            for ranking, strength in (("importance", 2.0), ("prior", 1.2), ("random", 0.5)):
                random = ranking == "random"
                q = min(1.0, 10 ** (-strength * rng.exponential()))
                score = 2 ** (strength * rng.normal(0.7, 0.5))
                rows.append((ranking, method, "HALLMARK", f"HALLMARK_INTERFERON_RESPONSE_OF_KIND_{i}", 40, 60, 12.0,
                             score, None if random else q, None if random else q, "" if random else "STAT1;IRF1", 0,
                             0.1 if random else None))  # fmt: skip
    names = ["ranking", "method", "collection", "set_name", "n_set", "n_genes", "n_overlap", "score", "p", "q", "genes",
             "n_named", "share_significant"]  # fmt: skip
    return pd.DataFrame(rows, columns=names).astype({"p": float, "q": float, "share_significant": float})
