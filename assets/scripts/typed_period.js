/* Reads the days that are typed into the two fields of the period. A text that is not a day stays as it
   was typed, with a sentence that says what is wrong; the page's numbers are grey until it is corrected.
   No Date of the browser reads it: that may swap day and month, or take the day before (west of UTC).

   Given: the two fields and the sentence of components/filter_bar.py; the sentences of
   components/labels.py `control_labels`; the period of the filters, in the store ids.PERIOD.
   Gives: `readDay(text)`, { day } as an ISO day, or { wrong } with the name of a sentence;
   `forgetTyped()`, which replaces a wrong text by the period that the page shows; `swapTyped()`, which
   turns the two days round; `showInFields(period, held)`, which writes the period of the filters into
   the fields, or where an address has a period that cannot be used, the days of this one.
   Example: readDay("5.11.26") is { day: "2026-11-05" }, readDay("30/2/26") { wrong: "period_no_day" }. */
const { focusCalendar } = require("./calendar");
const { openAlert, propsOf, setProps } = require("./dash");
const { isInCalendar, isInYears, writtenDay } = require("./dates");
const { element, staticHtml } = require("./html_tree");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { filled } = require("./text");

const FIELDS = { start: ids.PERIOD_START, end: ids.PERIOD_END };
const BETWEEN = "\\s*[-./\\s\\u2010-\\u2015\\u2212]\\s*"; // dashes of all lengths
const DAY_FIRST = new RegExp(`^(\\d{1,2})${BETWEEN}(\\d{1,2})${BETWEEN}(\\d{1,4})$`);
const YEAR_FIRST = new RegExp(`^(\\d{3,4})${BETWEEN}(\\d{1,2})${BETWEEN}(\\d{1,2})$`);
const LONGEST = 60; // characters of a typed text that a sentence repeats

let held = null; // the days of an address that cannot be used

const byId = (id) => document.getElementById(id);
const words = () => pageTexts("controlWords");
const isField = (target) => Boolean(target) && Object.values(FIELDS).includes(target.id);
const isMistyped = () => document.documentElement.classList.contains("mistyped");
const period = () => propsOf(ids.PERIOD).data || {};

/* Returns the text without invisible characters, which a copied date may have, and with plain digits in
   place of full-width ones. */
const plain = (text) =>
  text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .trim();

/* A year of two digits is in the 2000s. */
function readDay(text) {
  const typed = plain(text);
  if (!typed) return { wrong: "period_empty" };
  const dayFirst = DAY_FIRST.exec(typed);
  const yearFirst = YEAR_FIRST.exec(typed);
  if (!dayFirst && !yearFirst) return { wrong: "period_no_day" };
  const [day, month, written] = dayFirst ? dayFirst.slice(1) : yearFirst.slice(1).reverse();
  const year = written.length === 2 ? `20${written}` : written;
  if (year.length !== 4 || !isInYears(Number(year))) return { wrong: "period_year" };
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isInCalendar(iso) ? { day: iso } : { wrong: "period_no_day" };
}

const repeated = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/* Returns { start, end }, or { wrong, values, fields }: the name of a sentence, the values of its places
   and the fields that it is about. */
function typed() {
  const texts = { start: byId(FIELDS.start).value, end: byId(FIELDS.end).value };
  const { start, end } = { start: readDay(texts.start), end: readDay(texts.end) };
  if (start.wrong || end.wrong) {
    const [place, { wrong }] = start.wrong ? ["start", start] : ["end", end];
    return {
      wrong,
      values: { value: repeated(plain(texts[place])) },
      fields: [...(start.wrong ? ["start"] : []), ...(end.wrong ? ["end"] : [])],
    };
  }
  if (start.day <= end.day) return { start: start.day, end: end.day };
  return { wrong: "period_reversed", values: {}, fields: ["start", "end"] };
}

/* Shows a sentence about the fields, with a button that swaps them where that helps; hides both where the
   sentence is "". */
function say(sentence, fields, canSwap) {
  const before = byId(ids.PERIOD_ERROR).textContent;
  document.documentElement.classList.toggle("mistyped", Boolean(sentence));
  byId(ids.PERIOD_ERROR).textContent = sentence;
  byId(ids.PERIOD_ERROR).parentElement.hidden = !sentence;
  byId(ids.PERIOD_SWAP).hidden = !canSwap;
  const isChanged = before !== sentence || propsOf(ids.PERIOD_ALERT).is_open !== Boolean(sentence);
  if (isChanged) openAlert(ids.PERIOD_ALERT, Boolean(sentence), alertOf(sentence, canSwap));
  for (const [place, id] of Object.entries(FIELDS)) {
    const isWrong = fields.includes(place);
    mark(byId(id), "aria-invalid", isWrong && "true");
    mark(byId(id), "aria-describedby", isWrong && ids.PERIOD_ERROR);
  }
}

function alertOf(sentence, canSwap) {
  const attributes = { type: "button", className: "link-button", "data-action": "swap-typed" };
  const swap = canSwap ? [element("button", attributes, words().swap)] : [];
  return staticHtml("div", { className: "period-said" }, [element("span", {}, sentence), ...swap]);
}

function mark(field, name, value) {
  if (value) field.setAttribute(name, value);
  else field.removeAttribute(name);
}

/* Sets the period to the typed days, or shows what is wrong with them. */
function take() {
  const { wrong, values, fields, start, end } = typed();
  if (wrong) {
    say(filled(words()[wrong], values), fields, wrong === "period_reversed");
    return;
  }
  say("", [], false);
  if (held || start !== period().start || end !== period().end) {
    setProps(ids.ACTION, { data: { kind: "days", value: [start, end], at: performance.now() } });
  }
  write({ start, end });
}

const written = { [FIELDS.start]: "", [FIELDS.end]: "" };

function write(days) {
  for (const [place, id] of Object.entries(FIELDS)) {
    written[id] = writtenDay(days[place] || "");
    byId(id).value = written[id];
  }
}

/* Writes the period that the page shows into the fields, and hides the sentence. */
function forget() {
  if (!byId(FIELDS.start)) return;
  say("", [], false);
  write(held || period());
}

/* For scripts that set the period otherwise: a wrong text in the fields must not stay. */
function forgetTyped() {
  if (isMistyped()) setTimeout(forget);
}

function swapTyped() {
  const [start, end] = [byId(FIELDS.start).value, byId(FIELDS.end).value];
  byId(FIELDS.start).value = end;
  byId(FIELDS.end).value = start;
  take();
}

/* What is being typed is left alone. */
function showInFields(days, wrong) {
  const isTyping = isField(document.activeElement) && hasChanged();
  held = wrong && { start: (wrong.start || [""])[0], end: (wrong.end || [""])[0] };
  document.documentElement.classList.toggle("wrong-period", Boolean(held));
  if (!isMistyped() && !isTyping) write(held || days);
}

/* Returns whether a field has another text than was written into it. */
const hasChanged = () => Object.values(FIELDS).some((id) => byId(id).value !== written[id]);

// The window hears the key before the menus do, which Escape closes.
window.addEventListener(
  "keydown",
  (event) => {
    if (!isField(event.target)) return;
    if (event.key === "Escape" && (isMistyped() || hasChanged())) {
      forget();
      event.stopImmediatePropagation(); // the menu stays open
    }
    if (["Enter", "Tab"].includes(event.key) && (isMistyped() || hasChanged())) take();
    if (event.key === "ArrowDown") {
      event.preventDefault();
      take();
      if (!isMistyped()) focusCalendar();
    }
  },
  true,
);

/* Reads the fields when the focus leaves one, unless a press on the calendar takes it, where a day is
   picked. */
document.addEventListener("focusout", (event) => {
  if (!isField(event.target) || event.relatedTarget?.closest(`#${ids.CALENDAR}`)) return;
  if (isMistyped() || hasChanged()) take();
});

module.exports = { forgetTyped, readDay, showInFields, swapTyped };
