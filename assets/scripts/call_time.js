/* Gives up a call to the server that is not answered in time.

   Gives: `inTime(seconds, options, ask)`, which calls `ask` with `options` of fetch and a signal. The signal
   aborts the call after `seconds`, the time limit of a query, and MARGIN_MS; the server has stopped the
   query by then.
   Example: inTime(30, options, (given) => fetch(address, given)) fails after 40 s without an answer. */
const MARGIN_MS = 10000; // for the way to the server and back

async function inTime(seconds, options, ask) {
  const stop = new AbortController();
  const limit = Number(seconds) * 1000 + MARGIN_MS;
  const timer = setTimeout(() => stop.abort(new TypeError("no answer in time")), limit);
  try {
    return await ask({ ...options, signal: stop.signal });
  } finally {
    clearTimeout(timer);
  }
}

module.exports = { inTime };
