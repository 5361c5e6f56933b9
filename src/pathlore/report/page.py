"""The page: one file that needs nothing beside it and asks nothing of a network."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.explain.donor_tests import said
from pathlore.keys import Split
from pathlore.plot.style import DARK_FILTER, METHODS, PALETTE, in_the_dark
from pathlore.report.contents import PopulationContents, ReportContents
from pathlore.report.plots import Drawing, drawing, refuse_unknown
from pathlore.report.tables import TABLES, TableSpec, columns_of, script_json, table_data, table_spec
from pathlore.report.verdict import SENTENCES, beside_plain, findings_of, found_sentence, headline, held_out, place

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

SECTIONS = (
    ("Paths", ("importance",), ("path_importance",)),
    ("Receptors and ligands", (), ("active_receptors", "active_ligands")),
    ("Network", ("core_network",), ("proposed_paths",)),
    ("Donors", ("donor_heatmap", "donor_strips"), ("donor_tests", "donor_activity")),
    ("Cells", ("cell_map",), ()),
    ("Known biology", ("enrichment",), ("enrichment", "gene_lists", "coherence")),
    ("Cross-check", ("ablation",), ("ablation",)),
    ("The fit", ("curves", "training", "sentences"), ()),
)
"""Heading, plots and tables of each part of a population."""
COMMUNICATION_PLOTS = ("communication_heatmap", "communication_circle", "communication_interactions")
STYLES = ("report.css",)
SCRIPTS = (
    "vendor/cytoscape.min.js", "elements.js", "table.js", "literature.js", "details.js", "network.js",
    "communication.js", "page.js",
)  # fmt: skip


@dataclass(frozen=True)
class TableBlock:
    """A table at its place on the page: ``id`` of the data, and the data as JSON (empty: there are none)."""

    id: str
    spec: TableSpec
    data: str


@dataclass(frozen=True)
class Part:
    """One part of a population or of the run: heading, sentence, plots, tables."""

    title: str
    said: str
    plots: tuple[Drawing, ...]
    blocks: tuple[TableBlock, ...]

    @property
    def drawings(self) -> tuple[Drawing, ...]:
        """Plots that there are."""
        return tuple(one for one in self.plots if one.svg)

    @property
    def absent(self) -> dict[str, list[str]]:
        """Why plots and tables are missing -> their titles."""
        found: dict[str, list[str]] = {}
        for one in self.plots:
            if not one.svg:
                found.setdefault(one.missing, []).append(one.title)
        for block in self.blocks:
            if not block.data:
                found.setdefault(block.spec.missing, []).append(block.spec.title)
        return {reason: list(dict.fromkeys(titles)) for reason, titles in found.items()}


@dataclass(frozen=True)
class Panel:
    """A population on the page; ``network`` is its core network as JSON, empty: there is none."""

    id: str
    name: str
    parts: tuple[Part, ...]
    files: Mapping[str, str]
    network: str = ""


def report_page(contents: ReportContents) -> str:
    """Write the report of a run as one HTML page.

    Style, scripts, plots and data stand in the page itself; its content security policy forbids every request, and
    each script and style is named there by its hash. Texts are escaped, plots are cleaned
    (:func:`~pathlore.report.svg.inline_svg`), and scripts write data as text only.

    Raises
    ------
    PathloreError
        A figure that is no SVG or has no place, a column without explanation, a file that does not lie beside the page.
    """
    held = held_out(contents.metrics)
    style, script = _static(STYLES) + _class_colours(), _static(SCRIPTS)
    panels = tuple(_panel(number, one) for number, one in enumerate(contents.populations))
    refuse_unknown(contents.plots, contents.cohort)
    between = Part(
        "Cell communication", "", _drawings(COMMUNICATION_PLOTS, contents, "run"),
        (_block("cell_communication", contents.cell_communication, contents.missing, "run"),
         _block("communication_pairs", contents.communication_pairs, contents.missing, "run")),
    )  # fmt: skip
    checks = Part(
        "Model and baselines", "", _drawings(("metrics",), contents, "run"),
        (_block("metrics", _test_first(contents.metrics), contents.missing, "run"),
         _block("evaluation", contents.evaluation, contents.missing, "run")),
    )  # fmt: skip
    return _template().render(
        contents=contents,
        question=contents.question or _question(contents.classes),
        style=style,
        script=script,
        policy=_policy(style, script),
        settings=script_json(_settings(contents)),
        literature=script_json(contents.literature),
        found=(found := findings_of(contents.populations)),
        first=found_sentence(found, contents.populations),
        headline=headline(contents, held),
        held=held,
        sentences=SENTENCES,
        beside_plain=beside_plain,
        place=place,
        panels=panels,
        between=between,
        checks=checks,
        files=_links(contents.files),
        columns={name: columns_of(name) for name in TABLES},
        titles={name: kind.title for name, kind in TABLES.items()},
    )


def _test_first(metrics: pd.DataFrame | None) -> pd.DataFrame | None:
    """Rows of the test set before those of the validation set, which are too good."""
    return (
        None if metrics is None else metrics.sort_values("split", key=lambda split: split != Split.TEST, kind="stable")
    )


def _settings(contents: ReportContents) -> dict[str, object]:
    """What the scripts know of every table: the classes, for their colours, and the meaning of the columns."""
    columns = {name: {key: vars(column) for key, column in columns_of(name).items()} for name in TABLES}
    return {"cohort": contents.cohort, "classes": list(contents.classes), "columns": columns}


def _panel(number: int, one: PopulationContents) -> Panel:
    refuse_unknown(one.plots, one.name)
    id_, parts = f"p{number}", []
    listed = () if one.path_importance is None else tuple(one.path_importance["path"])
    for title, plots, tables in SECTIONS:
        drawings = tuple(drawing(name, one.plots, one.missing, id_, one.name) for name in plots)
        blocks = tuple(_block(name, getattr(one, name), one.missing, id_, listed) for name in tables)
        parts.append(Part(title, _said(title, one), drawings, blocks))
    drawn = one.network is not None and "core_network" not in one.missing and _edges(one.network)
    return Panel(id_, one.name, tuple(parts), _links(one.files), script_json(one.network) if drawn else "")


def _edges(network: Mapping[str, Any]) -> bool:
    """Whether a core network has anything to point at."""
    return bool(network.get("elements", {}).get("edges"))


def _said(title: str, one: PopulationContents) -> str:
    """The sentence under a heading that is written from numbers."""
    if title == "The fit" and one.training:
        return f"{one.training[0].upper()}{one.training[1:]}."
    if title == "Donors" and one.donor_tests is not None and len(one.donor_tests):
        text = said(one.donor_tests)
        return f"{text[0].upper()}{text[1:].rstrip('.')}."
    if title == "Cross-check" and one.ablation_spearman is not None:
        return (
            f"Spearman correlation of importance and loss by ablation over the paths: {one.ablation_spearman:.2f} "
            "(1: same order, 0: unrelated)."
        )
    return ""


def _block(
    name: str, frame: pd.DataFrame | None, missing: Mapping[str, str], owner: str, listed: tuple[str, ...] = ()
) -> TableBlock:
    spec = table_spec(name, frame, missing)
    paths = () if name == "path_importance" else listed
    return TableBlock(f"{owner}-{name}", spec, "" if spec.frame is None else script_json(table_data(spec, paths)))


def _drawings(names: tuple[str, ...], contents: ReportContents, owner: str) -> tuple[Drawing, ...]:
    return tuple(drawing(name, contents.plots, contents.missing, owner, contents.cohort) for name in names)


def _question(classes: tuple[str, ...]) -> str:
    """Classes as a question: the case against the control."""
    names = [name.replace("_", " ") for name in classes]
    if len(names) < 2:
        return names[0] if names else "No classes"
    return f"{' and '.join(names[1:])} against {names[0]}"


def _links(links: Mapping[str, str]) -> dict[str, str]:
    for label, link in links.items():
        if ":" in link or link.startswith(("/", "\\")):
            raise PathloreError(f"file {label}: {link!r} is no path relative to the report: change `files`")
    return {label: quote(link, safe="/.") for label, link in links.items()}


def _policy(style: str, script: str) -> str:
    """Forbid everything but this style, this script, and pictures that stand in the page.

    Plots carry their looks in style attributes, which are allowed: nothing in them can be loaded.
    """
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; style-src-attr "
        "'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _class_colours() -> str:
    """The colours of the classes and of the model as the style sheet names them, those of every figure."""
    colours = {f"c{i}": colour for i, colour in enumerate(PALETTE)} | {"model": METHODS[0]}
    light = " ".join(f"--{name}: {colour};" for name, colour in colours.items())
    dark = " ".join(f"--{name}: {in_the_dark(colour)};" for name, colour in colours.items())
    return (
        f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} "
        f".paper {{ filter: {DARK_FILTER}; border-color: #d6d6d6; }} }}\n"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _static(names: tuple[str, ...]) -> str:
    folder = files("pathlore.report") / "static"
    return "\n" + "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("pathlore.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["coded"] = coded
    return environment.get_template("report.html.j2")


def coded(sentence: str) -> "Markup":
    """A sentence as HTML, what stands between backticks as code.

    Examples
    --------
    >>> str(coded("set `gene_sets`, not <b>"))
    'set <code>gene_sets</code>, not &lt;b&gt;'
    """
    from markupsafe import Markup, escape

    parts = [escape(part) for part in sentence.split("`")]
    if len(parts) % 2 == 0:  # one backtick is no pair
        return escape(sentence)
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))
