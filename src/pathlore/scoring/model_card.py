"""The model card: who the model is, for whom, how good, and what it must not be used for."""

from pathlore.keys import Method, Split
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.facts import Facts
from pathlore.scoring.familiarity import UNLIKE

SHOWN = ("auroc", "auprc", "balanced_accuracy", "accuracy", "mcc")
TOP = 10


def model_card(bundle: Bundle) -> str:
    """Write the card in Markdown, from the bundle's own facts."""
    facts = bundle.facts
    sections = [
        f"# {facts.cohort}: {' or '.join(facts.class_names)}, {facts.population}",
        _what(bundle),
        "## Made of\n\n" + _made_of(facts),
        "## Meant for\n\n" + _meant_for(facts),
        "## On held-out test cells\n\n" + _metrics(facts),
        "## Calibration\n\n" + _calibration(facts),
        "## Limits\n\n" + _limits(facts),
        f"## The {min(TOP, len(bundle.paths))} paths of highest importance\n\n" + _paths(bundle),
        "## Versions\n\n" + ", ".join(f"{name} {number}" for name, number in facts.versions.items()),
    ]
    return "\n\n".join(sections) + "\n"


def _what(bundle: Bundle) -> str:
    facts = bundle.facts
    return (
        f"A text-numeric graph transformer of pathlore {facts.pathlore} ({facts.model.readout} read-out"
        f"), written {facts.created}. It reads {len(bundle.model.genes):,} genes as {facts.expression}, and "
        f"{len(bundle.model.paths):,} signaling paths with their sentences (encoder {facts.encoder}), and says how "
        f"probable each class is in a cell.{_branches(bundle)}"
    )


def _branches(bundle: Bundle) -> str:
    stack = bundle.model.stack
    if stack is None:
        return " The prediction is that of the paths only."
    named = ", ".join(f"{name} {share:.0%}" for name, share in stack.shares.items())
    wide = f" (the branch wide reads {len(bundle.model.wide_genes):,} genes)" if bundle.model.wide_genes else ""
    return f" Weights of the branches in the prediction, chosen on {stack.chosen_on}: {named}{wide}."


def _made_of(facts: Facts) -> str:
    rows = []
    for split in Split.ALL:
        amounts = facts.splits[split]
        classes = ", ".join(f"{n:,} {name}" for name, n in amounts.per_class.items())
        donors = f"{len(amounts.donors)} donors" if amounts.donors else "donors not known"
        rows.append(f"| {split} | {amounts.cells:,} | {classes} | {donors} |")
    how = (
        "Whole donors were held out."
        if facts.split_by == "donor"
        else ("**The split is by cell: donors may be on both sides, so no metric below describes new donors.**")
    )
    table = "\n".join(["| split | cells | of class | of |", "|---|---|---|---|", *rows])
    return f"{table}\n\n{how} Genes of {facts.species}; values were taken as {facts.scale}."


def _meant_for(facts: Facts) -> str:
    kind = "all cells" if facts.population == "pooled" else f"cells of the type {facts.population}"
    return (
        f"Research on cells of the same tissue and technology: {kind}. The probability is that of the class label in "
        "this cohort, which a cell takes from its donor's condition. It is no diagnosis of a person, and a path that "
        "contributes to a class is not its cause."
    )


def _metrics(facts: Facts) -> str:
    blocks = []
    for level in ("cell", "donor"):
        chosen = [row for row in facts.metrics if row.level == level]
        if not chosen:
            continue
        rows = []
        for method in Method.ALL:
            values = {row.metric: row.value for row in chosen if row.method == method}
            if values:
                rows.append(f"| {method} | " + " | ".join(_number(values.get(name)) for name in SHOWN) + " |")
        head = [f"| {chosen[0].n:,} {level}s | " + " | ".join(SHOWN) + " |", "|---" * (len(SHOWN) + 1) + "|"]
        blocks.append("\n".join([*head, *rows]))
    return "\n\n".join(blocks) or "None were computed."


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _calibration(facts: Facts) -> str:
    found = facts.calibration
    if not found.n_cells:
        return f"Not calibrated: {found.note.removeprefix('none: ')}."
    of = "" if found.n_donors is None else f" of {found.n_donors} donors"
    bias = ", ".join(f"{value:+.2f}" for value in found.bias)
    return (
        f"Temperature {found.temperature:.3f}, bias {bias}; from {found.n_cells:,} cells{of}: {found.note}. Expected "
        f"calibration error on test cells {_number(found.error_before)} before and {_number(found.error_after)} after."
    )


def _limits(facts: Facts) -> str:
    limits = facts.limits
    inside = limits.range
    share = "" if inside.test_share is None else f" Of the held-out test cells {inside.test_share:.1%} are."
    return "\n".join(
        [
            f"- New cells must have measured {limits.min_coverage:.0%} of the genes on the paths, weighted by "
            "importance. The training mean replaces a missing gene.",
            f"- A cell is out of range if its mean squared z-score is above {inside.mean_squared_z:.3g}, or if it "
            f"expresses less than {inside.fewest_expressed:.1%} or more than {inside.most_expressed:.1%} of the "
            f"model's genes (quantile {inside.quantile:g} of the training cells).{share}",
            f'- A cell is called "{UNLIKE}" if its profile correlates with that of no class and type of the training '
            f"cells by {limits.familiarity:.2f} or more (2 % of held-out cells).",
            f"- A cell is called {facts.class_names[1]} from a calibrated probability of "
            f"{limits.decision_threshold:g} on."
            if len(facts.class_names) == 2
            else "- A cell is called what is most probable.",
            f"- Training dropped cells with fewer than {facts.quality.min_genes} genes or more than "
            f"{facts.quality.max_mitochondrial_percent:g} % mitochondrial counts; new ones are scored and marked.",
        ]
    )


def _paths(bundle: Bundle) -> str:
    top = bundle.paths.sort_values("rank").head(TOP)
    rows = [
        f"| {row.rank} | {row.route} | {row.pathway} | {row.importance:.3f} | {row.prior_rank} |"
        for row in top.itertuples()
    ]
    return "\n".join(["| rank | path | pathway | importance | rank by fold change |", "|---|---|---|---|---|", *rows])
