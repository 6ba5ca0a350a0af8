// Elements, and how values are written. Whatever comes from a replay enters the page as text only.
import {address} from "/static/shelf.js";

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "href") { if (address(value) !== null) node.setAttribute("href", address(value)); }
    else if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// What Unicode says is not drawn (controls, formats, fillers, selectors), and the blank of braille.
const ODD = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

// A text of a replay: signs that are not seen, or turn the writing around, are named instead.
export function plain(text) {
  return String(text).replace(ODD, (sign) => "⟨" + sign.codePointAt(0).toString(16).padStart(4, "0") + "⟩");
}

// A name, set apart from the direction of what is around it.
export function name(text, missing = "unknown") {
  if (text === null || text === undefined || text === "") return el("span", {class: "soft"}, missing);
  return el("bdi", {}, plain(text));
}

export function clock(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.floor(seconds + 1e-6);
  return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
}

const FORMATS = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat("en", {maximumFractionDigits: digits}));

export function number(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return FORMATS[digits].format(value);
}

export function percent(part, whole) {
  return whole ? Math.round(100 * part / whole) + "%" : "–";
}

export function day(moment) {
  return moment ? moment.slice(0, 10) : "–";
}

export function minute(moment) {
  return moment ? moment.slice(0, 10) + " " + moment.slice(11, 16) + " UTC" : "day unknown";
}

export function bytes(count) {
  return count === null ? "–" : count < 1e6 ? number(count / 1e3) + " kB" : number(count / 1e6, 1) + " MB";
}

export function cell(value) {
  if (value === null || value === undefined) return el("span", {class: "soft"}, "–");
  if (typeof value === "number") return number(value, Math.abs(value) < 10 ? 3 : Math.abs(value) < 1000 ? 2 : 0);
  if (typeof value === "object") return plain(JSON.stringify(value));
  return el("bdi", {}, plain(value));
}

function kind({isNumber, className}) {
  return [isNumber && "num", className].filter(Boolean).join(" ") || null;
}

// A table of columns {label, of(row), isNumber, className}; stacked ones have a labelled line per cell on a phone, where
// columns of the class "spare" are left out.
export function table(columns, rows, {isStacked = columns.length > 5} = {}) {
  return el("div", {class: "scroll-x", tabindex: rows.length && columns.length > 2 ? 0 : null},
    el("table", {class: isStacked ? "stack" : null},
      el("thead", {}, el("tr", {}, columns.map((column) =>
        el("th", {scope: "col", class: kind(column), title: column.title}, column.label || el("span", {class: "sr"}, "name"))))),
      el("tbody", {}, rows.map((each) => el("tr", {}, columns.map((column) =>
        el("td", {class: kind(column), "data-label": typeof column.label === "string" ? column.label : ""}, el("span", {}, column.of(each)))))))));
}

export function tiles(pairs) {
  return el("dl", {class: "tiles"}, pairs.map(([label, value]) =>
    el("div", {class: "tile"}, el("dt", {}, label), el("dd", {}, value))));
}

export function card(title, ...content) {
  return el("section", {class: "card"}, title ? el("h2", {}, title) : null, content);
}

// A player's colour.
export function chip(index) {
  return el("span", {class: "chip c" + index % 8, "aria-hidden": "true"});
}

const LETTERS = {Protoss: "P", Terran: "T", Zerg: "Z", Random: "R"};

export function race(text) {
  if (!text) return null;
  return el("abbr", {class: "race " + (LETTERS[text] ? text.toLowerCase() : "other"), title: plain(text)}, LETTERS[text] || plain(text).slice(0, 1).toUpperCase());
}

// Runs at most once a while, with the last arguments.
export function later(work, milliseconds) {
  let timer = 0;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), milliseconds); };
}
