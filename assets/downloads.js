/* What leaves the page: pictures of graphs, the table as a file with how far it is, the page on
   paper. */
(function () {
  "use strict";

  const POLL_MS = 700;
  const BEGIN_MS = 15000; // a download that the server has not heard of by then was not let through
  const MOST_MISSES = 40; // answers that did not come, one after another, before it is given up
  const ANNOUNCED = 25; // percent
  const MOST_SHEET_ROWS = 1048575;
  /* What the server says of a download. */
  const STATES = ["unknown", "waiting", "running", "done", "failed", "stopped", "broken"];
  const PICTURE = { side: 16, top: 20, title: 16, text: 12, line: 1.3, scale: 2 };
  // Pixels. A4 without its margins and those of a card; two graphs share a page with what is above.
  const PAPER = { width: 668, height: 225 };

  const { filled, number, prefix, wait, writtenDay } = window.consumo;
  const byId = (id) => document.getElementById(id);
  const words = () => window.consumo.words("downloadWords");

  /* The selection in lines of words: its period, then its filters. */
  function selected() {
    const { start, end, basis, filters } = window.consumo.selection();
    const w = words();
    const period = filled(w.period_words, { start: writtenDay(start), end: writtenDay(end) });
    return {
      start, end, filters,
      period: `${w.period}: ${period} · ${w.basis}: ${w.bases[basis] || basis}`,
    };
  }

  // --- a graph as a picture -----------------------------------------------------------------------

  const escaped = (text) =>
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  /* What measures texts in a font. */
  function ruler(font) {
    const context = document.createElement("canvas").getContext("2d");
    context.font = font;
    return (text) => context.measureText(text).width;
  }

  /* `pieces` in as few lines as fit; one that is too long by itself is broken, at a blank if any. */
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

  /* Figures and legend of a panel, each with the colour of its marks. */
  function facts(slug) {
    const found = document.querySelectorAll(`#${slug}-words :is(.fact, .legend-entry, .steps)`);
    return [...found].map((fact) => {
      const swatch = fact.querySelector(".swatch");
      const text = fact.textContent.replace(/\s+/g, " ").trim();
      return swatch
        ? { colour: getComputedStyle(swatch).backgroundColor, text: `\u25a0 ${text}` } : { text };
    });
  }

  function lineOf(pieces, between, colour) {
    return pieces.map(({ text, colour: own }) => {
      const said = escaped(text);
      const marked = own
        ? `<span style="color:${own}">${said.slice(0, 1)}</span>${said.slice(1)}` : said;
      return colour ? `<span style="color:${colour}">${marked}</span>` : marked;
    }).join(between);
  }

  /* A copy of a panel's figure with its title, what is selected and its words above it. */
  function picture(slug) {
    const graph = document.querySelector(`.state-ready #${slug}-graph .js-plotly-plot`);
    if (!graph || !graph.layout.font) return null; // not drawn yet
    // As it is drawn, its own margins included: what it has to keep, and room on all sides.
    const drawn = graph._fullLayout;
    const width = drawn.width + 2 * PICTURE.side;
    const layout = structuredClone(graph.layout);
    const { family } = layout.font;
    const room = width - 2 * PICTURE.side;
    const measure = ruler(`${PICTURE.text}px ${family}`);
    const bold = ruler(`bold ${PICTURE.title}px ${family}`);
    const quiet = getComputedStyle(graph).getPropertyValue("--quiet").trim();
    const asked = selected();
    const title = byId(`${slug}-title`).textContent;
    const gap = "\u00a0\u00a0\u00a0";
    const say = (texts, between, colour) =>
      wrapped(texts, room, measure, between).map((line) => lineOf(line, between, colour));
    const lines = [
      ...wrapped([{ text: title }], room, bold, "").map((line) =>
        `<span style="font-size:${PICTURE.title}px"><b>${lineOf(line, "")}</b></span>`),
      ...say([{ text: asked.period }], "", quiet),
      ...say(asked.filters.map((text) => ({ text })), " · ", quiet),
      ...say(facts(slug), gap),
    ];
    const head = PICTURE.top + Math.ceil(lines.length * PICTURE.line * PICTURE.text) + 8;
    const { l, r, t, b } = drawn._size;
    for (const axis of [layout.xaxis, layout.yaxis]) if (axis) axis.automargin = false;
    Object.assign(layout, {
      width, height: drawn.height + head + PICTURE.side, autosize: false,
      margin: { l: l + PICTURE.side, r: r + PICTURE.side, t: t + head, b: b + PICTURE.side, pad: 0 },
      title: {
        text: lines.join("<br>"), font: { family, size: PICTURE.text, color: layout.font.color },
        x: 0, xref: "container", xanchor: "left", y: 1, yref: "container", yanchor: "top",
        pad: { l: PICTURE.side, t: PICTURE.top, b: 0, r: 0 }, automargin: false,
      },
    });
    return {
      figure: { data: structuredClone(graph.data), layout },
      size: { width, height: layout.height },
      name: `consumo-${slug}-${asked.start}-${asked.end}`,
    };
  }

  const imageOf = ({ figure, size }, format) =>
    window.Plotly.toImage(figure, { format, ...size, scale: PICTURE.scale });

  async function saveImage(slug) {
    const made = picture(slug);
    if (!made) return;
    const address = await imageOf(made, "png");
    const bytes = Uint8Array.from(atob(address.split(",")[1]), (sign) => sign.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    link.download = `${made.name}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // --- the table as a file ------------------------------------------------------------------------

  function newTicket() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /* The press of a download's link: the browser fetches the file, this follows it. */
  function download(kind, link, event) {
    if (!link.hasAttribute("href")) return;
    document.querySelectorAll("#downloads .download[data-ended]").forEach((old) => old.remove());
    const line = newLine(kind, link);
    const total = document.querySelector("#details-total [data-rows]");
    const rows = total ? Number(total.dataset.rows) : 0;
    if (kind === "XLSX" && rows > MOST_SHEET_ROWS) {
      event.preventDefault();
      const said = filled(words().too_many, { count: number(rows), limit: number(MOST_SHEET_ROWS) });
      line.end("failed", { message: said });
      return;
    }
    const ticket = newTicket();
    const plain = link.getAttribute("href");
    link.setAttribute("href", `${plain}${plain.includes("?") ? "&" : "?"}ticket=${ticket}`);
    // The press itself has been followed by then.
    setTimeout(() => link.setAttribute("href", plain));
    line.stop = () => ask(`${ticket}/stop`, { method: "POST" }).catch(() => {});
    follow(ticket, line);
  }

  const ask = (path, options) =>
    fetch(`${prefix()}export/progress/${path}`, { cache: "no-store", ...options });

  /* How far a download is; an error where the answer is none of the server's. */
  async function progress(ticket) {
    const answer = await ask(ticket);
    const told = answer.ok && !answer.redirected ? await answer.json() : null;
    if (!told || !STATES.includes(told.state)) throw new TypeError("not an answer");
    return told;
  }

  async function follow(ticket, line) {
    const begun = performance.now();
    let last = null;
    let misses = 0;
    for (;;) {
      await wait(POLL_MS);
      let told;
      try {
        told = await progress(ticket);
        misses = 0;
      } catch {
        misses += 1;
        if (misses > MOST_MISSES) return line.end("broken", last || { rows: 0 });
        if (misses > 2) line.show("away", {});
        continue;
      }
      if (told.state === "unknown") {
        // Known once and forgotten: the server was started anew.
        if (last) return line.end("broken", last);
        if (performance.now() - begun > BEGIN_MS) return line.end("unknown", {});
      } else {
        last = told;
        if (told.state !== "waiting" && told.state !== "running") return line.end(told.state, told);
        line.show(told.state, told);
      }
    }
  }

  /* The line of one download: what it says, how far it is, and a button that stops or closes it. */
  function newLine(kind, link) {
    const w = words();
    const holder = byId("downloads");
    const row = document.createElement("div");
    const bar = document.createElement("progress");
    const said = document.createElement("span");
    const button = document.createElement("button");
    row.className = "download";
    bar.setAttribute("aria-label", kind);
    button.type = "button";
    button.className = "link-button";
    button.textContent = w.stop;
    button.setAttribute("aria-label", filled(w.stop_name, { kind }));
    row.append(bar, said, button);
    holder.append(row);
    let announced = -1;
    const line = { show, end, stop: () => {} };
    button.addEventListener("click", () => {
      if (!("ended" in row.dataset)) return line.stop();
      row.remove();
      link.focus();
      return undefined;
    });
    show("waiting", {});
    return line;

    function sentence(state, { rows = 0, total, message }) {
      const floor = total ? Math.floor((100 * rows) / total) : 0;
      const share = rows && !floor ? "<1%" : `${floor}%`;
      const known = { kind, message, rows: number(rows), total: number(total || 0), share };
      return filled(w[state === "running" && !total ? "waiting" : state], known);
    }

    function show(state, told) {
      said.textContent = sentence(state, told);
      if (told.total) {
        bar.max = told.total;
        bar.value = told.rows;
      }
      const step = told.total ? Math.floor((100 * told.rows) / told.total / ANNOUNCED) : 0;
      if (state !== "away" && step > announced) {
        announced = step;
        announce(said.textContent);
      }
    }

    function end(state, told) {
      row.dataset.ended = state;
      said.textContent = sentence(state, told);
      announce(said.textContent);
      bar.remove();
      button.textContent = w.close;
      button.removeAttribute("aria-label");
    }
  }

  function announce(text) {
    document.querySelector("#downloads [role=status]").textContent = text;
  }

  // --- the page on paper --------------------------------------------------------------------------

  let themeBefore = null; // set while the page is drawn for paper

  /* Graphs are drawn for the screen and cannot be widened by a style: so paper gets copies. */
  function beforePrint() {
    if (themeBefore !== null) return;
    const root = document.documentElement;
    themeBefore = root.dataset.bsTheme || "light";
    root.dataset.paper = "";
    root.dataset.bsTheme = "light";
    const asked = selected();
    byId("printed-selection").textContent =
      window.consumo.visible([asked.period, ...asked.filters].join(" · "));
    for (const graph of document.querySelectorAll(".panel-graph.state-ready .dash-graph")) {
      const figure = window.consumo.figureOf(graph.id, "light", "medium");
      if (!figure) continue;
      const copy = document.createElement("div");
      copy.className = "paper-graph";
      const own = parseInt(graph.closest(".panel-body").style.getPropertyValue("--height"), 10);
      // Bars over time can be lower than on the screen; rows with their names and rates cannot.
      const isOverTime = figure.data.every(({ orientation }) => orientation !== "h");
      const height = isOverTime ? PAPER.height : own;
      const layout = { ...figure.layout, width: PAPER.width, height, autosize: false };
      graph.closest("figure").append(copy);
      window.Plotly.newPlot(copy, structuredClone(figure.data), structuredClone(layout),
        { staticPlot: true, locale: root.lang });
    }
  }

  function afterPrint() {
    if (themeBefore === null) return;
    const root = document.documentElement;
    root.dataset.bsTheme = themeBefore;
    delete root.dataset.paper;
    themeBefore = null;
    document.querySelectorAll(".paper-graph").forEach((copy) => {
      window.Plotly.purge(copy);
      copy.remove();
    });
  }

  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  // Some browsers announce paper in this way only.
  window.matchMedia("print").addEventListener("change", ({ matches }) =>
    (matches ? beforePrint() : afterPrint()));

  Object.assign(window.consumo.acts, {
    png: saveImage,
    print: () => window.print(),
    download,
  });
  window.consumo.picture = async (slug) => imageOf(picture(slug), "svg");
})();
