"""Hold the built-in atlas against reference tables, and exit with 0 only if every check holds.

    python benchmarks/check_atlas.py --reference ../shared/data

The reference is a folder with ``genes/gene_text.parquet`` (symbol, refseq_summary, text) and
``network/interactions_all.parquet`` (source, target, kind, sign); see docs/resources.md. Nothing of it is copied: it
says whether our own statements are known elsewhere.
"""

import argparse
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pandas as pd

AT_LEAST = {"genes": 1000, "edges": 3000, "pathways": 45}
KNOWN_EDGES = 0.95
SHARED_WORDS = 8
DESCRIPTION_WORDS = (20, 60)

RENAMED = {"BMAL1": "ARNTL", "G6PC1": "G6PC", "GBA1": "GBA", "PHB1": "PHB", "RIGI": "DDX58"}
"""Approved symbol -> the symbol that the reference, which is older, still has."""

TOPICS = {
    "cirrhosis": "PDGFRA PDGFRB COL1A1 COL1A2 COL3A1 ACTA2 TIMP1 TGFB1 CCN2 SPP1 TREM2 PDGFB ACKR1 KDR NOTCH3 JAG1",
    "alzheimer": "APP PSEN1 BACE1 MAPT APOE LRP1 TREM2 TYROBP CLU BIN1 GFAP CX3CL1 SNCA P2RY12 CX3CR1 CSF1R BDNF",
    "pancreatic cancer": "KRAS TP53 CDKN2A SMAD4 EGFR ERBB3 MET HGF ESR1 PDGFRA CXCL12 IL6 LIF SOX9 GATA6 MUC1 FAP",
    "demo cells": "FCER1A FOS HLA-DRA FCGR3A FCER1G TYROBP LYZ S100A8 S100A9 CD74 IRF8 SPI1",
}
"""Genes that work on the paper's diseases, and the demo, cannot do without."""


def words(text: str) -> list[str]:
    """The words of a text, in lower case, without punctuation."""
    return "".join(c if c.isalnum() else " " for c in str(text).lower()).split()


def phrases(text: str) -> set[tuple[str, ...]]:
    """Every run of eight words."""
    found = words(text)
    return {tuple(found[i : i + SHARED_WORDS]) for i in range(len(found) - SHARED_WORDS + 1)}


class Report:
    """Prints one line per check and remembers whether all held."""

    def __init__(self) -> None:
        self.holds = True

    def check(self, name: str, wrong: Iterable[object], found: str = "") -> None:
        """Hold a check if nothing is wrong, and list what is."""
        items = sorted(map(str, wrong))
        self.holds &= not items
        shown = "; ".join(items[:20]) + (f" and {len(items) - 20} more" if len(items) > 20 else "")
        print(f"{'FAIL' if items else 'ok  '}  {name}{': ' + found if found else ''}{'  <- ' + shown if items else ''}")


def check(reference: Path) -> bool:
    """Run every check and print its figures; True if all hold."""
    folder = files("pathlore") / "knowledge"
    genes, edges, pathways = (
        pd.read_csv(str(folder / f"{name}.csv"), keep_default_na=False)
        for name in ("genes", "interactions", "pathways")
    )
    known = pd.read_parquet(reference / "genes" / "gene_text.parquet").drop_duplicates("symbol").set_index("symbol")
    known = known[known["canonical_symbol"] == known.index]  # the others are former symbols
    table = pd.read_parquet(
        reference / "network" / "interactions_all.parquet", columns=["source", "target", "kind", "sign"]
    )
    report = Report()
    check_amounts(report, genes, edges, pathways)
    check_genes(report, genes, edges, known)
    check_edges(report, edges, table)
    check_pathways(report, edges, pathways)
    print("all checks hold" if report.holds else "NOT all checks hold")
    return report.holds


def check_amounts(report: Report, genes: pd.DataFrame, edges: pd.DataFrame, pathways: pd.DataFrame) -> None:
    """As many genes, edges and pathways as promised."""
    for name, table in (("genes", genes), ("edges", edges), ("pathways", pathways)):
        wrong = [] if len(table) >= AT_LEAST[name] else [f"{len(table)} {name}"]
        report.check(f"at least {AT_LEAST[name]:,} {name}", wrong, f"{len(table):,}")
    for kind, n in edges["kind"].value_counts().items():
        print(f"      {n:,} {kind} ({(edges.loc[edges['kind'] == kind, 'sign'] != 0).mean():.0%} with a sign)")
    for topic, symbols in TOPICS.items():
        report.check(f"genes of {topic}", set(symbols.split()) - set(genes["symbol"]), f"{len(symbols.split())} wanted")


def check_genes(report: Report, genes: pd.DataFrame, edges: pd.DataFrame, known: pd.DataFrame) -> None:
    """Symbols are approved, synonyms mean one gene, descriptions are whole and our own."""
    symbols = list(genes["symbol"])
    report.check("every symbol once", genes["symbol"][genes["symbol"].duplicated()])
    report.check("every symbol is approved", [s for s in symbols if RENAMED.get(s, s) not in known.index])
    synonyms = genes.assign(synonym=genes["synonyms"].str.split(";")).explode("synonym").query("synonym != ''")
    approved = set(known.index) | set(symbols)
    clashes = [
        f"{s} for {g}" for s, g in zip(synonyms["synonym"], synonyms["symbol"], strict=True) if s in approved - {g}
    ]
    clashes = sorted(set(clashes) - {f"{older} for {symbol}" for symbol, older in RENAMED.items()})
    report.check("no synonym is another gene's symbol", clashes, f"{len(synonyms):,} synonyms")
    ends = set(edges["source"]) | set(edges["target"])
    report.check("every gene is on an edge", set(symbols) - ends)
    report.check("every edge has its genes", ends - set(symbols))
    for column in ("name", "role", "location"):
        report.check(f"every gene has a {column}", genes.loc[genes[column] == "", "symbol"])
    n = genes["description"].str.split().map(len)
    low, high = DESCRIPTION_WORDS
    found = f"{n.min()} to {n.max()}, median {n.median():.0f}"
    report.check(f"descriptions of {low} to {high} words", genes.loc[~n.between(low, high), "symbol"], found)
    references = known.reindex([RENAMED.get(s, s) for s in symbols])[["refseq_summary", "text"]].fillna("")
    copied = [
        symbol
        for symbol, own, (summary, text) in zip(symbols, genes["description"], references.to_numpy(), strict=True)
        if phrases(own) & (phrases(summary) | phrases(text))
    ]
    compared = f"{(references['refseq_summary'] != '').sum():,} have a reference summary"
    report.check(f"no description shares {SHARED_WORDS} consecutive words with its reference", copied, compared)


def check_edges(report: Report, edges: pd.DataFrame, table: pd.DataFrame) -> None:
    """Edges are known elsewhere, direction counted; the others name their literature."""
    keys = ["source", "target", "kind"]
    report.check("every edge once", edges[edges.duplicated(keys)][keys].itertuples(index=False, name=None))
    report.check("no self loop", edges.loc[edges["source"] == edges["target"], "source"])
    older = edges.replace({"source": RENAMED, "target": RENAMED})
    pairs = set(zip(table["source"], table["target"], strict=True))
    is_known = pd.Series([p in pairs for p in zip(older["source"], older["target"], strict=True)], index=edges.index)
    share = is_known.mean()
    wrong = [] if share >= KNOWN_EDGES else [f"{share:.1%}"]
    report.check(f"at least {KNOWN_EDGES:.0%} of the edges known, direction counted", wrong, f"{share:.2%}")
    unknown = edges[~is_known]
    names = unknown["source"] + ">" + unknown["target"]
    without = names[~unknown["references"].str.fullmatch(r"PMID:\d+(;PMID:\d+)*")]
    report.check("each other edge names its literature", without, f"{len(unknown)} others")
    for name, reference in zip(names, unknown["references"], strict=True):
        print(f"      {name}  {reference}")
    kinds = set(zip(table["source"], table["target"], table["kind"], strict=True))
    same_kind = [k in kinds for k in older[keys].itertuples(index=False, name=None)]
    print(f"      {sum(same_kind) / len(edges):.2%} known as the same kind")
    signed = table[table["sign"] != 0].groupby(keys)["sign"].agg(set)
    both = older[older["sign"] != 0].join(signed.rename("theirs"), on=keys, how="inner")
    agree = [sign in theirs for sign, theirs in zip(both["sign"], both["theirs"], strict=True)]
    print(f"      {len(both):,} edges have a sign here and there, {sum(agree) / max(len(both), 1):.2%} of them agree")


def check_pathways(report: Report, edges: pd.DataFrame, pathways: pd.DataFrame) -> None:
    """Every pathway has a paragraph and edges, and every edge a pathway."""
    named = {name for joined in edges["pathway"] for name in joined.split(";")}
    report.check("every edge's pathway has a paragraph", named - set(pathways["pathway"]))
    per_pathway = edges["pathway"].str.split(";").explode().value_counts()
    few = [f"{name} ({per_pathway.get(name, 0)})" for name in pathways["pathway"] if per_pathway.get(name, 0) < 8]
    report.check("every pathway has 8 edges or more", few, f"median {per_pathway.median():.0f}")
    n = pathways["description"].str.split().map(len)
    short = pathways.loc[~n.between(40, 100), "pathway"]
    report.check("paragraphs of 40 to 100 words", short, f"{n.min()} to {n.max()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--reference", type=Path, required=True, help="folder of the reference tables")
    sys.exit(0 if check(parser.parse_args().reference) else 1)
