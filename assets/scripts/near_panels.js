/* Keeps panels that are far from the screen from being asked, so that they delay no other panel.

   Given: cards with data-near (components/layout.py), whose value is the panel's slug; the calls of
   answers.js.
   Gives: `putOff(slug, isOfFilters)`, whether the panel's call is to be dropped now: the panel is far
   from the screen, or it is near and other panels are asked because of changed filters. It is asked
   again by itself as soon as it is near and the others have their answers. `begun(slug)` and
   `ended(slug)` tell of calls that are sent; `askFarPanels()` asks all that wait and resolves when they
   have their answers.
   Example: "breakdown", two screens below, is asked when 300 pixels are left to scroll. */
const { propsOf, setProps } = require("./dash");
const ids = require("./ids");
const { wait } = require("./timing");

const MARGIN = "300px 0px"; // so far below the screen a panel is asked
const SETTLE_MS = 50; // by then the calls of all panels have begun
const LOOK_MS = 50; // between two looks whether a panel has its answer
const AGAIN_MS = 1000; // after so long without a call a panel is asked once more
const PRINT_MS = 8000; // for so long printing waits for panels

const near = new Set(); // slugs of the panels near the screen
const forced = new Set(); // slugs of the panels that are asked wherever they are
const owed = new Set(); // slugs of the panels whose last question was put off
const watched = new WeakSet();
let sent = 0; // calls of panels without an answer

const cardOf = (slug) => document.getElementById(ids.panel(slug));

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target.dataset.near);
      else near.delete(target.dataset.near);
    }
    settle();
  },
  { rootMargin: MARGIN },
);

function putOff(slug, isOfFilters) {
  const card = cardOf(slug);
  if (!card?.dataset.near) return false;
  if (!watched.has(card)) {
    watched.add(card);
    observer.observe(card);
  }
  if (forced.delete(slug) || (near.has(slug) && !isOfFilters)) return false;
  owed.add(slug);
  // When it comes into view, it must not show the numbers of the question before.
  if (!near.has(slug)) card.dataset.far = "";
  setTimeout(settle, SETTLE_MS);
  return true;
}

/* Asks the panels that wait, if they are near and no other panel waits for an answer. */
function settle() {
  if (!sent) for (const slug of owed) if (near.has(slug)) ask(slug);
}

function ask(slug) {
  forced.add(slug);
  owed.delete(slug);
  const { n_clicks: presses = 0 } = propsOf(ids.retry(slug));
  setProps(ids.retry(slug), { n_clicks: presses + 1 });
}

function begun() {
  sent += 1;
}

function ended(slug) {
  sent -= 1;
  settle();
  const card = slug && cardOf(slug);
  if (card && !owed.has(slug))
    requestAnimationFrame(() => requestAnimationFrame(() => shown(card)));
}

/* The answer has been painted by now. */
function shown(card) {
  if (!owed.has(card.dataset.near)) delete card.dataset.far;
}

async function askFarPanels() {
  const lacking = () => [
    ...document.querySelectorAll(".panel[data-far], .panel[data-near].state-waiting"),
  ];
  const end = performance.now() + PRINT_MS;
  let again = performance.now() + AGAIN_MS;
  do {
    // A panel may be put off only now, where the page has just been opened.
    for (const slug of [...owed]) ask(slug);
    await wait(LOOK_MS);
    if (performance.now() < again) continue;
    // A question that came while Dash was busy with the same call may be lost.
    if (!sent) for (const card of lacking()) ask(card.dataset.near);
    again = performance.now() + AGAIN_MS;
  } while (lacking().length && performance.now() < end);
}

module.exports = { askFarPanels, begun, ended, putOff };
