/* The page's side of the channel to the portal around it; components/session_script.py opens it.

   Given: session.js; the portal's settings (portal_settings.js) and its messages, which
   docs/embedding.md lists.
   Gives: to the portal "ready" once its numbers are painted, errors and the filters; to scripts
   `lockedFilters()`, the filters that the portal has set for good, in the form of the address, and
   `isLocked(name)`; `isShown(panel)`, whether the portal shows a panel; `tellFilters(raw, parameters)`;
   `viewOf(parameters)`, those of a view; `tellError(code, message)`; `ask(type, content)`, a question
   to the portal; `isPortal()`, `portalSettings()`. Outside a portal all of it does nothing.
   Example: with locked { channel: ["WhatsApp"] }, lockedFilters().channel is ["WhatsApp"]. */
const { panels } = require("./constants");
const { setProps } = require("./dash");
const ids = require("./ids");
const { whenDrawn } = require("./page_drawn");
const { splitFilters, usable } = require("./portal_settings");
const { accentStyles, isFontName } = require("./portal_style");
const session = require("./session");

let settings = usable({});

const lockedFilters = () => settings.locked;
const isLocked = (name) => name in settings.locked;
const isShown = (slug) => !settings.panels.length || settings.panels.includes(slug);

// --- what the portal hides and colours ---------------------------------------------------------

const rules = document.createElement("style");
rules.id = "portal-rules";

function apply(given) {
  const before = settings;
  settings = usable(given);
  const root = document.documentElement;
  root.classList.toggle("portal-opens-cases", settings.opensCases);
  // Without the portal's help the address of a page that needs a token opens nowhere.
  root.classList.toggle("without-links", session.needsTickets && !settings.makesLinks);
  root.classList.toggle("single-panel", settings.panels.length === 1);
  root.classList.toggle("fixed-height", settings.hasFixedHeight);
  rules.textContent = [...hidingRules(), ...styleRules()].join("\n");
  if (!rules.isConnected) document.head.append(rules);
  for (const problem of settings.problems) tellOnce("bad-attribute", problem);
  if (!hasStarted) return; // the page begins with these settings
  if (JSON.stringify(before.locked) !== JSON.stringify(settings.locked)) press("lock");
  if (JSON.stringify(before.panels) !== JSON.stringify(settings.panels)) {
    window.dispatchEvent(new CustomEvent("consumo:panels"));
  }
}

const controlsOf = (names) => names.map((name) => `.control-${name.replaceAll("_", "-")}`).join();
const rule = (selector, style) => (selector ? [`:is(${selector}) { ${style} }`] : []);

function hidingRules() {
  const isOfPeriod = (name) => name === "start" || name === "end";
  const locked = Object.keys(settings.locked);
  const shownNames = locked.map((name) => (isOfPeriod(name) ? "period" : name));
  const locks = controlsOf(shownNames);
  const panels = settings.panels.map((slug) => `:not(#${CSS.escape(ids.panel(slug))})`);
  return [
    ...rule(controlsOf(settings.hidden), "display: none;"),
    ...rule(locks, "opacity: 0.65; pointer-events: none;"),
    ...(locks ? [`:is(${locks}) .dash-dropdown-clear { display: none; }`] : []),
    // A button that would clear a locked filter does nothing.
    ...rule(
      shownNames.map((name) => `[data-action="widen"][value="${name}"]`).join(),
      "display: none;",
    ),
    ...(panels.length ? [`.panels > .panel${panels.join("")} { display: none; }`] : []),
    // Without its lock the page would show more than the portal means it to.
    ...(settings.hasUnknownLock ? [".panels { display: none !important; }"] : []),
  ];
}

function styleRules() {
  const font = isFontName(settings.font)
    ? [`:root { --font: "${settings.font}", system-ui; }`]
    : [];
  return [...accentStyles(settings.accent), ...font];
}

// --- what the portal changes in the controls ----------------------------------------------------

const press = (kind, value) =>
  setProps(ids.ACTION, { data: { kind, value, at: performance.now() } });

let hasStarted = false;
const presses = []; // those that wait until the controls have the values of the address
window.addEventListener("consumo:started", () => {
  hasStarted = true;
  for (const act of presses.splice(0)) act();
});

// --- what the portal hears ---------------------------------------------------------------------

const PAINT_MS = 3000; // a graph that has not been drawn after this never will be
const LOOK_MS = 50; // between two looks whether the graphs are drawn

let isReady = false;
let errorTold = "";
let toldView = null; // the view that the portal knows; it knows the one of the first address

const shownPanels = () =>
  panels.filter(isShown).map((slug) => document.getElementById(ids.panel(slug)));

/* Says "ready" the first time that all shown panels are painted, and "error" of one that fails. */
function lookAtPanels() {
  const shown = shownPanels();
  const failed = shown.find((panel) => panel.matches(".state-error"));
  if (failed) tellError("panel", failed.querySelector(".notice p, .notice span")?.textContent);
  else errorTold = "";
  if (isReady || !shown.length || settings.hasUnknownLock) return;
  const isDone = (panel) => panel.matches(".state-ready, .state-empty, .state-folded, [data-far]");
  if (!shown.every(isDone)) return;
  isReady = true;
  sayWhenPainted(performance.now() + PAINT_MS);
}

/* The answers are there; plotly draws the graphs a moment later. Timers look, since a browser draws no
   frame of what is not on the screen. */
function sayWhenPainted(end) {
  const graphs = document.querySelectorAll(".panel.state-ready:has(figure)");
  const arePainted = [...graphs].every((panel) => panel.querySelector(".trace, .numbers-table"));
  if (arePainted || performance.now() > end) session.say({ type: "ready" });
  else setTimeout(sayWhenPainted, LOOK_MS, end);
}

/* Tells the portal of an error, once while it lasts. The end of the session is told as such. */
function tellError(code, message = "") {
  if (errorTold === code + message || session.hasEnded()) return;
  errorTold = code + message;
  session.say({ type: "error", code, message: message.trim() });
}

const told = new Set();
function tellOnce(code, message) {
  if (!told.has(message)) session.say({ type: "error", code, message });
  told.add(message);
}

/* Says which filter is wrong, as the page does. */
function lookAtAlert() {
  const sentence = document.querySelector(`#${ids.ALERT} .alert-box > span`)?.textContent;
  if (sentence) tellError("bad-filter", sentence);
}

/* Tells the filters, and the parameters of the page's address that a link of the portal needs. */
function tellFilters(raw, parameters) {
  const view = viewOf(parameters);
  const isChange = toldView !== null && toldView !== view;
  toldView = view;
  if (isChange) session.say({ type: "filters-change", filters: raw, query: view });
}

/* Returns the parameters of the page's address but those of this one frame and of its looks. */
function viewOf(parameters) {
  const view = new URLSearchParams(parameters);
  for (const name of ["portal", "session", "lang", "theme"]) view.delete(name);
  return view.toString();
}

// --- listening, once all of the above is there -------------------------------------------------

session.on("settings", apply);

const once = (act) => (message) => {
  if (hasStarted) act(message);
  else presses.push(() => act(message));
};
session.on(
  "filters",
  once(({ filters: wanted }) => {
    const { known, unknown } = splitFilters(wanted);
    // A misspelt filter must not show everything.
    if (unknown.length) tellError("bad-filter", `there is no filter "${unknown.join('", "')}"`);
    else press("set", known);
  }),
);
session.on(
  "theme",
  once(({ theme }) => press("theme", theme)),
);
session.on(
  "refresh",
  once(() => window.dispatchEvent(new CustomEvent("consumo:refresh"))),
);

if (session.isPortal) {
  whenDrawn(() => {
    const looking = new MutationObserver(lookAtPanels);
    for (const panel of document.querySelectorAll(".panels > .panel")) {
      looking.observe(panel, { attributes: true, attributeFilter: ["class"] });
    }
    lookAtPanels();
    const alert = document.getElementById(ids.ALERT);
    new MutationObserver(lookAtAlert).observe(alert, { childList: true, subtree: true });
  });
}

module.exports = {
  ask: (type, content) => session.ask(type, content),
  isLocked,
  isPortal: () => session.isPortal,
  isShown,
  lockedFilters,
  portalSettings: () => settings,
  tellError,
  tellFilters,
  viewOf,
};
