/* Reads the days that are typed into the period's two fields. The date picker would read them with the
   browser's Date, which may swap day and month, take the day before (west of UTC), or fail. So this
   script reads them first and sets the picker's period. A text that is not a day stays as it was typed,
   with a sentence that says what is wrong; the page's numbers are grey until it is corrected.

   Given: the two fields of the date picker (components/filter_bar.py); the sentences of
   components/labels.py `control_labels`.
   Gives: `readDay(text)`, { day } as an ISO day, or { wrong } with the name of a sentence;
   `forgetTyped()`, which replaces a wrong text by the period that the page shows.
   Example: readDay("5.11.26") is { day: "2026-11-05" }, readDay("30/2/26") { wrong: "period_no_day" }. */
const { years } = require("./constants");
const { openAlert, propsOf, setProps } = require("./dash");
const { isInCalendar, isInYears, writtenDay } = require("./dates");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { filled } = require("./text");

const FIELDS = { start: ids.PERIOD_START, end: ids.PERIOD_END };
const BETWEEN = "\\s*[-./\\s\\u2010-\\u2015\\u2212]\\s*"; // dashes of all lengths
const DAY_FIRST = new RegExp(`^(\\d{1,2})${BETWEEN}(\\d{1,2})${BETWEEN}(\\d{4}|\\d{2})$`);
const YEAR_FIRST = new RegExp(`^(\\d{4})${BETWEEN}(\\d{1,2})${BETWEEN}(\\d{1,2})$`);
const LONGEST = 60; // characters of a typed text that a sentence repeats
const KEYS = ["Enter", "Tab", "ArrowUp", "ArrowDown"];

const byId = (id) => document.getElementById(id);
const words = () => pageTexts("controlWords");
const isField = (element) => Boolean(element) && Object.values(FIELDS).includes(element.id);
const picker = () => propsOf(ids.PERIOD);

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
  const iso = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (!isInCalendar(iso)) return { wrong: "period_no_day" };
  return isInYears(Number(year)) ? { day: iso } : { wrong: "period_year" };
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
      values: { value: repeated(plain(texts[place])), minimum: years.first, maximum: years.last },
      fields: [...(start.wrong ? ["start"] : []), ...(end.wrong ? ["end"] : [])],
    };
  }
  if (start.day <= end.day) return { start: start.day, end: end.day };
  const values = { start: writtenDay(start.day), end: writtenDay(end.day) };
  return { wrong: "period_reversed", values, fields: ["start", "end"] };
}

/* Shows a sentence about the fields, or hides it where it is "". */
function say(sentence, fields) {
  document.documentElement.classList.toggle("mistyped", Boolean(sentence));
  const besideFields = byId(ids.PERIOD_ERROR);
  besideFields.textContent = sentence;
  besideFields.hidden = !sentence;
  openAlert(ids.PERIOD_ALERT, Boolean(sentence), sentence);
  for (const [place, id] of Object.entries(FIELDS)) {
    const isWrong = fields.includes(place);
    mark(byId(id), "aria-invalid", isWrong && "true");
    mark(byId(id), "aria-describedby", isWrong && ids.PERIOD_ERROR);
  }
}

function mark(field, name, value) {
  if (value) field.setAttribute(name, value);
  else field.removeAttribute(name);
}

/* Sets the period to the typed days, or shows what is wrong with them. Returns whether they are valid. */
function take() {
  const period = typed();
  if (period.wrong) {
    say(filled(words()[period.wrong], period.values), period.fields);
    return false;
  }
  say("", []);
  const { start_date: start, end_date: end } = picker();
  if (period.start !== start || period.end !== end) {
    setProps(ids.PERIOD, { start_date: period.start, end_date: period.end });
  }
  write(period.start, period.end);
  return true;
}

/* Writes days into the picker's fields. React does not notice a new value by itself: it needs the event
   that typing makes. */
function write(start, end) {
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  for (const [place, day] of Object.entries({ start, end })) {
    const field = byId(FIELDS[place]);
    const text = day ? writtenDay(day) : "";
    if (field.value === text) continue;
    set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/* Writes the period that the page shows into the fields, and hides the sentence. */
function forget() {
  if (!byId(FIELDS.start)) return;
  say("", []);
  write(picker().start_date, picker().end_date);
}

const isWritten = (field) => field.value === writtenDay(readDay(field.value).day || "-");
const isInside = (element) => Boolean(element?.closest?.(".other-days"));

document.addEventListener(
  "keydown",
  (event) => {
    if (!isField(event.target)) return;
    if (event.key === "Escape") forget();
    if (!KEYS.includes(event.key)) return;
    const isWhole = isWritten(event.target);
    const isTaken = take();
    // An arrow opens the calendar, at the day in the field.
    if (isTaken && isWhole && event.key.startsWith("Arrow")) return;
    event.stopPropagation();
    if (event.key !== "Tab") event.preventDefault();
  },
  true,
);

/* While its calendar is open, the picker would read a field, by its own rules, when it gets the focus. */
document.addEventListener(
  "focusin",
  (event) => {
    if (isField(event.target) && !isWritten(event.target)) event.stopPropagation();
  },
  true,
);

/* Reads the fields when the focus leaves them, unless it goes to the calendar, where a day is picked. */
document.addEventListener("focusout", (event) => {
  if (!isInside(event.target)) return;
  setTimeout(() => {
    const { activeElement: now } = document;
    const isInCalendar = isInside(now) && !isField(now);
    const isOpen = document.querySelector(".other-days .dash-datepicker-content");
    const hasChanged = ["start", "end"].some(
      (place) => byId(FIELDS[place]).value !== writtenDay(picker()[`${place}_date`] || ""),
    );
    if (now !== event.target && !isInCalendar && !(isOpen && isInside(now)) && hasChanged) take();
  });
});

/* For scripts that set the period otherwise: a wrong text in the fields must not stay. */
function forgetTyped() {
  if (document.documentElement.classList.contains("mistyped")) setTimeout(forget);
}

module.exports = { forgetTyped, readDay };
