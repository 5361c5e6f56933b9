// What stands behind a row: opened under it.

function part(title, ...children) {
  return el("section", {}, el("h5", {}, title), ...children);
}

function pairs(rows) {
  const filled = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return filled.length ? el("dl", {}, ...filled.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])) : null;
}

// "GENE +0.50; ..." -> Map of gene to text.
function byGene(text) {
  return new Map((text ?? "").split(";").map((one) => one.trim()).filter(Boolean).map((one) => {
    const cut = one.lastIndexOf(" ");
    return [one.slice(0, cut), one.slice(cut + 1)];
  }));
}

function change(text) {
  const value = Number(text);
  if (text === undefined || Number.isNaN(value)) return el("span", { class: "none" }, text ?? "–");
  const filled = el("i");
  const width = Math.min(50, 50 * Math.abs(value) / 3);
  filled.style.width = `${width}%`;
  filled.style.left = `${value < 0 ? 50 - width : 50}%`;
  filled.style.background = settings.classes.length === 2 ? classColour(settings.classes[value < 0 ? 0 : 1]) : "var(--soft)";
  return el("span", {}, text.replace("-", "−"), el("span", { class: "change", "aria-hidden": "true" }, filled));
}

function genesIn(table, row) {
  return String(table.value(row, "path") ?? "").split(">");
}

function genesOf(table, row) {
  const changes = byGene(table.value(row, "log_fold_change"));
  const shares = byGene(table.value(row, "fraction_expressed"));
  const donors = byGene(table.value(row, "donors_expressing"));
  const arrows = new Map((table.value(row, "gene_effects") ?? "").split(";").map((one) => one.trim().split(" ")).map(([gene, ...rest]) => [gene, rest.join(" ")]));
  const genes = genesIn(table, row);
  const head = ["Gene", "Arrow (t)", "Log2 fold change", "Cells", ...(donors.size ? ["Donors"] : [])];
  const body = genes.map((gene) => {
    const share = shares.get(gene);
    const cells = [(arrows.get(gene) ?? "–").replace("-", "−"), change(changes.get(gene)), share === undefined ? "–" : `${Math.round(100 * Number(share))} %`];
    if (donors.size) cells.push(donors.get(gene) ?? "–");
    return el("tr", {}, el("th", { scope: "row", class: "gene" }, gene), ...cells.map((cell) => el("td", {}, cell)));
  });
  return el("table", {}, el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, ...body));
}

const indices = new Map();

// Rows of another table of the same population that speak of the path.
function rowsOf(table, name, path) {
  const other = tableOf(table.id.replace(/-.*/, `-${name}`));
  if (!other) return [null, []];
  if (!indices.has(other.id)) {
    const index = new Map();
    for (let row = 0; row < other.n; row += 1) {
      const key = other.value(row, "path");
      if (!index.has(key)) index.set(key, []);
      index.get(key).push(row);
    }
    indices.set(other.id, index);
  }
  return [other, indices.get(other.id).get(path) ?? []];
}

// One dot for each donor, a line for each class.
function strip(activity, rows, signModel) {
  const points = rows.map((row) => ({ donor: activity.value(row, "donor"), of: activity.value(row, "condition"), cells: activity.value(row, "n_cells"), value: activity.value(row, signModel) })).filter((point) => point.value !== null);
  const classes = [...new Set([...settings.classes, ...points.map((point) => point.of)])].filter((name) => points.some((point) => point.of === name));
  const values = points.map((point) => point.value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const place = (value) => 118 + 270 * (value - low) / (high - low || 1);
  const height = 26 * classes.length + 18;
  const made = svgElement("svg", { class: "strip", viewBox: `0 0 400 ${height}`, role: "img", "aria-label": `Activity of ${points.length} donors by class` });
  made.append(svgElement("line", { x1: place(0), x2: place(0), y1: 4, y2: height - 16 }), svgElement("text", { x: place(0), y: height - 4, "text-anchor": "middle" }, "0"));
  classes.forEach((name, line) => {
    const y = 16 + 26 * line;
    made.append(svgElement("text", { x: 100, y: y + 4, "text-anchor": "end" }, name.length > 16 ? `${name.slice(0, 15)}…` : name), svgElement("line", { x1: 110, x2: 396, y1: y, y2: y }));
    for (const point of points.filter((one) => one.of === name)) {
      const circle = svgElement("circle", { cx: place(point.value), cy: y, r: 5, "fill-opacity": 0.75 }, svgElement("title", {}, `${point.donor}: ${signed(point.value)}, ${point.cells} cells`));
      circle.style.fill = classColour(name);
      made.append(circle);
    }
  });
  return made;
}

function donorsOf(table, row) {
  const path = table.value(row, "path");
  const [tests, tested] = rowsOf(table, "donor_tests", path);
  const [activity, active] = rowsOf(table, "donor_activity", path);
  if (!tested.length && !active.length) return null;
  const signModel = tested.length && tests.value(tested[0], "sign_model") === "edge_signs" ? "edge_signs" : "coherent";
  const said = tested.map((one) => {
    const p = tests.value(one, "p");
    const judged = p === null ? "no p" : `p ${probability(p)}, q ${probability(tests.value(one, "q") ?? 1)}`;
    return el("p", {}, `${tested.length > 1 ? `${tests.value(one, "comparison")}, ` : ""}${tests.value(one, "n_donors")}: least changed gene t ${signed(tests.value(one, "smallest_t") ?? 0)}, ${judged}. ${tests.value(one, "note") ?? ""}`);
  });
  return part(`Donors (mean z, ${signModel.replace("_", " ")})`, active.length ? strip(activity, active, signModel) : null, ...said);
}

function checksOf(table, row) {
  const path = table.value(row, "path");
  const [coherence, known] = rowsOf(table, "coherence", path);
  const [ablation, away] = rowsOf(table, "ablation", path);
  const spread = table.value(row, "rank_sd");
  const listed = pairs([
    ["Rank over refits", spread === null ? null : `${number(table.value(row, "rank_mean"))} ± ${number(spread)} (${table.value(row, "refits")} fits)`],
    ["Rank by ablation", away.length ? `${ablation.value(away[0], "rank_ablation")}, loss ${signed(ablation.value(away[0], "loss_increase"))}` : null],
    ["Coherence", known.length ? `${Math.round(100 * coherence.value(known[0], "coherence"))} % of gene pairs` : null],
    ["Sets it shares", known.length ? FORMATS.list(coherence.value(known[0], "sets") ?? "–") : null],
  ]);
  return listed && part("Cross-checks", listed);
}

function everything(table, row) {
  return [el("div", { class: "whole" }, pairs(table.columns.map((column) => {
    const value = table.value(row, column.key);
    return [column.label, value === null ? null : FORMATS[column.format](value)];
  })))];
}

// A line between cells: the references of its first step, and what is written about ligand and receptor.
function pairWritten(table, row) {
  const ligands = table.value(row, "ligand").split("_");
  const receptors = table.value(row, "receptor").split("_");
  const steps = ligands.flatMap((ligand) => receptors.map((receptor) => [ligand, receptor])).filter(([ligand, receptor]) => literature.steps?.ligand_receptor?.[`${ligand}>${receptor}`]);
  return [
    steps.length ? part("Ligand and receptor", el("ul", {}, ...steps.map(([ligand, receptor]) => stepEntry("ligand_receptor", ligand, receptor)))) : null,
    literature.genes ? el("div", { class: "whole written texts" }, ...ligands.map((gene) => geneEntry(gene, "ligand")), ...receptors.map((gene) => geneEntry(gene, "receptor"))) : null,
  ];
}

const DETAILS = {
  path_importance: (table, row) => [
    el("div", { class: "whole" }, el("h5", {}, "The sentence that the text encoder read"), el("p", { class: "sentence" }, sentenceOf(table.value(row, "sentence") ?? "", genesIn(table, row)))),
    part("Genes", genesOf(table, row)),
    part("Steps and their references", stepsWritten(genesIn(table, row), String(table.value(row, "sources") ?? "").split(" | "))),
    donorsOf(table, row),
    checksOf(table, row),
    pathwayWritten(table.value(row, "pathway")),
    genesWritten(genesIn(table, row)),
  ],
  proposed_paths: (table, row) => [
    part("Steps and their references", stepsWritten(genesIn(table, row))),
    pathwayWritten(table.value(row, "pathway")),
    genesWritten(genesIn(table, row)),
  ],
  active_receptors: receptorWritten,
  enrichment: everything,
  cell_communication: (table, row) => [...everything(table, row), ...pairWritten(table, row)],
  evaluation: everything,
};
