/* Checks the server's answers to the page's callbacks.

   Each request for a callback's answer is a call. Only JSON in the form of a callback's answer counts as an
   answer; anything else is a failure: an error, a sign-in page, an answer that was cut or that does
   not come in time.

   Given: window.fetch, with which Dash and question.js send calls.
   Gives: to both a window.fetch that rejects where there is no answer; to connection.js each call that
   failed or succeeded; to the tests `isAnswer(data, output)`.
   Example: isAnswer({ multi: true, response: { alert: {} } }, "alert.content") is true. */
const { abandon, land, signalOf } = require("./ahead_flight");
const { inTime } = require("./call_time");
const { failed, succeeded } = require("./connection");
const ids = require("./ids");
const { isLostAhead, isUnanswered } = require("./question");

const PATH = "/_dash-update-component";
/* The beginning of the outputs of the call for newer data, whose answer may be empty (204). */
const MAY_BE_UNCHANGED = `..${ids.NEWER_STATUS}.data...`;

const OF_PANELS = `${ids.ANSWERS}.data`; // the output of the call for panels
const AHEAD = `${ids.AHEAD_ANSWERS}.data`; // and of the one in advance of the reader's choice
const newest = new Map(); // by output: the number of its newest call
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

const querySeconds = () => document.querySelector("[data-query-seconds]").dataset.querySeconds;

const plainFetch = window.fetch;
window.fetch = (resource, options) => {
  const isCall = typeof resource === "string" && resource.split("?")[0].endsWith(PATH);
  if (!isCall) return plainFetch.call(window, resource, options);
  const { output, inputs } = JSON.parse(options.body);
  if (output === AHEAD) return inAdvance(resource, options, inputs[0].value.number);
  return followed(resource, options, output);
};

/* Where nothing comes in advance, the page is as it was: Dash is told that nothing has changed. */
async function inAdvance(resource, options, number) {
  const dropped = signalOf(number);
  try {
    dropped.throwIfAborted();
    return await inTime(querySeconds(), options, async (given) => {
      const signal = AbortSignal.any([given.signal, dropped]);
      return checked(await plainFetch.call(window, resource, { ...given, signal }), AHEAD);
    });
  } catch {
    const keys = land(number);
    if (keys) isLostAhead(keys);
    return new Response(null, { status: 204 });
  }
}

async function followed(resource, options, output) {
  // The server works for what is chosen first.
  if (output === OF_PANELS) abandon();
  calls += 1;
  const call = calls;
  newest.set(output, call);
  try {
    const good = await inTime(querySeconds(), options, async (given) =>
      checked(await plainFetch.call(window, resource, given), output),
    );
    if (newest.get(output) === call) succeeded(output);
    return good;
  } catch (error) {
    if (newest.get(output) === call) {
      if (output === OF_PANELS) isUnanswered();
      failed(output);
    }
    throw error;
  }
}

module.exports = { isAnswer };
