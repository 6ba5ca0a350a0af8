// Players, and one of them; which one "me" is stays in this browser.
import {get} from "/static/api.js";
import {colour, keepChart} from "/static/charts.js";
import {card, day, el, later, name, number, percent, table, tiles} from "/static/dom.js";
import {gamesTable} from "/static/games.js";
import {address, here, isOffline} from "/static/shelf.js";

const ME = "sc2-pipeline-me";
const FIRST = 50;

export function me() {
  try { return localStorage.getItem(ME); } catch { return null; }
}

function setMe(key) {
  try { if (key) localStorage.setItem(ME, key); else localStorage.removeItem(ME); } catch { return; }
  dispatchEvent(new Event("me"));
}

// A list that is searched as one types, in pages; `draw` makes elements of rows.
export function searched({content, path, rows, heading, words, query, onLeave, draw: drawn, head = null, more = {}}) {
  let shown = [], ask = new AbortController();
  const asked = {search: query.get("search") || "", ...more};
  const count = el("p", {class: "soft count", role: "status"}, " "), list = el("div", {class: "card"});
  const button = el("button", {type: "button", class: "more", hidden: true, onclick: () => load(true)}, "More");
  async function load(isMore = false) {
    ask.abort();
    ask = new AbortController();
    try {
      const found = await get(path, {...asked, limit: 100, offset: isMore ? shown.length : 0}, ask.signal);
      shown = isMore ? [...shown, ...found[rows]] : found[rows];
      count.textContent = number(found.total) + " " + (found.total === 1 ? words[0] : words[1]);
      if (head) head(found, asked, load);
      list.replaceChildren(shown.length ? drawn(shown) : el("p", {class: "nothing"}, "Nothing fits."));
      button.hidden = shown.length >= found.total;
    } catch (error) {
      if (error.name !== "AbortError") count.textContent = error.message;
    }
  }
  const change = later(() => { history.replaceState(null, "", address("/" + here().parts.join("/")) + (asked.search ? "?search=" + encodeURIComponent(asked.search) : "")); load(); }, 80);
  const search = el("input", {type: "search", value: asked.search, "aria-label": "Search " + words[1], placeholder: "search", autocomplete: "off", oninput: () => { asked.search = search.value; change(); }});
  content.replaceChildren(...[el("h1", {}, heading), el("div", {class: "searching"}, search, count), list, button]);
  onLeave(() => ask.abort());
  return load();
}

export function showPlayers({content, query, onLeave, title}) {
  title("Players");
  return searched({content, query, onLeave, path: "players", rows: "players", heading: "Players", words: ["account", "accounts"], draw: (players) => table([
    {label: "player", of: (player) => el("a", {href: "/player/" + encodeURIComponent(player.player_key)}, name(player.name))},
    {label: "region", className: "spare", of: (player) => player.region ? player.region.toUpperCase() : "–"},
    {label: "games", isNumber: true, of: (player) => number(player.game_count)},
    {label: "won", isNumber: true, of: (player) => number(player.win_count)},
    {label: "last MMR", isNumber: true, of: (player) => number(player.last_mmr)},
    {label: "last game", isNumber: true, className: "spare", of: (player) => day(player.last_played_at)},
  ], players, {isStacked: false})});
}

export async function showPlayer({content, parts, signal, onLeave, title}) {
  const found = await get("players/" + encodeURIComponent(parts[0]), {}, signal);
  const {player, figures, form, ratings} = found;
  title(player.name || player.player_key);
  const button = el("button", {type: "button"});
  const said = () => { button.textContent = me() === player.player_key ? "This is not me" : "This is me"; };
  button.addEventListener("click", () => { setMe(me() === player.player_key ? null : player.player_key); said(); });
  said();
  const others = (player.names_seen || []).filter((each) => each !== player.name);
  const chart = el("div", {class: "plot rating"});
  const more = el("button", {type: "button", class: "more", hidden: found.games.length <= FIRST}, "All " + found.games.length + " games");
  const list = el("div", {}, gamesTable(found.games.slice(0, FIRST)));
  more.addEventListener("click", () => { list.replaceChildren(gamesTable(found.games)); more.hidden = true; });
  content.replaceChildren(
    el("header", {class: "with-button"}, el("h1", {}, name(player.name)), button),
    el("p", {class: "lead"}, name(player.player_key), others.length ? [" · also ", others.map((each, i) => [i ? ", " : "", name(each)])] : null),
    tiles([
      ["games", number(player.game_count)], ["won", number(player.win_count)], ["last MMR", number(player.last_mmr)],
      ["last session", form.session_won + "–" + form.session_lost], ["streak", form.streak_games ? form.streak_games + (form.streak_result === "victory" ? " won" : " lost") : "–"], ["most in a row", form.most_won_in_a_row + " won"],
      ["APM", number(figures.apm)], ["spending quotient", number(figures.spending_quotient, 1)], ["bank, mean", number(figures.average_unspent)],
      ["workers at 5:00", number(figures.workers_at_5_minutes, 1)], ["blocked, s a minute", number(figures.blocked_seconds_per_minute, 1)],
    ]),
    isOffline ? "" : el("p", {}, el("a", {href: "/compare/players?one=" + encodeURIComponent(player.player_key)}, "Compare with another player")),
    ratings.length > 1 ? card("Rating", chart) : "",
    el("div", {class: "cards four"}, tally("By matchup", found.matchups), tally("By map", found.maps), tally("By opener", found.openers), tally("By plan", found.plans)),
    card("Games", list, more));
  if (ratings.length > 1) keepChart(chart, (width) => ratingChart(ratings, width), onLeave);
}

function tally(heading, rows) {
  return card(heading, rows.length ? table([
    {label: "", of: (row) => name(row.name)},
    {label: "games", isNumber: true, of: (row) => number(row.games)},
    {label: "won", isNumber: true, of: (row) => row.won + row.lost ? percent(row.won, row.won + row.lost) : "–"},
  ], rows.slice(0, 12)) : el("p", {class: "nothing"}, "None known."));
}

function ratingChart(ratings, width) {
  return {
    height: 150, padding: {left: 46, right: 10, top: 6, bottom: 20},
    data: {values: ratings.map((rating) => ({t: rating.played_at, v: rating.mmr}))},
    mark: {type: "line", point: {size: 26, filled: true}, color: colour(0), strokeWidth: 1.5},
    encoding: {x: {field: "t", type: "temporal", axis: {grid: false, title: null, tickCount: Math.max(2, Math.floor(width / 110))}}, y: {field: "v", type: "quantitative", scale: {zero: false}, axis: {title: null, tickCount: 5}}},
  };
}
