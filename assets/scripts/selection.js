/* Shows what is selected: in the page's address, in the links of downloads and languages, as chips, and
   as numbers of selected filters on the buttons that hide some.

   Given, by callbacks/asking.py: the questions of the panels and of the table, theme and columns.
   Gives to it: `showSelection(given)`, the chips; all else is written to the page directly.
   Gives to scripts: `selectionInWords()`, for pictures and print: `start` and `end` of the period as ISO
   days, `period`, a text with period and basis, and `filters`, a text for each filter.
   Example: with the channel WhatsApp selected, `filters` of it is ["Canal: WhatsApp"]. */
const { addressesOf, isOfPeriod, isOfTable, named } = require("./address");
const { chipsOf, inShort, shortLabel } = require("./chips");
const { lookPairs } = require("./comparison");
const { bases, compared, filters } = require("./constants");
const { keep, openAlert, prefix, propsOf } = require("./dash");
const { writtenDay } = require("./dates");
const { filterLabels, labelIn } = require("./filter_labels");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { presetName } = require("./period_button");
const { tellFilters } = require("./portal");
const { filled } = require("./text");
const { markTheme } = require("./theme");
const { same } = require("./values");

function showSelection({ applied, tableQuestion, theme, columns, chipsBefore }) {
  if (!applied || !tableQuestion || !theme) return keep();
  writeAddress({ applied, tableQuestion, columns, theme: theme.choice });
  markTheme(theme.choice);
  const selected = filters.filter((name) => applied.raw[name]);
  const hidden = selected.filter((name) => filterLabels().more.includes(name));
  writeCount(ids.FOLD_COUNT, selected.length + (applied.raw.start ? 1 : 0));
  writeCount(ids.MORE_COUNT, hidden.length);
  const chips = chipsOf(applied.raw);
  // The address may have parameters without a chip: without chips, no room is kept for them.
  if (!chips.length) document.documentElement.classList.remove("filtered");
  return same(chips, chipsBefore) ? keep() : chips;
}

let shown = null; // what the address says, but for the comparison

function writeAddress(state) {
  shown = state;
  const { origin, pathname, search, hash } = window.location;
  const { lang } = document.documentElement;
  const place = { origin, pathname, search, hash, prefix: prefix(), language: lang };
  const addresses = addressesOf({ ...state, look: lookPairs() }, place);
  if (addresses.page !== pathname + search + hash) {
    window.history.replaceState(window.history.state, "", addresses.page);
  }
  for (const [slug, address] of Object.entries(addresses.csv)) link(ids.csv(slug), address);
  link(ids.XLSX, addresses.xlsx);
  if (compared) link(ids.xlsx(compared.slug), addresses.compared);
  for (const [language, address] of Object.entries(addresses.languages)) {
    link(ids.language_link(language), address);
  }
  openAlert(ids.ADDRESS_NOTE, addresses.isLong);
  tellFilters(named(state.applied), new URL(addresses.page, origin).searchParams);
}

window.addEventListener("consumo:look", () => shown && writeAddress(shown));

/* Writes the address of a link; null removes it. Only this script does, so that no callback is needed. */
function link(id, address) {
  const anchor = document.getElementById(id);
  if (!anchor) return; // a reader who may not download has no such links
  if (address === null) anchor.removeAttribute("href");
  else if (anchor.getAttribute("href") !== address) anchor.setAttribute("href", address);
}

function writeCount(id, count) {
  document.getElementById(id).textContent = count ? `(${count})` : "";
}

function selectionInWords() {
  const { data: applied } = propsOf(ids.APPLIED);
  const raw = applied ? applied.raw : {};
  const basis = (raw.basis || bases)[0];
  const { defaults } = propsOf(ids.STATUS).data;
  const [start, end] = raw.start && raw.end ? [raw.start[0], raw.end[0]] : defaults[basis];
  const selected = filters.filter((name) => raw[name]);
  const texts = pageTexts("downloadWords");
  const range = filled(texts.period_words, { start: writtenDay(start), end: writtenDay(end) });
  const days = [presetName(applied?.preset), range].filter(Boolean).join(", ");
  return {
    start,
    end,
    period: `${texts.period}: ${days} · ${texts.basis}: ${texts.bases[basis] || basis}`,
    filters: selected.flatMap((name) => filterInWords(raw, name)),
  };
}

function filterInWords(raw, name) {
  const { label, first, rest } = inShort(name, raw[name]);
  const labels = first.map((value) => shortLabel(labelIn(raw, name, value)));
  return [`${label}: ${labels.join(", ")}`, ...(rest ? [rest] : [])];
}

// The chips of an address's filters are drawn a moment later: this keeps room for them.
const isFilter = (name) =>
  !["lang", "theme"].includes(name) && !isOfPeriod(name) && !isOfTable(name);
const given = [...new URLSearchParams(window.location.search).keys()];
document.documentElement.classList.toggle("filtered", given.some(isFilter));

module.exports = { selectionInWords, showSelection };
