// A game on its map. Solid: the replay says where; hollow: walked as commanded; dotted: not heard of for a while.
import {get} from "/static/api.js";
import {colour, keepDrawn} from "/static/charts.js";
import {el, plain} from "/static/dom.js";

const SEEN_ON = 2, KNOWN = 5, HEARD = 15, DYING = 4;
const SIZES = {townhall: 4.5, production: 3, technology: 2.6, supply: 2, gas: 2.6, defence: 2, addon: 1.6, worker: 0.8, army: 1.3};

export function showPlayback(replay, whole, index, time, onLeave) {
  const canvas = el("canvas", {role: "img", "aria-label": "The map, played back; the charts and build orders say the same in numbers"});
  const said = el("p", {class: "soft", role: "status"}, "The places of units are read …");
  const hint = el("p", {class: "hint", "aria-hidden": "true"});
  const place = el("div", {class: "map-place"}, canvas, hint);
  const element = el("section", {class: "card map-card"}, el("h2", {}, "On the map"), place, said);
  const gone = new AbortController();
  onLeave(() => gone.abort());
  get("games/" + encodeURIComponent(replay) + "/playback", {}, gone.signal).then((played) => {
    if (gone.signal.aborted) return;
    if (!played.box) { said.textContent = "The replay says nothing of places."; place.remove(); return; }
    said.replaceChildren(...legend(played.is_observed));
    const stage = new Stage(canvas, hint, played, whole.fights, index, time);
    keepDrawn(place, () => { stage.ink(); stage.resize(); }, onLeave);
    time.watch((seconds) => stage.draw(seconds));
  }).catch((error) => { if (!gone.signal.aborted) { said.className = "problem"; said.textContent = error.message; } });
  return element;
}

function legend(isObserved) {
  return [["solid", isObserved ? "seen in the game" : "the replay says where"], ["hollow", "walked as commanded"], ["dotted", "not heard of for " + HEARD + " s"], ["dead", "died"]].map(([kind, text]) =>
    el("span", {class: "key"}, el("span", {class: "mark " + kind, "aria-hidden": "true"}), text));
}

// Of each point, when the replay last said where the unit is, and when it next does.
function heard(points) {
  const before = [], after = [];
  points.forEach((point, i) => { before.push(point[3] ? point[0] : i ? before[i - 1] : -Infinity); });
  for (let i = points.length - 1, next = Infinity; i >= 0; i--) {
    after[i] = next;
    if (points[i][3]) next = points[i][0];
  }
  return {before, after};
}

class Stage {
  constructor(canvas, hint, played, fights, index, time) {
    Object.assign(this, {canvas, hint, played, fights, index, time, drawn: [], images: new Map()});
    this.slow = played.clock_speed === "normal" ? 1.4 : 1;
    this.units = played.units.filter((unit) => unit.points.length).map((unit) => ({...unit, ...heard(unit.points), at: 0, images: {}, size: SIZES[unit.category] || 1.1, colour: index.has(unit.player_id) ? index.get(unit.player_id) : 6}));
    this.units.sort((a, b) => b.is_structure - a.is_structure || b.size - a.size);
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerleave", () => { hint.textContent = ""; });
  }

  ink() {
    this.forget();
    this.colours = Array.from({length: 8}, (_, i) => colour(i));
    const style = getComputedStyle(document.documentElement);
    this.soft = style.getPropertyValue("--soft").trim();
    this.ground = style.getPropertyValue("--ground").trim();
    this.fight = style.getPropertyValue("--shade").trim();
  }

  resize() {
    const {left, right, bottom, top} = this.played.box;
    const width = this.canvas.parentNode.clientWidth, ratio = devicePixelRatio || 1;
    if (!width) return;
    this.scale = Math.min(width / (right - left), Math.min(innerHeight * 0.62, 560) / (top - bottom));
    this.canvas.style.width = (right - left) * this.scale + "px";
    this.canvas.style.height = (top - bottom) * this.scale + "px";
    this.canvas.width = Math.round((right - left) * this.scale * ratio);
    this.canvas.height = Math.round((top - bottom) * this.scale * ratio);
    this.pixels = this.scale * ratio;
    this.forget();
    this.draw(this.time.seconds);
  }

  forget() {
    this.images.clear();
    for (const unit of this.units) unit.images = {};
  }

  x(cells) { return (cells - this.played.box.left) * this.pixels; }
  y(cells) { return (this.played.box.top - cells) * this.pixels; }

  draw(seconds) {
    const pen = this.canvas.getContext("2d", {alpha: false});
    if (!pen || !this.pixels) return;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = this.ground;
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (const fight of this.fights) {
      if (fight.x === null || seconds < fight.started_seconds || seconds > fight.ended_seconds + DYING) continue;
      pen.fillStyle = this.fight;
      pen.beginPath();
      pen.arc(this.x(fight.x), this.y(fight.y), Math.max(4, fight.radius + 3) * this.pixels, 0, 2 * Math.PI);
      pen.fill();
    }
    this.drawn.length = 0;
    const dead = [];
    for (const unit of this.units) {
      if (seconds < unit.born) continue;
      if (seconds < unit.ended || (unit.ended >= this.time.length - 0.05 && !unit.is_loss)) this.drawUnit(pen, unit, seconds);
      else if (unit.is_loss && seconds < unit.ended + DYING * this.slow) dead.push(unit);
    }
    for (const unit of dead) this.drawDeath(pen, unit, seconds);
    pen.globalAlpha = 1;
  }

  // Where a unit is at a moment, and for how long nobody has said so.
  where(unit, seconds) {
    const points = unit.points;
    if (unit.at >= points.length || points[unit.at][0] > seconds) unit.at = 0;
    while (unit.at + 1 < points.length && points[unit.at + 1][0] <= seconds) unit.at++;
    const here = points[unit.at], next = points[unit.at + 1];
    const known = here[3] === SEEN_ON && next ? 0 : Math.min(seconds - unit.before[unit.at], unit.after[unit.at] - seconds);
    const share = next && next[0] > here[0] ? (seconds - here[0]) / (next[0] - here[0]) : 0;
    const isMoving = next && (next[1] !== here[1] || next[2] !== here[2]);
    return {
      x: next ? here[1] + (next[1] - here[1]) * share : here[1], y: next ? here[2] + (next[2] - here[2]) * share : here[2],
      known: known / this.slow, heard: Math.min(known, isMoving && !here[3] ? 0 : seconds - here[0]) / this.slow,
    };
  }

  drawUnit(pen, unit, seconds) {
    const {x, y, known, heard} = this.where(unit, seconds);
    const way = unit.is_structure || known <= KNOWN ? "solid" : heard <= HEARD ? "hollow" : "dotted";
    const image = unit.images[way] || (unit.images[way] = this.image(unit, way)), px = this.x(x), py = this.y(y);
    pen.drawImage(image, Math.round(px - image.width / 2), Math.round(py - image.height / 2));
    this.drawn.push([px, py, unit, way]);
  }

  // Drawing a dotted ring costs a hundred times what copying one does, and there are few kinds.
  image(unit, way) {
    const size = Math.max(unit.size * this.pixels, unit.category === "worker" ? 1.6 : 2.6);
    const key = [unit.colour, way, unit.is_structure, size].join(" ");
    let image = this.images.get(key);
    if (image) return image;
    image = document.createElement("canvas");
    const line = Math.max(1, this.pixels * 0.22), middle = Math.ceil(size / 2 + line) + 0.5, pen = image.getContext("2d");
    image.width = image.height = 2 * middle;
    pen.fillStyle = pen.strokeStyle = this.colours[unit.colour % 8];
    pen.lineWidth = line;
    pen.globalAlpha = unit.is_structure || way === "dotted" ? 0.55 : 1;
    if (way === "dotted") pen.setLineDash([line, line * 1.4]);
    pen.beginPath();
    if (unit.is_structure) pen.rect(middle - size / 2, middle - size / 2, size, size);
    else pen.arc(middle, middle, size / 2, 0, 2 * Math.PI);
    if (way === "solid") pen.fill(); else pen.stroke();
    this.images.set(key, image);
    return image;
  }

  drawDeath(pen, unit, seconds) {
    const [, x, y] = unit.points[unit.points.length - 1], size = Math.max(3, unit.size * this.pixels) * 0.6;
    pen.globalAlpha = 1 - (seconds - unit.ended) / (DYING * this.slow);
    pen.strokeStyle = this.colours[unit.colour % 8];
    pen.lineWidth = Math.max(1.4, this.pixels * 0.3);
    pen.beginPath();
    pen.moveTo(this.x(x) - size, this.y(y) - size); pen.lineTo(this.x(x) + size, this.y(y) + size);
    pen.moveTo(this.x(x) + size, this.y(y) - size); pen.lineTo(this.x(x) - size, this.y(y) + size);
    pen.stroke();
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect(), ratio = this.canvas.width / box.width;
    const px = (event.clientX - box.left) * ratio, py = (event.clientY - box.top) * ratio;
    let nearest = null, least = (12 * ratio) ** 2;
    for (const [x, y, unit, way] of this.drawn) {
      const distance = (x - px) ** 2 + (y - py) ** 2;
      if (distance < least) { least = distance; nearest = [unit, way]; }
    }
    this.hint.textContent = nearest ? plain(nearest[0].name) + (nearest[1] === "solid" ? "" : nearest[1] === "hollow" ? " (walked as commanded)" : " (not heard of)") : "";
  }
}
