/* Shows what is selected: in the page's address, in the links of downloads and languages, as chips, and
   as numbers of selected filters on the buttons that hide some.

   Given, by callbacks/asking.py: the questions of the panels and of the table, theme and columns.
   Gives to it: `showSelection(given)`, the chips; all else is written to the page directly.
   Gives to scripts: `selectionInWords()`, for pictures and print: `start` and `end` of the period as ISO
   days, `period`, a text with period and basis, and `filters`, a text for each filter.
   Example: with the channel WhatsApp selected, `filters` of it is ["Canal: WhatsApp"]. */
const { addressesOf, named } = require("./address");
const { chipsOf, inShort, shortLabel } = require("./chips");
const { lookPairs } = require("./comparison");
const { bases, compared, filters } = require("./constants");
const { keep, openAlert, prefix, propsOf } = require("./dash");
const { writtenDay } = require("./dates");
const { filterLabels, labelIn } = require("./filter_labels");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { writeEntry } = require("./page_history");
const { presetName } = require("./period_button");
const { tellFilters } = require("./portal");
const { showPressed } = require("./pressed_note");
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
  showPressed([applied.raw, tableQuestion.raw]);
  const chips = chipsOf(applied.raw);
  return same(chips, chipsBefore) ? keep() : chips;
}

let shown = null; // what the address says, but for the comparison

function writeAddress(state) {
  shown = state;
  const { origin, pathname, search, hash } = window.location;
  const { lang } = document.documentElement;
  const place = { origin, pathname, search, hash, prefix: prefix(), language: lang };
  const addresses = addressesOf({ ...state, look: lookPairs() }, place);
  writeEntry(addresses.page, addresses.search);
  const { isLong } = addresses;
  for (const [slug, address] of Object.entries(addresses.csv)) {
    download(ids.csv(slug), address, isLong);
  }
  download(ids.XLSX, addresses.xlsx, isLong);
  if (compared) download(ids.xlsx(compared.slug), addresses.compared, isLong);
  for (const [language, address] of Object.entries(addresses.languages)) {
    link(ids.language_link(language), address);
  }
  openAlert(ids.ADDRESS_NOTE, isLong);
  tellFilters(named(state.applied), new URL(addresses.page, origin).searchParams);
}

window.addEventListener("consumo:look", () => shown && writeAddress(shown));

/* Writes the address of a link. Only this script does, so that no callback is needed. */
function link(id, address) {
  const anchor = document.getElementById(id);
  if (anchor && anchor.getAttribute("href") !== address) anchor.setAttribute("href", address);
}

/* Writes the address of a download; a reader who may not download has no such links. */
function download(id, address, isLong) {
  link(id, address);
  document.getElementById(id)?.toggleAttribute("data-long", isLong);
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

module.exports = { selectionInWords, showSelection };
