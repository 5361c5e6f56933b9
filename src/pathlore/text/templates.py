"""Templates with fields in braces, from which empty fields vanish together with their punctuation."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from string import Formatter

from pathlore.errors import PathloreError

MARKS = ".,;:"


def check_template(template: str, allowed: Collection[str], parameter: str) -> None:
    """Refuse a template with fields that nothing will fill.

    Parameters
    ----------
    template
        Text with fields such as ``{symbol}``; formats and attributes (``{a:>3}``, ``{a.b}``) are not understood.
    allowed
        Names of the fields that will be filled.
    parameter
        Dotted name of the parameter that holds the template.

    Raises
    ------
    PathloreError
        A brace is not closed, or a field is not among ``allowed``.
    """
    choice = ", ".join(f"{{{name}}}" for name in allowed) or "none, it is plain text"
    try:
        fields = _fields(template)
    except ValueError as error:
        raise PathloreError(
            f"the template {template!r} cannot be read ({error}); allowed fields: {choice}: change `{parameter}`"
        ) from error
    unknown = [f"{{{field}}}" for field in fields if field not in allowed]
    if unknown:
        raise PathloreError(
            f"the template {template!r} has the unknown field {', '.join(unknown)}; allowed fields: {choice}: change "
            f"`{parameter}`"
        )


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill a template; a field whose value is empty takes its brackets and punctuation with it.

    Only the template is tidied, never the values.

    Examples
    --------
    >>> fill("{symbol} ({name}). {description}", {"symbol": "A1", "name": "", "description": "Binds B ()."})
    'A1. Binds B ().'
    >>> fill("{pathway}: {steps}.", {"pathway": "", "steps": "A activates B"})
    'A activates B.'
    """
    empty = frozenset(field for field in _fields(template) if not values[field])
    return (_without(template, empty) if empty else template).format_map(values)


def _fields(template: str) -> list[str]:
    """Names of the fields, each with what follows it in the braces."""
    parsed = [(name, spec, how) for _, name, spec, how in Formatter().parse(template) if name is not None]
    return [name + (f"!{how}" if how else "") + (f":{spec}" if spec else "") for name, spec, how in parsed]


@lru_cache(maxsize=256)
def _without(template: str, empty: frozenset[str]) -> str:
    """Remove fields from a template, then the brackets, spaces and marks that would be left bare."""
    parts = []
    for literal, field, _, _ in Formatter().parse(template):
        parts.append(literal.replace("{", "{{").replace("}", "}}"))
        if field is not None and field not in empty:
            parts.append(f"{{{field}}}")
    text = re.sub(r"\(\s*\)|\[\s*\]", "", "".join(parts))
    text = re.sub(r"\s+", " ", text)
    text = re.sub(rf"\s+(?=[{MARKS}])", "", text)
    text = re.sub(rf"[{MARKS}]{{2,}}", lambda run: "." if "." in run[0] else run[0][0], text)
    return text.lstrip(f"{MARKS} ").rstrip(",;: ")
