"""The inspection as a page of text."""

import textwrap
from collections.abc import Sequence

from pathlore.genes.identifiers import WORDS
from pathlore.inspection.environment import Written
from pathlore.inspection.findings import LEVELS, GeneFacts, Inspection, worst

WIDTH = 110
VERDICTS = {
    "problem": "A run would stop, or its result would be meaningless. Read the problems first.",
    "warning": "A run is possible. Read the warnings before you trust its result.",
    "note": "No objection to a run was found.",
    "ok": "No objection to a run was found.",
}


def report(inspection: Inspection, written: Written) -> str:
    """Write facts, findings from the most serious on, and the command that comes next."""
    return "\n\n".join([facts_and_findings(inspection), "## Next", _next(inspection, written)]) + "\n"


def facts_and_findings(inspection: Inspection) -> str:
    """Write what was found, the findings from the most serious on."""
    parts = [
        f"# {inspection.file}",
        _facts(inspection),
        "## Findings",
        f"{VERDICTS[worst(inspection.findings)]}",
        _findings(inspection),
        "## Columns of obs",
        _columns(inspection),
    ]
    if inspection.associations:
        parts += ["## Columns associated with the condition", _associations(inspection)]
    return "\n\n".join(parts)


def _facts(inspection: Inspection) -> str:
    rows = [("size", f"{inspection.n_cells:,} cells x {inspection.n_genes:,} genes")]
    if inspection.genes:
        rows.append(("species", inspection.genes[0].species or "unknown from the names"))
        rows += [
            ("genes" if facts.column is None else f"var['{facts.column}']", _names(facts)) for facts in inspection.genes
        ]
    for facts in inspection.matrices:
        if facts.scale:
            size = f"{facts.zeros:.0%} zeros, up to {facts.greatest:,.4g}, {facts.megabytes:,.0f} MB in memory"
            rows.append((f"matrix {facts.name}", f"{facts.scale}; {size}"))
        else:
            rows.append((f"matrix {facts.name}", f"not usable: {facts.reason}"))
    if inspection.cells is not None:
        cells = inspection.cells
        per = f"{cells.median_genes:,.0f} genes, sum {cells.median_total:,.0f}"
        twice = f"{cells.empty:,} empty, {cells.repeated:,} copies, {cells.same_name:,} repeated names"
        rows.append(("cells", f"median {per}; {twice}"))
        many = f"{cells.too_mitochondrial:,} with too many mitochondrial counts"
        lost = f"{cells.too_few_genes:,} with too few genes, {many}"
        rows.append(("cells dropped", lost))
    return _table(rows)


def _names(facts: GeneFacts) -> str:
    if facts.trouble and not facts.n_names:
        return f"not usable: {facts.trouble}"
    kind = f"{facts.n_names:,} {WORDS[facts.kind]} such as {', '.join(facts.examples)}"
    if facts.trouble:
        return f"{kind}; not usable as they are"
    reached = f"{facts.on_network:,} of {facts.network:,} network genes, {facts.with_description:,} with a description"
    return f"{kind}; {facts.understood:,} understood; {reached}"


def _findings(inspection: Inspection) -> str:
    lines = []
    for level in LEVELS:
        for finding in inspection.findings:
            if finding.level == level:
                text = finding.text + (f"  [{finding.parameter}]" if finding.parameter else "")
                wrapped = textwrap.wrap(" ".join(text.split()), WIDTH - 9, break_long_words=False)
                lines += [f"{level.upper() if i == 0 else '':8} {line}" for i, line in enumerate(wrapped)]
    return "\n".join(lines) or "none"


def _columns(inspection: Inspection) -> str:
    chosen = {column: role for role, column in reversed(inspection.roles.items())}
    rows = []
    for facts in inspection.columns:
        other = ", ".join(sorted(facts.scores, key=lambda role: -facts.scores[role]))
        role = f"-> {chosen[facts.name]}" if facts.name in chosen else f"({other})" if other else ""
        values = ", ".join(f"{_short(value)} {n:,}" for value, n in facts.frequent[:6])
        more = f" and {facts.n_values - 6:,} more" if facts.n_values > 6 else ""
        missing = f"{facts.n_missing:,} not known" if facts.n_missing else ""
        shown = f"{values}{more}" if facts.kind in ("categories", "constant") else f"{facts.n_values:,} {facts.kind}"
        rows.append((_short(facts.name), role, "; ".join(filter(None, [shown, missing]))))
    return _table(rows) if rows else "none: give a table of the cells by `--params cell_annotations=FILE`"


def _associations(inspection: Inspection) -> str:
    rows = [
        (
            _short(one.column),
            one.role,
            f"Cramér's V {one.cramers_v:.2f}",
            "each value in one class" if one.nested else "",
        )
        for one in inspection.associations[:12]
    ]
    return _table(rows)


def _next(inspection: Inspection, written: Written) -> str:
    if not written.files:
        return (
            f"{written.folder} is there already and WAS LEFT AS IT WAS: nothing was written. Name another environment "
            "by --params inspection.name=NAME, or replace it by inspection.overwrite=true."
        )
    lines = [
        f"Written, with a reason above each choice: {', '.join(written.files)} in {written.folder}",
        "Read them, change what is wrong, then:",
        "",
    ]
    if "ingestion.cells.classes" not in inspection.choices or not inspection.choices["ingestion.cells.classes"].value:
        lines.insert(1, "First fill in `ingestion.cells.condition` and `ingestion.cells.classes` there.")
    lines.append(f"    kedro run --env {written.name}")
    return "\n".join(lines)


def _short(text: str, limit: int = 40) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 3]}..."


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; the last one wrapped."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        head = "  ".join(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True))
        wrapped = textwrap.wrap(row[-1], max(WIDTH - len(head) - 2, 40), break_long_words=False) or [""]
        lines.append(f"{head}  {wrapped[0]}".rstrip())
        lines += [f"{' ' * len(head)}  {line}" for line in wrapped[1:]]
    return "\n".join(lines)
