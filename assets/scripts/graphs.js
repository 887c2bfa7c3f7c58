/* Draws the panels' graphs with plotly, and keeps the last drawings of each, so that one that was shown
   before is put back in place of being drawn again.

   Given: figures of plotly whose colours are those of the theme; the elements ids.graph(slug).
   Gives: `drawGraph(slug, name, figure)`, a promise that is fulfilled when it is drawn. `name` is the same
   only for the same drawing; `figure()` makes it. `hasDrawn(slug)`, whether there was a drawing before.
   A press on a bar sets the filters in its `customdata`, by filters.js.
   Example: drawGraph("cases", "7 light wide", () => ({ data: [], layout: {} })). */
const { graphConfig, plotlyMeta } = require("./constants");
const { setProps } = require("./dash");
const ids = require("./ids");
const { coverGraph } = require("./press_areas");
const { wait } = require("./timing");

const MOST_KEPT = 5; // drawings of a graph: their elements take memory
const AGAIN_MS = 5000; // so long after a failure plotly.js is fetched again

const graphs = new Map(); // by slug: { holder, size, drawings, wanted }

/* Runs plotly.js, which late_scripts.js fetches: after the first words are painted, since it takes long. */
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

async function drawGraph(slug, name, figure) {
  const graph = graphOf(slug);
  if (!graph) return;
  graph.wanted = { name, figure };
  graph.size = graph.size || sizeOf(graph.holder.getBoundingClientRect());
  plotly = plotly || runPlotly();
  if (!window.Plotly) await plotly;
  // Something newer may be wanted by now.
  if (graph.wanted.name === name) drawWanted(graph);
}

const sizeOf = ({ width, height }) => ({ width: Math.floor(width), height: Math.floor(height) });

function resize(graph, rectangle) {
  const size = sizeOf(rectangle);
  const isSame = size.width === graph.size?.width && size.height === graph.size?.height;
  graph.size = size;
  if (isSame || !graph.wanted || !window.Plotly) return;
  requestAnimationFrame(() => drawWanted(graph));
}

function drawWanted(graph) {
  const { holder, size, wanted, slug } = graph;
  // A graph that is hidden is drawn when it is shown again.
  if (!size.width || !size.height) return;
  const name = JSON.stringify([wanted.name, size]);
  const known = graph.drawings.find((drawing) => drawing.name === name);
  const drawing = known || nextDrawing(graph);
  graph.drawings = [drawing, ...graph.drawings.filter((other) => other !== drawing)];
  if (holder.firstChild !== drawing.element) holder.replaceChildren(drawing.element);
  if (!known) {
    drawing.name = name;
    const { data, layout } = wanted.figure();
    // With a given size plotly need not read that of the page.
    const sized = { ...layout, ...size, autosize: false };
    const config = { ...graphConfig, locale: document.documentElement.lang };
    window.Plotly.react(drawing.element, data, sized, config);
    if (!drawing.isHeard) hear(drawing, slug);
  }
  coverGraph(slug, drawing.element);
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

const hasDrawn = (slug) => Boolean(graphs.get(slug)?.drawings.length);

module.exports = { drawGraph, hasDrawn };
