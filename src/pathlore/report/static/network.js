// The core network to point at: drawn by Cytoscape.js at the positions of the printed figure.

const SIGNS = { 1: "activates, transcribes", "-1": "inhibits, represses", 0: "sign not known" };
const networks = [];

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// From the colour of the control over the paper to that of the case, as in the printed figure.
function foldColour(value, widest) {
  if (value === undefined) return token("wash");
  const part = Math.min(1, Math.abs(value) / widest);
  return mixed(token(value < 0 ? "c0" : "c1"), token("card"), part);
}

function mixed(a, b, part) {
  const of = (colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  const [x, y] = [of(a), of(b)];
  return `#${x.map((one, place) => Math.round(one * part + y[place] * (1 - part)).toString(16).padStart(2, "0")).join("")}`;
}

function dark(colour) {
  const [r, g, b] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16) / 255);
  return 0.2126 * r ** 2.2 + 0.7152 * g ** 2.2 + 0.0722 * b ** 2.2 < 0.3;
}

function stepOf(data) {
  return literature.steps?.[data.kind]?.[`${data.source}>${data.target}`] ?? {};
}

// Waypoints as Cytoscape.js wants them: how far along the straight line, and how far beside it.
function segments(cy, data) {
  const [a, b] = [cy.getElementById(data.source).position(), cy.getElementById(data.target).position()];
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const places = data.waypoints.split(" ").map((pair) => pair.split(",").map(Number));
  return {
    weights: places.map(([x, y]) => ((x - a.x) * dx + (y - a.y) * dy) / length ** 2),
    distances: places.map(([x, y]) => ((x - a.x) * -dy + (y - a.y) * dx) / -length),
  };
}

function networkStyle(widest, most) {
  const ink = token("ink");
  const sign = { 1: mixed(ink, token("card"), 0.85), "-1": token("inhibits"), 0: token("soft") };
  return [
    { selector: "node", style: {
      label: "data(id)", shape: "round-rectangle", width: "data(width)", height: 24, "text-valign": "center", "font-size": 12, "font-weight": 600, "font-family": "sans-serif",
      "background-color": (node) => foldColour(node.data("log_fold_change"), widest), color: (node) => (dark(foldColour(node.data("log_fold_change"), widest)) ? "#ffffff" : "#16191d"),
      "border-width": 1, "border-color": token("soft") } },
    { selector: "edge", style: {
      width: (edge) => 1 + 3.6 * edge.data("importance") / most, "line-color": (edge) => sign[edge.data("sign")], "line-style": (edge) => (edge.data("sign") < 0 ? "dashed" : "solid"),
      "target-arrow-color": (edge) => sign[edge.data("sign")], "target-arrow-shape": (edge) => (edge.data("sign") < 0 ? "tee" : "triangle"), "arrow-scale": 0.8,
      "curve-style": "bezier", opacity: 0.85 } },
    { selector: "edge[waypoints]", style: { "curve-style": "round-segments", "segment-radii": 24, "edge-distances": "node-position",
      "segment-weights": (edge) => segments(edge.cy(), edge.data()).weights, "segment-distances": (edge) => segments(edge.cy(), edge.data()).distances } },
    { selector: ".faded", style: { opacity: 0.12 } },
    { selector: "edge.faded", style: { opacity: 0.06 } },
    { selector: ".near", style: { opacity: 1, "z-index": 9 } },
    { selector: "node.near, node:selected", style: { "border-width": 2.5, "border-color": token("accent") } },
  ];
}

function evidenceOf(element) {
  const data = element.data();
  if (element.isNode()) {
    const known = literature.genes?.[data.id];
    return [
      el("p", {}, el("b", {}, data.id), known?.name ? ` ${known.name}` : null),
      pairs([["Place", data.layer], ["Importance", number(data.importance)], ["Paths", data.n_paths], ["Log2 fold change", data.log_fold_change === undefined ? null : signed(data.log_fold_change)], ["Cells that express it", data.fraction_expressed === undefined ? null : FORMATS.share(data.fraction_expressed)]]),
      known?.text ? el("p", { class: "via" }, known.text) : null,
      el("p", {}, geneLinks(data.id)),
    ];
  }
  const known = stepOf(data);
  return [
    el("p", {}, el("b", {}, `${data.source} ${data.interaction ?? "acts on"} ${data.target}`)),
    pairs([["Importance", number(data.importance)], ["Paths", data.n_paths], ["Pathways", known.pathways?.join(", ")]]),
    el("ul", {}, stepEntry(data.kind, data.source, data.target, data.resources?.replaceAll(";", ", "))),
  ];
}

function legend(widest) {
  const [control, ...cases] = settings.classes;
  const ends = cases.length === 1 ? [`higher in ${control}`, `higher in ${cases[0]}`] : ["lower than in the other classes", "higher"];
  return el("p", { class: "legend" }, `Log2 fold change, −${number(widest, 2)} (${ends[0]})`, el("i", { "aria-hidden": "true" }), `+${number(widest, 2)} (${ends[1]})`);
}

function buildNetwork(host) {
  const content = JSON.parse(document.getElementById(`network-${host.dataset.network}`).textContent);
  const { nodes, edges } = content.elements;
  const widest = Math.max(0.1, ...nodes.map((node) => Math.abs(node.data.log_fold_change ?? 0)));
  const most = Math.max(1e-9, ...edges.map((edge) => edge.data.importance));
  const ys = nodes.map((node) => node.position.y);
  const canvas = el("div", { class: "canvas", role: "img", "aria-label": `Core network of ${nodes.length} genes and ${edges.length} steps; the table of paths lists the same steps` });
  canvas.style.height = `${Math.min(760, Math.max(320, Math.max(...ys) - Math.min(...ys) + 90))}px`;
  const told = el("aside", { class: "told", "aria-live": "polite" });
  const chosen = { least: 0, signs: new Set(["1", "-1", "0"]), pathway: "" };
  const rest = () => told.replaceChildren(el("p", { class: "via" }, "Point at a gene or a step for its evidence; click to keep it. Drag to move, scroll with Ctrl to zoom."));
  host.replaceChildren(filters(), el("div", { class: "stage" }, canvas, told), legend(widest));
  rest();
  const cy = cytoscape({ container: canvas, elements: { nodes, edges }, layout: { name: "preset", padding: 12 }, style: networkStyle(widest, most), minZoom: 0.2, maxZoom: 4, userZoomingEnabled: false, autounselectify: false });
  networks.push({ cy, style: () => networkStyle(widest, most) });
  canvas.addEventListener("wheel", (event) => cy.userZoomingEnabled(event.ctrlKey || event.metaKey), { capture: true, passive: true });
  let kept = null;
  const show = (element) => {
    told.replaceChildren(...evidenceOf(element).filter(Boolean));
    const near = element.isNode() ? element.closedNeighborhood() : element.union(element.connectedNodes());
    cy.elements().removeClass("near").not(near).addClass("faded");
    near.removeClass("faded").addClass("near");
  };
  const hide = () => { cy.elements().removeClass("near"); filter(); if (kept) show(kept); else rest(); };
  cy.on("mouseover", "node, edge", (event) => { if (!kept) show(event.target); });
  cy.on("mouseout", "node, edge", () => { if (!kept) hide(); });
  cy.on("tap", (event) => { kept = event.target === cy ? null : event.target; hide(); });

  function filter() {
    cy.edges().forEach((edge) => {
      const data = edge.data();
      const pass = data.importance >= chosen.least * most && chosen.signs.has(String(data.sign)) && (!chosen.pathway || (stepOf(data).pathways ?? []).includes(chosen.pathway));
      edge.toggleClass("faded", !pass);
    });
    cy.nodes().forEach((node) => { node.toggleClass("faded", node.degree() > 0 && node.connectedEdges().every((edge) => edge.hasClass("faded"))); });
  }

  function filters() {
    const level = el("input", { type: "range", min: "0", max: "100", value: "0", oninput: () => { chosen.least = Number(level.value) / 100; filter(); } });
    const signs = Object.entries(SIGNS).filter(([sign]) => edges.some((edge) => String(edge.data.sign) === sign)).map(([sign, name]) => {
      const box = el("input", { type: "checkbox", checked: true, onchange: () => { box.checked ? chosen.signs.add(sign) : chosen.signs.delete(sign); filter(); } });
      return el("label", { class: "check" }, box, name);
    });
    const named = [...new Set(edges.flatMap((edge) => stepOf(edge.data).pathways ?? []))].sort();
    const pathway = el("select", { onchange: () => { chosen.pathway = pathway.value; filter(); } }, el("option", { value: "" }, "All"), ...named.map((name) => el("option", { value: name }, name)));
    const owner = host.closest(".panel")?.dataset.name;
    const button = (name, onclick) => el("button", { type: "button", class: "quiet", onclick }, name);
    return el("div", { class: "tools" }, el("label", {}, "Least importance of a step", level), named.length > 1 ? el("label", {}, "Pathway", pathway) : null, ...signs,
      el("div", { class: "actions" }, button("Fit", () => cy.fit(undefined, 12)), button("+", () => cy.zoom({ level: cy.zoom() * 1.25, renderedPosition: { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 } })),
        button("−", () => cy.zoom({ level: cy.zoom() / 1.25, renderedPosition: { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 } })),
        button("Save as PNG", () => save(fileName(settings.cohort, owner, "core_network.png"), cy.png({ output: "blob", full: true, scale: 3, bg: token("card") }), "image/png")),
        button("Save as SVG", () => save(fileName(settings.cohort, owner, "core_network_shown.svg"), networkSvg(cy), "image/svg+xml"))));
  }
}

// What is shown, as an SVG file; faded elements are left out.
function networkSvg(cy) {
  const seen = cy.elements().not(".faded");
  const box = (seen.length ? seen : cy.elements()).boundingBox();
  const root = svgElement("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `${box.x1 - 10} ${box.y1 - 10} ${box.w + 20} ${box.h + 20}`, width: Math.round(box.w + 20), height: Math.round(box.h + 20), "font-family": "sans-serif", "font-size": 12, "font-weight": 600 });
  root.append(svgElement("rect", { x: box.x1 - 10, y: box.y1 - 10, width: box.w + 20, height: box.h + 20, fill: token("card") }));
  for (const edge of seen.edges()) {
    const points = [edge.sourceEndpoint(), ...(edge.data("waypoints") ? edge.data("waypoints").split(" ").map((pair) => { const [x, y] = pair.split(",").map(Number); return { x, y }; }) : []), edge.targetEndpoint()];
    const [last, end] = points.slice(-2);
    const turn = Math.atan2(end.y - last.y, end.x - last.x) * 180 / Math.PI;
    const colour = edge.style("line-color");
    root.append(svgElement("polyline", { points: points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "), fill: "none", stroke: colour, "stroke-width": edge.numericStyle("width").toFixed(2), ...(edge.data("sign") < 0 ? { "stroke-dasharray": "6 3" } : {}) }),
      svgElement("path", { d: edge.data("sign") < 0 ? "M0,-5 L0,5" : "M-8,-4 L0,0 L-8,4 z", transform: `translate(${end.x.toFixed(1)} ${end.y.toFixed(1)}) rotate(${turn.toFixed(1)})`, fill: colour, stroke: colour }));
  }
  for (const node of seen.nodes()) {
    const { x, y } = node.position();
    root.append(svgElement("rect", { x: x - node.width() / 2, y: y - 12, width: node.width(), height: 24, rx: 5, fill: node.style("background-color"), stroke: node.style("border-color") }),
      svgElement("text", { x, y: y + 4, "text-anchor": "middle", fill: node.style("color") }, node.id()));
  }
  return new XMLSerializer().serializeToString(root);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const { cy, style } of networks) cy.style(style()); });
