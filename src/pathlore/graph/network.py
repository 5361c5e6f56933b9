"""The signaling network: records of all tables merged to one table of typed, directed associations."""

import logging

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.graph.edge_types import edge_types
from pathlore.keys import Kind, Role

logger = logging.getLogger(__name__)

KEYS = ["source", "target", "kind"]


def build_network(records: pd.DataFrame, config: NetworkConfig) -> pd.DataFrame:
    """Merge the interaction records of all tables to the table `pathlore.schemas.Network`.

    Self loops are dropped. Records of the same source, target and kind become one association: its evidence is
    added up, its resources, references and pathways are united, and its sign is the one that the records know; if
    they contradict each other it is 0 (not known) and ``conflict`` says so.

    Parameters
    ----------
    records
        One row per record, as `pathlore.resources.interactions.read_interactions` gives them.
    config
        Which kinds and resources to keep, and how much evidence to ask for.

    Returns
    -------
    Sorted by kind, source and target.

    Raises
    ------
    PathloreError
        Nothing is left.
    """
    edges = records[(records["source"] != "") & (records["target"] != "")]
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
            f"no association is left of the {len(records)} rows in the network table: check ingestion.network "
            f"(kinds {', '.join(config.kinds)}; resources {config.resources or 'all'}; "
            f"min_evidence {config.min_evidence})"
        )
    edges = edges.sort_values(["kind", "source", "target"], ignore_index=True)
    logger.info(
        "Network: %d records read, %d associations kept between %d genes (%d self loops, %d without a gene name "
        "dropped)",
        len(records),
        len(edges),
        pd.concat([edges["source"], edges["target"]]).nunique(),
        n_loops,
        len(records) - n_named,
    )
    contradicted = edges[edges["conflict"]]
    if len(contradicted):
        logger.warning(
            "%d associations have contradictory signs and count as 'sign not known' (%s): to choose a side, name the "
            "tables to believe in `ingestion.network.resources`",
            len(contradicted),
            shorten((contradicted["source"] + ">" + contradicted["target"]).tolist(), 5),
        )
    return edges


def _merge(records: pd.DataFrame) -> pd.DataFrame:
    """One row per source, target and kind."""
    repeated = records.duplicated(KEYS, keep=False)
    once, several = records[~repeated].assign(conflict=False), records[repeated]
    if len(several):
        merged = several.groupby(KEYS, as_index=False, sort=True).agg(
            sign=("sign", _agreed_sign),
            conflict=("sign", lambda signs: {-1, 1} <= set(signs)),
            n_evidence=("n_evidence", "sum"),
            resources=("resources", united),
            references=("references", united),
            pathway=("pathway", lambda names: united(names) or None),
        )
        once = pd.concat([once, merged], ignore_index=True)
    once["type"] = edge_types(once["kind"], once["sign"])
    once["via"] = ""
    return once[[*KEYS, "sign", "type", "n_evidence", "resources", "references", "conflict", "pathway", "via"]]


def _agreed_sign(signs: pd.Series) -> int:
    """The one known sign of the rows, or 0 where they contradict each other or none is known."""
    known = set(signs) - {0}
    return known.pop() if len(known) == 1 else 0


def united(lists: pd.Series) -> str:
    """The distinct entries of several ';'-joined lists, sorted."""
    entries = {entry for joined in lists if isinstance(joined, str) for entry in joined.split(";")}
    return ";".join(sorted(entries - {""}))


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
