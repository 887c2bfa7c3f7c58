/* What the page does when the server does not answer as it should: it says so, greys the numbers that
   it has, and asks for all of them again until answers come.

   Each callback of the page is one call. An answer counts when it has the form that callbacks have;
   anything else is a failure: an error, a page to sign in at, an answer that was cut or that does not
   come in time. A panel that waits for the answer to another question has grey numbers meanwhile. */
(function () {
  "use strict";

  const PATH = "/_dash-update-component";
  const FIRST_MS = 5000; // a failed call is followed by a try after so long, and later ones after
  const LONGEST_MS = 60000; // twice as long each, up to this
  const MARGIN_MS = 10000; // the way to the server and back, beside the time that a query may take
  const LATE_MS = 2000; // older numbers keep their colour for so long under another question
  const MAY_BE_UNCHANGED = "..status.data..."; // the call for newer data, which may have nothing to say

  const newest = new Map(); // by output: the number of its newest call
  const missing = new Set(); // outputs whose newest call failed
  const answered = new Map(); // by output: the question of its newest good answer
  const late = new Map(); // by output: the timer that greys its panel
  let calls = 0;
  let pause = FIRST_MS;
  let timer = null; // set while a try is to come
  let askedAgainAt = -Infinity;

  const isObject = (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value);

  /* The ids in what a call asks for: "id.property", or several as "..id.property...id.property..". */
  function idsOf(output) {
    return output.replace(/^\.\.|\.\.$/g, "").split("...")
      .map((one) => one.slice(0, one.lastIndexOf(".")));
  }

  function isAnswer(data, output) {
    if (!isObject(data) || data.multi !== true || !isObject(data.response)) return false;
    const ids = idsOf(output);
    const given = Object.entries(data.response);
    return given.length > 0 && given.every(([id, props]) => ids.includes(id) && isObject(props));
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
    const limit = Number(document.querySelector("[data-query-seconds]").dataset.querySeconds) * 1000;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new TypeError("no answer in time")), limit + MARGIN_MS);
    try {
      return await ask({ ...options, signal: stop.signal });
    } finally {
      clearTimeout(timer);
    }
  }

  const plain = window.fetch;
  window.fetch = function (resource, options) {
    const isCall = typeof resource === "string" && resource.split("?")[0].endsWith(PATH);
    return isCall ? followed(resource, options) : plain.call(window, resource, options);
  };

  async function followed(resource, options) {
    const { output, inputs } = JSON.parse(options.body);
    const question = questionOf(inputs);
    const call = ++calls;
    newest.set(output, call);
    wait(output, question);
    try {
      const good = await inTime(options, async (given) =>
        checked(await plain.call(window, resource, given), output));
      if (newest.get(output) === call) succeeded(output, question);
      return good;
    } catch (error) {
      if (newest.get(output) === call) failed(output);
      throw error;
    }
  }

  // --- a panel whose question has changed --------------------------------------------------------------

  /* What a call asks about; not why and how often, nor of which data. */
  function questionOf(inputs) {
    const values = inputs.filter(({ property }) => !["n_clicks", "n_intervals"].includes(property))
      .map(({ id, value }) => (id === "applied" && value ? value.raw : value));
    return JSON.stringify(values);
  }

  const panelOf = (output) =>
    idsOf(output).map((id) => document.getElementById(id)).find((one) => one && one.matches(".panel"));

  function wait(output, question) {
    const panel = panelOf(output);
    if (!panel || !answered.has(output)) return;
    if (answered.get(output) === question) waitNoMore(output);
    else if (!late.has(output)) {
      late.set(output, setTimeout(() => { panel.dataset.late = ""; }, LATE_MS));
    }
  }

  function waitNoMore(output) {
    clearTimeout(late.get(output));
    if (late.delete(output)) delete panelOf(output).dataset.late;
  }

  // --- what has failed -----------------------------------------------------------------------------------

  function show() {
    const lost = missing.size > 0;
    document.documentElement.classList.toggle("lost", lost);
    const note = document.getElementById("lost-note");
    if (!note) return;
    note.hidden = !lost;
    const hasNumbers = Boolean(document.querySelector(".panel:is(.state-ready, .state-empty)"));
    const [withNumbers, without] = note.children;
    withNumbers.hidden = !hasNumbers;
    without.hidden = hasNumbers;
  }

  function failed(output) {
    missing.add(output);
    show();
    if (timer === null) timer = setTimeout(tryAgain, pause);
  }

  function succeeded(output, question) {
    missing.delete(output);
    answered.set(output, question);
    waitNoMore(output);
    // What else is missing is asked for at once, though not over and over while it keeps failing.
    if (missing.size && performance.now() - askedAgainAt > pause) askAgain();
    if (missing.size) return show();
    clearTimeout(timer);
    timer = null;
    pause = FIRST_MS;
    show();
  }

  function askAgain() {
    askedAgainAt = performance.now();
    window.consumo.askAgain();
    window.dispatchEvent(new CustomEvent("consumo:again"));
  }

  /* One call finds out whether the server is back: the one for newer data. */
  function tryAgain() {
    pause = Math.min(2 * pause, LONGEST_MS);
    timer = setTimeout(tryAgain, pause);
    const { props } = window.dash_component_api.getLayout("poll") || {};
    if (props) window.consumo.setProps("poll", { n_intervals: (props.n_intervals || 0) + 1 });
  }
})();
