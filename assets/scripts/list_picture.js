/* Makes a picture of a list panel: its title, the selected filters, its totals and its rows.

   Given: the slug of a list whose rows have been drawn; the selected filters by selection.js.
   Gives: `listSvg(slug)`, { address, width, height }: the data address of an SVG that holds a copy of the
   list with the page's styles, and its size in pixels; null before the list has been drawn.
   Example: listSvg("templates") has all rows of the list, also those that have to be scrolled to. */
const ids = require("./ids");
const { selectionInWords } = require("./selection");

/* What only serves presses says nothing in a picture. */
const CONTROLS = ".trend-button, .fold-row, .tip, [data-action=more].link-button";

function block(className, ...children) {
  const element = document.createElement("div");
  element.className = className;
  element.append(...children);
  return element;
}

function line(className, text) {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = text;
  return element;
}

/* Returns a copy of the panel for the picture; the styles of .list-picture lay it out. */
function copyOf(slug, width) {
  const { period, filters } = selectionInWords();
  const part = (id) => document.getElementById(id).cloneNode(true);
  const body = block("panel-body", part(ids.cards(slug)));
  const copy = block(
    "list-picture panel panel-list consumo",
    line("list-picture-title", document.getElementById(ids.panel_title(slug)).textContent),
    line("quiet", period),
    ...(filters.length ? [line("quiet", filters.join(" · "))] : []),
    part(ids.words(slug)),
    body,
  );
  for (const control of copy.querySelectorAll(CONTROLS)) control.remove();
  copy.style.width = `${width}px`;
  return copy;
}

const styles = () =>
  [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules].map((rule) => rule.cssText));

function heightOf(copy) {
  const holder = block("list-picture-measured", copy);
  document.body.append(holder);
  const { height } = copy.getBoundingClientRect();
  holder.remove();
  return Math.ceil(height);
}

function listSvg(slug) {
  const list = document.querySelector(`:is(.state-ready, .state-folded) #${ids.cards(slug)}`);
  if (!list) return null;
  const width = Math.ceil(list.closest(".panel").getBoundingClientRect().width);
  const copy = copyOf(slug, width);
  const height = heightOf(copy);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.setAttribute("data-bs-theme", document.documentElement.dataset.bsTheme || "light");
  const style = document.createElementNS(svg.namespaceURI, "style");
  style.textContent = styles().join("\n");
  const inside = document.createElementNS(svg.namespaceURI, "foreignObject");
  inside.setAttribute("width", "100%");
  inside.setAttribute("height", "100%");
  inside.append(copy);
  svg.append(style, inside);
  const text = new XMLSerializer().serializeToString(svg);
  return { address: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`, width, height };
}

module.exports = { listSvg };
