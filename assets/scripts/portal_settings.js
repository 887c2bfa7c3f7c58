/* Reads what a portal sets for the page, and finds names that the page does not know.

   Given: the settings { locked, hidden, panels, accent, font, hasFixedHeight, opensCases, makesLinks },
   which come from the portal's page and may be anything.
   Gives: `usable(given)`, the settings that the page can use, with `problems`, a sentence for each name
   that it does not know, and `hasUnknownLock`; `splitFilters(named)`, the `known` filters among those
   that a portal names, and the `unknown` names.
   Example: usable({ panels: ["case"] }) has panels [] and the problem 'panels: there is no "case"'. */
const constants = require("./constants");

const SINGLES = ["start", "end", "period", "basis"];
const { filters } = constants;
const HIDEABLE = [...filters, "period", "basis"];

const isTexts = (value) => Array.isArray(value) && value.every((text) => typeof text === "string");
const textsOf = (value) => (isTexts(value) ? value : []);

function splitFilters(named) {
  const entries = Object.entries(named || {});
  const isKnown = ([name, texts]) => [...filters, ...SINGLES].includes(name) && isTexts(texts);
  return {
    known: Object.fromEntries(entries.filter((entry) => isKnown(entry) && entry[1].length)),
    unknown: entries.filter((entry) => !isKnown(entry)).map(([name]) => name),
  };
}

const complaints = (attribute, names) => names.map((name) => `${attribute}: there is no "${name}"`);

function usable(given) {
  const { known: locked, unknown } = splitFilters(given?.locked);
  const [hidden, panels] = [textsOf(given?.hidden), textsOf(given?.panels)];
  const isOfPage = (slug) => constants.panels.includes(slug);
  return {
    accent: given?.accent,
    font: given?.font,
    locked,
    hidden: hidden.filter((name) => HIDEABLE.includes(name)),
    panels: panels.filter(isOfPage),
    hasFixedHeight: given?.hasFixedHeight === true,
    opensCases: given?.opensCases === true,
    makesLinks: given?.makesLinks === true,
    hasUnknownLock: unknown.length > 0,
    problems: [
      ...complaints("locked-filters", unknown),
      ...complaints(
        "hidden-filters",
        hidden.filter((name) => !HIDEABLE.includes(name)),
      ),
      ...complaints(
        "panels",
        panels.filter((slug) => !isOfPage(slug)),
      ),
    ],
  };
}

module.exports = { splitFilters, usable };
