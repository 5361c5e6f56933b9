"""The pages of results: tables of several cohorts as CSV files, and Markdown pages written from these files."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from pathlore import __version__
from pathlore.errors import PathloreError
from pathlore.evaluation.recovery import ONE_COHORT
from pathlore.evaluation.report.effects import Effect, effect, gain_range, planted_effects, prediction_effects
from pathlore.evaluation.report.page import FEATURES, KNOWN, READING
from pathlore.evaluation.report.questions import DEFAULT, RANKED, variants_of
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import UNITS, known, listed, markdown_table, p_value, signed, spread
from pathlore.evaluation.report.short import known_table, planted_table, prediction_table
from pathlore.evaluation.report.tables import KINDS, SHOWN, TOP_PATHS, populations_of
from pathlore.evaluation.scores import shown_scores
from pathlore.files import atomic_file
from pathlore.keys import Method

COLUMNS = {
    "prediction": ("population", "split_by", "level", "variant", "kind", "axis", "metric", "mean", "sd", "n", "low",
                   "high", "interval", "difference", "difference_low", "difference_high", "p_t", "p_wilcoxon",
                   "p_adjusted"),
    "planted": ("scenario", "variant", "axis", "score", "metric", "mean", "sd", "n", "listed", "difference",
                "difference_low", "difference_high", "p_t", "wins", "compared"),
    "stability": ("population", "variant", "score", "over", "measure", "mean", "sd", "pairs", "paths", "dropped"),
    "significance": ("population", "path", "importance", "importance_sd", "rank", "selection_frequency",
                     "activity_auroc", "corrected", "null_mean", "p", "q"),
    "shape": ("population", "ranking", "feature", "spearman", "sd", "n"),
}  # fmt: skip
COLUMNS["known"] = COLUMNS["planted"]
"""What the CSV files keep of the evaluation's tables, beside the cohort."""

FIELDS = {"summary": "prediction", "recovery": "planted"}
"""Fields of `CohortResults` whose file has another name."""

ALONE = ("model", "baseline", "null")
"""Kinds of methods whose own figures are shown; those of ablations follow from their differences to the default."""


def condensed(cohorts: Sequence[CohortResults], measured: str, version: str = __version__) -> dict[str, pd.DataFrame]:
    """Collect what the pages show of several cohorts, rounded to three decimals.

    Parameters
    ----------
    cohorts
        As `read_results` returns them.
    measured, version
        Date and version of the evaluations.

    Returns
    -------
    Tables by name of their file, each with the column ``cohort`` first; those of new paths are counts, not paths.
    """
    tables: dict[str, list[pd.DataFrame]] = {}
    for results in cohorts:
        found = {
            "prediction": results.summary[results.summary["scenario"].isna() & results.summary["metric"].isin(SHOWN)],
            "planted": results.recovery, "known": results.known, "stability": results.stability,
            "significance": results.significance, "shape": results.shape,
        }  # fmt: skip
        if results.significance is not None:
            found["significance"] = results.significance.groupby("population", sort=False).head(TOP_PATHS)
        axes = results.summary.drop_duplicates("variant").set_index("variant")["axis"]
        for name in ("planted", "known"):
            if found[name] is not None:
                found[name] = found[name].assign(axis=found[name]["variant"].map(axes))
        own = {name: table.reindex(columns=COLUMNS[name]) for name, table in found.items() if table is not None}
        for name in {"planted", "known", "stability"} & set(own):
            own[name] = shown_scores(own[name])
        own |= _new_paths(results)
        own["cohorts"] = pd.DataFrame([{"version": version, "measured": measured, "caveat": results.caveat}])
        for name, table in own.items():
            table.insert(0, "cohort", results.name)
            tables.setdefault(name, []).append(table)
    return {name: pd.concat(parts, ignore_index=True).round(3) for name, parts in tables.items()}


def _new_paths(results: CohortResults) -> dict[str, pd.DataFrame]:
    """Count proposals and random paths that were kept, and keep the best ones."""
    found: dict[str, pd.DataFrame] = {}
    if results.discovery is not None:
        rows = []
        for population, own in results.discovery.groupby("population", sort=False):
            proposed, random = (own[own["origin"] == origin] for origin in ("proposed", "random"))
            kept, rest = proposed[proposed["kept"]], proposed[~proposed["kept"]]
            rows.append({
                "population": population, "proposed": len(proposed), "kept": len(kept), "random": len(random),
                "random_passed": int(random["passes"].sum()), "test_auroc_kept": kept["test_auroc"].mean(),
                "test_auroc_not_kept": rest["test_auroc"].mean(), "test_auroc_random": random["test_auroc"].mean(),
            })  # fmt: skip
        found["new_paths"] = pd.DataFrame(rows)
        best = results.discovery[results.discovery["kept"]].groupby("population", sort=False).head(TOP_PATHS)
        shown = ["population", "path", "pathway", "importance", "validation_auroc", "test_auroc", "score"]
        found["new_paths_kept"] = best[shown].copy()
    if results.withheld is not None:
        table = results.withheld
        found["withheld"] = pd.DataFrame([{
            "scenario": ", ".join(table["scenario"].unique()), "withheld": len(table), "found": table["rank"].count(),
            "median_rank": table["rank"].median(), "median_proposed": table["proposed"].median(),
            "kept": table["kept"].sum(), "kept_in_all": table["kept_in_all"].sum(), "proposed": table["proposed"].sum(),
            "random_passed": table["random_passed"].sum(), "random": table["random"].sum(),
            "nearest": table["nearest"].mean(),
        }])  # fmt: skip
    return found


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the CSV files of the pages.

    Raises
    ------
    PathloreError
        There are none.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise PathloreError(f"{folder}: found no CSV files; expected those of the pages of results: name the cohorts")
    return {path.stem: pd.read_csv(path, keep_default_na=False, na_values=[""]) for path in paths}


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> dict[str, pd.DataFrame]:
    """Write tables as CSV files, in the place of the rows that these cohorts have there; return the whole tables."""
    folder.mkdir(parents=True, exist_ok=True)
    old = read_tables(folder) if any(folder.glob("*.csv")) else {}
    cohorts = set(tables["cohorts"]["cohort"])
    whole = {}
    for name in old | dict(tables):
        parts = [old[name][~old[name]["cohort"].isin(cohorts)]] if name in old else []
        parts += [tables[name]] if name in tables else []
        whole[name] = pd.concat([part for part in parts if len(part)], ignore_index=True)
        buffer = io.StringIO()
        whole[name].to_csv(buffer, index=False, lineterminator="\n")
        with atomic_file(folder / f"{name}.csv") as partial:
            partial.write_text(buffer.getvalue(), encoding="utf-8")
    return read_tables(folder)


def results_pages(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Write the pages of results.

    Parameters
    ----------
    tables
        Of `condensed` or `read_tables`.

    Returns
    -------
    Markdown by path below the folder of the documentation. Every number and verdict comes from the tables.
    """
    cohorts = [_restored(tables, name) for name in tables["cohorts"]["cohort"]]
    names = [results.name for results in cohorts]
    origin = _origin(tables["cohorts"])
    planted, ranked = tables.get("planted"), [tables[name] for name in ("planted", "known") if name in tables]
    commands = [f"kedro run --pipeline evaluation --env {name}" for name in names]
    shell = ["```bash", *commands, f"python -m pathlore.evaluation.report {' '.join(names)} --measured DATE", "```"]
    first = [
        "# Results",
        "Simulated and published cohorts of two classes. Experiments with a known ligand have "
        "[their own page](real-truth.md); [Evaluation](evaluation.md) explains methods, variants and tests.",
        "These commands make the figures. The last one writes the CSV files and the pages; a test compares both.",
        "\n".join(shell), origin, READING,
        "## Prediction", prediction_table(cohorts), "[All methods](results/prediction.md).",
        "## Planted paths", planted_table(cohorts), "[All methods and scenarios](results/planted.md).",
        "## Known biology", KNOWN, known_table(cohorts),
        "## Effect of each part of the model", worth_table(cohorts),
        "AUROC of the default minus AUROC of its variants (range). [All differences](results/ablations.md).",
        "## Rankings", "[Stability of rankings, the most important paths against permuted labels, new paths, influence "
        "of the shape of the network](results/rankings.md).",
        "## Limits of each cohort", listed(_limits(cohorts)),
    ]  # fmt: skip
    head = f"{{}}\n\n{origin} The commands, and how to read the tables: [Results](../results.md). All figures: {{}}."
    return {
        "results.md": _page(first),
        "results/prediction.md": _page([
            head.format("# Prediction by all methods", _files("prediction")),
            "AUROC, mean ± standard deviation over repeats. The file also has AUPR, balanced accuracy, MCC "
            "and the ablations, whose differences to the default are in [Ablations](ablations.md).",
            "## Test cells and test donors", methods_table(cohorts, ("cell", "donor")),
            "## Within cell types, and by the paths alone",
            "Within cell types: mean over the types of a cohort. By the paths alone: without the branches on genes.",
            methods_table(cohorts, ("cell_within_type", "paths_alone")),
            "## The default minus baselines and nulls", "Test cells; in brackets the 95 % interval and the adjusted p.",
            difference_table(cohorts, ALONE[1:], "cell"),
        ]),
        "results/planted.md": _page([
            head.format("# Planted paths and known biology", _files("planted", "known")),
            "## Scenarios",
            "AUROC of the planted paths, mean ± standard deviation (number of simulated cohorts). The file also has "
            "AUPR and precision at 10.",
            "Not run." if planted is None else scenarios_table(planted),
            "## One cohort, split repeatedly",
            f"AUROC / AUPR / precision at 10 of planted paths, or of known paths. {KNOWN}",
            ranking_table(pd.concat(ranked).query("scenario == @ONE_COHORT")) if ranked else "Not run.",
        ]),
        "results/ablations.md": _page([
            head.format("# The default minus its variants", _files("prediction", "planted")),
            "AUROC of the default minus AUROC of the variant: above 0, the default is better. In brackets: 95 % "
            "interval, adjusted p.",
            "## Test cells", ablation_table(cohorts, "cell"), donor_sentence(cohorts),
            "## Test cells, by the paths alone", ablation_table(cohorts, "paths_alone"),
            "## Planted paths", planted_ablations(cohorts),
        ]),
        "results/rankings.md": _page([
            head.format("# Rankings of paths: stability, significance, new paths",
                        _files("stability", "significance", "new_paths", "new_paths_kept", "withheld", "shape")),
            "## Stability", "Spearman correlation / overlap of the top 10 between rankings of repeated fits.",
            stability_pivot(tables["stability"], cohorts) if "stability" in tables else "Not run.",
            "## The most important paths, against permuted labels",
            "Mean importance over repeats, mean rank, frequency in the top 10, AUROC of the path's activity alone, "
            "importance corrected for the shape of the network, mean importance with permuted labels, p, q.",
            *(_significance(tables["significance"]) if "significance" in tables else ["Not run."]),
            "## Paths that are not on the list",
            "Proposed paths, and random paths that the same rules would keep (false discoveries); AUROC of single "
            "paths on test cells, which chose none.",
            *_discovery(tables),
            "## Influence of the shape of the network",
            "Spearman correlation of rankings with properties of a path: where every gene separates the classes "
            "(`deterministic`), as it is, and corrected by the former.",
            shape_table(tables["shape"]) if "shape" in tables else "Not run.",
        ]),
    }  # fmt: skip


def _page(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _files(*names: str) -> str:
    return ", ".join(f"[{name}.csv]({name}.csv)" for name in names)


def _origin(cohorts: pd.DataFrame) -> str:
    """Say with which version and when each cohort was measured."""
    groups = cohorts.groupby(["version", "measured"], sort=False)["cohort"]
    return " ".join(
        f"Measured with version {version} on {measured}: {', '.join(names)}." for (version, measured), names in groups
    )


def _restored(tables: Mapping[str, pd.DataFrame], name: str) -> CohortResults:
    """Rows of a cohort, as the tables of one evaluation."""
    own = {key: table[table["cohort"] == name] for key, table in tables.items()}
    fields = {key: own.get(FIELDS.get(key, key)) for key in ("recovery", "known", "stability", "shape")}
    summary = own["prediction"].assign(scenario=float("nan"))
    if fields["recovery"] is not None:
        fields["recovery"] = (
            fields["recovery"].fillna({"wins": 0, "compared": 0}).astype({"wins": int, "compared": int})
        )
        simulated = fields["recovery"][["scenario", "variant", "axis"]].drop_duplicates()
        summary = pd.concat([summary, simulated], ignore_index=True)  # variants that are run in scenarios only
    return CohortResults(name, summary, **fields, caveat=own["cohorts"]["caveat"].fillna("").iloc[0])


def _limits(cohorts: Sequence[CohortResults]) -> list[str]:
    """Say how each cohort was split, why an interval is missing, and its caveat."""
    lines = []
    for results in cohorts:
        rows = results.summary[(results.summary["metric"] == "auroc") & (results.summary["level"] == "cell")]
        row = rows[rows["variant"] == Method.MODEL].iloc[0]
        split = {"donor": "donors of test cells trained nothing", "cell": "donors of test cells also trained"}
        said = f"**{results.name}**: {row['n']:.0f} repeats, split by {row['split_by']}"
        said += f" ({split[row['split_by']]})" if row["split_by"] in split else ""
        said += f"; intervals: {row['interval']}." if known(row["low"]) else f"; no interval ({row['interval']})."
        lines.append(f"{said} {results.caveat}".strip())
    return lines


def worth_table(cohorts: Sequence[CohortResults]) -> str:
    """Count, for each part of the model, in how many comparisons the default is better, worse, or neither is shown."""
    rows = []
    for axis, what in DEFAULT.items():
        predicted, planted = [], []
        for results in cohorts:
            predicted += prediction_effects(results, variants_of(results, axis), "cell")
            planted += planted_effects(results, variants_of(results, axis))
        if predicted or planted:
            row = {"part": axis.replace("_", " "), "default": what}
            rows.append(row | {"test cells": _counted(predicted), "planted paths": _counted(planted)})
    return markdown_table(pd.DataFrame(rows)) if rows else "Not run."


def _counted(effects: Sequence[Effect]) -> str:
    judged = [one for one in effects if one.judged]
    void = sum(one.void for one in effects)
    if not judged:
        return f"void in {void}" if void else "-"
    better = sum(one.shown and one.gain > 0 for one in judged)
    worse = sum(one.shown and one.gain < 0 for one in judged)
    said = [f"**better in {better}**"] if better else []
    said += [f"**worse in {worse}**"] if worse else []
    rest = len(judged) - better - worse
    said += [f"{'not shown' if said else 'no effect shown'} in {rest}"] if rest else []
    said[-1] += f" ({gain_range(judged)})"
    return ", ".join([*said, f"void in {void}"] if void else said)


Where = tuple[CohortResults, str, str]
"""Cohort, population and level."""


def _places(cohorts: Sequence[CohortResults], levels: Sequence[str]) -> list[tuple[Where, str]]:
    """Columns of a table, with their headings."""
    found = []
    for results in cohorts:
        several = len(populations_of(results)) > 1
        for population in populations_of(results):
            own = results.summary[results.summary["population"] == population]
            for level in levels:
                if level in set(own["level"]):
                    name = f"{results.name}, {population}" if several else results.name
                    heading = f"{name}, {UNITS[level].removeprefix('test cells, ')}"
                    found.append(((results, population, level), heading))
    return found


def _ordered(cohorts: Sequence[CohortResults], kinds: Sequence[str] = tuple(KINDS)) -> pd.DataFrame:
    """Methods with kind and axis: the default, models, ablations by axis, baselines, nulls."""
    rows = pd.concat([results.summary[["variant", "kind", "axis"]] for results in cohorts], ignore_index=True)
    rows = rows[rows["kind"].isin(kinds)].drop_duplicates("variant").assign(axis=lambda table: table["axis"].fillna(""))
    rows = rows.assign(first=rows["variant"] != Method.MODEL, place=rows["kind"].map(KINDS))
    return rows.sort_values(["first", "place", "axis"], kind="stable")


def _auroc(results: CohortResults, population: str, level: str) -> pd.DataFrame:
    table = results.summary
    rows = table[(table["population"] == population) & (table["level"] == level) & (table["metric"] == "auroc")]
    return rows.set_index("variant", drop=False)


def methods_table(cohorts: Sequence[CohortResults], levels: Sequence[str]) -> str:
    """AUROC of every method, one column for each cohort and level."""
    places = [(heading, _auroc(*where)) for where, heading in _places(cohorts, levels)]
    lines = []
    for row in _ordered(cohorts, ALONE).itertuples(index=False):
        cells = {heading: _mean(own.loc[row.variant]) if row.variant in own.index else "-" for heading, own in places}
        if set(cells.values()) != {"-"}:
            lines.append({"method": f"`{row.variant}`", "kind": row.kind} | cells)
    return markdown_table(pd.DataFrame(lines))


def _mean(row: pd.Series) -> str:
    return f"{row['mean']:.3f} ± {row['sd']:.3f}" if known(row["sd"]) else f"{row['mean']:.3f}"


def difference_table(cohorts: Sequence[CohortResults], kinds: Sequence[str], level: str) -> str:
    """The default's AUROC minus that of other methods."""
    places = [(heading.split(",")[0], _auroc(*where)) for where, heading in _places(cohorts, (level,))]
    lines = []
    for name in _ordered(cohorts, kinds)["variant"]:
        cells = {}
        for heading, own in places:
            found = name in own.index and known(own.loc[name, "difference"])
            cells[heading] = str(effect(heading, level, own.loc[name], "p_adjusted")) if found else "-"
        lines.append({"method": f"`{name}`"} | cells)
    return markdown_table(pd.DataFrame(lines))


def ablation_table(cohorts: Sequence[CohortResults], level: str) -> str:
    """The default's AUROC minus that of each variant of the model, by the part that it changes."""
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for axis in DEFAULT:
        for results in cohorts:
            for one in prediction_effects(results, variants_of(results, axis), level):
                lines.setdefault((axis, one.variant), {})[one.cohort] = str(one)
    headings = list(dict.fromkeys(name for row in lines.values() for name in row))
    return markdown_table(pd.DataFrame([
        {"part": axis.replace("_", " "), "variant": f"`{variant}`"} | {name: row.get(name, "-") for name in headings}
        for (axis, variant), row in lines.items()
    ]))  # fmt: skip


def donor_sentence(cohorts: Sequence[CohortResults]) -> str:
    """Name the differences of test donors' AUROC that are not zero."""
    effects = [
        one for results in cohorts for axis in DEFAULT
        for one in prediction_effects(results, variants_of(results, axis), "donor")
    ]  # fmt: skip
    other = [f"{one.cohort} `{one.variant}` {one}" for one in effects if signed(one.gain) != "0.000"]
    if not effects:
        return ""
    said = f"; the others: {', '.join(other)}" if other else ""
    same = len(effects) - len(other)
    return f"AUROC of test donors: the difference is 0.000 in {same} of {len(effects)} comparisons{said}."


def planted_ablations(cohorts: Sequence[CohortResults]) -> str:
    """The default's AUROC of planted paths minus that of each variant."""
    lines = [
        {"part": axis.replace("_", " "), "variant": f"`{one.variant}`", "cohort": one.cohort,
         "scenario": one.place.removeprefix("scenario "), "difference": str(one)}
        for axis in DEFAULT for results in cohorts
        for one in planted_effects(results, variants_of(results, axis))
    ]  # fmt: skip
    return markdown_table(pd.DataFrame(lines)) if lines else "Not run."


def scenarios_table(planted: pd.DataFrame) -> str:
    """AUROC of every ranking in every scenario."""
    rows = planted[(planted["metric"] == "auroc") & (planted["scenario"] != ONE_COHORT)]
    rows = rows.assign(cell=[spread(*row) for row in rows[["mean", "sd", "n"]].itertuples(index=False)])
    table = rows.pivot_table(index=["variant", "score"], columns="scenario", values="cell", aggfunc="first", sort=False)
    table = table.reindex(columns=list(dict.fromkeys(rows["scenario"]))).fillna("-").reset_index()
    table["variant"] = [f"`{name}`" for name in table["variant"]]
    table.columns = ["method", *[name.replace("_", " ") for name in table.columns[1:]]]
    return markdown_table(table)


def ranking_table(rows: pd.DataFrame) -> str:
    """Three metrics of every ranking, one column for each cohort."""
    if rows.empty:
        return "Not run."
    means = rows.pivot_table(index=["variant", "score", "cohort"], columns="metric", values="mean", sort=False)
    cells = means[["auroc", "aupr", "precision_at_10"]].apply(lambda row: " / ".join(row.map("{:.3f}".format)), axis=1)
    table = cells.unstack("cohort", sort=False).fillna("-").reset_index()  # noqa: PD010
    table["variant"] = [f"`{name}`" for name in table["variant"]]
    return markdown_table(table.rename(columns={"variant": "method"}))


def stability_pivot(stability: pd.DataFrame, cohorts: Sequence[CohortResults]) -> str:
    """Agreement of rankings, one column for each cohort; variants of parts that change no ranking are left out."""
    ablations = _ordered(cohorts, ("ablation",))
    left_out = set(ablations.loc[~ablations["axis"].isin(RANKED), "variant"])
    rows = stability[~stability["variant"].isin(left_out)]
    rows = rows[rows["measure"].isin(["spearman", "overlap_top_10"])]
    means = rows.pivot_table(
        index=["variant", "score", "over", "cohort"], columns="measure", values="mean", dropna=False, sort=False
    ).dropna(how="all")
    cells = means.apply(lambda row: f"{row['spearman']:.3f} / {row['overlap_top_10']:.3f}", axis=1)
    names = [results.name for results in cohorts if results.name in set(rows["cohort"])]
    table = cells.unstack("cohort", sort=False).reindex(columns=names).fillna("-").reset_index()  # noqa: PD010
    table["variant"] = [f"`{name}`" for name in table["variant"]]
    return markdown_table(table.rename(columns={"variant": "method"}))


def _significance(table: pd.DataFrame) -> list[str]:
    parts = []
    for (cohort, population), rows in table.groupby(["cohort", "population"], sort=False):
        shown = pd.DataFrame({
            "path": rows["path"], "importance": rows["importance"], "rank": rows["rank"].map("{:.1f}".format),
            "top 10": rows["selection_frequency"], "alone": rows["activity_auroc"], "corrected": rows["corrected"],
            "permuted": rows["null_mean"], "p": rows["p"].map(p_value), "q": rows["q"].map(p_value),
        })  # fmt: skip
        parts += [f"{cohort}, {population}:", markdown_table(shown)]
    return parts


def _discovery(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    if "new_paths" not in tables:
        return ["Not run."]
    counts = tables["new_paths"]
    shown = pd.DataFrame({
        "cohort": counts["cohort"], "proposed paths kept": _of(counts["kept"], counts["proposed"]),
        "random paths kept": _of(counts["random_passed"], counts["random"]),
        "AUROC of kept": counts["test_auroc_kept"], "of not kept": counts["test_auroc_not_kept"],
        "of random": counts["test_auroc_random"],
    })  # fmt: skip
    parts = [markdown_table(shown)]
    for row in tables.get("withheld", pd.DataFrame()).itertuples(index=False):
        parts.append(
            f"{row.cohort}, scenario {row.scenario}: {row.withheld:.0f} planted paths were each taken off the list of "
            f"their own cohort. {row.found:.0f} were proposed (median rank {row.median_rank:.0f} of "
            f"{row.median_proposed:.0f}), {row.kept:.0f} kept. In all, {row.kept_in_all:.0f} of {row.proposed:.0f} "
            f"proposals and {row.random_passed:.0f} of {row.random:.0f} random paths were kept. The nearest proposal "
            f"shares {row.nearest:.2f} of its genes with the path that was withheld (mean Jaccard index)."
        )
    kept = tables.get("new_paths_kept", pd.DataFrame())
    if len(kept):
        headings = {"validation_auroc": "alone, validation", "test_auroc": "alone, test"}
        table = kept.drop(columns="population").astype({"pathway": object}).fillna({"pathway": "-"})
        parts.append(markdown_table(table.rename(columns=headings)))
    return parts


def _of(part: pd.Series, whole: pd.Series) -> list[str]:
    return [f"{one} of {of}" for one, of in zip(part, whole, strict=True)]


def shape_table(shape: pd.DataFrame) -> str:
    """Correlation of rankings with properties of a path, by cohort."""
    rows = shape.dropna(subset=["spearman"])
    rows = rows.assign(cell=[
        f"{signed(row.spearman)} ± {row.sd:.3f}" if known(row.sd) else signed(row.spearman)
        for row in rows.itertuples(index=False)
    ])  # fmt: skip
    table = rows.pivot_table(index=["cohort", "feature"], columns="ranking", values="cell", aggfunc="first", sort=False)
    table = table.reset_index().fillna("-")
    table["feature"] = table["feature"].map(FEATURES)
    return markdown_table(table.rename(columns={"feature": "property"}))
