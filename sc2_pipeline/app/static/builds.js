// Whole build orders side by side, with a marker at the moment that is shown.
import {last} from "/static/charts.js";
import {chip, clock, el, name, number, plain, race} from "/static/dom.js";

export function showBuilds(steps, players, index, time, onLeave) {
  if (!steps.length) return el("p", {class: "nothing"}, "Nothing was built.");
  const lists = players.map((player) => column(player, steps.filter((step) => step.player_id === player.player_id), index, time)).filter(Boolean);
  const workers = el("input", {type: "checkbox", onchange: () => lists.forEach((each) => { each.element.classList.toggle("with-workers", workers.checked); each.measure(); })});
  const measure = () => lists.forEach((each) => each.measure());
  addEventListener("resize", measure);
  onLeave(() => removeEventListener("resize", measure));
  return [el("label", {class: "check"}, workers, " workers too"), el("div", {class: "builds"}, lists.map((each) => each.element))];
}

function column(player, all, index, time) {
  if (!all.length) return null;
  const steps = merged(all);
  const rows = steps.map((step) => el("li", {class: (step.is_worker ? "worker " : "") + (step.is_cancelled ? "cancelled" : "")},
    el("button", {type: "button", class: "step", onclick: () => time.set(step.started_seconds ?? 0)},
      el("span", {class: "at"}, clock(step.started_seconds)), el("span", {class: "supply"}, number(step.supply_used)),
      el("span", {class: "what"}, plain(step.name), step.count > 1 ? " ×" + step.count : "", flags(step)))));
  const list = el("ol", {class: "steps", tabindex: 0, "aria-label": "Build order of " + plain(player.name || "player " + player.player_id)}, rows);
  // A step whose start nobody knows stands where the one before it does.
  let known = 0;
  const starts = steps.map((step) => (known = Math.max(known, step.started_seconds ?? 0)));
  let marked = -1, tops = null, middle = 0;
  // Asking for places makes the browser lay the page out anew: once, not at every moment.
  const top = (at) => {
    if (!tops) { tops = rows.map((row) => row.offsetTop); middle = list.clientHeight / 2; }
    return tops[at] - middle;
  };
  time.watchCalmly((seconds) => {
    let at = last(starts, seconds);
    while (at > 0 && steps[at].is_worker && !list.parentNode?.classList.contains("with-workers")) at--;
    if (at === marked) return;
    rows[marked]?.classList.remove("now");
    rows[at]?.classList.add("now");
    marked = at;
    if (at >= 0 && !list.matches(":hover")) list.scrollTop = top(at);
  });
  return {
    element: el("section", {class: "build"}, el("h3", {}, chip(index.get(player.player_id)), race(player.race_actual), name(player.name)), list),
    measure: () => { tops = null; },
  };
}

// What is begun twice in the same second is one line.
function merged(steps) {
  const lines = [];
  for (const step of steps) {
    const before = lines.at(-1);
    const isSame = before && before.name === step.name && flagged(before) === flagged(step) && clock(before.started_seconds) === clock(step.started_seconds);
    if (isSame) before.count += step.count; else lines.push({...step});
  }
  return lines;
}

function flagged(step) {
  return [step.is_chronoboosted, step.is_proxy, step.is_cancelled].map(Boolean).join();
}

function flags(step) {
  const said = [step.is_chronoboosted && "chrono", step.is_proxy && "proxy", step.is_cancelled && "cancelled"].filter(Boolean);
  return said.map((flag) => el("span", {class: "tag"}, flag));
}
