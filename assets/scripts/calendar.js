/* The calendar in the menu of the period: two months, in which two presses choose the first and the last
   day. All days are texts as "2026-11-05"; the reader's time zone plays no part.

   Given: the box of components/filter_bar.py in the menu of the period; the names of months and weekdays
   in the page's language, from the browser.
   Gives: `showDays(period, status)`, which marks the days of { start, end } and today, and turns to them;
   `focusCalendar()`, which moves the focus to the period's first day; `weeksOf(month, firstWeekday)`, the
   days of a month by week, null where a day belongs to another month.
   Example: weeksOf("2026-11", 1)[0] is [null, null, null, null, null, null, "2026-11-01"], since weeks
   begin on Mondays and that day is a Sunday. */
const { setProps } = require("./dash");
const { isDay, movedBy } = require("./dates");
const ids = require("./ids");
const { closeMenu } = require("./menus_and_tips");
const { pageTexts } = require("./page_texts");

const MONTHS = 2; // of which small screens show the later one
const KEYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const SUNDAY = 0;
const MONDAY = 1;

let chosen = { start: null, end: null }; // the period of the filters
let today = null;
let first = null; // the first of the two days, until the second is chosen
let shown = null; // the later of the months in view, as "2026-11"
let isStale = true; // whether the calendar was drawn for other days

const box = () => document.getElementById(ids.CALENDAR);
const isOpen = () => Boolean(box()?.closest("details").open);
const monthOf = (day) => day.slice(0, 7);
const language = () => document.documentElement.lang;
const firstWeekday = () => (language() === "en" ? SUNDAY : MONDAY);

function moved(month, months) {
  const date = new Date(`${month}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 7);
}

const formats = {};
/* Writes a day with the browser's names; a format is made when a calendar first opens. */
function inWords(day, kind, options) {
  formats[kind] =
    formats[kind] || new Intl.DateTimeFormat(language(), { timeZone: "UTC", ...options });
  return formats[kind].format(new Date(`${day}T00:00:00Z`));
}
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const monthName = (month) =>
  capital(inWords(`${month}-01`, "month", { month: "long", year: "numeric" }));
const dayName = (day) => inWords(day, "day", { dateStyle: "full" });
const weekdayName = (day, width) =>
  inWords(day, `weekday-${width}`, { weekday: width }).replace(".", "");

function weeksOf(month, weekday) {
  const begin = new Date(`${month}-01T00:00:00Z`).getUTCDay();
  const days = Array((begin - weekday + 7) % 7).fill(null);
  for (let day = `${month}-01`; monthOf(day) === month; day = movedBy(day, 1)) days.push(day);
  while (days.length % 7) days.push(null);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(7 * week, 7 * week + 7));
}

// --- drawing -----------------------------------------------------------------------------------

function made(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/* Draws the months in view; `focused` is the day that gets the focus, if any. */
function draw(focused) {
  isStale = false;
  const months = Array.from({ length: MONTHS }, (_, place) => moved(shown, place - MONTHS + 1));
  box().replaceChildren(...months.map(monthTable));
  markDays(first);
  const reached = box().querySelector(`[data-day="${focused || first || chosen.end}"]`);
  const all = [...box().querySelectorAll("[data-day]")];
  // One day is in the order of the Tab key; arrows lead to the others.
  (reached || all.find(({ dataset }) => monthOf(dataset.day) === shown)).tabIndex = 0;
  if (focused) reached?.focus();
}

function monthTable(month, place) {
  const weeks = weeksOf(month, firstWeekday());
  const [week] = weeks.slice(1); // a whole one, for the names of its days
  const head = week.map((day) =>
    made("th", { scope: "col", abbr: weekdayName(day, "long") }, weekdayName(day, "short")),
  );
  const rows = weeks.map((days) =>
    made("tr", {}, ...days.map((day) => made("td", {}, ...(day ? [dayButton(day)] : [])))),
  );
  const name = made("span", { className: "month-name" }, monthName(month));
  const title = made(
    "div",
    { className: "month-title" },
    turner(-1, place),
    name,
    turner(1, place),
  );
  const table = made("table", { ariaLabel: monthName(month) });
  table.append(made("thead", {}, made("tr", {}, ...head)), made("tbody", {}, ...rows));
  return made(
    "div",
    { className: place < MONTHS - 1 ? "month month-before" : "month" },
    title,
    table,
  );
}

/* Returns a button that turns the pages. On large screens each month has one, at the outer side. */
function turner(months, place) {
  const words = pageTexts("controlWords");
  const isInner = months < 0 ? place > 0 : place < MONTHS - 1;
  const button = made("button", {
    type: "button",
    className: isInner ? "quiet-button turner inner" : "quiet-button turner",
    ariaLabel: months < 0 ? words.month_before : words.month_after,
    textContent: months < 0 ? "‹" : "›",
  });
  button.dataset.months = months;
  return button;
}

function dayButton(day) {
  const button = made("button", {
    type: "button",
    tabIndex: -1,
    ariaLabel: dayName(day),
    textContent: String(Number(day.slice(8))),
    disabled: !isDay(day),
  });
  button.dataset.day = day;
  if (day === today) button.setAttribute("aria-current", "date");
  return button;
}

/* Marks the days of the period, or those between the first chosen day and the one that is pointed at. */
function markDays(pointed) {
  const [start, end] = first ? [first, pointed || first].sort() : [chosen.start, chosen.end];
  for (const button of box().querySelectorAll("[data-day]")) {
    const { day } = button.dataset;
    button.classList.toggle("within", start <= day && day <= end);
    button.setAttribute("aria-pressed", String(day === start || day === end));
  }
}

// --- choosing ----------------------------------------------------------------------------------

function choose(day) {
  if (!first) {
    first = day;
    markDays(day);
    return;
  }
  const days = [first, day].sort();
  first = null;
  setProps(ids.ACTION, { data: { kind: "days", value: days, at: performance.now() } });
  closeMenu(box().closest("details"));
}

function turn(months) {
  const next = moved(shown, months);
  if (isDay(`${next}-01`)) shown = next;
  draw();
  const turners = [...box().querySelectorAll(`.turner[data-months="${months}"]`)];
  turners.find((button) => button.offsetParent)?.focus();
}

/* Moves the focus to another day, whose month comes into view. */
function goTo(day) {
  if (!isDay(day)) return;
  if (monthOf(day) > shown) shown = monthOf(day);
  const isHidden = ![...box().querySelectorAll(`[data-day="${day}"]`)].some((b) => b.offsetParent);
  if (isHidden && monthOf(day) < shown) shown = monthOf(day);
  draw(day);
  markDays(day);
}

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.(`#${ids.CALENDAR} button`);
    if (!button) return;
    if (button.dataset.day) choose(button.dataset.day);
    else {
      turn(Number(button.dataset.months));
      // The button was drawn anew: the menu would take this for a click outside, and close.
      event.stopPropagation();
    }
  },
  true,
);

document.addEventListener("mouseover", (event) => {
  const day = event.target.closest?.(`#${ids.CALENDAR} [data-day]`)?.dataset.day;
  if (day && first) markDays(day);
});

// The window hears the key before the menus do, which Escape closes.
window.addEventListener(
  "keydown",
  (event) => {
    const day = event.target.closest?.(`#${ids.CALENDAR} [data-day]`)?.dataset.day;
    if (!day) return;
    if (event.key === "Escape" && first) {
      first = null;
      markDays();
      event.stopImmediatePropagation();
    }
    const months = { PageUp: -1, PageDown: 1 }[event.key];
    const next = months ? sameDay(day, months) : KEYS[event.key] && movedBy(day, KEYS[event.key]);
    if (!next) return;
    event.preventDefault();
    goTo(next);
  },
  true,
);

/* Returns the same day of another month, or its last day. */
function sameDay(day, months) {
  const month = moved(monthOf(day), months);
  const last = movedBy(`${moved(month, 1)}-01`, -1);
  const same = `${month}-${day.slice(8)}`;
  return same < last ? same : last;
}

// --- the period of the page --------------------------------------------------------------------

function showDays(period, status) {
  const isSame = period.start === chosen.start && period.end === chosen.end;
  if (isSame && status.today === today) return;
  ({ today } = status);
  chosen = { start: period.start, end: period.end };
  first = null;
  shown = monthOf(period.end);
  isStale = true;
  if (isOpen()) draw();
}

function focusCalendar() {
  const day = box().querySelector('[data-day][tabindex="0"]');
  if (day) goTo(day.dataset.day);
}

document.addEventListener(
  "toggle",
  (event) => {
    if (!shown || !event.target.contains?.(box())) return;
    if (event.target.open && isStale) draw();
    if (!event.target.open && first) {
      first = null;
      isStale = true;
    }
  },
  true,
);

module.exports = { focusCalendar, showDays, weeksOf };
