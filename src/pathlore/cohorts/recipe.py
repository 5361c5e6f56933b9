"""What a recipe says of each sample."""

import re
from dataclasses import dataclass

from pathlore.config import CohortConfig, RecipeConfig
from pathlore.errors import PathloreError, shorten


@dataclass(frozen=True)
class Sample:
    """One library of a series."""

    name: str
    donor: str
    condition: str  # as the cells are to say it; empty: the table of covariates says it
    leave_out: str  # the reason; empty: it is used


def recipe_of(config: CohortConfig) -> RecipeConfig:
    """The recipe of the run.

    Raises
    ------
    PathloreError
        There is none.
    """
    if config.recipe is None:
        raise PathloreError(
            "`cohort.recipe` is empty, a published series was expected: choose an environment that names one (--env "
            "cirrhosis, docs/cohorts.md), or write one in conf/<your environment>/parameters.yml"
        )
    return config.recipe


def sample_of(name: str, recipe: RecipeConfig) -> Sample:
    """Say what a recipe knows of a sample by the name that its files, or its cells, bear.

    Parameters
    ----------
    name
        Of a file without its role, such as ``GSM4041150_healthy1_cd45+``, or of a cell of a table.
    recipe
        Rules and corrections.

    Raises
    ------
    PathloreError
        No rule matches, the rule that matches gives no donor, or the condition is not among those of the recipe.
    """
    for rule in recipe.samples:
        match = re.search(rule.pattern, name)
        if match:
            break
    else:
        raise PathloreError(
            f"{recipe.series}: no rule matches {name}, one for each sample was expected: add one to "
            "`cohort.recipe.samples`, with `leave_out` if the sample is not to be used"
        )
    groups = {key: value for key, value in match.groupdict().items() if value}
    sample = groups.get("sample", name)
    correction = recipe.corrections.get(sample)
    corrected = {} if correction is None else {key: value for key, value in correction if value is not None}
    said = {key: value for key, value in rule if value is not None} | groups | corrected
    leave_out = said.get("leave_out", "")
    donor, condition = said.get("donor", ""), said.get("condition", "")
    if leave_out:
        return Sample(sample, donor, recipe.conditions.get(condition, condition), leave_out)
    if not donor:
        raise PathloreError(
            f"{recipe.series}: the donor of {sample} is not said: give the pattern {rule.pattern} of "
            "`cohort.recipe.samples` a group (?P<donor>...), or the sample a line in `cohort.recipe.corrections`"
        )
    return Sample(sample, donor, named_condition(condition, sample, recipe) if condition else "", "")


def named_condition(written: str, sample: str, recipe: RecipeConfig) -> str:
    """A condition, as the cells are to say it.

    Raises
    ------
    PathloreError
        The recipe does not know it.
    """
    if written not in recipe.conditions:
        raise PathloreError(
            f"{recipe.series}: {sample} has the condition '{written}', the recipe knows "
            f"{shorten(recipe.conditions)}: add it to `cohort.recipe.conditions`, or leave the sample out by "
            "`cohort.recipe.samples`"
        )
    return recipe.conditions[written]


def check_expected(found: set[str], recipe: RecipeConfig, places: str) -> None:
    """Refuse a series that lacks a sample.

    Raises
    ------
    PathloreError
        A sample of ``expected`` is not there.
    """
    missing = set(recipe.expected) - found
    if missing:
        raise PathloreError(
            f"{recipe.series}: {len(missing)} of {len(recipe.expected)} samples are missing in {places}: "
            f"{shorten(missing)}; found are {shorten(found) or 'none'}: fetch the file again (delete it, and its line "
            "in checksums.json), or correct `cohort.recipe.expected` or the patterns of `cohort.recipe.samples`"
        )
