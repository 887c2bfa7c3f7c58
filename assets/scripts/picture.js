/* Saves a graph or a list as a picture: a copy of it with title, selected filters, totals and legend above it.

   Given: the slug of a panel whose graph or list has been drawn; the selected filters by selection.js.
   Gives: `saveImage(slug)`, which saves it as a PNG, and does nothing before the graph has been drawn;
   `svgOf(slug)`, the picture as the data address of an SVG, for tests.
   Example: saveImage("cases") saves consumo-quantidade-de-casos-2026-11-01-2026-11-22.png. */
const { plotlyGraph } = require("./graphs");
const ids = require("./ids");
const { listSvg } = require("./list_picture");
const { selectionInWords } = require("./selection");

/* In pixels; `line` is the height of a line as a multiple of its font's size, `scale` the number of the
   picture's dots for a pixel. */
const PICTURE = { side: 16, top: 20, title: 16, text: 12, line: 1.3, scale: 2 };
const KEPT_MS = 60000; // for so long the file stays readable for the browser that saves it

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/* Returns a function that gives the width of a text in the font, in pixels. */
function ruler(font) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = font;
  return (text) => context.measureText(text).width;
}

/* Lays out `pieces` of text in lines of at most `width` pixels, with `between` between two pieces of a
   line. A piece that is longer than a line is broken, at a blank if it has one. */
function wrapped(pieces, width, measure, between) {
  const lines = [[]];
  const room = (line) => width - measure(line.map(({ text }) => text).join(between) + between);
  for (const piece of pieces) {
    let rest = piece;
    if (lines[lines.length - 1].length && measure(rest.text) > room(lines[lines.length - 1])) {
      lines.push([]);
    }
    while (measure(rest.text) > width) {
      let length = rest.text.length - 1;
      while (length > 1 && measure(rest.text.slice(0, length)) > width) length -= 1;
      const blank = rest.text.lastIndexOf(" ", length);
      const cut = blank > 0 ? blank : length;
      lines[lines.length - 1].push({ ...rest, text: rest.text.slice(0, cut) });
      lines.push([]);
      rest = { text: rest.text.slice(cut).trimStart() };
    }
    lines[lines.length - 1].push(rest);
  }
  return lines.filter((line) => line.length);
}

/* Returns the totals and the legend above a panel's graph, each with the colour of its bars, if any. */
function facts(slug) {
  const words = document.getElementById(ids.words(slug));
  return [...words.querySelectorAll(".fact, .legend-entry, .steps")].map((fact) => {
    const swatch = fact.querySelector(".swatch");
    const text = fact.textContent.replace(/\s+/g, " ").trim();
    return swatch
      ? { colour: getComputedStyle(swatch).backgroundColor, text: `\u25a0 ${text}` }
      : { text };
  });
}

function lineOf(pieces, between, colour) {
  return pieces
    .map(({ text, colour: own }) => {
      const safe = escaped(text);
      const marked = own
        ? `<span style="color:${own}">${safe.slice(0, 1)}</span>${safe.slice(1)}`
        : safe;
      return colour ? `<span style="color:${colour}">${marked}</span>` : marked;
    })
    .join(between);
}

const LONGEST_TITLE = 60; // characters

/* Returns a title for the name of a file, by the rule of app/file_names.py. */
const plain = (title) =>
  title
    .normalize("NFKD")
    .replace(/[^\x20-\x7e]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LONGEST_TITLE)
    .replace(/^-|-$/g, "");

/* Returns the name of the file, without its ending. */
function nameOf(slug) {
  const { start, end } = selectionInWords();
  const title = document.getElementById(ids.panel_title(slug)).textContent;
  return `consumo-${plain(title)}-${start}-${end}`;
}

/* Returns { figure, size } of a graph; null before it is drawn. */
function picture(slug) {
  const isReady = document.querySelector(`.state-ready #${ids.graph(slug)}`);
  const graph = isReady && plotlyGraph(slug);
  if (!graph?.layout.font) return null; // not drawn yet
  // The picture keeps the graph's size and margins, and gets room on all sides.
  const drawn = graph._fullLayout;
  const width = drawn.width + 2 * PICTURE.side;
  const layout = structuredClone(graph.layout);
  const { family } = layout.font;
  const room = width - 2 * PICTURE.side;
  const measure = ruler(`${PICTURE.text}px ${family}`);
  const bold = ruler(`bold ${PICTURE.title}px ${family}`);
  const quiet = getComputedStyle(graph).getPropertyValue("--quiet").trim();
  const selected = selectionInWords();
  const title = document.getElementById(ids.panel_title(slug)).textContent;
  const gap = "\u00a0\u00a0\u00a0";
  const say = (texts, between, colour) =>
    wrapped(texts, room, measure, between).map((line) => lineOf(line, between, colour));
  const lines = [
    ...wrapped([{ text: title }], room, bold, "").map(
      (line) => `<span style="font-size:${PICTURE.title}px"><b>${lineOf(line, "")}</b></span>`,
    ),
    ...say([{ text: selected.period }], "", quiet),
    ...say(
      selected.filters.map((text) => ({ text })),
      " · ",
      quiet,
    ),
    ...say(facts(slug), gap),
  ];
  const head = PICTURE.top + Math.ceil(lines.length * PICTURE.line * PICTURE.text) + 8;
  const { l, r, t, b } = drawn._size;
  for (const axis of [layout.xaxis, layout.yaxis]) if (axis) axis.automargin = false;
  Object.assign(layout, {
    width,
    height: drawn.height + head + PICTURE.side,
    autosize: false,
    margin: { l: l + PICTURE.side, r: r + PICTURE.side, t: t + head, b: b + PICTURE.side, pad: 0 },
    title: {
      text: lines.join("<br>"),
      font: { family, size: PICTURE.text, color: layout.font.color },
      x: 0,
      xref: "container",
      xanchor: "left",
      y: 1,
      yref: "container",
      yanchor: "top",
      pad: { l: PICTURE.side, t: PICTURE.top, b: 0, r: 0 },
      automargin: false,
    },
  });
  return {
    figure: { data: structuredClone(graph.data), layout },
    size: { width, height: layout.height },
  };
}

const imageOf = ({ figure, size }, format) =>
  window.Plotly.toImage(figure, { format, ...size, scale: PICTURE.scale });

/* Returns the data address of a PNG of a list. */
async function listImage({ address, width, height }) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * PICTURE.scale;
  canvas.height = height * PICTURE.scale;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

const isGraph = (slug) => Boolean(document.getElementById(ids.graph(slug)));

async function saveImage(slug) {
  const made = isGraph(slug) ? picture(slug) : listSvg(slug);
  if (!made) return;
  const address = isGraph(slug) ? await imageOf(made, "png") : await listImage(made);
  const bytes = Uint8Array.from(atob(address.split(",")[1]), (sign) => sign.charCodeAt(0));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  link.download = `${nameOf(slug)}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

const svgOf = async (slug) =>
  isGraph(slug) ? imageOf(picture(slug), "svg") : listSvg(slug).address;

module.exports = { saveImage, svgOf };
