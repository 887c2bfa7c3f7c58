/* Prepares the page for printing on A4, always in the light theme; styles/print.css lays it out.

   Given: the browser's events before and after printing.
   Gives: `printAll()`, which prints when all panels have their answers. It writes the selected filters
   as a sentence, and adds a copy of each graph in the width of the paper, since styles cannot change
   the width of a drawn graph.
   Example: Ctrl+P in the dark theme prints light graphs, and the screen is dark again after it. */
const { graphs } = require("./constants");
const ids = require("./ids");
const { lightGraph } = require("./light_graph");
const { figureOf } = require("./painting");
const { askFarPanels } = require("./question");
const { selectionInWords } = require("./selection");
const { visible } = require("./text");

// Pixels: the width of A4 without margins; a height with which two graphs fit on the first page.
const PAPER = { width: 668, height: 225 };

let themeBefore = null; // the theme to return to; null unless the page is drawn for paper

function beforePrint() {
  if (themeBefore !== null) return;
  const root = document.documentElement;
  themeBefore = root.dataset.bsTheme || "light";
  root.dataset.paper = "";
  root.dataset.bsTheme = "light";
  const { period, filters } = selectionInWords();
  document.getElementById(ids.PRINTED).textContent = visible([period, ...filters].join(" · "));
  for (const slug of graphs) {
    const graph = document.querySelector(`.panel-graph.state-ready #${ids.graph(slug)}`);
    const figure = graph && figureOf(slug, "light", "medium");
    if (!figure) continue;
    const copy = document.createElement("div");
    copy.className = "paper-graph";
    const own = parseInt(graph.closest(".panel-body").style.getPropertyValue("--height"), 10);
    // Bars over time may be lower than on the screen; rows with names keep their height.
    const isOverTime = figure.data.every(({ orientation }) => orientation !== "h");
    const height = isOverTime ? PAPER.height : own;
    graph.closest("figure").append(copy);
    if (!window.Plotly) {
      copy.append(lightGraph(figure, { width: PAPER.width, height }) || "");
      continue;
    }
    const layout = { ...figure.layout, width: PAPER.width, height, autosize: false };
    window.Plotly.newPlot(copy, structuredClone(figure.data), structuredClone(layout), {
      staticPlot: true,
      locale: root.lang,
    });
  }
}

function afterPrint() {
  if (themeBefore === null) return;
  const root = document.documentElement;
  root.dataset.bsTheme = themeBefore;
  delete root.dataset.paper;
  themeBefore = null;
  document.querySelectorAll(".paper-graph").forEach((copy) => {
    window.Plotly?.purge(copy);
    copy.remove();
  });
}

/* Prints when the panels far from the screen have their answers too. */
async function printAll() {
  await askFarPanels();
  window.print();
}

document.addEventListener("keydown", (event) => {
  const isPrint = event.key.toLowerCase() === "p" && (event.ctrlKey || event.metaKey);
  if (!isPrint || event.shiftKey || event.altKey) return;
  event.preventDefault();
  printAll();
});

window.addEventListener("beforeprint", beforePrint);
window.addEventListener("afterprint", afterPrint);
// Some browsers do not send beforeprint and afterprint.
window
  .matchMedia("print")
  .addEventListener("change", ({ matches }) => (matches ? beforePrint() : afterPrint()));

module.exports = { printAll };
