// Charts where the library is not at hand: the lines and spans of a Vega-Lite specification as SVG, in colours that follow the page's.
import {clock, number} from "/static/dom.js";

const SPACE = {left: 46, right: 10, top: 6, bottom: 20};

function svg(tag, attributes, text = null) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  return node;
}

export function sketch(place, spec, width, height) {
  const layers = spec.layer || [spec], isTime = layers[0].encoding.x.type === "temporal";
  const moment = (value) => (isTime ? Date.parse(value) : value);
  const xs = layers.flatMap((layer) => layer.data.values.flatMap((row) => [layer.encoding.x, layer.encoding.x2].filter(Boolean).map((channel) => moment(row[channel.field]))));
  const lines = layers.filter((layer) => layer.mark.type === "line");
  const ys = lines.flatMap((layer) => layer.data.values.map((row) => row[layer.encoding.y.field])).filter((value) => value !== null);
  const {scale: {domain} = {}, axis} = layers[0].encoding.x;
  const [first, last] = domain || bounds(xs), zero = lines.some((layer) => layer.encoding.y.scale.zero);
  const rows = ticks(...bounds(zero ? [0, ...ys] : ys)), [low, high] = bounds([...rows, ...ys]);
  const x = (value) => SPACE.left + width * (moment(value) - first) / (last - first || 1);
  const y = (value) => SPACE.top + height * (1 - (value - low) / (high - low || 1));
  const picture = svg("svg", {class: "sketch", width: width + SPACE.left + SPACE.right, height: height + SPACE.top + SPACE.bottom, "aria-hidden": "true"});
  for (const row of rows) {
    picture.append(svg("line", {x1: SPACE.left, x2: SPACE.left + width, y1: y(row), y2: y(row), class: "grid-line"}), svg("text", {x: SPACE.left - 5, y: y(row) + 4, "text-anchor": "end"}, Math.abs(row) >= 1000 ? row / 1000 + "k" : number(row, 2)));
  }
  for (const at of axis.values || [first, last]) {
    const said = isTime ? new Date(at).toISOString().slice(0, 10) : clock(at);
    picture.append(svg("text", {x: x(isTime ? new Date(at) : at), y: SPACE.top + height + 15, "text-anchor": at === last ? "end" : at === first ? "start" : "middle"}, said));
  }
  for (const {mark, encoding, data: {values}} of layers) {
    if (mark.type === "line") picture.append(svg("path", {d: path(values, encoding, x, y, mark.interpolate === "step-after"), fill: "none", stroke: mark.color, "stroke-width": mark.strokeWidth || 2, "stroke-dasharray": (mark.strokeDash || [1, 0]).join(" ")}));
    else for (const row of values) {
      const top = encoding.y ? SPACE.top + encoding.y.value : SPACE.top, bottom = encoding.y2 ? SPACE.top + encoding.y2.value : SPACE.top + height;
      picture.append(svg("rect", {x: x(row[encoding.x.field]), y: top, width: Math.max(1, x(row[encoding.x2.field]) - x(row[encoding.x.field])), height: bottom - top, fill: mark.color}));
    }
  }
  place.replaceChildren(picture);
}

function path(values, encoding, x, y, isStep) {
  const points = values.filter((row) => row[encoding.y.field] !== null).map((row) => [x(row[encoding.x.field]).toFixed(1), y(row[encoding.y.field]).toFixed(1)]);
  return points.map(([at, value], i) => (i ? (isStep ? "H" + at + "V" + value : "L" + at + " " + value) : "M" + at + " " + value)).join("");
}

function bounds(numbers) {
  return numbers.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
}

// Round numbers from at most the lowest to at least the highest.
function ticks(low, high) {
  const raw = (high - low) / 4 || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= raw * 0.999);
  const first = Math.floor(low / step), count = Math.ceil(high / step) - first;
  return Array.from({length: count + 1}, (_, i) => (first + i) * step);
}
