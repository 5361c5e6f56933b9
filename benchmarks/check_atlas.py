"""Check the built-in atlas, and exit with 0 only if every check holds.

    python benchmarks/check_atlas.py
    python benchmarks/check_atlas.py --reference ../shared/data
    python benchmarks/check_atlas.py --without-references

The first form checks the atlas by itself: its amounts, its pathways, the form of its literature references, and that
each receptor reaches a transcription factor or says why not. The second also compares it with reference tables: a
folder with ``genes/gene_text.parquet`` (symbol, refseq_summary, text) and ``network/interactions_all.parquet``
(source, target, kind, sign); see docs/resources.md. Nothing of them is copied: they say whether our own records
are known elsewhere. The third prints the edges that have no literature reference yet, as CSV.
"""

import argparse
import sys
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pandas as pd

from pathlore.graph.paths.search import Ways, steps_to_tf
from pathlore.keys import Kind

AT_LEAST = {"genes": 1000, "edges": 3000, "pathways": 45}
KNOWN_EDGES = 0.95
TEXTBOOK_EDGES = 0.015
"""Largest fraction of edges that the reference lacks, that no complex explains and that name no literature."""

NEAR, FAR = 3, 6
"""Signaling steps within which a receptor reaches a transcription factor by itself, and with a note."""

LONG_ROUTE = "long route"
REASONS = {
    *("adhesion", "co-receptor", "cofactor", "decoy", "dependence", "inhibitory", "ligand", "scavenger"),
    *("transporter", "uptake", LONG_ROUTE),
}
"""What a note may say of a receptor; see docs/resources.md."""

REFERENCES = r"(PMID:[1-9]\d{0,7}(;PMID:[1-9]\d{0,7})*)?"
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


def read_atlas() -> dict[str, pd.DataFrame]:
    """The tables of the atlas, by the names of their files."""
    folder = files("pathlore") / "knowledge"
    names = ("genes", "interactions", "pathways", "receptor_notes", "receptor_complexes")
    return {name: pd.read_csv(str(folder / f"{name}.csv"), keep_default_na=False) for name in names}


def check(reference: Path | None) -> bool:
    """Run every check and print its figures; True if all hold."""
    atlas = read_atlas()
    genes, edges, complexes = atlas["genes"], atlas["interactions"], atlas["receptor_complexes"]
    report = Report()
    check_amounts(report, genes, edges, atlas["pathways"])
    check_pathways(report, edges, atlas["pathways"])
    check_receptors(report, edges, atlas["receptor_notes"])
    check_factors(report, genes, edges)
    check_complexes(report, genes, edges, complexes)
    check_references(report, edges)
    if reference is not None:
        known = pd.read_parquet(reference / "genes" / "gene_text.parquet").drop_duplicates("symbol").set_index("symbol")
        known = known[known["canonical_symbol"] == known.index]  # the others are former symbols
        columns = ["source", "target", "kind", "sign"]
        table = pd.read_parquet(reference / "network" / "interactions_all.parquet", columns=columns)
        check_genes(report, genes, edges, known)
        check_edges(report, edges, table, complexes)
    print("all checks hold" if report.holds else "NOT all checks hold")
    return report.holds


def steps_from_receptors(edges: pd.DataFrame) -> dict[str, int]:
    """Signaling steps from each receptor to the nearest transcription factor, `FAR` + 1 if there are more, or no way.

    As on a path, no gene on the way is another receptor (`pathlore.graph.paths.search`).
    """

    def grouped(kind: str) -> dict[str, dict[str, object]]:
        chosen = edges[edges["kind"] == kind]
        return {source: dict.fromkeys(targets) for source, targets in chosen.groupby("source")["target"]}

    receptors = frozenset(edges.loc[edges["kind"] == Kind.LIGAND_RECEPTOR, "target"])
    ways = Ways(grouped(Kind.SIGNALING), grouped(Kind.TF_TARGET), receptors)  # type: ignore[arg-type]
    to_tf = steps_to_tf(ways, FAR)
    return {
        receptor: 1 + min((to_tf.get(target, FAR) for target in ways.signaling.get(receptor, ())), default=FAR)
        for receptor in sorted(receptors)
    }


def check_receptors(report: Report, edges: pd.DataFrame, notes: pd.DataFrame) -> None:
    """Each receptor reaches a transcription factor in a few steps, or a note says why not; no note is stale."""
    steps = steps_from_receptors(edges)
    reason = dict(zip(notes["receptor"], notes["reason"], strict=True))
    far = {receptor: n for receptor, n in steps.items() if n > NEAR}
    found = f"{len(steps) - len(far)} of {len(steps)} in {NEAR} steps, {sum(n <= FAR for n in steps.values())} in {FAR}"
    report.check("each receptor reaches a transcription factor or says why not", far.keys() - reason.keys(), found)
    report.check("a note is needed", reason.keys() - far.keys(), f"{len(reason)} notes")
    report.check("a note gives a reason that is known", {*reason.values()} - REASONS)
    report.check("a note is written", notes.loc[notes["note"].str.split().map(len) < 6, "receptor"])
    none = [receptor for receptor, why in reason.items() if why == LONG_ROUTE and steps.get(receptor, 0) > FAR]
    report.check(f"a long route ends within {FAR} steps", none)


def check_factors(report: Report, genes: pd.DataFrame, edges: pd.DataFrame) -> None:
    """A transcription factor has a target: without one no path ends with it."""
    factors = set(genes.loc[genes["role"] == "transcription factor", "symbol"])
    without = factors - set(edges.loc[edges["kind"] == Kind.TF_TARGET, "source"])
    report.check("each transcription factor has a target", without, f"{len(factors)} factors")


def partners(complexes: pd.DataFrame) -> dict[str, set[str]]:
    """The other chains of all complexes of each chain."""
    found: dict[str, set[str]] = {}
    for chains in complexes["chains"].str.split(";"):
        for chain in chains:
            found.setdefault(chain, set()).update(set(chains) - {chain})
    return found


def check_complexes(report: Report, genes: pd.DataFrame, edges: pd.DataFrame, complexes: pd.DataFrame) -> None:
    """Chains are genes of the atlas, and each complex has a signal."""
    sources = set(edges.loc[edges["kind"] == Kind.SIGNALING, "source"])
    chains = complexes["chains"].str.split(";")
    report.check("every complex once", complexes["complex"][complexes["complex"].duplicated()])
    unknown = {chain for joined in chains for chain in joined} - set(genes["symbol"])
    report.check("chains of complexes are genes of the atlas", unknown, f"{len(chains)} complexes")
    report.check("a complex has a signal", complexes["complex"][[not sources & set(joined) for joined in chains]])


def check_references(report: Report, edges: pd.DataFrame) -> None:
    """Literature references have the form PMID:123;PMID:456."""
    wrong = edges[~edges["references"].str.fullmatch(REFERENCES)]
    found = f"{(edges['references'] != '').sum():,} of {len(edges):,} edges have one"
    report.check("references are PubMed ids", wrong["source"] + ">" + wrong["target"], found)


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


def check_edges(report: Report, edges: pd.DataFrame, table: pd.DataFrame, complexes: pd.DataFrame) -> None:
    """Edges are known elsewhere, direction counted; the others name their literature, or are few."""
    keys = ["source", "target", "kind"]
    report.check("every edge once", edges[edges.duplicated(keys)][keys].itertuples(index=False, name=None))
    report.check("no self loop", edges.loc[edges["source"] == edges["target"], "source"])
    older = edges.replace({"source": RENAMED, "target": RENAMED})
    pairs = set(zip(table["source"], table["target"], strict=True))
    is_known = pd.Series([p in pairs for p in zip(older["source"], older["target"], strict=True)], index=edges.index)
    share = is_known.mean()
    wrong = [] if share >= KNOWN_EDGES else [f"{share:.1%}"]
    report.check(f"at least {KNOWN_EDGES:.0%} of the edges known, direction counted", wrong, f"{share:.2%}")
    supported = is_known | (edges["references"] != "")
    by_complex = steps_of_complexes(edges, supported, partners(complexes))
    print(f"      {(~is_known).sum()} others: {(supported & ~is_known).sum()} name their literature")
    print(f"      and {(by_complex & ~supported).sum()} are steps of another chain of the receptor's complex")
    textbook = edges[~supported & ~by_complex]
    names = textbook["source"] + ">" + textbook["target"]
    wrong = [] if len(textbook) <= TEXTBOOK_EDGES * len(edges) else names
    report.check(f"at most {TEXTBOOK_EDGES:.1%} of the edges rest on textbooks alone", wrong, f"{len(textbook)}")
    print(f"      {', '.join(names)}")
    kinds = set(zip(table["source"], table["target"], table["kind"], strict=True))
    same_kind = [k in kinds for k in older[keys].itertuples(index=False, name=None)]
    print(f"      {sum(same_kind) / len(edges):.2%} known as the same kind")
    signed = table[table["sign"] != 0].groupby(keys)["sign"].agg(set)
    both = older[older["sign"] != 0].join(signed.rename("theirs"), on=keys, how="inner")
    agree = [sign in theirs for sign, theirs in zip(both["sign"], both["theirs"], strict=True)]
    print(f"      {len(both):,} edges have a sign here and there, {sum(agree) / max(len(both), 1):.2%} of them agree")


def steps_of_complexes(edges: pd.DataFrame, supported: pd.Series, others: dict[str, set[str]]) -> pd.Series:
    """Whether each edge joins two chains of a complex, or is a supported step of another chain of the complex."""
    steps = set(zip(edges.loc[supported, "source"], edges.loc[supported, "target"], strict=True))
    found = [
        target in others.get(source, ()) or any((chain, target) in steps for chain in others.get(source, ()))
        for source, target in zip(edges["source"], edges["target"], strict=True)
    ]
    return pd.Series(found, index=edges.index)


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


def print_without_references() -> None:
    """Print the edges without a literature reference, as CSV."""
    edges = read_atlas()["interactions"]
    columns = ["source", "target", "kind", "sign", "pathway"]
    print(edges.loc[edges["references"] == "", columns].to_csv(index=False), end="")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--reference", type=Path, help="folder of the reference tables")
    parser.add_argument("--without-references", action="store_true", help="only list the edges without a PubMed id")
    arguments = parser.parse_args()
    if arguments.without_references:
        print_without_references()
        sys.exit(0)
    sys.exit(0 if check(arguments.reference) else 1)
