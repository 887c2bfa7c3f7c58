/* Fetches the scripts that the page needs last, so that they leave the line to those that it needs first:
   plotly.js when one of Dash's scripts has come, and the table's when all have.

   Given: elements <meta>, by app/page_files.py: the address of plotly.js; in JSON `after`, the addresses
   of Dash's scripts, and `table`, by address the name under which the table looks for a script on its way.
   Gives: `fetchLate()`, after which all are on their way; to be called before Dash starts. plotly.js runs
   when graphs.js wants it.
   Example: with one of two scripts of Dash there, plotly.js is on its way and the table's are not. */
const { lateScriptsMeta, plotlyMeta } = require("./constants");

const told = (name) => document.querySelector(`meta[name="${name}"]`)?.content;

const { after, table } = JSON.parse(told(lateScriptsMeta) || '{ "after": [], "table": {} }');
const addresses = after.map((path) => new URL(path, document.baseURI).href);
let isPlotlyAsked = false;
let isTableAsked = false;

// Read into the browser's own store of files, and not preloaded: a browser complains of a preloaded script
// that has not run a few seconds later, as on a slow machine or on a page without data. One that does not
// come is asked for again by graphs.js.
function fetchPlotly() {
  if (isPlotlyAsked || !told(plotlyMeta)) return;
  isPlotlyAsked = true;
  fetch(told(plotlyMeta), { priority: "low" })
    .then((answer) => answer.blob())
    .catch(() => {});
}

function fetchTable() {
  if (isTableAsked) return;
  isTableAsked = true;
  for (const [src, name] of Object.entries(table)) {
    const script = document.createElement("script");
    Object.assign(script, { src, async: true });
    script.dataset.webpack = name;
    document.head.append(script);
  }
}

function fetchLate() {
  fetchPlotly();
  fetchTable();
}

const there = new Set();
new PerformanceObserver((found) => {
  for (const { name } of found.getEntries()) if (addresses.includes(name)) there.add(name);
  if (there.size) fetchPlotly();
  if (there.size === addresses.length) fetchTable();
}).observe({ type: "resource", buffered: true });

module.exports = { fetchLate };
