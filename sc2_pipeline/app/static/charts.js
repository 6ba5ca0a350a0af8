// Line charts by Vega-Lite. They are drawn once; the cursor is an element of its own above them.
import {clock, el, number, table} from "/static/dom.js";
import {isOffline} from "/static/shelf.js";
import {sketch} from "/static/sketch.js";

const LEFT = 46, RIGHT = 10, TOP = 6, BOTTOM = 20;
let library;

export function vega() {
  library = library || (isOffline ? Promise.resolve() : import("/static/vega.js")).then(() => globalThis.vegaEmbed);
  return library;
}

export function colour(index) {
  return getComputedStyle(document.documentElement).getPropertyValue("--c" + index % 8).trim();
}

function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function ticks(seconds, width) {
  const step = [30, 60, 120, 300, 600, 1200, 3600, 7200, 36000].find((each) => seconds / each <= Math.max(2, width / 70)) || 36000;
  return Array.from({length: Math.floor(seconds / step) + 1}, (_, i) => i * step);
}

function axisConfig() {
  return {labelColor: ink("soft"), titleColor: ink("soft"), gridColor: ink("grid"), domain: false, ticks: false, labelFont: "system-ui, sans-serif", labelFontSize: 11, titleFontSize: 0, labelPadding: 5};
}

export async function draw(place, spec, width, height) {
  const vegaEmbed = await vega();
  if (!vegaEmbed) return sketch(place, spec, width, height);
  return vegaEmbed(place, {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json", background: null, width, height,
    autosize: "none", padding: {left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM}, config: {view: {stroke: null}, axis: axisConfig(), legend: {disable: true}}, ...spec,
  }, {ast: true, actions: false, renderer: "canvas", defaultStyle: false, tooltip: false, hover: false, mode: "vega-lite"});
}

// A chart of lines over a game's time: lines are {index, dash, isStep, label, seconds, values}.
export class TimeChart {
  constructor({title, unit, lines, bands = [], blocks = [], time, height = 118}) {
    Object.assign(this, {title, lines, bands, blocks, time, height});
    this.readouts = lines.map(() => el("b", {}, "–"));
    this.plot = el("div", {class: "plot"});
    this.cursor = el("div", {class: "cursor", "aria-hidden": "true"});
    this.holder = el("div", {class: "holder"}, this.plot, this.cursor);
    this.element = el("figure", {class: "chart", role: "group", "aria-label": title + ", " + unit},
      el("figcaption", {}, el("span", {class: "chart-title"}, title, el("small", {}, " " + unit, el("span", {class: "spare"}, " · clock at speed " + time.speedName))),
        el("span", {class: "values"}, lines.map((line, i) => el("span", {class: "value c" + line.index % 8 + (line.dash ? " dashed" : ""), title: line.label}, el("span", {class: "printed"}, line.label + (line.dash ? ", room" : "")), this.readouts[i])))),
      this.holder, this.numbers(title));
    for (const kind of ["pointermove", "pointerdown"]) {
      this.holder.addEventListener(kind, (event) => { if (!time.isPlaying || kind === "pointerdown") time.set(this.secondsAt(event)); });
    }
    time.watch((seconds) => this.point(seconds));
    time.watchCalmly((seconds) => this.read(seconds));
  }

  // The same in a table, for those who do not see the chart; made when it is opened.
  numbers(title) {
    const columns = [{label: "at", of: (seconds) => clock(seconds)}, ...this.lines.map((line) => ({label: line.label + (line.dash ? ", room" : ""), isNumber: true, of: (seconds) => number(line.values[last(line.seconds, seconds)])}))];
    const details = el("details", {class: "numbers"}, el("summary", {}, "as a table", el("span", {class: "sr"}, ": " + title)));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(table(columns, ticks(this.time.length, 20 * 70), {isStacked: false}));
    });
    return details;
  }

  secondsAt(event) {
    const x = event.clientX - this.holder.getBoundingClientRect().left - LEFT;
    return x / this.width * this.time.length;
  }

  // Moved by half pixels: the browser works on whatever is written, seen or not.
  point(seconds) {
    const x = Math.round(2 * (LEFT + this.width * seconds / this.time.length)) / 2;
    if (!this.width || x === this.x) return;
    this.x = x;
    this.cursor.style.transform = "translateX(" + x + "px)";
  }

  read(seconds) {
    this.lines.forEach((line, i) => {
      const at = last(line.seconds, seconds);
      const said = at < 0 ? "–" : number(line.values[at]);
      if (this.readouts[i].textContent !== said) this.readouts[i].textContent = said;
    });
  }

  async draw() {
    this.finish();
    this.width = this.holder.clientWidth - LEFT - RIGHT;
    if (this.width < 40) return;
    const x = {field: "t", type: "quantitative", scale: {domain: [0, this.time.length], nice: false},
      axis: {grid: false, values: ticks(this.time.length, this.width), labelExpr: "floor(datum.value / 60) + ':' + pad(datum.value % 60, 2, '0', 'left')", title: null}};
    const layers = [];
    if (this.bands.length) layers.push({data: {values: this.bands}, mark: {type: "rect", color: ink("shade")}, encoding: {x: {...x, field: "from"}, x2: {field: "to"}}});
    for (const line of this.lines) {
      layers.push({
        data: {values: line.seconds.map((t, i) => ({t, v: line.values[i]}))},
        mark: {type: "line", color: colour(line.index), strokeWidth: line.dash ? 1.3 : 2, strokeDash: line.dash ? [4, 3] : [1, 0], opacity: line.dash ? 0.75 : 1, interpolate: line.isStep ? "step-after" : "linear", clip: true},
        encoding: {x, y: {field: "v", type: "quantitative", scale: {zero: true, nice: true}, axis: {tickCount: 4, title: null, labelExpr: "abs(datum.value) >= 1000 ? datum.value / 1000 + 'k' : datum.value"}}},
      });
    }
    this.blocks.forEach((blocks, i) => {
      if (blocks.length) layers.push({data: {values: blocks}, mark: {type: "rect", color: colour(blocks[0].index)}, encoding: {x: {...x, field: "from"}, x2: {field: "to"}, y: {value: this.height - 5 * i - 4}, y2: {value: this.height - 5 * i}}});
    });
    this.view = await draw(this.plot, {layer: layers}, this.width, this.height);
    this.point(this.time.seconds);
  }

  finish() {
    this.view?.finalize();
    this.view = null;
    this.plot.replaceChildren();
  }
}

// Index of the last number that is not above one; -1 where all are.
export function last(numbers, value) {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// Draws a place when there is room, again when it has another width or the page another theme, and never twice at once. What
// is returned draws again at once.
export function keepDrawn(place, work, onLeave) {
  let width = 0, queue = Promise.resolve();
  const again = () => { if (width) queue = queue.then(() => work(width)); };
  const sized = new ResizeObserver(() => {
    const now = place.clientWidth;
    if (now && now !== width) { width = now; again(); }
  });
  sized.observe(place);
  const theme = matchMedia("(prefers-color-scheme: dark)");
  theme.addEventListener("change", again);
  onLeave(() => { sized.disconnect(); theme.removeEventListener("change", again); });
  return again;
}

// The same for one chart, of which `spec` makes the specification for a width, with its height and padding.
export function keepChart(place, spec, onLeave) {
  let view = null;
  onLeave(() => view?.finalize());
  return keepDrawn(place, async (width) => {
    view?.finalize();
    place.replaceChildren();
    const made = spec(width), {left, right} = made.padding;
    view = await draw(place, made, width - left - right, made.height);
  }, onLeave);
}

export function keepCharts(charts, onLeave) {
  if (!charts.length) return;
  onLeave(() => charts.forEach((chart) => chart.finish()));
  keepDrawn(charts[0].element, async () => { for (const chart of charts) await chart.draw(); }, onLeave);
}
