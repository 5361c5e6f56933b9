// A table that is searched, filtered, sorted, paged, opened row by row, and saved as CSV.

const GENES = ["path", "ligand", "receptor", "tfs", "targets", "genes"];
const WIDE = new Set(["path", "route", "sentence", "sources", "note", "log_fold_change", "fraction_expressed"]);

function buildTable(host) {
  const table = tableOf(host.dataset.table);
  const detail = DETAILS[table.name];
  const owner = host.closest(".panel")?.dataset.name ?? "";
  const state = { query: "", choices: new Map(), sort: null, page: 0, open: new Set(), shown: new Set(), rows: [] };
  for (const column of table.columns) if (column.shown) state.shown.add(column.key);
  const texts = new Map();

  const explain = el("p", { class: "explain", "aria-live": "polite" });
  const sheet = el("div", { class: "sheet", tabindex: "0", role: "region", "aria-label": table.title });
  const status = el("span", { role: "status" });
  const back = el("button", { type: "button", class: "quiet", onclick: () => turn(-1) }, "Previous");
  const next = el("button", { type: "button", class: "quiet", onclick: () => turn(1) }, "Next");
  host.replaceChildren(tools(), explain, sheet, el("div", { class: "pages" }, status, back, next));
  say(null);
  update();

  function tools() {
    const made = el("div", { class: "tools" });
    if (table.n > 8) {
      const input = el("input", { type: "search", placeholder: "Any words", oninput: () => { state.query = input.value; update(); } });
      made.append(el("label", { class: "search" }, `Search ${table.noun}`, input));
      for (const choice of table.filters) made.append(filterFor(choice));
    }
    const every = el("button", { type: "button", class: "quiet", onclick: () => save(fileName(settings.cohort, owner, `${table.name}.csv`), csv(table, state.rows), "text/csv") }, "Save rows as CSV");
    made.append(el("div", { class: "actions" }, columnsMenu(), every));
    return made;
  }

  function filterFor(choice) {
    const set = (value) => { value ? state.choices.set(choice, value) : state.choices.delete(choice); update(); };
    if (choice.kind === "below") {
      const box = el("input", { type: "checkbox", onchange: () => set(box.checked) });
      return el("label", { class: "check" }, box, `${choice.label} below ${choice.limit}`);
    }
    if (choice.kind === "gene") {
      const input = el("input", { type: "text", placeholder: "Any", size: "8", spellcheck: "false", oninput: () => set(input.value.trim().toUpperCase()) });
      return el("label", {}, choice.label, input);
    }
    const values = [...new Set(all().map((row) => table.value(row, choice.column)))].filter((value) => value !== null);
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const options = values.map(String).sort(order).map((value) => el("option", { value }, value === "true" ? "yes" : value === "false" ? "no" : value));
    const select = el("select", { onchange: () => set(select.value) }, el("option", { value: "" }, "All"), ...options);
    return el("label", {}, choice.label, select);
  }

  function columnsMenu() {
    const boxes = table.columns.filter((column) => column.listed).map((column) => {
      const box = el("input", { type: "checkbox", checked: state.shown.has(column.key), disabled: column.empty, onchange: () => {
        box.checked ? state.shown.add(column.key) : state.shown.delete(column.key);
        draw();
      } });
      return el("label", {}, box, column.label, column.empty ? el("small", {}, "no value in this run") : null);
    });
    const menu = el("details", { class: "columns", onkeydown: (event) => { if (event.key === "Escape") { menu.open = false; menu.firstChild.focus(); } } },
      el("summary", { class: "quiet" }, "Columns"), el("div", {}, ...boxes));
    return menu;
  }

  function all() { return Array.from({ length: table.n }, (_, row) => row); }

  function text(row) {
    if (!texts.has(row)) texts.set(row, table.columns.map((column) => table.value(row, column.key)).filter((value) => typeof value === "string").join("\n").toLowerCase());
    return texts.get(row);
  }

  function passes(row, choice, wanted) {
    if (choice.kind === "gene") return GENES.some((key) => (table.value(row, key) ?? "").toUpperCase().split(/[>;_\s]+/).some((gene) => gene.startsWith(wanted)));
    const value = table.value(row, choice.column);
    if (value === null) return false;
    return choice.kind === "below" ? value < choice.limit : String(value) === wanted;
  }

  function update() {
    const words = state.query.toLowerCase().replaceAll("→", ">").split(/\s+/).filter(Boolean);
    state.rows = all().filter((row) => words.every((word) => text(row).includes(word)) && [...state.choices].every(([choice, wanted]) => passes(row, choice, wanted)));
    if (state.sort) {
      const { key, down } = state.sort;
      const order = new Intl.Collator("en", { numeric: true }).compare;
      state.rows.sort((a, b) => {
        const [x, y] = [table.value(a, key), table.value(b, key)];
        if (x === null || y === null) return (x === null) - (y === null);
        const way = typeof x === "string" ? order(x, y) : x - y;
        return down ? -way : way;
      });
    }
    state.page = 0;
    draw();
  }

  function turn(by) { state.page += by; draw(); sheet.scrollIntoView({ block: "nearest" }); }

  function sortBy(column) {
    const first = NUMERIC.has(column.format) && !["integer", "p"].includes(column.format);
    const old = state.sort?.key === column.key ? state.sort : null;
    if (!old) state.sort = { key: column.key, down: first };
    else state.sort = old.down === first ? { key: column.key, down: !first } : null;
    update();
    sheet.querySelector(`th[data-key="${column.key}"] button`).focus({ preventScroll: true });
  }

  function say(column) {
    explain.textContent = column ? `${column.label}${column.unit ? ` (${column.unit})` : ""}: ${column.explanation}` : "Point at a heading to read what it means; press it to sort.";
  }

  function heading(column) {
    const sorted = state.sort?.key === column.key ? (state.sort.down ? "descending" : "ascending") : "none";
    const button = el("button", { type: "button", onclick: () => sortBy(column), onfocus: () => say(column), onmouseenter: () => say(column) },
      el("span", { class: "order" }, column.label), column.unit ? el("small", {}, column.unit) : null);
    return el("th", { scope: "col", "data-key": column.key, "aria-sort": sorted, class: NUMERIC.has(column.format) ? "number" : null }, button);
  }

  function cell(row, column) {
    const value = table.value(row, column.key);
    const wide = WIDE.has(column.key) || column.format === "list" ? "wide" : "";
    const kind = NUMERIC.has(column.format) ? "number" : wide || (column.format === "class" ? "class" : "text");
    return el("td", { class: kind }, value === null ? el("span", { class: "none" }, "–") : FORMATS[column.format](value));
  }

  function line(row, columns, body) {
    const made = el("tr", { class: "row" });
    let opener = null;
    if (detail) {
      const id = `${table.id}-row-${row}`;
      opener = el("button", { type: "button", class: "opener", "aria-expanded": String(state.open.has(row)), "aria-controls": id, "aria-label": `Details of ${table.value(row, "path") ?? `row ${row + 1}`}`, onclick: () => {
        const open = !state.open.has(row);
        open ? state.open.add(row) : state.open.delete(row);
        opener.setAttribute("aria-expanded", String(open));
        open ? made.after(opened(row, id, columns)) : document.getElementById(id)?.remove();
      } });
      made.append(el("td", {}, opener));
    }
    made.append(...columns.map((column) => cell(row, column)));
    body.append(made);
    if (detail && state.open.has(row)) body.append(opened(row, `${table.id}-row-${row}`, columns));
  }

  function opened(row, id, columns) {
    return el("tr", { class: "detail", id }, el("td", { colspan: String(columns.length + 1) }, el("div", { class: "details" }, ...detail(table, row).filter(Boolean))));
  }

  function draw() {
    const columns = table.columns.filter((column) => state.shown.has(column.key));
    const last = Math.max(0, Math.ceil(state.rows.length / table.page) - 1);
    state.page = Math.min(Math.max(state.page, 0), last);
    const body = el("tbody");
    for (const row of state.rows.slice(state.page * table.page, (state.page + 1) * table.page)) line(row, columns, body);
    if (!state.rows.length) body.append(el("tr", {}, el("td", { class: "none", colspan: String(columns.length + 1) }, "Nothing fits. Clear the search or a filter.")));
    const opener = detail ? [el("td", {}, el("span", { class: "skip" }, "Details"))] : [];
    sheet.replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...opener, ...columns.map(heading))), body));
    const from = state.rows.length ? state.page * table.page + 1 : 0;
    const to = Math.min(state.rows.length, (state.page + 1) * table.page);
    const beside = state.rows.length < table.n ? ` (${table.n.toLocaleString("en")} in all)` : "";
    status.textContent = `${from} to ${to} of ${state.rows.length.toLocaleString("en")} ${table.noun}${beside}`;
    sheet.classList.toggle("fits", sheet.firstChild.scrollWidth <= sheet.clientWidth);
    back.hidden = next.hidden = last === 0;
    back.disabled = state.page === 0;
    next.disabled = state.page === last;
  }
}
