/* Draws a figure of bars in a few milliseconds, so that it is seen before plotly has drawn it. Every line and
   every word is where plotly puts it, so that nobody sees the change from one to the other.

   Given: a figure of plotly with its colours, and the graph's size in pixels.
   Gives: `lightGraph(figure, size)`, an element <svg>; null where the figure has something that is not
   drawn here (light_graph_check.js): plotly alone draws it.
   Example: lightGraph({ data: [{ type: "scatter" }], layout }, size) is null. */
const { scalesOf } = require("./graph_scales");
const { canBeLight } = require("./light_graph_check");
const { unescaped } = require("./text");

const SVG = "http://www.w3.org/2000/svg";
const CORNER_PX = 2;
const BORDER_PX = 2; // around the text of an annotation
const MIDDLE = 0.35; // of a font's size, from the middle of a line to its baseline

function lightGraph({ data, layout }, size) {
  if (!canBeLight(data, layout)) return null;
  const scales = scalesOf(layout, size);
  const { width, height } = size;
  const svg = node("svg", { class: "light-graph", width, height, "aria-hidden": "true" });
  svg.style.background = layout.paper_bgcolor;
  svg.append(
    ...(layout.shapes || []).map((shape) => shapeLine(shape, scales)),
    ...gridLines(layout.yaxis, scales),
    barArea(data, layout, scales),
    ...tickTexts(layout, scales),
    ...(layout.annotations || []).map((note) => annotation(note, layout, scales)),
  );
  return svg;
}

// --- lines --------------------------------------------------------------------------------------------

function node(tag, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(text);
  return made;
}

function shapeLine({ x0, x1, y0, y1, yref, line, opacity = 1 }, { top, height, x, y }) {
  const at = (value) => (yref === "paper" ? top + height * (1 - value) : y(value));
  return node("path", {
    d: `M${x(x0)},${at(y0)}L${x(x1)},${at(y1)}`,
    stroke: line.color,
    "stroke-width": line.width,
    "stroke-dasharray": line.dash === "dot" ? "3 3" : "none",
    opacity,
  });
}

function gridLines(axis, { left, top, width, height, y }) {
  if (axis.visible === false) return [];
  const line = (value, stroke, thick) =>
    node("path", {
      d: `M${left},0h${width}`,
      transform: `translate(0,${y(value)})`,
      stroke,
      "stroke-width": thick,
      "shape-rendering": "crispEdges",
    });
  const steps = axis.showgrid === false ? [] : axis.tickvals;
  // Plotly leaves out lines on the edges of the plot area.
  const isInside = (value) => y(value) > top + 1 && y(value) < top + height - 1;
  const hasZero = axis.zeroline && axis.range[0] * axis.range[1] <= 0;
  return [
    ...steps
      .filter((value) => isInside(value) && (value !== 0 || !hasZero))
      .map((value) => line(value, axis.gridcolor, axis.gridwidth)),
    ...(hasZero ? [line(0, axis.zerolinecolor, axis.zerolinewidth)] : []),
  ];
}

// --- bars ---------------------------------------------------------------------------------------------

/* Bars are cut off at the edges of the plot area, as an <svg> inside does it. */
function barArea(data, layout, scales) {
  const { left, top, width, height } = scales;
  const area = node("svg", { x: left, y: top, width, height });
  const bars = stacked(data, layout);
  for (const [index, trace] of data.entries()) {
    const { marker } = trace;
    const isCrisp = layout.barmode === "stack" && data.length > 1;
    const paths = pathsByFill(bars[index], trace, scales);
    for (const [fill, d] of paths) {
      const path = node("path", { d, fill, "shape-rendering": isCrisp ? "crispEdges" : "auto" });
      if (marker.line?.width) {
        path.setAttribute("stroke", marker.line.color);
        path.setAttribute("stroke-width", marker.line.width);
      }
      area.append(path);
    }
    if (marker.pattern) area.append(...hatching(bars[index], trace, scales));
  }
  return area;
}

/* Returns for each trace its bars: across the value axis from `near` to `far`, along it from `from` to `to`,
   all as values of the axes; `end` is where the stack that the bar belongs to ends. */
function stacked(data, { barmode, bargap = 0.2, bargroupgap = 0 }) {
  const isGroup = barmode === "group";
  const room = 1 - bargap;
  const thick = isGroup ? (room * (1 - bargroupgap)) / data.length : room * (1 - bargroupgap);
  const ends = new Map(); // by place and sign: where the stack ends
  const bars = data.map((trace, index) => {
    const [places, lengths] = trace.orientation === "h" ? [trace.y, trace.x] : [trace.x, trace.y];
    const shift = isGroup ? (index + 0.5) * (room / data.length) - room / 2 : 0;
    return lengths.map((length, point) => {
      const middle = places[point] + shift;
      const stack = `${places[point]} ${isGroup ? index : ""} ${length < 0}`;
      const from = ends.get(stack) || 0;
      ends.set(stack, from + length);
      return { near: middle - thick / 2, far: middle + thick / 2, from, to: from + length, stack };
    });
  });
  for (const bar of bars.flat()) bar.end = ends.get(bar.stack);
  return bars;
}

/* Returns the outlines of all bars of a trace that have the same colour, as one path for each colour. */
function pathsByFill(bars, trace, scales) {
  const { color } = trace.marker;
  const paths = new Map();
  bars.forEach((bar, point) => {
    const fill = Array.isArray(color) ? color[point] : color;
    paths.set(fill, (paths.get(fill) || "") + outline(bar, trace, scales));
  });
  return paths;
}

/* A bar without an edge that is thinner than two pixels would hardly be seen: plotly gives it whole ones.
   Returns where it begins and ends, in pixels. */
function visible(from, to, isLength) {
  const side = (one, other) => {
    if ((isLength && one === other) || Math.abs(one - other) >= 2) return one;
    return one > other ? Math.ceil(one) : Math.floor(one);
  };
  const begin = side(from, to);
  return [begin, side(to, begin)];
}

/* Returns the outline of a bar, whose stack has round corners at its end. */
function outline(bar, trace, scales) {
  const place = placeOf(bar, trace, scales);
  return place.beyond < place.corner ? roundedOutline(place) : rectangle(place);
}

/* Returns where a bar is, in pixels of the plot area: from `low` to `high` across the value axis, from `first`
   to `last` along it, with `beyond` pixels of the stack after it, and the size of the stack's `corner`.
   `point(along, across)` writes a point for a path. */
function placeOf({ near, far, from, to, end }, { orientation, marker }, { left, top, x, y }) {
  const isFlat = orientation === "h";
  const along = isFlat ? (value) => x(value) - left : (value) => y(value) - top;
  const across = isFlat ? (value) => y(value) - top : (value) => x(value) - left;
  const hasEdge = Boolean(marker.line?.width);
  const whole = hasEdge ? (pixels) => pixels : Math.floor;
  const sides = [across(near), across(far)];
  const ends = [along(from), along(to)];
  const [low, high] = (hasEdge ? sides : visible(...sides)).sort((one, other) => one - other);
  const [first, last] = hasEdge ? ends : visible(...ends, true);
  const length = whole(Math.abs(along(end) - along(0)));
  const corner = whole(Math.min(CORNER_PX, (high - low) / 2, length));
  const beyond = whole(Math.abs(along(end) - last));
  const point = (place, side) => (isFlat ? `${place},${side}` : `${side},${place}`);
  return { isFlat, low, high, first, last, beyond, corner, point };
}

const rectangle = ({ low, high, first, last, point }) =>
  `M${point(first, low)}L${point(first, high)}L${point(last, high)}L${point(last, low)}Z`;

/* Where the bars that follow in the stack are shorter than the corners, these reach into this bar. Plotly bends
   those of flat bars inwards. */
function roundedOutline({ isFlat, low, high, first, last, beyond, corner, point }) {
  const sign = Math.sign(last - first) || 1;
  const bend = sign * Math.max(sign * last - (corner - beyond), sign * first);
  const reach = (pixels) => Math.sqrt(Math.max(0, pixels * (2 * corner - pixels)));
  const tall = Math.abs(last - first) + beyond;
  const begin = tall < corner ? corner - reach(tall) : 0;
  const tip = isFlat ? corner + reach(beyond) : corner - reach(beyond);
  const sweep = sign > 0 === isFlat ? 0 : 1;
  const arc = (end) => `A${corner},${corner} 0 0 ${sweep} ${end}`;
  return (
    `M${point(first, low + begin)}L${point(first, high - begin)}L${point(bend, high - begin)}` +
    `${arc(point(last, high - tip))}L${point(last, low + tip)}${arc(point(bend, low + begin))}Z`
  );
}

let hatchings = 0; // so that each has an id of its own on the page

/* Returns a pattern of diagonal lines, and the outlines of the bars that have it. */
function hatching(bars, trace, scales) {
  const { shape, size, solidity, fgcolor } = trace.marker.pattern;
  const hatched = bars.filter((_, point) => (Array.isArray(shape) ? shape[point] : shape));
  const d = hatched.map((bar) => outline(bar, trace, scales)).join("");
  if (!d) return [];
  hatchings += 1;
  const id = `light-hatching-${hatchings}`;
  const side = size * Math.SQRT2;
  const square = { id, width: side, height: side, patternUnits: "userSpaceOnUse" };
  const pattern = node("pattern", square);
  const [quarter, half] = [side / 4, side / 2];
  const lines =
    `M${-quarter},${quarter}l${half},${-half}M0,${side}L${side},0` +
    `M${side - quarter},${side + quarter}l${half},${-half}`;
  const stroke = { d: lines, stroke: fgcolor, "stroke-width": size * solidity, opacity: 0.5 };
  pattern.append(node("path", stroke));
  return [pattern, node("path", { d, fill: `url(#${id})` })];
}

// --- words --------------------------------------------------------------------------------------------

function textNode(text, font, shared, attributes) {
  return node(
    "text",
    {
      "font-family": shared.family,
      "font-size": `${font?.size || shared.size}px`,
      fill: font?.color || shared.color,
      style: "white-space: pre",
      ...attributes,
    },
    text,
  );
}

const isWithin = (value, [one, other]) =>
  value >= Math.min(one, other) && value <= Math.max(one, other);

const ticksOf = ({ tickvals = [], ticktext = [], range, visible }) =>
  visible === false
    ? []
    : tickvals
        .map((value, index) => [value, ticktext[index]])
        .filter(([value]) => isWithin(value, range));

function tickTexts({ xaxis, yaxis, font }, { left, top, height, x, y }) {
  const size = (axis) => axis.tickfont?.size || font.size;
  return [
    ...ticksOf(xaxis).map(([value, text]) =>
      textNode(text, xaxis.tickfont, font, {
        x: x(value),
        y: top + height + size(xaxis) + 1,
        "text-anchor": "middle",
      }),
    ),
    ...ticksOf(yaxis).map(([value, text]) =>
      textNode(text, yaxis.tickfont, font, {
        x: left - 1,
        y: MIDDLE * size(yaxis),
        transform: `translate(0,${y(value)})`,
        "text-anchor": "end",
      }),
    ),
  ];
}

const ruler = document.createElement("canvas").getContext("2d");

/* Plotly puts the box of an annotation's text on whole pixels, and the text inside it. */
function annotation(note, { font: shared }, { left, top, width, height, x, y }) {
  const { font, xanchor, yanchor, xshift = 0 } = note;
  const atX = note.xref === "paper" ? left + width * note.x : x(note.x);
  const atY = note.yref === "paper" ? top + height * (1 - note.y) : y(note.y);
  ruler.font = `${font?.size || shared.size}px ${shared.family}`;
  const measured = ruler.measureText(note.text.replace(/<\/?b>/g, ""));
  const ascent = Math.round(measured.fontBoundingBoxAscent);
  const tall = ascent + Math.round(measured.fontBoundingBoxDescent) + 2 * BORDER_PX;
  const wide = Math.round(measured.width + 2 * BORDER_PX);
  const share = { left: 0, center: 0.5, right: 1 }[xanchor];
  const boxX = Math.round(atX + xshift - share * wide);
  const boxY = Math.round(yanchor === "bottom" ? atY - tall : atY - tall / 2);
  const middle = boxX + BORDER_PX + measured.width / 2;
  const drawn = textNode("", font, shared, {
    x: xanchor === "left" ? boxX + BORDER_PX : middle,
    y: boxY + BORDER_PX + ascent,
    "text-anchor": xanchor === "left" ? "start" : "middle",
  });
  // Every second part stands between <b> and </b>.
  note.text.split(/<\/?b>/).forEach((part, index) => {
    drawn.append(
      index % 2 ? node("tspan", { "font-weight": "bold" }, unescaped(part)) : unescaped(part),
    );
  });
  return drawn;
}

module.exports = { lightGraph };
