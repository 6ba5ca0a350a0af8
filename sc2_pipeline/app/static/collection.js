// A collection as a whole: openers, timings, maps, and what became of the files. Its pictures are tables with a scale in one column.
import {get} from "/static/api.js";
import {card, clock, day, el, name, number, percent, race, table, tiles} from "/static/dom.js";

export async function showCollection({content, signal, title}) {
  title("Collection");
  const found = await get("collection", {}, signal);
  const {totals, openers, timings, maps, files, known} = found;
  content.replaceChildren(
    el("h1", {}, "StarCraft II replays"),
    el("p", {class: "lead"}, totals.games ? day(totals.first_played_at) + " to " + day(totals.last_played_at) : "There are no games yet."),
    tiles([["games", number(totals.games)], ["replays", number(totals.replays)], ["accounts", number(totals.players)], ["maps", number(totals.maps)], ["hours played", number(totals.hours, 1)]]),
    openers.length ? card("Openers, and who wins with them",
      el("p", {class: "soft"}, found.duels + ". In a mirror, games in which both play the same opener are left out. Bars are Wilson's 95% intervals: one that crosses the middle says that nothing is known yet."),
      el("div", {class: "cards"}, grouped(openers, (row) => row.matchup).map(([matchup, rows]) => el("section", {}, el("h3", {}, matchup), openerTable(rows))))) : "",
    timings.length ? card("When things are begun",
      el("p", {class: "soft"}, found.duels + ". Boxes hold half of the players, lines 90 in 100; minutes at speed Faster. Of structures, those of at least a quarter of the players."),
      el("div", {class: "cards wide"}, grouped(timings, (row) => row.race).map(([each, rows]) => el("section", {}, el("h3", {}, race(each), each), timingTable(rows))))) : "",
    maps.length ? card("Maps", el("p", {class: "soft"}, found.asked + ". Under all titles and in all versions of a map" + (maps.some((map) => map.balance.length) ? "; of 1v1s between two races, what the first race has won, and its 95% interval." : ".")), mapTable(maps)) : "",
    el("div", {class: "cards"},
      files.length ? card("What became of " + number(totals.files) + " files", table([
        {label: "status", of: (row) => el("span", {class: "status " + row.status}, row.status)},
        {label: "why", of: (row) => row.meaning || ""},
        {label: "replays", isNumber: true, of: (row) => number(row.files)},
      ], files)) : null,
      known.length ? card("What is known", table([
        {label: "", of: (row) => row.what},
        {label: "known", isNumber: true, of: (row) => percent(row.known, row.counted)},
        {label: "of", isNumber: true, of: (row) => number(row.counted)},
      ], known)) : null));
}

function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) || []), row]);
  return [...groups];
}

function openerTable(rows) {
  return table([
    {label: "opener", of: (row) => [race(row.race), name(row.name)]},
    {label: "games", isNumber: true, of: (row) => number(row.games)},
    {label: "won", isNumber: true, of: (row) => percent(row.won, row.games)},
    {label: scale([[0, "0%"], [0.5, "50%"], [1, "100%"]]), className: "scaled", of: (row) => interval(row)},
  ], rows, {isStacked: false});
}

function interval({low, high, rate}) {
  return track([["half", 0.5], ["reach", low, high], ["dot", rate]], "between " + percent(low, 1) + " and " + percent(high, 1));
}

function timingTable(rows) {
  const longest = Math.max(...rows.map((row) => row.seconds[4])), minutes = Math.ceil(longest / 60), step = Math.ceil(minutes / 2), end = 2 * step * 60;
  const marks = [0, 0.5, 1].map((part) => [part, clock(part * end)]);
  return table([
    {label: "", of: (row) => name(row.name)},
    {label: "players", isNumber: true, of: (row) => number(row.players)},
    {label: "half by", isNumber: true, of: (row) => clock(row.seconds[2])},
    {label: scale(marks), className: "scaled", of: ({seconds}) => {
      const [first, quarter, middle, third, last] = seconds.map((each) => each / end);
      return track([["whisker", first, last], ["box", quarter, third], ["median", middle]], "half of them from " + clock(seconds[1]) + " to " + clock(seconds[3]));
    }},
  ], rows, {isStacked: false});
}

function mapTable(maps) {
  const most = Math.max(...maps.map((map) => map.games));
  const matchups = [...new Set(maps.flatMap((map) => map.balance.map((row) => row.matchup)))].sort();
  return table([
    {label: "map", of: (map) => el("a", {href: "/map/" + encodeURIComponent(map.map_key)}, name(map.map_name))},
    {label: "games", isNumber: true, of: (map) => number(map.games)},
    {label: "", className: "scaled", of: (map) => track([["bar", 0, map.games / most]], "")},
    {label: "median length", isNumber: true, of: (map) => clock(map.length_seconds)},
    ...matchups.map((matchup) => ({label: matchup, className: "scaled", of: (map) => {
      const row = map.balance.find((each) => each.matchup === matchup);
      return row ? [el("span", {class: "said"}, percent(row.won, row.games) + " of " + row.games), interval(row)] : el("span", {class: "soft"}, "–");
    }})),
  ], maps);
}

// Spans of a scale from 0 to 1, one above the other; what they say is there for those who do not see them.
function track(spans, said) {
  return el("span", {class: "track", title: said || null}, spans.map(([kind, from, to = from]) => {
    const span = el("span", {class: kind});
    span.style.left = 100 * from + "%";
    if (to !== from) span.style.width = 100 * (to - from) + "%";
    return span;
  }), said ? el("span", {class: "sr"}, said) : null);
}

function scale(marks) {
  return el("span", {class: "track marks"}, marks.map(([at, text], i) => {
    const mark = el("span", {class: i === 0 ? "first" : i === marks.length - 1 ? "last" : ""}, text);
    mark.style.left = 100 * at + "%";
    return mark;
  }));
}
