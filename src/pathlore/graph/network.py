"""The signaling network: records of all tables merged to one table of typed, directed associations."""

import logging

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind, Role

logger = logging.getLogger(__name__)

NO_EDGE = 0
"""Reserved: two genes without an association. No association ever has this type."""

SIGN_ORDER = (0, 1, -1)

N_EDGE_TYPES = 1 + len(Kind.ALL) * len(SIGN_ORDER)
"""Rows of an edge-type table, 'no edge' included."""


def edge_type(kind: str, sign: int) -> int:
    """Number the kinds and signs from 1 on.

    ``type = 1 + 3 * index(kind) + index(sign)``, with the kinds in the order of ``Kind.ALL`` and the signs in the
    order unknown, activates, inhibits.

    Examples
    --------
    >>> edge_type("ligand_receptor", 0), edge_type("signaling", 1), edge_type("ligand_target", -1)
    (1, 5, 12)
    """
    return 1 + len(SIGN_ORDER) * Kind.ALL.index(kind) + SIGN_ORDER.index(sign)


def edge_types(kinds: pd.Series, signs: pd.Series) -> pd.Series:
    """Number whole columns at once; see `edge_type`."""
    kind_index = kinds.map({kind: i for i, kind in enumerate(Kind.ALL)})
    sign_index = signs.map({sign: i for i, sign in enumerate(SIGN_ORDER)})
    return (1 + len(SIGN_ORDER) * kind_index + sign_index).astype(int)


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
    edges = _merge(of_resources(edges, config))  # a row that is not wanted adds no evidence and contradicts no sign
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


def of_resources(records: pd.DataFrame, config: NetworkConfig) -> pd.DataFrame:
    """Records that come from one of the wanted resources."""
    if not config.resources:
        return records
    wanted = set(config.resources)
    return records[records["resources"].map(lambda names: bool(wanted & set(names.split(";")))).astype(bool)]


def _merge(records: pd.DataFrame) -> pd.DataFrame:
    """One row per source, target and kind."""
    repeated = records.duplicated(KEYS, keep=False)
    once, several = records[~repeated].assign(conflict=False), records[repeated]
    if len(several):
        merged = several.groupby(KEYS, as_index=False, sort=True).agg(
            sign=("sign", agreed_sign),
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


def agreed_sign(signs: pd.Series) -> int:
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
