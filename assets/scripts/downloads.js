/* Downloads of the table, and how far each of them is.

   Given: a press of actions.js on a link, its value "CSV" or "XLSX"; the sentences and the line for
   downloads of components/downloads.py; the states of app/download_progress.py.
   Gives: `download(kind, link, event)`. The browser fetches the file; this asks the server how far it
   is, by a ticket in the file's address, and says so in a line with a button that stops it.
   Example: download("XLSX", link, event) shows "XLSX: 5.000 de 10.008 linhas · 49%". */
const { downloadStates, limits } = require("./constants");
const { prefix } = require("./dash");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { filled, number } = require("./text");
const { wait } = require("./timing");

const POLL_MS = 700;
const BEGIN_MS = 15000; // a download that the server does not know by then was blocked by the portal
const MOST_MISSES = 40; // so many failed questions in a row, and the download is given up
const ANNOUNCED = 25; // percent: screen readers hear of each such step
const words = () => pageTexts("downloadWords");

function newTicket() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* A press on a download's link. The browser fetches the file; here its progress is followed. */
function download(kind, link, event) {
  if (!link.hasAttribute("href")) return;
  const ended = document.querySelectorAll(`#${ids.DOWNLOADS} .download[data-ended]`);
  for (const old of ended) old.remove();
  const line = newLine(kind, link);
  const total = document.querySelector(`#${ids.TABLE_TOTAL} [data-rows]`);
  const rows = total ? Number(total.dataset.rows) : 0;
  if (kind === "XLSX" && rows > limits.sheetRows) {
    event.preventDefault();
    const said = filled(words().too_many, { count: number(rows), limit: number(limits.sheetRows) });
    line.end("failed", { message: said });
    return;
  }
  const ticket = newTicket();
  const plain = link.getAttribute("href");
  link.setAttribute("href", `${plain}${plain.includes("?") ? "&" : "?"}ticket=${ticket}`);
  // By then the browser has followed the link with its ticket.
  setTimeout(() => link.setAttribute("href", plain));
  line.stop = () => ask(`${ticket}/stop`, { method: "POST" }).catch(() => {});
  follow(ticket, line);
}

const ask = (path, options) =>
  fetch(`${prefix()}export/progress/${path}`, { cache: "no-store", ...options });

/* How far a download is, as the server says. Throws TypeError for any other answer. */
async function progress(ticket) {
  const answer = await ask(ticket);
  const told = answer.ok && !answer.redirected ? await answer.json() : null;
  if (!told || !downloadStates.includes(told.state)) throw new TypeError("not an answer");
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
      // The server knew it before and forgot it: it was started anew.
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
  const holder = document.getElementById(ids.DOWNLOADS);
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
  document.querySelector(`#${ids.DOWNLOADS} [role=status]`).textContent = text;
}

module.exports = { download };
