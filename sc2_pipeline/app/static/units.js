// What lives, and what is being made, at the moment that is shown.
import {chip, el, name, plain} from "/static/dom.js";

const GROUPS = [["worker", "workers"], ["army", "army"], ["townhall", "bases"], ["production", "production"], ["technology", "technology"], ["defence", "defence"], ["supply", "supply"], ["gas", "gas"], ["addon", "add-ons"], ["unknown", "others"]];
const STEP = 0.5, MOST_OTHERS = 8;

export function showUnits(runs, players, index, time) {
  // The computer's armies in co-op are many; the map shows them.
  const computers = players.filter((player) => player.side === "computer");
  const panels = players.filter((player) => computers.length < 2 || player.side !== "computer").map((player) => {
    const list = el("div", {class: "unit-list"});
    return {list, runs: runs.filter((run) => run.player_id === player.player_id), element: el("section", {class: "units"}, el("h3", {}, chip(index.get(player.player_id)), name(player.name)), list)};
  }).filter((panel) => panel.runs.length);
  let shown = -1;
  time.watchCalmly((seconds) => {
    const moment = Math.round(seconds / STEP);
    if (moment === shown) return;
    shown = moment;
    for (const panel of panels) draw(panel, seconds);
  });
  return el("div", {class: "card unit-card"}, el("h2", {}, "Units and production"), panels.map((panel) => panel.element));
}

function draw(panel, seconds) {
  const counts = new Map();
  for (const run of panel.runs) {
    if (run.from_seconds > seconds || run.until_seconds <= seconds) continue;
    const count = counts.get(run.name) || {category: run.category, alive: 0, made: 0};
    count.alive += run.alive;
    count.made += run.in_progress;
    counts.set(run.name, count);
  }
  panel.list.replaceChildren(...GROUPS.map(([category, label]) => {
    const units = [...counts].filter(([, count]) => count.category === category).sort((a, b) => b[1].alive - a[1].alive);
    const shown = category === "unknown" ? units.slice(0, MOST_OTHERS) : units, more = units.length - shown.length;
    return units.length ? el("p", {}, el("span", {class: "soft group"}, label), shown.map(([unit, count]) =>
      el("span", {class: "unit"}, el("b", {}, String(count.alive)), count.made ? el("span", {class: "made", title: "being made"}, "+" + count.made) : null, " " + plain(unit))),
      more ? el("span", {class: "soft"}, "and " + more + " more kinds") : null) : null;
  }).filter(Boolean));
}
