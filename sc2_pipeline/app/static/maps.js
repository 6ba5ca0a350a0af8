// Map families, and one of them: balance, starts and deaths.
import {get} from "/static/api.js";
import {keepDrawn} from "/static/charts.js";
import {card, day, clock, el, name, number, percent, race, table, tiles} from "/static/dom.js";
import {searched} from "/static/players.js";

export function showMaps({content, query, onLeave, title}) {
  title("Maps");
  return searched({content, query, onLeave, path: "maps", rows: "maps", heading: "Maps", words: ["map", "maps"], draw: (maps) => table([
    {label: "map", of: (map) => el("a", {href: "/map/" + encodeURIComponent(map.map_key)}, name(map.map_name))},
    {label: "games", isNumber: true, of: (map) => number(map.game_count)},
    {label: "versions", isNumber: true, className: "spare", of: (map) => number(map.version_count)},
    {label: "median length", isNumber: true, of: (map) => clock(map.median_duration_seconds)},
    {label: "last game", isNumber: true, className: "spare", of: (map) => day(map.last_played_at)},
  ], maps)});
}

export async function showMap({content, parts, signal, onLeave, title}) {
  const found = await get("maps/" + encodeURIComponent(parts[0]), {}, signal);
  const {map, balance} = found;
  title(map.map_name || "Map");
  const others = (map.map_names_seen || []).filter((each) => each !== map.map_name);
  const canvas = el("canvas", {role: "img", "aria-label": "Where units died, and where players began"});
  content.replaceChildren(
    el("h1", {}, name(map.map_name)),
    el("p", {class: "lead"}, day(map.first_played_at) + " to " + day(map.last_played_at), others.length ? [" · also ", others.map((each, i) => [i ? ", " : "", name(each)])] : null),
    tiles([["games", number(map.game_count)], ["versions", number(map.version_count)], ["median length", clock(map.median_duration_seconds)]]),
    el("p", {}, el("a", {href: "/games?map=" + encodeURIComponent(map.map_name || "")}, "Games on this map")),
    el("div", {class: "cards"},
      card("Balance", balance.length ? table([
        {label: "matchup", of: (row) => row.matchup}, {label: "race", of: (row) => race(row.race)},
        {label: "games", isNumber: true, of: (row) => number(row.games)}, {label: "won", isNumber: true, of: (row) => percent(row.won, row.won + row.lost)},
      ], balance) : el("p", {class: "nothing"}, "No 1v1 between people of two races."), balance.length ? el("p", {class: "soft"}, "1v1 between people, mirrors left out.") : null),
      found.deaths.length ? card("Where units died", el("div", {class: "map-place"}, canvas), el("p", {class: "soft"}, "Squares of " + found.cells + " cells over all games; rings are first town halls.")) : null));
  if (!found.deaths.length) return;
  keepDrawn(canvas.parentNode, () => heat(canvas, found), onLeave);
}

function heat(canvas, {deaths, starts, cells}) {
  const xs = [...deaths, ...starts].map((each) => each.x), ys = [...deaths, ...starts].map((each) => each.y);
  const left = Math.min(...xs) - 4, bottom = Math.min(...ys) - 4, right = Math.max(...xs) + cells + 4, top = Math.max(...ys) + cells + 4;
  const width = canvas.parentNode.clientWidth, ratio = devicePixelRatio || 1, style = getComputedStyle(document.documentElement);
  const scale = Math.min(width / (right - left), 480 / (top - bottom));
  canvas.style.width = (right - left) * scale + "px";
  canvas.style.height = (top - bottom) * scale + "px";
  canvas.width = (right - left) * scale * ratio;
  canvas.height = (top - bottom) * scale * ratio;
  const pen = canvas.getContext("2d"), s = scale * ratio, most = Math.max(...deaths.map((each) => each.deaths));
  pen.fillStyle = style.getPropertyValue("--ground").trim();
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.getPropertyValue("--c1").trim();
  for (const each of deaths) {
    pen.globalAlpha = 0.12 + 0.88 * Math.sqrt(each.deaths / most);
    pen.fillRect((each.x - left) * s, (top - each.y - cells) * s, cells * s, cells * s);
  }
  pen.globalAlpha = 1;
  pen.lineWidth = 2 * ratio;
  pen.strokeStyle = style.getPropertyValue("--c0").trim();
  for (const each of starts) {
    pen.beginPath();
    pen.arc((each.x - left) * s, (top - each.y) * s, 4 * s, 0, 2 * Math.PI);
    pen.stroke();
  }
}
