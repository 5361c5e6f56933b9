"""Ligands and receptors: pairs in which the members of a complex stay together, and the steps before a path."""

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.graph.network import agreed_sign, of_resources, united
from pathlore.keys import Kind
from pathlore.schemas import LigandReceptorPairs

MEMBERS = "_"
"""Between the members of a complex."""


def ligand_receptor_pairs(records: pd.DataFrame, config: NetworkConfig | None = None) -> pd.DataFrame:
    """Merge the ligand-receptor records of all tables to unique pairs of genes or complexes.

    Complexes with the same members are one complex, named in the order in which it was met first. A complex was read
    as one record per pair of members; their evidence is added up over records for each pair of members, and the
    largest of these sums is the evidence of the complex, so that a large complex has no more of it.

    Parameters
    ----------
    records
        As `pathlore.resources.interactions.read_interactions` gives them.
    config
        ``resources`` and ``min_evidence``, as for the network; None: all records.

    Returns
    -------
    `pathlore.schemas.LigandReceptorPairs`, by ligand and receptor; perhaps without a row.
    """
    table = records[(records["kind"] == Kind.LIGAND_RECEPTOR).to_numpy()]
    table = table if config is None else of_resources(table, config)
    ligand = _partners(table["source_complex"], table["source"])
    receptor = _partners(table["target_complex"], table["target"])
    table = table.assign(ligand=ligand, receptor=receptor)
    table = table[(table["ligand"] != "") & (table["receptor"] != "") & (table["ligand"] != table["receptor"])]
    if table.empty:
        return LigandReceptorPairs.empty()
    sums = table.groupby(["ligand", "receptor", "source", "target"])["n_evidence"].sum()
    keys = ["ligand", "receptor"]
    first = table.drop_duplicates([*keys, "sign", "resources", "references"])
    several = first.duplicated(keys, keep=False)
    merged = (
        first[several]
        .groupby(keys, as_index=False)
        .agg(sign=("sign", agreed_sign), resources=("resources", united), references=("references", united))
    )
    pairs = pd.concat([first[~several], merged], ignore_index=True).sort_values(keys, ignore_index=True)
    pairs["n_evidence"] = sums.groupby(level=keys).max().reindex(pd.MultiIndex.from_frame(pairs[keys])).to_numpy()
    if config is not None:
        pairs = pairs[pairs["n_evidence"] >= config.min_evidence]
    columns = list(LigandReceptorPairs.to_schema().columns)
    return LigandReceptorPairs.validate(pairs[columns].reset_index(drop=True))


def members(partner: str) -> list[str]:
    """Genes of a ligand or receptor.

    Examples
    --------
    >>> members("ITGAV_ITGB3")
    ['ITGAV', 'ITGB3']
    """
    return partner.split(MEMBERS)


def _partners(wholes: pd.Series, genes: pd.Series) -> list[str]:
    """Name of each partner: its complex, in the order of members that was met first, else its gene."""
    named: dict[frozenset[str], str] = {}
    return [
        named.setdefault(frozenset(members(whole)), whole) if whole else gene
        for whole, gene in zip(wholes, genes, strict=True)
    ]


def ligand_receptor_steps(
    network: pd.DataFrame, paths: pd.DataFrame, expressed: set[str], population: str
) -> pd.DataFrame:
    """Keep the ligand -> receptor edges of the whole network that lead to a path's receptor.

    They are no steps of the paths, since the ligand may come from another cell and need not be measured in this
    population; they are what a reading of the signals between cells begins with.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, whole.
    paths
        `pathlore.schemas.SignalingPaths` of the population.
    expressed
        Genes that the population expresses.
    population
        Its name.

    Returns
    -------
    `pathlore.schemas.LigandReceptorSteps`, by receptor and ligand; perhaps without a row.
    """
    heads = paths["receptor"].value_counts()
    steps = network[(network["kind"] == Kind.LIGAND_RECEPTOR) & network["target"].isin(heads.index)]
    steps = steps.rename(columns={"source": "ligand", "target": "receptor"})
    steps = steps.assign(
        population=population,
        ligand_expressed=steps["ligand"].isin(expressed),
        n_paths=steps["receptor"].map(heads).astype(int),
    ).sort_values(["receptor", "ligand"], ignore_index=True)
    evidence = ["sign", "n_evidence", "resources", "references", "pathway"]
    return steps[["population", "ligand", "receptor", *evidence, "ligand_expressed", "n_paths"]]
