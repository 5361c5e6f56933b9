// Signals between populations to point at: one node for each, one edge for each pair of sender and receiver.

const FIRST_INTERACTIONS = 8;

function pairsOf(table, chosen) {
  const found = new Map();
  for (let row = 0; row < table.n; row += 1) {
    const score = table.value(row, "score");
    if (score < chosen.least || (chosen.concordant && !table.value(row, "concordant")) || (chosen.significant && !(table.value(row, "q") < 0.05))) continue;
    const [sender, receiver] = [table.value(row, "sender"), table.value(row, "receiver")];
    const key = JSON.stringify([sender, receiver]);
    if (!found.has(key)) found.set(key, { sender, receiver, score: 0, rows: [] });
    found.get(key).score += score;
    found.get(key).rows.push(row);
  }
  return [...found.values()];
}

function interactionOf(table, row) {
  const [ligand, receptor] = [table.value(row, "ligand"), table.value(row, "receptor")];
  const references = table.value(row, "references");
  return el("li", {}, el("b", {}, `${ligand} → ${receptor}`), ` score ${number(table.value(row, "score"), 2)}, ligand ${signed(table.value(row, "ligand_log_fold_change"))}`,
    references ? el("div", { class: "references" }, ...joined(references.split(";").slice(0, 4).map((one) => (/^PMID:\d+$/.test(one) ? pubmed(one.slice(5)) : one)))) : null);
}

function communicationStyle(most) {
  return [
    { selector: "node", style: { label: "data(name)", shape: "ellipse", width: 26, height: 26, "background-color": token("accent"), color: token("ink"), "font-size": 12, "font-family": "sans-serif", "text-valign": "bottom", "text-margin-y": 4 } },
    { selector: "edge", style: { width: (edge) => 1 + 6 * edge.data("score") / most, "line-color": token("soft"), "target-arrow-color": token("soft"), "target-arrow-shape": "triangle", "curve-style": "bezier", "control-point-step-size": 44, opacity: 0.7, "arrow-scale": 0.9 } },
    { selector: ".faded", style: { opacity: 0.1 } },
    { selector: "edge.near", style: { "line-color": token("accent"), "target-arrow-color": token("accent"), opacity: 1 } },
  ];
}

function buildCommunication(host) {
  const table = tableOf("run-cell_communication");
  const chosen = { least: 0, concordant: false, significant: false };
  const canvas = el("div", { class: "canvas", role: "img", "aria-label": "Populations and their signals; the table below lists the same interactions" });
  canvas.style.height = "440px";
  const told = el("aside", { class: "told", "aria-live": "polite" });
  const rest = () => told.replaceChildren(el("p", { class: "via" }, "Point at an arrow for its strongest interactions; click to keep it."));
  const names = [...new Set(Array.from({ length: table.n }, (_, row) => [table.value(row, "sender"), table.value(row, "receiver")]).flat())].sort();
  const highest = Math.max(...Array.from({ length: table.n }, (_, row) => table.value(row, "score")));
  const ids = new Map(names.map((name, place) => [name, `n${place}`]));
  host.replaceChildren(filters(), el("div", { class: "stage" }, canvas, told));
  const cy = cytoscape({ container: canvas, elements: names.map((name) => ({ data: { id: ids.get(name), name } })), layout: { name: "circle", padding: 30 }, userZoomingEnabled: false });
  let kept = null;
  fill();
  networks.push({ cy, style: () => communicationStyle(Math.max(1e-9, ...cy.edges().map((edge) => edge.data("score")))) });
  cy.on("mouseover", "edge", (event) => { if (!kept) show(event.target); });
  cy.on("mouseout", "edge", () => { if (!kept) hide(); });
  cy.on("tap", (event) => { kept = event.target === cy || event.target.isNode() ? null : event.target; kept ? show(kept) : hide(); });

  function show(edge) {
    const { sender, receiver, rows, score } = edge.data();
    told.replaceChildren(el("p", {}, el("b", {}, `${sender} → ${receiver}`)), el("p", { class: "via" }, `${rows.length} interactions, summed score ${number(score)}`),
      el("ul", {}, ...rows.slice(0, FIRST_INTERACTIONS).map((row) => interactionOf(table, row))));
    cy.edges().removeClass("near").not(edge).addClass("faded");
    edge.removeClass("faded").addClass("near");
  }

  function hide() { cy.edges().removeClass("near faded"); rest(); }

  function fill() {
    kept = null;
    cy.edges().remove();
    cy.add(pairsOf(table, chosen).map((pair) => ({ data: { ...pair, source: ids.get(pair.sender), target: ids.get(pair.receiver) } })));
    cy.style(communicationStyle(Math.max(1e-9, ...cy.edges().map((edge) => edge.data("score")))));
    rest();
  }

  function filters() {
    const level = el("input", { type: "range", min: "0", max: "100", value: "0", oninput: () => { chosen.least = highest * Number(level.value) / 100; fill(); } });
    const check = (name, key) => { const box = el("input", { type: "checkbox", onchange: () => { chosen[key] = box.checked; fill(); } }); return el("label", { class: "check" }, box, name); };
    return el("div", { class: "tools" }, el("label", {}, "Least score of an interaction", level), check("concordant only", "concordant"), check("q of change below 0.05", "significant"),
      el("div", { class: "actions" }, el("button", { type: "button", class: "quiet", onclick: () => save(fileName(settings.cohort, "cell_communication.png"), cy.png({ output: "blob", full: true, scale: 3, bg: token("card") }), "image/png") }, "Save as PNG")));
  }
}
