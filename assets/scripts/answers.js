/* Checks the server's answers to the page's callbacks, and greys panels whose answer is late.
   Calls of panels that are far from the screen are put off.

   Each callback that Dash sends is a call. Only JSON in the form of a callback's answer counts as an
   answer; anything else is a failure: an error, a sign-in page, an answer that was cut or that does
   not come in time. The numbers of a panel turn grey while it waits long for the answer to other
   filters than those that it shows.

   Given: window.fetch, with which Dash sends its callbacks.
   Gives: to Dash a window.fetch that rejects where there is no answer; to connection.js each call that
   failed or succeeded; to the tests `isAnswer(data, output)`.
   Example: isAnswer({ multi: true, response: { alert: {} } }, "alert.content") is true. */
const { failed, succeeded } = require("./connection");
const ids = require("./ids");
const { begun, ended, putOff } = require("./near_panels");
const { isShown } = require("./portal");

const PATH = "/_dash-update-component";
const MARGIN_MS = 10000; // for the way to the server and back, on top of the time limit of a query
const LATE_MS = 2000; // numbers of the filters before keep their colour for so long
/* The beginning of the outputs of the call for newer data, whose answer may be empty (204). */
const MAY_BE_UNCHANGED = `..${ids.STATUS}.data...`;

const newest = new Map(); // by output: the number of its newest call
const answered = new Map(); // by output: the question of its newest good answer
const late = new Map(); // by output: the timer that greys its panel
let calls = 0;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/* Returns the ids in a call's output: "id.property", or several as "..id.property...id.property..". */
function idsOf(output) {
  return output
    .replace(/^\.\.|\.\.$/g, "")
    .split("...")
    .map((target) => target.slice(0, target.lastIndexOf(".")));
}

function isAnswer(data, output) {
  if (!isObject(data) || data.multi !== true || !isObject(data.response)) return false;
  const asked = idsOf(output);
  const given = Object.entries(data.response);
  return given.length > 0 && given.every(([id, props]) => asked.includes(id) && isObject(props));
}

/* Returns the response with its JSON read. Throws TypeError where it is not an answer. */
async function checked(response, output) {
  if (response.status === 204 && output.startsWith(MAY_BE_UNCHANGED)) return response;
  if (response.status !== 200 || response.redirected) throw new TypeError("not an answer");
  const data = await response.json();
  if (!isAnswer(data, output)) throw new TypeError("not an answer");
  Object.defineProperty(response, "json", { value: async () => data });
  return response;
}

/* Calls `ask` with a signal that aborts it after the time limit of a query and MARGIN_MS; the server has
   stopped the query by then. */
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
  if (!isCall) return plainFetch.call(window, resource, options);
  // Of a panel that the portal does not show nothing is asked: its callback changes nothing.
  return isOfHiddenPanel(options.body) || isPutOff(options.body)
    ? Promise.resolve(new Response(null, { status: 204 }))
    : followed(resource, options);
};

const INDICATORS = "indicators";
const PANEL_OUTPUT = new RegExp(`^\\.\\.${ids.panel("([a-z-]+)")}\\.className\\.\\.\\.`);

const slugOf = (output) => PANEL_OUTPUT.exec(output)?.[1];

/* Returns whether the call of a panel is left for later; see near_panels.js. */
function isPutOff(body) {
  const { output, inputs, changedPropIds } = JSON.parse(body);
  const slug = slugOf(output);
  if (slug === undefined) return false;
  const applied = inputs.find(({ id }) => id === ids.APPLIED);
  return putOff(slug, !applied?.value || changedPropIds.includes(`${ids.APPLIED}.data`));
}

function isOfHiddenPanel(body) {
  const { output } = JSON.parse(body);
  const slug = slugOf(output);
  if (slug === undefined || isShown(slug)) return false;
  // The panel may fill a card among the indicators.
  return !(isShown(INDICATORS) && output.includes(`${ids.indicator_card(slug)}.`));
}

async function followed(resource, options) {
  const { output, inputs } = JSON.parse(options.body);
  const question = questionOf(inputs);
  calls += 1;
  const call = calls;
  newest.set(output, call);
  wait(output, question);
  const slug = slugOf(output);
  if (slug) begun();
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
  } finally {
    if (slug) ended(slug);
  }
}

// --- a panel whose filters have changed --------------------------------------------------------

/* Returns the filters and other inputs of a call as text, without clicks, timers, the reason of the call
   and the version of the data. */
function questionOf(inputs) {
  const values = inputs
    .filter(({ property }) => !["n_clicks", "n_intervals"].includes(property))
    .map(({ id, value }) => (id === ids.APPLIED && value ? value.raw : value));
  return JSON.stringify(values);
}

const panelOf = (output) =>
  idsOf(output)
    .map((id) => document.getElementById(id))
    .find((element) => element?.matches(".panel"));

/* Greys the call's panel after LATE_MS, unless it shows the answer to the same question already. */
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
