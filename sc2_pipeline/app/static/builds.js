// Whole build orders side by side, with a marker at the moment that is shown.
import {last} from "/static/charts.js";
import {chip, clock, el, name, number, plain, race} from "/static/dom.js";

export function showBuilds(steps, players, index, time, onLeave) {
  if (!steps.length) return el("p", {class: "nothing"}, "The replay was read without commands, which build orders are made of.");
  const lists = players.map((player) => column(player, steps.filter((step) => step.player_id === player.player_id), index, time)).filter(Boolean);
  const workers = el("input", {type: "checkbox", onchange: () => lists.forEach((each) => { each.element.classList.toggle("with-workers", workers.checked); each.measure(); })});
  const measure = () => lists.forEach((each) => each.measure());
  addEventListener("resize", measure);
  onLeave(() => removeEventListener("resize", measure));
  return [el("label", {class: "check"}, workers, " workers too"), el("div", {class: "builds"}, lists.map((each) => each.element))];
}

function column(player, steps, index, time) {
  if (!steps.length) return null;
  const rows = steps.map((step) => el("li", {class: (step.is_worker ? "worker " : "") + (step.is_cancelled ? "cancelled" : "")},
    el("button", {type: "button", class: "step", onclick: () => time.set(step.started_seconds ?? 0)},
      el("span", {class: "at"}, clock(step.started_seconds)), el("span", {class: "supply"}, number(step.supply_used)),
      el("span", {class: "what"}, plain(step.name), step.count > 1 ? " ×" + step.count : "", flags(step)))));
  const list = el("ol", {class: "steps", tabindex: 0, "aria-label": "Build order of " + plain(player.name || "player " + player.player_id)}, rows);
  const starts = steps.map((step) => step.started_seconds ?? 0);
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

function flags(step) {
  const said = [step.is_chronoboosted && "chrono", step.is_proxy && "proxy", step.is_cancelled && "cancelled"].filter(Boolean);
  return said.map((flag) => el("span", {class: "tag"}, flag));
}
