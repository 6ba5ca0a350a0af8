// What each player did worse than most peers, and where to look; silent where there is too little to compare with.
import {get} from "/static/api.js";
import {chip, clock, el, name, number} from "/static/dom.js";

export function showAdvice(replay, shown, index, time, onLeave) {
  const place = el("div", {class: "advice", role: "status"}, el("p", {class: "soft"}, "…"));
  const gone = new AbortController();
  onLeave(() => gone.abort());
  get("games/" + encodeURIComponent(replay) + "/advice", {}, gone.signal).then(({players}) => {
    const reasons = new Set(players.map((player) => player.silence));
    if (reasons.size === 1 && players[0].silence) place.replaceChildren(el("p", {class: "soft"}, "Nothing can be said: " + players[0].silence + "."));
    else place.replaceChildren(...players.map((advised) => column(advised, shown.find((player) => player.player_id === advised.player_id), index, time)));
  }).catch((error) => { if (!gone.signal.aborted) place.replaceChildren(el("p", {class: "problem"}, error.message)); });
  return place;
}

function column(advised, player, index, time) {
  return el("section", {}, el("h3", {}, chip(index.get(advised.player_id)), name(player?.name)),
    advised.silence ? el("p", {class: "soft"}, "Nothing can be said: " + advised.silence + ".")
      : advised.things.length ? [el("ol", {}, advised.things.map((thing) => item(thing, time))), el("p", {class: "soft"}, "Of " + number(advised.peers) + " of the same race, matchup, rating and start.")]
        : el("p", {class: "soft"}, "Nothing was worse than with three of four of " + number(advised.peers) + " peers."));
}

function item(thing, time) {
  const said = (value) => number(thing.name === "trades" ? 100 * value : value, Math.abs(value) < 10 && thing.name !== "trades" ? 1 : 0) + (thing.name === "trades" ? "%" : "");
  return el("li", {}, el("b", {}, thing.title + " " + said(thing.value)), " " + thing.unit + "; half of them " + said(thing.first_quartile) + " to " + said(thing.third_quartile),
    thing.place_seconds === null ? null : [", ", el("button", {type: "button", class: "link", onclick: () => time.set(thing.place_seconds)}, "look at " + clock(thing.place_seconds))],
    el("small", {class: "soft detail"}, thing.how));
}
