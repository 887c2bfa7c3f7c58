/* Waits, and finds out whether something newer began meanwhile.

   Gives: `wait(milliseconds)`, a promise that is fulfilled after this time; `whenIdle(act, milliseconds)`,
   which calls `act` in an idle moment, at the latest after this time; `afterFrame(act)`, which calls it when
   the next frame has been drawn, in a tab without frames after a moment; `nextTask()`, a promise that is
   fulfilled after what runs now, where the browser can do that before the next frame; `newestOnly()`, a function
   `begin` to call at each beginning. `begin()` returns a function that tells whether this beginning is
   still the newest.
   Example: const begin = newestOnly(); const isNewest = begin(); begin(); isNewest() is false. */
function newestOnly() {
  let newest = 0;
  return () => {
    newest += 1;
    const mine = newest;
    return () => mine === newest;
  };
}

function whenIdle(act, timeout) {
  if (window.requestIdleCallback) window.requestIdleCallback(act, { timeout });
  else setTimeout(act, 0);
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/* A timer would wait for the frame and for other timers. */
const nextTask = () =>
  window.scheduler?.postTask
    ? window.scheduler.postTask(() => {}, { priority: "user-blocking" })
    : wait(0);

const FRAME_MS = 100; // a frame takes longer only where none is drawn

async function afterFrame(act) {
  // The second timer lets go first what others have put off until after the same frame.
  const frame = new Promise((done) =>
    requestAnimationFrame(() => setTimeout(() => setTimeout(done, 0), 0)),
  );
  await Promise.race([frame, wait(FRAME_MS)]);
  act();
}

module.exports = {
  afterFrame,
  newestOnly,
  nextTask,
  wait,
  whenIdle,
};
