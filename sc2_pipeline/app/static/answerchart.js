// A chart of an answer's rows, where one fits: over a number (a minute, a lead) as lines, else of what is named as bars.
import {colour, keepChart} from "/static/charts.js";
import {card, el, plain} from "/static/dom.js";

const OVER = ["minute", "lead", "income_from", "mmr_gap_from", "more_upgrades", "base_number", "nth"];
const COUNTS = /^(games|players|player_games|samples|wins|battles|upsets|start_workers|units|times|begun|raids|.*_samples|.*_known)$/;
const MOMENTS = /(_clock|^earliest|^fastest|quarters?|^median)$/;
const PLACES = new Set(["x", "y", "x_from", "y_from", "unit_tag", "player_id", "step"]);
const ALIKE = 0.75, MOST_BARS = 30, MOST_LINES = 8, BAR = 18, LONGEST = 72, HEIGHT = 240;

export function answerChart({columns, rows}, onLeave) {
  const isNumber = columns.map((_, i) => rows.some((row) => typeof row[i] === "number") && rows.every((row) => row[i] === null || typeof row[i] === "number"));
  const over = columns.findIndex((column, i) => OVER.includes(column) && isNumber[i]);
  const measures = columns.map((_, i) => i).filter((i) => isNumber[i] && i !== over && columns[i] !== "start_workers" && !PLACES.has(columns[i]));
  const names = columns.map((_, i) => i).filter((i) => (!isNumber[i] && !MOMENTS.test(columns[i])) || columns[i] === "start_workers").map((i) => [i, new Set(rows.map((row) => row[i])).size])
    .filter(([, kinds]) => kinds > 1).sort((a, b) => b[1] - a[1]).map(([i]) => i);
  const label = (row) => names.map((i) => plain(row[i] ?? "unknown") + (columns[i] === "start_workers" ? " workers" : "")).join(" · ");
  const told = () => new Set(rows.map(label));
  // A race is left out where all else tells rows apart as well.
  const at = names.findIndex((i) => columns[i] === "race_actual"), all = told().size, left = at < 0 ? [] : names.splice(at, 1);
  if (!names.length || told().size < all) names.push(...left);
  const labels = told();
  // Rows that happened in games, one by one, are no quantities of something; their table says more.
  if (rows.length < 2 || !measures.length || columns.includes("replay_id") || columns.includes("clock")) return null;
  if (over < 0 && (!names.length || labels.size < rows.length * ALIKE)) return null;
  const interval = ["low", "high"].map((column) => columns.indexOf(column));
  const isRate = (i) => /_(rate|share)$/.test(columns[i]) || (interval.includes(i) && interval[0] >= 0);
  const likely = measures.find((i) => /_(rate|share)$/.test(columns[i])) ?? measures.find((i) => !COUNTS.test(columns[i]) && !interval.includes(i)) ?? measures[0];
  const place = el("div", {class: "plot"}), measure = el("select", {"aria-label": "What is drawn", onchange: () => again()},
    measures.filter((i) => !interval.includes(i)).map((i) => el("option", {value: i, selected: i === likely}, columns[i].replaceAll("_", " "))));
  const again = keepChart(place, (width) => {
    const chosen = Number(measure.value), axis = {title: null, tickCount: 5, format: isRate(chosen) ? "%" : "~s"};
    const ends = /_rate$|^won_share$/.test(columns[chosen]) ? interval : [-1, -1];
    const points = rows.map((row) => ({x: row[over], v: row[chosen], low: row[ends[0]], high: row[ends[1]], name: label(row)})).filter((point) => point.v !== null);
    return over < 0 ? bars(points.slice(0, MOST_BARS), axis, ends[0] >= 0, width) : lines(points, axis, columns[over]);
  }, onLeave);
  return card(null, el("div", {class: "chart-head"}, el("label", {}, measure), over < 0 ? null : keys([...labels].slice(0, MOST_LINES)),
    over < 0 && rows.length > MOST_BARS ? el("span", {class: "soft"}, "the first " + MOST_BARS + " rows") : null,
    over >= 0 && labels.size > MOST_LINES ? el("span", {class: "soft"}, "the first " + MOST_LINES + " of " + labels.size) : null), place);
}

function keys(labels) {
  return labels.length > 1 ? el("span", {class: "values"}, labels.map((label, i) => el("span", {class: "value c" + i % 8}, label))) : null;
}

function lines(points, axis, over) {
  const labels = [...new Set(points.map((point) => point.name))].slice(0, MOST_LINES);
  const x = {field: "x", type: "quantitative", scale: {nice: false, zero: false}, axis: {title: over.replaceAll("_", " "), titleFontSize: 11, titleFontWeight: "normal", grid: false, tickCount: 8}};
  return {
    height: HEIGHT, padding: {left: 46, right: 14, top: 8, bottom: 36},
    layer: labels.map((label, i) => ({
      data: {values: points.filter((point) => point.name === label).sort((a, b) => a.x - b.x)},
      mark: {type: "line", point: {size: 16, filled: true, color: colour(i)}, color: colour(i), strokeWidth: 1.8},
      encoding: {x, y: {field: "v", type: "quantitative", scale: {zero: true}, axis}},
    })),
  };
}

function bars(points, axis, hasInterval, width) {
  const data = {values: points.map((point, i) => ({...point, key: String(i).padStart(3, "0")}))};
  const shown = data.values.map((point) => point.name.length > LONGEST ? point.name.slice(0, LONGEST - 1) + "…" : point.name);
  const y = {field: "key", type: "nominal", sort: null, axis: {title: null, labelExpr: JSON.stringify(shown) + "[toNumber(datum.value)]", labelLimit: width * 0.45, domain: false, ticks: false}};
  const x = {type: "quantitative", scale: {zero: true, nice: true}, axis};
  const ranged = {data, mark: {type: "rule", color: colour(0), strokeWidth: 2, opacity: 0.5}, encoding: {y, x: {...x, field: "low"}, x2: {field: "high"}}};
  const marked = {data, mark: hasInterval ? {type: "point", filled: true, size: 60, color: colour(0), opacity: 1} : {type: "bar", color: colour(0), height: {band: 0.7}}, encoding: {y, x: {...x, field: "v"}}};
  const longest = Math.max(...shown.map((text) => text.length));
  return {height: points.length * BAR, padding: {left: Math.min(width * 0.45, longest * 6.3) + 12, right: 14, top: 4, bottom: 24}, layer: hasInterval ? [ranged, marked] : [marked]};
}
