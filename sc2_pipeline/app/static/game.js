// One game: facts, curves, fights, units, build orders and playback, all at one moment.
import {showAdvice} from "/static/advice.js";
import {get} from "/static/api.js";
import {showBuilds} from "/static/builds.js";
import {TimeChart, keepCharts} from "/static/charts.js";
import {card, chip, clock, el, minute, name, number, race, table, tiles} from "/static/dom.js";
import {bySide} from "/static/games.js";
import {showPlayback} from "/static/playback.js";
import {isOffline} from "/static/shelf.js";
import {GameTime} from "/static/time.js";
import {showUnits} from "/static/units.js";

const SPEEDS = [1, 2, 4, 8, 16, 32];
const BIG_FIGHTS = 12;

export async function showGame({content, parts, signal, query, onLeave, title}) {
  const whole = await get("games/" + encodeURIComponent(parts[0]), {}, signal);
  const {game, players} = whole;
  const shown = bySide(players).flat();
  const index = new Map(shown.map((player, i) => [player.player_id, i]));
  const label = new Map(players.map((player) => [player.player_id, player.name || "player " + player.player_id]));
  title(bySide(players).slice(0, 2).map((side) => side.slice(0, 4).map((player) => label.get(player.player_id)).join(", ")).join(" – ") + " on " + game.map_name);
  const time = new GameTime(game.length_seconds, game.clock_speed);
  onLeave(() => time.pause());

  const charts = curveCharts(whole, index, label, time);
  const left = el("div", {class: "curves"}, charts.map((chart) => chart.element));
  const costly = whole.fights.filter((fight) => fight.resources_lost > 0);
  const fights = [...costly].sort((a, b) => a.size_rank - b.size_rank).slice(0, BIG_FIGHTS).sort((a, b) => a.started_seconds - b.started_seconds);
  content.replaceChildren(
    head(game, players),
    el("div", {class: "teams"}, bySide(players).map((side) => team(side, index, game))),
    timeBar(time, fights),
    el("div", {class: "watch"},
      el("div", {class: "watch-left"}, charts.length ? left : el("p", {class: "nothing"}, "The replay has no samples of its players.")),
      el("div", {class: "watch-right"}, showPlayback(game.replay_id, whole, index, time, onLeave), showUnits(whole.units, shown, index, time))),
    card("Three things to fix", showAdvice(game.replay_id, shown, index, time, onLeave)),
    card("Build orders", showBuilds(whole.builds, shown, index, time, onLeave)),
    card("Fights", fightTable(fights, costly.length, shown, index, time)));
  keepCharts(charts, onLeave);
  const at = Number(query.get("at"));
  time.set(Number.isFinite(at) && at > 0 ? at : Math.min(game.length_seconds, 300));
  const keys = (event) => onKey(event, time);
  document.addEventListener("keydown", keys);
  onLeave(() => document.removeEventListener("keydown", keys));
}

function head(game, players) {
  const winner = bySide(players).find((side) => side[0].result === "victory");
  return el("header", {class: "game-head"},
    el("h1", {}, game.map_key ? el("a", {href: "/map/" + encodeURIComponent(game.map_key)}, name(game.map_name, "unknown map")) : name(game.map_name, "unknown map")),
    el("p", {class: "lead"}, [minute(game.played_at), game.game_mode, game.matchup, game.region && game.region.toUpperCase(), "patch " + String(game.game_version).split(".").slice(0, 3).join(".")].filter(Boolean).join(" · "), " · ", name(game.file_name)),
    isOffline ? null : el("p", {}, el("a", {href: "/compare/games?one=" + game.replay_id}, "Compare with another game, or the typical one")),
    game.tracker_complete === false ? el("p", {class: "problem"}, "The replay's events end early: ", name(game.tracker_fault)) : null,
    game.game_events_fault ? el("p", {class: "problem"}, "Commands are known only to a fault: ", name(game.game_events_fault)) : null,
    game.sc2_covered_share !== null && game.sc2_covered_share < 1 ? el("p", {class: "problem"}, "The game was run for " + Math.round(100 * game.sc2_covered_share) + "% of it.") : null,
    tiles([
      ["length", clock(game.length_seconds)],
      clock(game.recorded_seconds) === clock(game.length_seconds) ? null : ["recording", clock(game.recorded_seconds)],
      game.clock_speed === "normal" ? ["length at speed Faster", clock(game.duration_seconds)] : null,
      ["clock", game.clock_speed === "normal" ? "Normal" : "Faster"],
      ["winner", winner ? winner.map((player, i) => [i ? ", " : "", name(player.name)]) : "nobody known"],
      ["units lost", number(game.units_lost)],
      game.summoned_lost ? ["summoned units lost", number(game.summoned_lost)] : null,
    ].filter(Boolean)));
}

function team(side, index, game) {
  const isWinner = side[0].result === "victory";
  // The computer's armies in co-op are many, and have no numbers of a player.
  if (side.length > 1 && side[0].side === "computer") {
    return el("section", {class: "card team"}, el("h2", {}, "computer", el("span", {class: "result"}, side[0].result || "result unknown")),
      el("p", {}, side.map((player) => el("span", {class: "who"}, chip(index.get(player.player_id)), name(player.name)))));
  }
  return el("section", {class: "card team" + (isWinner ? " won" : "")},
    el("h2", {}, side[0].side === "computer" ? "computer" : side.length > 1 ? side[0].side.replace(/\d+/, (team) => Number(team) + 1) : "", el("span", {class: "result"}, side[0].result || "result unknown")),
    table([
      {label: "player", of: (player) => el("span", {class: "player"}, chip(index.get(player.player_id)), race(player.race_actual),
        player.player_key && player.side !== "computer" ? el("a", {href: "/player/" + encodeURIComponent(player.player_key)}, name(player.name)) : name(player.name),
        player.commander ? el("span", {class: "soft"}, name(player.commander)) : null)},
      {label: "MMR", isNumber: true, of: (player) => number(player.mmr)},
      {label: "APM", isNumber: true, of: (player) => number(player.apm)},
      {label: "SQ", title: "spending quotient", isNumber: true, of: (player) => number(player.spending_quotient, 1)},
      {label: "blocked", title: "seconds of effective supply blocks, of all of them", isNumber: true, of: (player) => blocked(player)},
      {label: "workers " + clock(game.clock_speed === "normal" ? 420 : 300), title: "workers at 5:00 of speed Faster", isNumber: true, of: (player) => number(player.workers_at_5_minutes)},
      {label: "lost", title: "units lost", isNumber: true, of: (player) => number(player.units_lost)},
      {label: "killed", title: "units killed", isNumber: true, of: (player) => number(player.units_killed)},
    ], side));
}

function blocked({effective_seconds: effective, blocked_seconds: all}) {
  if (all === null) return "–";
  return (effective === null ? "" : number(effective) + "\u00a0of\u00a0") + number(all) + "\u00a0s";
}

function curveCharts(whole, index, label, time) {
  const curves = whole.curves.filter((curve) => index.has(curve.player_id)).sort((a, b) => index.get(a.player_id) - index.get(b.player_id));
  const line = (curve, values, more = {}) => ({index: index.get(curve.player_id), label: label.get(curve.player_id), seconds: curve.seconds, values: curve[values], ...more});
  const bands = [...whole.fights].filter((fight) => fight.kind === "battle" || fight.size_rank <= BIG_FIGHTS).map((fight) => ({from: fight.started_seconds, to: Math.max(fight.ended_seconds, fight.started_seconds + time.length / 400)}));
  const blocks = curves.map((curve) => whole.blocks.filter((block) => block.player_id === curve.player_id).map((block) => ({from: block.started_seconds, to: block.ended_seconds, index: index.get(curve.player_id)})));
  const chart = (title, unit, values, more = {}) => new TimeChart({title, unit, bands, time, lines: curves.map((curve) => line(curve, values)), ...more});
  if (!curves.length) return [];
  return [
    chart("Army", "minerals and vespene", "army_value", {height: 150}),
    chart("Workers", "alive", "workers"),
    chart("Income", "minerals and vespene a minute", "income"),
    chart("Supply", "used, of that there is room for; blocks below", "supply_used", {blocks, lines: curves.flatMap((curve) => [line(curve, "supply_used"), line(curve, "supply_cap", {dash: true, isStep: true})])}),
    chart("Bank", "minerals and vespene unspent", "unspent"),
    chart("Lost", "minerals and vespene, so far", "resources_lost"),
  ].filter((each) => each.lines.some((line) => line.values.some(Boolean)));
}

function timeBar(time, fights) {
  const play = el("button", {type: "button", class: "play", "aria-keyshortcuts": "Space", onclick: () => (time.isPlaying ? time.pause() : time.play())});
  const slider = el("input", {type: "range", min: 0, max: time.length, step: 0.1, "aria-label": "Moment of the game", oninput: () => time.set(Number(slider.value))});
  const speed = el("select", {"aria-label": "Speed", onchange: () => { time.speed = Number(speed.value); }}, SPEEDS.map((each) => el("option", {value: each, selected: each === time.speed}, "×" + each)));
  const said = el("output", {class: "moment"});
  const marks = el("div", {class: "fight-marks"}, fights.map((fight) => {
    const mark = el("button", {type: "button", class: "fight-mark", title: fight.kind + " at " + clock(fight.started_seconds) + ", " + number(fight.resources_lost) + " lost", "aria-label": "to the " + fight.kind + " at " + clock(fight.started_seconds), onclick: () => time.set(fight.started_seconds)});
    mark.style.left = 100 * fight.started_seconds / time.length + "%";
    return mark;
  }));
  time.watch((seconds) => {
    if (!time.isPlaying || Math.abs(slider.value - seconds) > time.length / 1000) slider.value = seconds;
    const label = time.isPlaying ? "Pause" : "Play";
    if (play.textContent !== label) play.textContent = label;
  });
  time.watchCalmly((seconds) => {
    said.textContent = clock(seconds) + " / " + clock(time.length);
    slider.setAttribute("aria-valuetext", clock(seconds));
  });
  return el("div", {class: "time-bar"}, play, el("div", {class: "scrub"}, marks, slider), said, speed);
}

function onKey(event, time) {
  if (event.target.matches("input:not([type=range]), select, textarea, button, a, summary") && event.key === " ") return;
  if (event.target.matches("input, select, textarea") && event.key !== " ") return;
  if (event.key === " ") { event.preventDefault(); if (time.isPlaying) time.pause(); else time.play(); }
  if (event.key === "ArrowLeft") time.set(time.seconds - 5);
  if (event.key === "ArrowRight") time.set(time.seconds + 5);
}

function fightTable(fights, count, shown, index, time) {
  if (!fights.length) return el("p", {class: "nothing"}, "Nobody lost anything in a fight.");
  const lost = (fight, player) => fight.sides.find((side) => side.player_id === player.player_id);
  const people = shown.filter((player) => player.side !== "computer").slice(0, 8);
  return [
    count > fights.length ? el("p", {class: "soft"}, "The " + fights.length + " most expensive of " + count + ".") : null,
    table([
      {label: "at", of: (fight) => el("button", {type: "button", class: "link", onclick: () => { time.set(fight.started_seconds); document.querySelector(".time-bar").scrollIntoView({block: "nearest"}); }}, clock(fight.started_seconds))},
      {label: "kind", of: (fight) => fight.kind.replace("_", " ")},
      {label: "lost", isNumber: true, className: people.length > 2 ? null : "spare", of: (fight) => number(fight.resources_lost)},
      ...people.map((player) => ({label: player.name || "player " + player.player_id, isNumber: true, of: (fight) => {
        const side = lost(fight, player);
        return el("span", {}, chip(index.get(player.player_id)), side ? number(side.resources_lost) : "–");
      }})),
    ], fights, {isStacked: people.length > 2}),
  ];
}
