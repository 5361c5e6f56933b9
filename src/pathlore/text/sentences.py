"""Sentences of genes and paths, from templates from which empty fields vanish together with their punctuation."""

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from string import Formatter

import pandas as pd

from pathlore.config import SentenceConfig
from pathlore.errors import PathloreError
from pathlore.keys import RANDOM_STEP, Kind

logger = logging.getLogger(__name__)

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


GENE_TEMPLATE = "{symbol} ({name}). {description}"
GENE_FIELDS = ("symbol", "name", "description")
PATH_FIELDS = ("pathway", "steps")
STEP_FIELDS = ("source_role", "source", "source_name", "verb", "target_role", "target", "target_name", "via")
VERBS = ("activates", "inhibits", "acts_on", "transcribes", "regulates", "through", "random")
PARAMETER = "graph_construction.sentences"


def gene_sentences(genes: Iterable[str], annotations: pd.DataFrame, template: str = GENE_TEMPLATE) -> pd.DataFrame:
    """Write one text per gene.

    Parameters
    ----------
    genes
        Symbols; repeated ones are written once.
    annotations
        `pathlore.schemas.GeneAnnotations`.
    template
        Text with the fields ``{symbol}``, ``{name}`` and ``{description}``. An empty field takes its brackets and
        punctuation with it.

    Returns
    -------
    pandas.DataFrame
        `pathlore.schemas.Sentences` in the order of the genes; ``has_text`` is False where neither name nor
        description is known.

    Raises
    ------
    PathloreError
        The template has a field that is not known.
    """
    check_template(template, GENE_FIELDS, f"{PARAMETER}.gene")
    symbols = list(dict.fromkeys(genes))
    described = annotations[annotations["symbol"].isin(symbols)]
    known = {
        symbol: (name, description)
        for symbol, name, description in described[["symbol", "name", "description"]].itertuples(index=False)
    }
    rows = []
    for symbol in symbols:
        name, description = known.get(symbol, ("", ""))
        text = fill(template, {"symbol": symbol, "name": name, "description": description})
        rows.append((symbol, text, bool(name or description)))
    sentences = _table(rows)
    logger.info("Gene sentences: %d, of which %d have a text", len(sentences), sentences["has_text"].sum())
    return sentences


def path_sentences(
    paths: pd.DataFrame, network: pd.DataFrame, annotations: pd.DataFrame, config: SentenceConfig
) -> pd.DataFrame:
    """Write one English sentence per path.

    The steps are joined by commas, the last one (TF -> target) follows a semicolon. The verb of a signaling step is
    ``activates`` (sign +1), ``inhibits`` (-1) or ``acts_on`` (sign not known); that of the last step is
    ``inhibits`` (-1) or ``transcribes``. A step of a random path has the verb ``random``, whatever its sign.
    ``{source_role}`` and ``{target_role}`` are "the receptor" for the first gene, "the transcription factor" for the
    last but one, and empty for the others. So ``"{pathway}: {steps}."`` and
    ``"{source_role} {source} {verb} {target}"`` give: "Interferon signaling: the receptor IFNAR1 activates JAK1, JAK1
    activates STAT1; the transcription factor STAT1 switches on ISG15."

    Parameters
    ----------
    paths
        `pathlore.schemas.SignalingPaths`.
    network
        `pathlore.schemas.Network`, which holds every step of every path.
    annotations
        `pathlore.schemas.GeneAnnotations`, for ``{source_name}`` and ``{target_name}``.
    config
        Templates.

    Returns
    -------
    pandas.DataFrame
        `pathlore.schemas.Sentences` in the order of the paths; ``has_text`` is always True, because the steps
        themselves are known.

    Raises
    ------
    PathloreError
        A template has a field that is not known, or a step of a path is not in the network.
    """
    check_template(config.path, PATH_FIELDS, f"{PARAMETER}.path")
    check_template(config.step, STEP_FIELDS, f"{PARAMETER}.step")
    for verb in VERBS:
        check_template(getattr(config, verb), (), f"{PARAMETER}.{verb}")
    names = dict(zip(annotations["symbol"], annotations["name"], strict=True))
    edges = zip(network["source"], network["target"], network["kind"], strict=True)
    what = zip(network["sign"].astype(int), network["via"], network["resources"] == RANDOM_STEP, strict=True)
    known = dict(zip(edges, what, strict=True))
    rows = []
    for path, pathway in zip(paths["path"], paths["pathway"], strict=True):
        genes = path.split(">")
        steps = _steps(genes, known, names, config)
        head = fill(config.path, {"pathway": pathway if isinstance(pathway, str) else "", "steps": steps})
        text = head if head.startswith(genes[0]) else head[:1].upper() + head[1:]
        rows.append((path, text, True))
    logger.info("Path sentences: %d, of which %d name a pathway", len(rows), paths["pathway"].notna().sum())
    return _table(rows)


def _steps(
    genes: list[str],
    known: Mapping[tuple[str, str, str], tuple[int, str, bool]],
    names: Mapping[str, str],
    config: SentenceConfig,
) -> str:
    """All steps of one path, from the receptor to the target."""
    last = len(genes) - 2
    roles = dict.fromkeys(genes, "") | {genes[0]: "the receptor", genes[last]: "the transcription factor"}
    steps = []
    for i, (source, target) in enumerate(pairwise(genes)):
        kind = Kind.TF_TARGET if i == last else Kind.SIGNALING
        if (source, target, kind) not in known:
            raise PathloreError(
                f"the path {'>'.join(genes)} has the step {source}>{target}, which is no {kind} edge of the network: "
                "build the paths and their sentences from the same `network`"
            )
        sign, via, random = known[source, target, kind]
        values = {
            "source_role": roles[source],
            "source": source,
            "source_name": names.get(source, ""),
            "verb": config.random if random else _verb(kind, sign, config),
            "target_role": roles[target],
            "target": target,
            "target_name": names.get(target, ""),
            "via": f"{config.through} {_listed(via.split(';'))}" if via else "",
        }
        steps.append(fill(config.step, values))
    return "; ".join([*([", ".join(steps[:-1])] if steps[:-1] else []), steps[-1]])


def _listed(words: list[str]) -> str:
    """Join words as English does.

    Examples
    --------
    >>> _listed(["A"]), _listed(["A", "B"]), _listed(["A", "B", "C"])
    ('A', 'A and B', 'A, B and C')
    """
    return " and ".join([*([", ".join(words[:-1])] if words[:-1] else []), words[-1]])


def association_sentences(network: pd.DataFrame, config: SentenceConfig) -> list[str]:
    """Write one short sentence per association, such as "JAK1 activates STAT1.".

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    config
        The verbs.
    """
    columns = (network[name] for name in ("source", "target", "kind", "sign", "resources"))
    return [
        f"{source} {config.random if resources == RANDOM_STEP else _verb(kind, sign, config)} {target}."
        for source, target, kind, sign, resources in zip(*columns, strict=True)
    ]


def _verb(kind: str, sign: int, config: SentenceConfig) -> str:
    """The verb of a step: what it does, as far as its kind and sign are known."""
    if sign < 0:
        return config.inhibits
    if kind in (Kind.TF_TARGET, Kind.LIGAND_TARGET):
        return config.transcribes if sign else config.regulates
    return config.activates if sign else config.acts_on


def _table(rows: list[tuple[str, str, bool]]) -> pd.DataFrame:
    """Rows of `pathlore.schemas.Sentences`."""
    sentences = pd.DataFrame(rows, columns=["key", "text", "has_text"])
    return sentences.astype({"key": object, "text": object, "has_text": bool})
