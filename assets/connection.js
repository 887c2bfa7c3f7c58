/* What the page does when the server does not answer as it should: it says so, greys the numbers that
   it has, and asks for all of them again until answers come.

   Each callback of the page is one call. An answer counts when it has the form that callbacks have;
   anything else is a failure: an error, a page to sign in at, an answer that was cut. */
(function () {
  "use strict";

  const PATH = "/_dash-update-component";
  const FIRST_MS = 5000; // a failed call is followed by a try after so long, and later ones after
  const LONGEST_MS = 60000; // twice as long each, up to this

  const newest = new Map(); // by output: the number of its newest call
  const missing = new Set(); // outputs whose newest call failed
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
    if (response.status === 204) return response; // nothing has changed
    if (response.status !== 200 || response.redirected) throw new TypeError("not an answer");
    const data = await response.json();
    if (!isAnswer(data, output)) throw new TypeError("not an answer");
    Object.defineProperty(response, "json", { value: async () => data });
    return response;
  }

  const plain = window.fetch;
  window.fetch = function (resource, options) {
    const answer = plain.call(window, resource, options);
    const isCall = typeof resource === "string" && resource.split("?")[0].endsWith(PATH);
    return isCall ? followed(answer, JSON.parse(options.body).output) : answer;
  };

  async function followed(answer, output) {
    const call = ++calls;
    newest.set(output, call);
    try {
      const good = await checked(await answer, output);
      if (newest.get(output) === call) succeeded(output);
      return good;
    } catch (error) {
      if (newest.get(output) === call) failed(output);
      throw error;
    }
  }

  function show() {
    const lost = missing.size > 0;
    document.documentElement.classList.toggle("lost", lost);
    const note = document.getElementById("lost-note");
    if (note) note.hidden = !lost;
  }

  function failed(output) {
    missing.add(output);
    show();
    if (timer === null) timer = setTimeout(tryAgain, pause);
  }

  function succeeded(output) {
    missing.delete(output);
    // What else is missing is asked for at once, though not over and over while it keeps failing.
    if (missing.size && performance.now() - askedAgainAt > pause) askAgain();
    if (missing.size) return;
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
