/* Draws the panels' graphs: at once as a light drawing (light_graph.js), which plotly replaces in an idle
   moment; figures that have none by plotly, when it has come. Plotly's last drawings of each graph are kept,
   so that one that was shown before is put back in place of being drawn again.

   Given: figures of plotly whose colours are those of the theme; the elements ids.graph(slug).
   Gives: `drawGraph(slug, name, figure)`. `name` is the same only for the same drawing; `figure()` makes it.
   `plotlyGraph(slug)`, plotly's element of what the graph shows, drawn now if it was not; null while
   plotly.js has not come, or before the first drawing.
   A press on a bar sets the filters in its `customdata`, by filters.js.
   Example: drawGraph("cases", "7 light wide", () => ({ data: [], layout: {} })). */
const { graphConfig, plotlyMeta } = require("./constants");
const { setProps } = require("./dash");
const ids = require("./ids");
const { lightGraph } = require("./light_graph");
const { coverGraph } = require("./press_areas");
const { wait, whenIdle } = require("./timing");

const MOST_KEPT = 5; // drawings of a graph: their elements take memory
const AGAIN_MS = 5000; // so long after a failure plotly.js is fetched again
const REST_MS = 500; // light drawings are replaced when none was made for so long, and the page is at rest
const IDLE_MS = 1000; // and then in an idle moment, or after this time

const graphs = new Map(); // by slug: { slug, holder, size, drawings, wanted }

/* Runs plotly.js, which late_scripts.js fetches: after the first panels are painted, since it takes long. */
function runPlotly() {
  return new Promise((done) => {
    const script = document.createElement("script");
    const { content } = document.querySelector(`meta[name="${plotlyMeta}"]`);
    const again = async () => {
      script.remove();
      await wait(AGAIN_MS);
      done(runPlotly());
    };
    Object.assign(script, { src: content, onload: () => done(window.Plotly), onerror: again });
    document.head.append(script);
  });
}

let plotly = null;

function whenPlotly() {
  plotly = plotly || runPlotly();
  return plotly;
}

function graphOf(slug) {
  const known = graphs.get(slug);
  if (known?.holder.isConnected) return known;
  const holder = document.getElementById(ids.graph(slug));
  if (!holder) return null;
  const graph = { slug, holder, size: null, drawings: [], wanted: null };
  graphs.set(slug, graph);
  const resized = new ResizeObserver(([{ contentRect }]) => resize(graph, contentRect));
  resized.observe(holder);
  return graph;
}

function drawGraph(slug, name, figure) {
  const graph = graphOf(slug);
  if (!graph) return;
  graph.wanted = { name, figure, made: null };
  graph.size = graph.size || sizeOf(graph.holder.getBoundingClientRect());
  draw(graph);
}

const sizeOf = ({ width, height }) => ({ width: Math.floor(width), height: Math.floor(height) });

function resize(graph, rectangle) {
  const size = sizeOf(rectangle);
  const isSame = size.width === graph.size?.width && size.height === graph.size?.height;
  graph.size = size;
  if (isSame || !graph.wanted) return;
  requestAnimationFrame(() => draw(graph));
}

// A graph that is hidden is drawn when it is shown again.
const canDraw = ({ size, wanted }) => Boolean(wanted && size.width && size.height);

const nameOf = ({ wanted, size }) => JSON.stringify([wanted.name, size]);

const keptOf = (graph) => graph.drawings.find(({ name }) => name === nameOf(graph));

/* The figure is made once, for both drawings. */
function figureOf({ wanted }) {
  wanted.made = wanted.made || wanted.figure();
  return wanted.made;
}

function draw(graph) {
  if (!canDraw(graph)) return;
  const light = keptOf(graph) ? null : lightGraph(figureOf(graph), graph.size);
  if (light) {
    graph.holder.replaceChildren(light);
    cover(graph, figureOf(graph).layout);
    replaceLater(graph.slug);
  } else if (window.Plotly) drawByPlotly(graph);
  else whenPlotly().then(() => draw(graph));
}

/* `layout` has the margins and ranges with which the graph was drawn. */
function cover(graph, layout) {
  const { data } = figureOf(graph);
  coverGraph(graph.slug, { data, layout }, graph.size, () => plotlyGraph(graph.slug));
}

function drawByPlotly(graph) {
  toReplace.delete(graph.slug);
  const { holder, size, slug } = graph;
  const known = keptOf(graph);
  const drawing = known || nextDrawing(graph);
  graph.drawings = [drawing, ...graph.drawings.filter((other) => other !== drawing)];
  if (holder.firstChild !== drawing.element) holder.replaceChildren(drawing.element);
  if (!known) {
    drawing.name = nameOf(graph);
    const { data, layout } = figureOf(graph);
    // With a given size plotly need not read that of the page.
    const sized = { ...layout, ...size, autosize: false };
    const config = { ...graphConfig, locale: document.documentElement.lang };
    window.Plotly.react(drawing.element, data, sized, config);
    if (!drawing.isHeard) hear(drawing, slug);
  }
  // Plotly finds out what the figure leaves out.
  const { _fullLayout: drawn } = drawing.element;
  cover(graph, { margin: drawn._size, xaxis: drawn.xaxis, yaxis: drawn.yaxis });
  return drawing.element;
}

/* Returns the drawing that was not shown for longest, or a new one while there are few. */
function nextDrawing({ drawings }) {
  if (drawings.length >= MOST_KEPT) return drawings[drawings.length - 1];
  return { element: document.createElement("div"), name: null, isHeard: false };
}

function hear(drawing, slug) {
  drawing.isHeard = true;
  drawing.element.on("plotly_click", ({ points }) => {
    const value = JSON.stringify(points[0]?.customdata || []);
    const panel = ids.panel(slug);
    setProps(ids.ACTION, { data: { kind: "narrow", value, panel, at: performance.now() } });
  });
}

// --- plotly's turn ------------------------------------------------------------------------------------

const toReplace = new Set(); // slugs of the graphs whose light drawing plotly has still to replace
let begun = null; // the timer of the replacing; null while none runs

function replaceLater(slug) {
  toReplace.add(slug);
  clearTimeout(begun);
  begun = setTimeout(replaceOne, REST_MS);
}

/* One in each idle moment, so that a press is answered between them. */
function replaceOne() {
  whenIdle(async () => {
    await whenPlotly();
    const [slug] = toReplace;
    if (slug) plotlyGraph(slug);
    if (toReplace.size) replaceOne();
  }, IDLE_MS);
}

function plotlyGraph(slug) {
  const graph = graphs.get(slug);
  toReplace.delete(slug);
  if (!window.Plotly || !graph || !canDraw(graph)) return null;
  const shown = keptOf(graph)?.element;
  return shown && graph.holder.firstChild === shown ? shown : drawByPlotly(graph);
}

module.exports = { drawGraph, plotlyGraph };
