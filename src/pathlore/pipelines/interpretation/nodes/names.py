"""Names of populations as their cells have them, in place of the names of their files."""

from collections.abc import Mapping

import pandas as pd


def population_names(coverage_report: pd.DataFrame) -> dict[str, str]:
    """Name of each population by the name of its files."""
    from pathlore.expression.populations import partition_names

    return {file: name for name, file in partition_names(coverage_report["population"].unique()).items()}


def with_names(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The same table, its column ``population`` with names in place of those of files."""
    return table.assign(population=table["population"].map(lambda file: names.get(file, file)))
