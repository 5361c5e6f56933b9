// Tabs, tables that are built when their population is chosen, downloads, and what print needs.

const built = new WeakSet();

function buildIn(part) {
  for (const host of part.querySelectorAll("[data-table]")) {
    if (built.has(host) || host.closest("[hidden]")) continue;
    built.add(host);
    buildTable(host);
  }
  for (const host of part.querySelectorAll("[data-network]")) {
    if (built.has(host) || host.closest("[hidden]")) continue;
    built.add(host);
    buildNetwork(host);
  }
  for (const host of part.querySelectorAll("[data-communication]")) {
    if (built.has(host)) continue;
    built.add(host);
    buildCommunication(host);
  }
}

const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", String(chosen));
    one.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(one.getAttribute("aria-controls"));
    panel.hidden = !chosen;
    if (chosen) buildIn(panel);
  }
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
}
if (tabs.length) choose(tabs[0]);
buildIn(document);

function saveFigure(button) {
  const figure = button.closest("figure").querySelector("svg");
  const owner = button.closest(".panel")?.dataset.name;
  const name = button.dataset.svg.replace(/^[^-]*-/, "");
  save(fileName(settings.cohort, owner, `${name}.svg`), new XMLSerializer().serializeToString(figure), "image/svg+xml");
}

for (const button of document.querySelectorAll("[data-svg]")) button.addEventListener("click", () => saveFigure(button));

// The list of downloads: every table and every figure that the page holds.
const groups = new Map();
for (const item of document.querySelectorAll("[data-table], [data-svg]")) {
  const owner = item.closest(".panel")?.dataset.name ?? "Whole run";
  if (!groups.has(owner)) groups.set(owner, []);
  groups.get(owner).push(item);
}
for (const [owner, items] of groups) {
  const list = el("ul");
  for (const item of items) {
    const title = item.parentElement.querySelector("h3, h4").textContent;
    const id = item.dataset.table;
    const work = id ? () => {
      const table = tableOf(id);
      const rows = Array.from({ length: table.n }, (_, row) => row);
      save(fileName(settings.cohort, item.closest(".panel")?.dataset.name, `${table.name}.csv`), csv(table, rows), "text/csv");
    } : () => saveFigure(item);
    const kind = id ? "CSV" : "SVG";
    list.append(el("li", {}, title, el("button", { type: "button", class: "quiet", "aria-label": `${title}, ${owner}, as ${kind}`, onclick: work }, kind)));
  }
  document.getElementById("download-list").append(el("div", {}, el("h3", {}, owner), list));
}

// The chapter in view.
const chapters = new Map([...document.querySelectorAll(".chapters a")].map((link) => [link.hash.slice(1), link]));
const inView = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const [id, link] of chapters) id === entry.target.id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }
}, { rootMargin: "-30% 0px -65%" });
for (const id of chapters.keys()) inView.observe(document.getElementById(id));

addEventListener("beforeprint", () => {
  for (const closed of document.querySelectorAll(".dictionary")) closed.open = true;
});
