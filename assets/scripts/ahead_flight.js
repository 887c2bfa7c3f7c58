/* Holds the one question in advance that is on its way.

   Gives: `takeOff(keys)`, which begins a question to panels, whose keys are by slug, and returns its
   number; `land(number)`, its keys once its answer has come, null if nobody waits for it any more;
   `comingAhead()`, the keys of what is on its way, or null; `signalOf(number)`, which aborts its request.
   `takeOver()`: the reader has chosen it. `drop()` ends it unless it has been chosen, `abandon()` in any
   case. `refuse()`: the server gives nothing in advance; `isRefused()`, until the next `abandon()`.
   Example: const number = takeOff({ cases: "a" }); drop(); land(number) is null. */
const { dropped } = require("./ahead_fates");

let flight = null; // { number, keys, stop, isChosen }
let newest = 0;
let refused = false;

function takeOff(keys) {
  newest += 1;
  flight = { number: newest, keys, stop: new AbortController(), isChosen: false };
  return newest;
}

function land(number) {
  if (flight?.number !== number) return null;
  const { keys } = flight;
  flight = null;
  return keys;
}

function drop() {
  if (flight && !flight.isChosen) abandonFlight();
}

function abandon() {
  refused = false;
  if (flight) abandonFlight();
}

function abandonFlight() {
  flight.stop.abort();
  dropped(Object.keys(flight.keys).length);
  flight = null;
}

module.exports = {
  abandon,
  comingAhead: () => flight?.keys || null,
  drop,
  isRefused: () => refused,
  land,
  refuse: () => {
    refused = true;
  },
  signalOf: (number) => (flight?.number === number ? flight.stop.signal : AbortSignal.abort()),
  takeOff,
  takeOver: () => {
    flight.isChosen = true;
  },
};
