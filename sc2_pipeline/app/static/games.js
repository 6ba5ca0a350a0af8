// The list of games: filtered as one types; the address holds what is asked.
import {get} from "/static/api.js";
import {address, isOffline} from "/static/shelf.js";
import {clock, day, el, later, name, number, plain, race} from "/static/dom.js";

const PAGE = 100;
const SELECTS = {
  mode: ["", "melee", "1v1", "2v2", "3v3", "4v4", "archon", "ffa", "coop", "arcade", "other"],
  result: ["", "victory", "defeat", "tie", "undecided"],
  opponents: ["", "people", "computers"],
};
const FIELDS = [
  ["player", "player", "name or account"], ["result", "player's result"], ["matchup", "matchup", "PvZ"], ["map", "map", "part of its name"],
  ["mode", "mode"], ["opponents", "opponents"], ["opener", "opener", "12 pool"], ["patch", "patch", "5.0.14"], ["mmr", "rating", "4000-4500"],
  ["since", "since", "", "date"], ["until_date", "until", "", "date"], ["min_minutes", "minutes, at least", "", "number"], ["max_minutes", "minutes, at most", "", "number"],
];

export async function showGames({content, query, signal, onLeave, title}) {
  title("Games");
  const asked = Object.fromEntries(["search", "sort", "is_ascending", ...FIELDS.map(([field]) => field)].map((field) => [field, query.get(field) || ""]));
  const count = el("p", {class: "soft count", role: "status"}, " ");
  const list = el("div", {class: "games"});
  const more = el("button", {type: "button", class: "more", hidden: true}, "More games");
  let shown = [], ask = new AbortController();
  onLeave(() => ask.abort());

  async function load(isMore = false) {
    ask.abort();
    ask = new AbortController();
    try {
      const found = await get("games", {...asked, limit: PAGE, offset: isMore ? shown.length : 0}, ask.signal);
      shown = isMore ? [...shown, ...found.games] : found.games;
      count.className = "soft count";
      count.textContent = found.total === 1 ? "1 game" : number(found.total) + " games";
      list.replaceChildren(shown.length ? gamesTable(shown, asked, sortBy) : el("p", {class: "nothing"}, "No game fits. Take a filter away."));
      more.hidden = shown.length >= found.total;
    } catch (error) {
      if (error.name === "AbortError") return;
      count.className = "problem count";
      count.textContent = error.message;
    }
  }
  const change = later(() => {
    const values = Object.entries(asked).filter(([, value]) => value);
    history.replaceState(null, "", address("/games" + (values.length ? "?" + new URLSearchParams(values) : "")));
    load();
  }, 60);
  function sortBy(column) {
    const isSame = (asked.sort || "played") === column;
    asked.is_ascending = isSame ? (asked.is_ascending ? "" : "true") : column === "played" || column === "length" || column === "rating" ? "" : "true";
    asked.sort = column;
    change();
  }

  const search = el("input", {type: "search", id: "search", value: asked.search, placeholder: "player, map, matchup, day …", autocomplete: "off", spellcheck: "false",
    "aria-label": "Search games", "aria-keyshortcuts": "/", oninput: () => { asked.search = search.value; change(); }});
  const filters = isOffline ? "" : el("details", {class: "filters", open: FIELDS.some(([field]) => asked[field])},
    el("summary", {}, "Filters"),
    el("div", {class: "fields"}, FIELDS.map(([field, label, hint = "", type = "text"]) => el("label", {}, label,
      SELECTS[field]
        ? el("select", {oninput: (event) => { asked[field] = event.target.value; change(); }},
          SELECTS[field].map((choice) => el("option", {value: choice, selected: asked[field] === choice}, choice || "any")))
        : el("input", {type, value: asked[field], placeholder: hint, min: type === "number" ? 0 : null, autocomplete: "off",
          oninput: (event) => { asked[field] = event.target.value.trim(); change(); }})))),
    el("button", {type: "button", onclick: () => { history.pushState(null, "", "/games"); dispatchEvent(new PopStateEvent("popstate")); }}, "Clear all"));
  content.replaceChildren(el("h1", {class: "sr"}, "Games"), el("div", {class: "searching"}, search, count), filters, list, more);
  more.addEventListener("click", () => load(true));

  const keys = (event) => onKey(event, search, list);
  document.addEventListener("keydown", keys);
  const again = () => load();
  addEventListener("published", again);
  onLeave(() => { document.removeEventListener("keydown", keys); removeEventListener("published", again); });
  if (!signal.aborted) await load();
}

// "/" goes to the search, arrows go from game to game, Enter opens one as it does any link.
function onKey(event, search, list) {
  if (event.key === "/" && !event.target.matches("input, select, textarea")) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (event.target === search || list.contains(event.target) || event.target === document.body)) {
    const links = [...list.querySelectorAll("a.open")];
    const to = links.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (to < 0 ? search : links[Math.min(to, links.length - 1)])?.focus();
  }
}

export function gamesTable(games, asked = null, sortBy = null) {
  const heads = [["played", "day"], ["matchup", "matchup"], ["players", "players"], ["map", "map"], ["length", "length"], ["rating", "rating"]];
  const sorted = asked ? asked.sort || "played" : "";
  const direction = asked && asked.is_ascending ? "ascending" : "descending";
  return el("table", {class: "list"},
    el("caption", {class: "sr"}, "Games; the arrow keys go from one to the next"),
    el("thead", {}, el("tr", {}, heads.map(([column, label]) => el("th", {scope: "col", class: "col-" + column, "aria-sort": sorted === column ? direction : null},
      sortBy ? el("button", {type: "button", class: "sort", onclick: () => sortBy(column)}, label, sorted === column ? el("span", {"aria-hidden": "true"}, direction === "ascending" ? " ↑" : " ↓") : null) : label)))),
    el("tbody", {}, games.map((game) => el("tr", {},
      el("td", {class: "col-played"}, el("a", {class: "open", href: "/game/" + game.replay_id}, day(game.played_at) === "–" ? "day unknown" : day(game.played_at))),
      el("td", {class: "col-matchup"}, game.matchup || game.game_mode, game.has_ai ? el("span", {class: "tag"}, "AI") : null),
      el("td", {class: "col-players"}, sides(game.players)),
      el("td", {class: "col-map"}, game.map_key ? el("a", {href: "/map/" + encodeURIComponent(game.map_key)}, name(game.map_name)) : name(game.map_name)),
      el("td", {class: "col-length"}, clock(game.length_seconds)),
      el("td", {class: "col-rating"}, number(game.mmr))))));
}

// People first: in co-op, the computer's armies are many.
export function bySide(players) {
  const groups = new Map();
  for (const player of players) {
    if (!groups.has(player.side)) groups.set(player.side, []);
    groups.get(player.side).push(player);
  }
  return [...groups.values()].sort((a, b) => (a[0].side === "computer") - (b[0].side === "computer"));
}

function sides(players) {
  return el("span", {class: "sides"}, bySide(players).map((side) => {
    const shown = side[0].side === "computer" ? side.slice(0, 1) : side;
    return el("span", {class: "side" + (side[0].result === "victory" ? " won" : "")}, shown.map((player) =>
      el("span", {class: "who"}, race(player.race), name(player.name), player.commander ? el("span", {class: "soft"}, plain(player.commander)) : null)),
      side[0].result === "victory" ? el("span", {class: "sr"}, " (won)") : null);
  }));
}
