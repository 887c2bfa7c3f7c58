/* Lays a button over the whole row, or column, of each mark of a graph: over its name, its bar and its
   count alike, so that a bar of 3 px is as easy to press as a long one, and by keyboard too.

   Given: the figure that a graph shows; a bar's `customdata` are the filters that a press sets, and its
   `hovertext` says what it counts.
   Gives: `coverGraph(slug, figure, size, plotlyGraph)`, to be called after each drawing, which lays the
   buttons of the panel over the bars. `figure` has its traces and the margins and ranges with which it was
   drawn; `size` is the graph's in pixels; `plotlyGraph()` gives plotly's element of the graph, which shows
   what a bar counts, or null.
   Arrows, Home and End move between the buttons of a graph; a press is one of actions.js.
   Example: in a graph with a horizontal bar "Lido", a press on the word "Lido" is one on its bar. */
const { scalesOf } = require("./graph_scales");
const ids = require("./ids");
const { unescaped } = require("./text");
const { same } = require("./values");

const LEAST_PX = 24; // of each of several buttons in one row
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

const covers = new Map(); // by slug: { holder, plotlyGraph, hovered }; `hovered` is plotly's element, or null

function coverGraph(slug, figure, size, plotlyGraph) {
  const cover = covers.get(slug) || newCover(slug);
  cover.plotlyGraph = plotlyGraph;
  place(cover.holder, areasOf(figure, size));
}

function newCover(slug) {
  const holder = document.createElement("div");
  const cover = { holder, plotlyGraph: null, hovered: null };
  covers.set(slug, cover);
  holder.className = "press-areas";
  holder.setAttribute("role", "group");
  holder.setAttribute("aria-labelledby", ids.panel_title(slug));
  const show = ({ target }) => hover(cover, target);
  const hide = () => unhover(cover);
  holder.addEventListener("pointerover", show);
  holder.addEventListener("focusin", show);
  holder.addEventListener("pointerout", hide);
  holder.addEventListener("focusout", hide);
  holder.addEventListener("keydown", moveFocus);
  document.getElementById(ids.graph(slug)).closest("figure").append(holder);
  return cover;
}

function hover(cover, { dataset }) {
  const graph = dataset?.curve ? cover.plotlyGraph() : null;
  if (!graph) return;
  cover.hovered = graph;
  const point = { curveNumber: Number(dataset.curve), pointNumber: Number(dataset.point) };
  window.Plotly.Fx.hover(graph, [point]);
}

function unhover(cover) {
  if (cover.hovered) window.Plotly.Fx.unhover(cover.hovered);
  cover.hovered = null;
}

function moveFocus(event) {
  const buttons = [...event.currentTarget.children];
  const here = buttons.indexOf(event.target);
  const ends = { Home: 0, End: buttons.length - 1 };
  const there = event.key in ends ? ends[event.key] : here + STEPS[event.key];
  if (!buttons[there]) return;
  event.preventDefault();
  for (const button of buttons) button.tabIndex = -1;
  buttons[there].tabIndex = 0;
  buttons[there].focus();
}

/* Places a button for each press; those that are there already are kept, and so is the focus. */
function place(holder, areas) {
  while (holder.children.length > areas.length) holder.lastChild.remove();
  areas.forEach((area, index) => {
    const button = holder.children[index] || holder.appendChild(newButton());
    const { left, top, width, height } = area;
    Object.assign(button.dataset, {
      value: JSON.stringify(area.press),
      curve: area.curve,
      point: area.point,
    });
    button.setAttribute("aria-label", area.words);
    button.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
  });
  const buttons = [...holder.children];
  if (buttons.length && !buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
}

function newButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.action = "narrow";
  return button;
}

/* Returns where each press of the graph has its button, in pixels from the graph's upper left corner. */
function areasOf({ data, layout }, size) {
  const rows = rowsOf(data);
  if (!rows.length) return [];
  const scales = scalesOf(layout, size);
  const isFlat = rows[0].orientation === "h";
  const at = isFlat ? scales.y : scales.x;
  return rows.flatMap((row, index) => {
    const isLast = index === rows.length - 1;
    // The text below the last bar belongs to it.
    const end =
      isFlat && isLast ? Math.min(row.at + 1, Math.max(...layout.yaxis.range)) : row.at + 0.5;
    const [from, to] = [at(row.at - 0.5), at(end)];
    if (!isFlat)
      return [{ ...row.parts[0], left: from, width: to - from, top: 0, height: size.height }];
    return splitRow(row.parts, scales, size.width).map((part) => ({
      ...part,
      top: from,
      height: to - from,
    }));
  });
}

/* Returns the parts of a row that set different filters, side by side: each from where its bar begins to
   where the next one does, the first with the row's name, the last with all that is right of it. */
function splitRow(parts, { x, left }, width) {
  const places = parts.map(({ from }, index) => {
    if (!index) return 0;
    return Math.max(x(from), left + LEAST_PX * index);
  });
  return parts.map((part, index) => {
    const end = index + 1 < parts.length ? places[index + 1] : width;
    return { ...part, left: places[index], width: end - places[index] };
  });
}

/* Returns the rows or columns of bars by their place, ascending. `parts` are their different presses in
   the order of the bars, each with the place where its first bar begins. */
function rowsOf(data) {
  const rows = new Map();
  data.forEach((trace, curve) => {
    if (trace.type !== "bar" || !trace.customdata) return;
    const isFlat = trace.orientation === "h";
    const [places, lengths] = isFlat ? [trace.y, trace.x] : [trace.x, trace.y];
    trace.customdata.forEach((press, point) => {
      if (!press.length) return;
      const at = places[point];
      if (!rows.has(at)) rows.set(at, { at, orientation: trace.orientation, end: 0, parts: [] });
      const row = rows.get(at);
      if (!row.parts.some((part) => same(part.press, press))) {
        const words = plain(trace.hovertext[point]);
        row.parts.push({ press, words, curve, point, from: row.end });
      }
      row.end += lengths[point];
    });
  });
  return [...rows.values()].sort((one, other) => one.at - other.at);
}

/* Returns a text of plotly without its tags, on one line. */
const plain = (text) => unescaped(text.replace(/<br>/g, ", ").replace(/<[^>]*>/g, ""));

module.exports = { coverGraph };
