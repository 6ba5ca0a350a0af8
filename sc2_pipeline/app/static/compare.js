// Two games, a game and the typical one, or two players, beside one another.
import {get, query as written} from "/static/api.js";
import {TimeChart, keepCharts} from "/static/charts.js";
import {card, chip, clock, day, el, later, name, number, percent, plain, race, table} from "/static/dom.js";
import {GameTime} from "/static/time.js";

const CURVES = [["army_value", "Army", "minerals and vespene"], ["workers", "Workers", "alive"], ["income", "Income", "minerals and vespene a minute"],
  ["supply_used", "Supply", "used"], ["unspent", "Bank", "minerals and vespene unspent"]];
const ARMY = new Set(["unit", "warp_in"]);

export function showComparison(page) {
  return page.parts[0] === "players" ? showPlayersCompared(page) : showGamesCompared(page);
}

function address(kind, values) {
  return "/compare/" + kind + written(values);
}

// A search whose findings lead to a comparison with them.
function picker({label, path, rows, find, drawn, onLeave}) {
  const found = el("ul", {class: "links"});
  let ask = new AbortController();
  onLeave(() => ask.abort());
  const load = async () => {
    ask.abort();
    ask = new AbortController();
    try {
      const answer = await get(path, {search: search.value, limit: 8, ...find}, ask.signal);
      found.replaceChildren(...answer[rows].map((each) => el("li", {}, drawn(each))));
    } catch (error) {
      if (error.name !== "AbortError") found.replaceChildren(el("li", {class: "problem"}, error.message));
    }
  };
  const search = el("input", {type: "search", "aria-label": label, placeholder: label, autocomplete: "off", oninput: later(load, 80)});
  load();
  return el("div", {}, search, found);
}

function gamePicker(asked, which, find, onLeave) {
  const without = (each) => ({...asked, [which]: each.replay_id, [which + "_player"]: ""});
  return picker({label: "player, map, matchup, day …", path: "games", rows: "games", find, onLeave, drawn: (game) => el("a", {href: address("games", without(game))},
    day(game.played_at), " ", game.matchup || game.game_mode, " ", game.players.slice(0, 4).map((player, i) => [i ? ", " : "", name(player.name)]), " on ", name(game.map_name), " ", clock(game.length_seconds))});
}

async function showGamesCompared({content, query, signal, onLeave, title}) {
  title("Compare games");
  const asked = Object.fromEntries(["one", "other", "one_player", "other_player"].map((field) => [field, query.get(field) || ""]));
  const heading = el("h1", {}, "Compare games");
  if (!asked.one) {
    content.replaceChildren(heading, card("Which game", gamePicker(asked, "one", {}, onLeave)));
    return;
  }
  const change = card(asked.other ? "With another game" : "With a game instead of the typical one", gamePicker(asked, "other", {mode: "1v1"}, onLeave),
    asked.other ? el("p", {}, el("a", {href: address("games", {one: asked.one, one_player: asked.one_player})}, "With the typical game of its matchup and rating")) : null);
  const found = await get("compare/games", asked, signal);
  const {sides, curves, figures, steps} = found;
  title("Compare " + sides.map((side) => plain(side.name || "unknown")).join(" and "));
  const time = new GameTime(Math.max(...sides.map((side) => side.length_seconds)), found.clock_speed);
  onLeave(() => time.pause());
  const charts = CURVES.filter(() => curves.some((side) => side.seconds.length)).map(([curve, label, unit]) => new TimeChart({title: label, unit, time, lines: curves.flatMap((side, i) => (side.seconds.length ? lines(side, curve, i, sides) : []))}));
  content.replaceChildren(heading,
    el("div", {class: "teams"}, sides.map((side, i) => sideCard(side, i, asked))),
    el("div", {class: "watch"},
      el("div", {class: "watch-left"}, charts.length ? el("div", {class: "curves"}, charts.map((chart) => chart.element)) : null),
      el("div", {class: "watch-right"}, card("Numbers", figureTable(figures, sides)), change)),
    card("Build orders, step by step", stepTable(steps, sides, time)));
  keepCharts(charts, onLeave);
  time.set(Math.min(time.length, 300));
}

function lines(side, curve, index, sides) {
  const label = sides[index].name || "unknown";
  const line = (key, more) => ({index, label, seconds: side.seconds, values: side[key], ...more});
  return [line(curve, {}), ...["_first_quartile", "_third_quartile"].filter((suffix) => side[curve + suffix]).map((suffix) =>
    line(curve + suffix, {dash: true, label: suffix === "_first_quartile" ? "a quarter of the peers had less" : "a quarter of the peers had more"}))];
}

function sideCard(side, index, asked) {
  const field = index ? "other_player" : "one_player";
  const choose = (event) => { history.pushState(null, "", address("games", {...asked, [field]: event.target.value})); dispatchEvent(new PopStateEvent("popstate")); };
  if (side.peers !== null) {
    return el("section", {class: "card team"}, el("h2", {}, "the typical game"), side.silence ? el("p", {class: "soft"}, "Nothing can be said: " + plain(side.silence) + ". Choose another game below.")
      : [el("p", {}, chip(index), race(side.race), "median of " + number(side.peers) + " games"), el("p", {class: "soft"}, plain(side.said))]);
  }
  return el("section", {class: "card team" + (side.result === "victory" ? " won" : "")},
    el("h2", {}, el("a", {href: "/game/" + side.replay_id}, day(side.played_at), " on ", name(side.map_name)), el("span", {class: "result"}, side.result || "result unknown")),
    el("p", {class: "player"}, chip(index), race(side.race), side.player_key ? el("a", {href: "/player/" + encodeURIComponent(side.player_key)}, name(side.name)) : name(side.name),
      side.opponent_name ? el("span", {class: "soft"}, " against ", name(side.opponent_name)) : null),
    el("p", {class: "soft"}, [side.matchup, side.mmr ? "MMR " + number(side.mmr) : null, clock(side.length_seconds)].filter(Boolean).join(" · ")),
    side.players.length > 1 ? el("label", {}, "player", el("select", {"aria-label": "player", onchange: choose}, side.players.map((each) => el("option", {value: each.player_id, selected: each.player_id === side.player_id}, plain(each.name || "player " + each.player_id))))) : null);
}

function figureTable(figures, sides) {
  const isTypical = sides[1].peers !== null, isAlone = sides[1].silence !== null;
  return table([
    {label: "", of: (row) => row.title},
    {label: plain(sides[0].name || "unknown"), isNumber: true, of: (row) => number(row.one, 1)},
    ...(isAlone ? [] : [{label: isTypical ? "median" : plain(sides[1].name || "unknown"), isNumber: true, of: (row) => number(row.other, 1)}]),
    ...(isTypical && !isAlone ? [{label: "half of them", isNumber: true, of: (row) => row.first_quartile === null ? "–" : number(row.first_quartile, 1) + " to " + number(row.third_quartile, 1)}] : []),
  ], figures);
}

function stepTable(steps, sides, time) {
  if (!steps.length) return el("p", {class: "nothing"}, "Neither replay was read with the commands, which build orders are made of.");
  const isTypical = sides[1].peers !== null, isAlone = sides[1].silence !== null;
  const at = (seconds, supply) => seconds === null ? "–" : el("button", {type: "button", class: "link", onclick: () => time.set(seconds)}, clock(seconds), el("small", {class: "soft"}, " " + number(supply)));
  const place = el("div", {class: "rows"});
  const units = el("input", {type: "checkbox", onchange: () => draw()});
  const draw = () => place.replaceChildren(table([
    {label: "step", of: (step) => plain(step.name) + (step.number > 1 ? " " + step.number : "")},
    {label: plain(sides[0].name || "unknown"), isNumber: true, of: (step) => at(step.one_seconds, step.one_supply)},
    ...(isAlone ? [] : [{label: isTypical ? "median" : plain(sides[1].name || "unknown"), isNumber: true, of: (step) => at(step.other_seconds, step.other_supply)},
      {label: "later", isNumber: true, of: (step) => difference(step)}]),
    ...(isTypical && !isAlone ? [{label: "made by", isNumber: true, of: (step) => step.share === null ? "–" : percent(step.share, 1)}] : []),
  ], steps.filter((step) => units.checked || !ARMY.has(step.kind))));
  draw();
  return [el("label", {class: "check"}, units, " units too"), place,
    el("p", {class: "soft"}, "The n-th of each item beside the n-th, with the supply; cancelled steps and workers are left out." + (isTypical ? " Of the typical game, what at least half of the peers made." : ""))];
}

function difference({one_seconds: one, other_seconds: other}) {
  if (one === null || other === null) return "";
  const seconds = Math.round(one - other);
  return el("span", {class: seconds > 0 ? "slower" : "sooner"}, (seconds > 0 ? "+" : seconds < 0 ? "−" : "") + clock(Math.abs(seconds)));
}

async function showPlayersCompared({content, query, signal, onLeave, title}) {
  title("Compare players");
  const one = query.get("one") || "", other = query.get("other") || "", heading = el("h1", {}, "Compare players");
  const pick = (which) => card(one ? "With whom" : "Who", picker({label: "player or account", path: "players", rows: "players", find: {}, onLeave, drawn: (player) =>
    el("a", {href: address("players", {one, other, [which]: player.player_key})}, name(player.name), " ", player.region ? player.region.toUpperCase() : "", " " + number(player.game_count) + " games")}));
  if (!one || !other) {
    const mine = one ? await get("players/" + encodeURIComponent(one), {}, signal) : null;
    content.replaceChildren(heading, ...(mine ? [el("p", {class: "lead"}, name(mine.player.name))] : []), pick(one ? "other" : "one"));
    return;
  }
  const {asked, players, figures, meetings} = await get("compare/players", {one, other}, signal);
  title("Compare " + players.map((player) => plain(player.name || "unknown")).join(" and "));
  const matchups = [...new Set(players.flatMap((player) => player.matchups.map((row) => row.name)))].sort();
  const tally = (player, matchup) => { const row = player.matchups.find((each) => each.name === matchup); return row ? percent(row.won, row.won + row.lost) + " of " + number(row.games) : "–"; };
  const columns = (of) => players.map((player, i) => ({label: plain(player.name || "unknown"), isNumber: true, of: (row) => of(player, row, i)}));
  content.replaceChildren(heading,
    el("p", {class: "asked"}, name(asked)),
    el("div", {class: "teams"}, players.map((player, i) => el("section", {class: "card team"},
      el("p", {class: "player"}, chip(i), el("a", {href: "/player/" + encodeURIComponent(player.player_key)}, name(player.name))),
      el("p", {class: "soft"}, number(player.games) + " games, " + number(player.won) + " won · last MMR " + number(player.last_mmr))))),
    el("p", {}, meetings.games ? "Against one another: " + number(meetings.won_by_first) + " to " + number(meetings.won_by_second) + " in " + number(meetings.games) + " games." : "They never met in this warehouse."),
    el("div", {class: "cards"},
      card("Means of their games", table([{label: "", of: (row) => row.title}, ...columns((_, row, i) => number(i ? row.other : row.one, 1))], figures)),
      card("Won by matchup", matchups.length ? table([{label: "", of: (row) => row}, ...columns((player, row) => tally(player, row))], matchups) : el("p", {class: "nothing"}, "None known.")),
      pick("other")));
}
