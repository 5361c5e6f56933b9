"use strict";
// Elements, numbers and files. Data become text nodes and attributes, never markup.

const settings = JSON.parse(document.getElementById("settings").textContent);

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function number(value, digits = 3) {
  if (value < 0) return `−${number(-value, digits)}`;
  if (value > 1e300) return "∞";
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  if (value === 0) return "0";
  return value < 0.001 ? power(value) : value.toPrecision(digits);
}

function power(value) {
  const [digits, exponent] = value.toExponential(1).split("e");
  const raised = [...String(Number(exponent))].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("");
  return `${digits} × 10${raised}`;
}

function probability(value) {
  if (value > 0 && value < 0.001) return power(value);
  return value < 0.1 ? value.toPrecision(2) : value.toFixed(2);
}

function signed(value) {
  return value > 0 ? `+${number(value)}` : number(value);
}

function classColour(name) {
  const place = settings.classes.indexOf(name);
  return place < 0 ? "var(--soft)" : `var(--c${place % 7})`;
}

function dot(name) {
  const made = el("i", { class: "dot", "aria-hidden": "true" });
  made.style.background = classColour(name);
  return made;
}

function route(text) {
  const made = el("span");
  for (const [place, step] of text.split(/\s*-?>\s*|\s*→\s*/).entries()) {
    if (place) made.append(" ");
    const name = el("span", { class: step.startsWith("(") ? "via" : "gene" }, step);
    made.append(place ? el("span", { class: "step" }, el("span", { class: "arrow" }, "→ "), name) : name);
  }
  return made;
}

// How a value stands in a cell, by the format of its column.
const FORMATS = {
  text: (value) => String(value),
  integer: (value) => value.toLocaleString("en"),
  number: (value) => number(value),
  signed: (value) => signed(value),
  sd: (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`,
  share: (value) => `${Math.round(100 * value)} %`,
  p: (value) => probability(value),
  genes: (value) => el("span", { class: "gene" }, String(value).replaceAll("_", " + ")),
  flag: (value) => (value ? "yes" : "no"),
  references: (value) => el("span", {}, ...joined(String(value).split(";").map((one) => (/^PMID:\d+$/.test(one.trim()) ? pubmed(one.trim().slice(5)) : one.trim())))),
  list: (value) => String(value).split(";").map((one) => one.trim()).join(", "),
  route: (value) => route(String(value)),
  class: (value) => el("span", {}, dot(value), String(value)),
  bar: (value) => {
    const filled = el("i");
    filled.style.width = `${100 * Math.min(1, Math.max(0, value))}%`;
    return el("span", {}, value.toFixed(3), el("span", { class: "meter", "aria-hidden": "true" }, filled));
  },
};
const NUMERIC = new Set(["integer", "number", "signed", "sd", "share", "p", "bar"]);

function save(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function fileName(...parts) {
  return parts.filter(Boolean).join("_").replace(/[^\w.-]+/g, "_");
}

const read = new Map();

// Levels and codes, or runs of codes, as one value for each row.
function unfolded(id, { levels, of, codes, runs }) {
  const names = levels ?? tableOf(id.replace(/-.*/, `-${of}`)).values.path;
  const places = codes ?? [];
  if (runs) for (let at = 0; at < runs.length; at += 2) for (let left = runs[at + 1]; left > 0; left -= 1) places.push(runs[at]);
  return places.map((code) => (code < 0 ? null : names[code]));
}

// The table of that id: columns by key, and value(row, key).
function tableOf(id) {
  if (read.has(id)) return read.get(id);
  const element = document.getElementById(`data-${id}`);
  if (!element) return null;
  const table = JSON.parse(element.textContent);
  table.id = id;
  table.columns = table.columns.map((column) => ({ ...settings.columns[table.name][column.key], ...column }));
  for (const [key, values] of Object.entries(table.values)) if (!Array.isArray(values)) table.values[key] = unfolded(id, values);
  table.value = (row, key) => table.values[key]?.[row] ?? null;
  read.set(id, table);
  return table;
}

// As pathlore.spreadsheet writes it: a text that a spreadsheet would calculate begins with an apostrophe.
function csv(table, rows) {
  const keys = table.columns.map((column) => column.key);
  const quoted = (value) => {
    const plain = value === null ? "" : String(value);
    const text = typeof value === "string" && /^'*[=+\-@\t\r\n]./s.test(plain) && Number.isNaN(Number(plain)) ? `'${plain}` : plain;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [keys.map(quoted).join(","), ...rows.map((row) => keys.map((key) => quoted(table.value(row, key))).join(","))].join("\r\n") + "\r\n";
}
