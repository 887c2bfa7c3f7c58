/* The page's side of the channel to the portal around it; components/session_script.py opens it.

   Given: window.consumoSession; the portal's settings { locked, hidden, panels, accent, font,
   hasFixedHeight, opensCases, makesLinks } and its messages (docs/embedding.md lists them).
   Gives: to the portal the page's height, "ready" once its numbers are painted, errors and the filters;
   to scripts `lockedFilters()`, the filters that the portal has set for good, in the form of the
   address; `isShown(panel)`, whether the portal shows a panel; `tellFilters(raw, parameters)`; `viewOf(parameters)`, those of a view;
   `tellError(code, message)`; `ask(type, content)`, a question to the portal; `portalSettings()`.
   Outside a portal all of it does nothing.
   Example: with locked { channel: ["WhatsApp"] }, lockedFilters().channel is ["WhatsApp"]. */
const { accentStyles, isFontName } = require("./portal_style");
const { filters } = require("./constants");
const { setProps } = require("./dash");
const ids = require("./ids");
const { whenDrawn } = require("./page_drawn");

const session = window.consumoSession || { on: () => {}, say: () => {}, isPortal: false };
const SINGLES = ["start", "end", "basis"];

let settings = {};

const isTexts = (value) => Array.isArray(value) && value.every((text) => typeof text === "string");

/* Returns only what the page knows of the filters that a portal names. */
function known(named) {
  const entries = Object.entries(named || {}).filter(
    ([name, texts]) => (filters.includes(name) || SINGLES.includes(name)) && isTexts(texts),
  );
  return Object.fromEntries(entries.filter(([, texts]) => texts.length));
}

const lockedFilters = () => known(settings.locked);
const isLocked = (name) => name in lockedFilters();

const chosenPanels = () => (isTexts(settings.panels) ? settings.panels : []);
const isShown = (slug) => !chosenPanels().length || chosenPanels().includes(slug);

// --- what the portal hides and colours ---------------------------------------------------------

const rules = document.createElement("style");
rules.id = "portal-rules";

function apply(given) {
  const before = settings;
  settings = given || {};
  const root = document.documentElement;
  root.classList.toggle("portal-opens-cases", settings.opensCases === true);
  root.classList.toggle("single-panel", chosenPanels().length === 1);
  root.classList.toggle("fixed-height", settings.hasFixedHeight === true);
  rules.textContent = [...hidingRules(), ...styleRules()].join("\n");
  if (!rules.isConnected) document.head.append(rules);
  if (!hasStarted) return; // the page begins with these settings
  if (JSON.stringify(before.locked) !== JSON.stringify(settings.locked)) press("lock");
  if (JSON.stringify(before.panels) !== JSON.stringify(settings.panels)) {
    window.dispatchEvent(new CustomEvent("consumo:panels"));
  }
}

function hidingRules() {
  const hidden = isTexts(settings.hidden) ? settings.hidden : [];
  const controls = hidden
    .filter((name) => filters.includes(name) || ["period", "basis"].includes(name))
    .map((name) => `.control-${name.replaceAll("_", "-")}`);
  const locks = Object.keys(lockedFilters())
    .map((name) => (name === "start" || name === "end" ? "period" : name))
    .map((name) => `.control-${name.replaceAll("_", "-")}`);
  // A button that would clear a locked filter does nothing.
  const clearing = Object.keys(lockedFilters()).map(
    (name) => `[data-action="widen"][value="${name}"]`,
  );
  const panels = chosenPanels().map((slug) => `:not(#${CSS.escape(ids.panel(slug))})`);
  return [
    ...(controls.length ? [`:is(${controls.join()}) { display: none; }`] : []),
    ...(locks.length ? [`:is(${locks.join()}) { opacity: 0.65; pointer-events: none; }`] : []),
    ...(clearing.length ? [`:is(${clearing.join()}) { display: none; }`] : []),
    ...(panels.length ? [`.panels > .panel${panels.join("")} { display: none; }`] : []),
  ];
}

function styleRules() {
  const font = isFontName(settings.font)
    ? [`:root { --font: "${settings.font}", system-ui; }`]
    : [];
  return [...accentStyles(settings.accent), ...font];
}

// --- what the portal asks ----------------------------------------------------------------------

const press = (kind, value) =>
  setProps(ids.ACTION, { data: { kind, value, at: performance.now() } });

let hasStarted = false;
const presses = []; // those that wait until the controls have the values of the address
window.addEventListener("consumo:started", () => {
  hasStarted = true;
  for (const act of presses.splice(0)) act();
});

session.on("settings", apply);
const once = (act) => (message) => {
  if (hasStarted) act(message);
  else presses.push(() => act(message));
};
session.on(
  "filters",
  once(({ filters: wanted }) => press("set", known(wanted))),
);
session.on(
  "theme",
  once(({ theme }) => press("theme", theme)),
);
session.on(
  "refresh",
  once(() => window.dispatchEvent(new CustomEvent("consumo:refresh"))),
);

// --- what the portal hears ---------------------------------------------------------------------

const PAINT_MS = 3000; // a graph that has not been drawn after this never will be
const LOOK_MS = 50; // between two looks whether the graphs are drawn

let isReady = false;
let errorTold = "";
let toldView = null; // the view that the portal knows; it knows the one of the first address

const shownPanels = () =>
  [...document.querySelectorAll(".panels > .panel")].filter(
    (panel) =>
      !chosenPanels().length || chosenPanels().some((slug) => panel.id === ids.panel(slug)),
  );

/* Says "ready" the first time that all shown panels are painted, and "error" of one that fails. */
function lookAtPanels() {
  const panels = shownPanels();
  const failed = panels.find((panel) => panel.matches(".state-error"));
  if (failed) tellError("panel", failed.querySelector(".notice p, .notice span")?.textContent);
  else errorTold = "";
  if (isReady || !panels.length) return;
  if (!panels.every((panel) => panel.matches(".state-ready, .state-empty"))) return;
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

function tellError(code, message = "") {
  if (errorTold === code + message) return;
  errorTold = code + message;
  session.say({ type: "error", code, message: message.trim() });
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

if (session.isPortal) {
  whenDrawn(() => {
    const looking = new MutationObserver(lookAtPanels);
    for (const panel of document.querySelectorAll(".panels > .panel")) {
      looking.observe(panel, { attributes: true, attributeFilter: ["class"] });
    }
    lookAtPanels();
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
