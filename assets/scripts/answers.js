/* Answers: what the server says to each call of the page, and which panels wait for theirs.

   Each callback of the page is one call. An answer counts when it has the form that callbacks have;
   anything else is a failure: an error, a page to sign in at, an answer that was cut or that does not
   come in time. A panel that waits for the answer to another question has grey numbers meanwhile.

   Given: window.fetch, by which Dash asks.
   Gives: to Dash a fetch that fails for whatever is no answer, and to connection.js word of each call
   that failed or succeeded; to the tests `isAnswer(data, output)`.
   Example: isAnswer({ multi: true, response: { alert: {} } }, "alert.content") is true. */
const { failed, succeeded } = require("./connection");
const ids = require("./ids");

const PATH = "/_dash-update-component";
const MARGIN_MS = 10000; // the way to the server and back, beside the time that a query may take
const LATE_MS = 2000; // older numbers keep their colour for so long under another question
/* The call for newer data begins so, and may have nothing to say. */
const MAY_BE_UNCHANGED = `..${ids.STATUS}.data...`;

const newest = new Map(); // by output: the number of its newest call
const answered = new Map(); // by output: the question of its newest good answer
const late = new Map(); // by output: the timer that greys its panel
let calls = 0;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/* The ids in what a call asks for: "id.property", or several as "..id.property...id.property..". */
function idsOf(output) {
  return output
    .replace(/^\.\.|\.\.$/g, "")
    .split("...")
    .map((one) => one.slice(0, one.lastIndexOf(".")));
}

function isAnswer(data, output) {
  if (!isObject(data) || data.multi !== true || !isObject(data.response)) return false;
  const asked = idsOf(output);
  const given = Object.entries(data.response);
  return given.length > 0 && given.every(([id, props]) => asked.includes(id) && isObject(props));
}

/* The answer with its JSON read; an error where it is none. */
async function checked(response, output) {
  if (response.status === 204 && output.startsWith(MAY_BE_UNCHANGED)) return response;
  if (response.status !== 200 || response.redirected) throw new TypeError("not an answer");
  const data = await response.json();
  if (!isAnswer(data, output)) throw new TypeError("not an answer");
  Object.defineProperty(response, "json", { value: async () => data });
  return response;
}

/* An answer in time: the server stops a query that takes longer, so none will come after that. */
async function inTime(options, ask) {
  const holder = document.querySelector("[data-query-seconds]");
  const limit = Number(holder.dataset.querySeconds) * 1000;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new TypeError("no answer in time")), limit + MARGIN_MS);
  try {
    return await ask({ ...options, signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

const plainFetch = window.fetch;
window.fetch = (resource, options) => {
  const isCall = typeof resource === "string" && resource.split("?")[0].endsWith(PATH);
  return isCall ? followed(resource, options) : plainFetch.call(window, resource, options);
};

async function followed(resource, options) {
  const { output, inputs } = JSON.parse(options.body);
  const question = questionOf(inputs);
  calls += 1;
  const call = calls;
  newest.set(output, call);
  wait(output, question);
  try {
    const good = await inTime(options, async (given) =>
      checked(await plainFetch.call(window, resource, given), output),
    );
    if (newest.get(output) === call) {
      answered.set(output, question);
      waitNoMore(output);
      succeeded(output);
    }
    return good;
  } catch (error) {
    if (newest.get(output) === call) failed(output);
    throw error;
  }
}

// --- a panel whose question has changed --------------------------------------------------------

/* What a call asks about; not why and how often, nor of which data. */
function questionOf(inputs) {
  const values = inputs
    .filter(({ property }) => !["n_clicks", "n_intervals"].includes(property))
    .map(({ id, value }) => (id === ids.APPLIED && value ? value.raw : value));
  return JSON.stringify(values);
}

const panelOf = (output) =>
  idsOf(output)
    .map((id) => document.getElementById(id))
    .find((one) => one?.matches(".panel"));

function wait(output, question) {
  const panel = panelOf(output);
  if (!panel || !answered.has(output)) return;
  if (answered.get(output) === question) waitNoMore(output);
  else if (!late.has(output)) {
    const grey = () => {
      panel.dataset.late = "";
    };
    late.set(output, setTimeout(grey, LATE_MS));
  }
}

function waitNoMore(output) {
  clearTimeout(late.get(output));
  if (late.delete(output)) delete panelOf(output).dataset.late;
}

module.exports = { isAnswer };
