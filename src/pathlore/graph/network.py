"""Network tables in the field's formats, brought to one validated table of typed, directed associations."""

import logging

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.graph.edge_types import edge_types
from pathlore.keys import Kind, Role

logger = logging.getLogger(__name__)

PREDECESSOR_KINDS = {
    "directional": Kind.LIGAND_RECEPTOR,
    "undirectional": Kind.LIGAND_RECEPTOR,
    "receptor_sig": Kind.SIGNALING,
    "receptor_tf": Kind.SIGNALING,
    "sig_sig": Kind.SIGNALING,
    "sig_tf": Kind.SIGNALING,
    "tf_regulation": Kind.TF_TARGET,
    "receptor_regulation": Kind.LIGAND_TARGET,
    "ligand_regulation": Kind.LIGAND_TARGET,
}
"""``edge_type`` of the predecessor's ``from,to,edge_type`` tables -> our kind. A receptor or ligand that regulates a
gene without a known transcription factor between them is the same, indirect kind of statement."""


def read_network(table: pd.DataFrame, config: NetworkConfig) -> pd.DataFrame:
    """Bring a network table to the columns of `pathlore.schemas.Network`.

    Two forms are understood: ``source,target,kind`` with optional ``sign``, ``n_evidence``, ``resources`` and
    ``pathway``; and the predecessor's ``from,to,edge_type``. Self loops are dropped; rows for the same source, target
    and kind become one, whose evidence is added up and whose sign is kept only if no row contradicts it.

    Parameters
    ----------
    table
        One row per association, as read from the file.
    config
        Which kinds and resources to keep, and how much evidence to ask for.

    Returns
    -------
    Sorted by kind, source and target.

    Raises
    ------
    PathloreError
        Columns, kinds or signs are not understood, or nothing is left.
    """
    edges = _recognise(table)
    n_read = len(edges)
    edges = edges[(edges["source"] != "") & (edges["target"] != "")]
    n_named = len(edges)
    edges = edges[edges["source"] != edges["target"]]
    n_loops = n_named - len(edges)
    edges = edges[edges["kind"].isin(config.kinds)]
    if config.resources:  # before the merge: a row that is not wanted adds no evidence and contradicts no sign
        wanted = set(config.resources)
        edges = edges[[bool(wanted & set(names.split(";"))) for names in edges["resources"]]]
    edges = _merge(edges)
    edges = edges[edges["n_evidence"] >= config.min_evidence]
    if edges.empty:
        raise PathloreError(
            f"no association is left of the {n_read} rows in the network table: check ingestion.network "
            f"(kinds {', '.join(config.kinds)}; resources {config.resources or 'all'}; "
            f"min_evidence {config.min_evidence})"
        )
    edges = edges.sort_values(["kind", "source", "target"], ignore_index=True)
    logger.info(
        "Network: %d rows read, %d associations kept between %d genes (%d self loops, %d without a gene name dropped)",
        n_read,
        len(edges),
        pd.concat([edges["source"], edges["target"]]).nunique(),
        n_loops,
        n_read - n_named,
    )
    return edges


def _recognise(table: pd.DataFrame) -> pd.DataFrame:
    """Rename the columns of either form to ours and check their values."""
    if {"source", "target", "kind"} <= set(table.columns):
        edges = table.copy()
    elif {"from", "to", "edge_type"} <= set(table.columns):
        edges = table.rename(columns={"from": "source", "to": "target"})
        edges["kind"] = edges["edge_type"].map(PREDECESSOR_KINDS).fillna(edges["edge_type"])
        edges["resources"] = "PathFinder"
    else:
        raise PathloreError(
            f"the network table has the columns {', '.join(map(str, table.columns))}; expected source, target, kind "
            "or from, to, edge_type: check the runtime parameter `network` or globals.yml"
        )
    unknown = set(edges["kind"].dropna()) - set(Kind.ALL)
    if unknown:
        raise PathloreError(
            f"the network table has the kind(s) {shorten(unknown)}; expected {', '.join(Kind.ALL)}: "
            "check the column kind (or edge_type) of the file behind `network`"
        )
    for column, default in (("sign", 0), ("n_evidence", 1), ("resources", "not named"), ("pathway", None)):
        if column not in edges:
            edges[column] = default
    signs = pd.to_numeric(edges["sign"].fillna(0), errors="coerce")
    wrong = edges["sign"][~signs.isin([-1, 0, 1])]
    if len(wrong):
        raise PathloreError(
            f"the network table has the sign(s) {shorten(set(wrong))}; expected 1 (activates), -1 (inhibits) or 0 "
            "(not known): check the column sign of the file behind `network`"
        )
    edges["sign"] = signs.astype(int)
    for column in ("source", "target"):
        edges[column] = edges[column].fillna("").astype(str).str.strip()
    edges["resources"] = edges["resources"].fillna("not named").astype(str)
    edges["n_evidence"] = pd.to_numeric(edges["n_evidence"], errors="coerce").fillna(1).clip(lower=1).astype(int)
    return edges[["source", "target", "kind", "sign", "n_evidence", "resources", "pathway"]]


def _merge(edges: pd.DataFrame) -> pd.DataFrame:
    """One row per source, target and kind."""
    keys = ["source", "target", "kind"]
    repeated = edges.duplicated(keys, keep=False)
    once, several = edges[~repeated], edges[repeated]
    if len(several):
        merged = several.groupby(keys, as_index=False, sort=True).agg(
            sign=("sign", _agreed_sign),
            n_evidence=("n_evidence", "sum"),
            resources=("resources", lambda names: ";".join(sorted({n for s in names for n in s.split(";")}))),
            pathway=("pathway", lambda names: min(names.dropna(), default=None)),
        )
        edges = pd.concat([once, merged], ignore_index=True)
    else:
        edges = once.copy()
    edges["type"] = edge_types(edges["kind"], edges["sign"])
    return edges[["source", "target", "kind", "sign", "type", "n_evidence", "resources", "pathway"]]


def _agreed_sign(signs: pd.Series) -> int:
    """The one known sign of the rows, or 0 where they contradict each other or none is known."""
    known = set(signs) - {0}
    return known.pop() if len(known) == 1 else 0


def restrict(network: pd.DataFrame, genes: set[str]) -> pd.DataFrame:
    """Keep the associations between two genes of the set."""
    return network[network["source"].isin(genes) & network["target"].isin(genes)].reset_index(drop=True)


def roles(network: pd.DataFrame) -> pd.DataFrame:
    """Derive the roles of each gene from the kinds of its associations.

    A ligand or receptor is the source or target of a ligand_receptor edge, a signal lies on a signaling edge, a
    transcription factor is the source and a target the target of a tf_target edge. A gene may have several roles.

    Returns
    -------
    Index: gene, sorted; one boolean column per role.
    """
    members = {
        Role.LIGAND: _genes(network, Kind.LIGAND_RECEPTOR, "source"),
        Role.RECEPTOR: _genes(network, Kind.LIGAND_RECEPTOR, "target"),
        Role.SIGNAL: _genes(network, Kind.SIGNALING, "source") | _genes(network, Kind.SIGNALING, "target"),
        Role.TF: _genes(network, Kind.TF_TARGET, "source"),
        Role.TARGET: _genes(network, Kind.TF_TARGET, "target"),
    }
    genes = sorted(set(network["source"]) | set(network["target"]))
    return pd.DataFrame({role: [gene in members[role] for gene in genes] for role in Role.ALL}, index=genes)


def _genes(network: pd.DataFrame, kind: str, end: str) -> set[str]:
    return set(network.loc[network["kind"] == kind, end])
