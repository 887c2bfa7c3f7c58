/* Shows the progress of the table's downloads, and stops them.

   Given: a press (actions.js) on a download link, whose value is "CSV" or "XLSX"; the texts and the box
   of components/downloads.py; the states of app/download_progress.py.
   Gives: `download(kind, link, event)`. The browser fetches the file. Meanwhile this script asks the
   server for the progress, by a name that it adds to the file's address, and shows it in a line with
   a button that stops the download; `fetchFile(value, link, event)`, the same for small files, without
   progress. In a page that holds a token, and for a selection too long for an
   address, both ask for a ticket first.
   Example: download("XLSX", link, event) shows "XLSX: 5.000 de 10.008 linhas · 49%". */
const { downloadStates, limits } = require("./constants");
const { prefix } = require("./dash");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const session = require("./session");
const { filled, number } = require("./text");
const { wait } = require("./timing");

const POLL_MS = 700;
const BEGIN_MS = 15000; // a download that the server does not know after this was blocked by the portal
const MOST_MISSES = 40; // after more failed requests for the progress in a row, it is given up
const ANNOUNCED = 25; // percent: the steps at which screen readers read the progress
const words = () => pageTexts("downloadWords");

function newName() {
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* Starts to follow the download of a pressed link. A workbook of too many rows is not fetched at all. */
function download(kind, link, event) {
  if (!link.hasAttribute("href")) return;
  const ended = document.querySelectorAll(`#${ids.DOWNLOADS} .download[data-ended]`);
  for (const old of ended) old.remove();
  const line = newLine(kind, link);
  const total = document.querySelector(`#${ids.TABLE_TOTAL} [data-rows]`);
  const rows = total ? Number(total.dataset.rows) : 0;
  if (kind === "XLSX" && rows > limits.sheetRows) {
    event.preventDefault();
    const counts = { count: number(rows), limit: number(limits.sheetRows) };
    line.end("failed", { message: filled(words().too_many, counts) });
    return;
  }
  const name = newName();
  const plain = link.getAttribute("href");
  const named = `${plain}${plain.includes("?") ? "&" : "?"}progress=${name}`;
  line.stop = () => ask(`${name}/stop`, { method: "POST" }).catch(() => {});
  if (needsTicket(link)) {
    event.preventDefault();
    fetchByTicket(named, line).then((isBegun) => isBegun && follow(name, line));
    return;
  }
  link.setAttribute("href", named);
  // The browser has followed the link, with the name, before this runs.
  setTimeout(() => link.setAttribute("href", plain));
  follow(name, line);
}

/* Fetches the file of a link whose download is too short to be followed. */
function fetchFile(_value, link, event) {
  if (!needsTicket(link) || !link.hasAttribute("href")) return;
  event.preventDefault();
  fetchByTicket(link.getAttribute("href"), null, link);
}

/* A link can carry no token, and no selection that is too long for an address. */
const needsTicket = (link) => session.needsTickets || "long" in link.dataset;

/* Fetches a file by a ticket that can be used once: the request for it has the whole question in its body.
   The same frame follows it, since browsers block a new window by now. Says on
   the line why nothing comes, and then returns false. */
async function fetchByTicket(href, line, link) {
  const address = `/${href.slice(prefix().length)}`;
  const options = { method: "POST", headers: { "Content-Type": "application/json" } };
  let message = words().away_once;
  try {
    const body = JSON.stringify({ address });
    const answer = await fetch(`${prefix()}export/tickets`, { ...options, body });
    const content = await answer.json();
    if (answer.ok) {
      const anchor = document.createElement("a");
      anchor.href = `${href.split("?")[0]}?ticket=${encodeURIComponent(content.ticket)}`;
      anchor.download = "";
      anchor.rel = "noreferrer";
      anchor.click();
      return true;
    }
    message = content.error.message;
  } catch {
    // The message says that the server does not answer.
  }
  (line || newLine("CSV", link)).end("failed", { message });
  return false;
}

const ask = (path, options) =>
  fetch(`${prefix()}export/progress/${path}`, { cache: "no-store", ...options });

/* Returns the progress that the server reports: { state, rows, total, message }. Throws TypeError for
   any other answer. */
async function progress(name) {
  const answer = await ask(name);
  const status = answer.ok && !answer.redirected ? await answer.json() : null;
  if (!status || !downloadStates.includes(status.state)) throw new TypeError("not an answer");
  return status;
}

async function follow(name, line) {
  const begun = performance.now();
  let last = null;
  let misses = 0;
  for (;;) {
    await wait(POLL_MS);
    let status;
    try {
      status = await progress(name);
      misses = 0;
    } catch {
      misses += 1;
      if (misses > MOST_MISSES) return line.end("broken", last || { rows: 0 });
      if (misses > 2) line.show("away", {});
      continue;
    }
    if (status.state === "unknown") {
      // The server knew the download before: it has been restarted since.
      if (last) return line.end("broken", last);
      if (performance.now() - begun > BEGIN_MS) return line.end("unknown", {});
    } else {
      last = status;
      if (status.state !== "waiting" && status.state !== "running")
        return line.end(status.state, status);
      line.show(status.state, status);
    }
  }
}

/* Adds the line of a download: progress bar, text, and a button that stops it, later closes the line.
   Returns { show, end, stop }; the caller sets `stop`. */
function newLine(kind, link) {
  const w = words();
  const holder = document.getElementById(ids.DOWNLOADS);
  const row = document.createElement("div");
  const bar = document.createElement("progress");
  const text = document.createElement("span");
  const button = document.createElement("button");
  row.className = "download";
  bar.setAttribute("aria-label", kind);
  button.type = "button";
  button.className = "link-button";
  button.textContent = w.stop;
  button.setAttribute("aria-label", filled(w.stop_name, { kind }));
  row.append(bar, text, button);
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

  function show(state, status) {
    text.textContent = sentence(state, status);
    if (status.total) {
      bar.max = status.total;
      bar.value = status.rows;
    }
    const step = status.total ? Math.floor((100 * status.rows) / status.total / ANNOUNCED) : 0;
    if (state !== "away" && step > announced) {
      announced = step;
      announce(text.textContent);
    }
  }

  function end(state, status) {
    row.dataset.ended = state;
    text.textContent = sentence(state, status);
    announce(text.textContent);
    bar.remove();
    button.textContent = w.close;
    button.removeAttribute("aria-label");
  }
}

function announce(sentence) {
  document.querySelector(`#${ids.DOWNLOADS} [role=status]`).textContent = sentence;
}

module.exports = { download, fetchFile };
