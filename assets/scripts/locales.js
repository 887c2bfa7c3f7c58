/* Gives Dash's date picker and plotly the page's language: names of months and days, number formats.

   Given: the language in the address, or that of <html>. The names come from the browser; nothing is
   fetched.
   Gives: window.dateFns.locale to Dash's date picker, window.PlotlyLocales to plotly.
   Example: with ?lang=pt-BR the calendar says "Novembro" and begins its weeks on Sundays. */
const { languages } = require("./constants");

const asked = new URLSearchParams(window.location.search).get("lang");
const language = languages.includes(asked) ? asked : document.documentElement.lang;

const month = (place) => new Date(Date.UTC(2023, place, 15));
const weekday = (place) => new Date(Date.UTC(2023, 0, 1 + place)); // a Sunday
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const plain = (text) => text.replace(".", "");

/* Returns a function of a month's or weekday's number and a width that gives its name. It asks the
   browser when a calendar opens, not when the page loads: the first names take tens of milliseconds. */
function namer(kind, date, change) {
  const formats = {};
  return (place, width) => {
    formats[width] =
      formats[width] || new Intl.DateTimeFormat(language, { timeZone: "UTC", [kind]: width });
    return change[width](formats[width].format(date(place)));
  };
}
const monthName = namer("month", month, { long: capital, short: plain });
const dayName = namer("weekday", weekday, { long: String, short: plain });

/* The date picker uses the only locale that it finds here, whatever language the browser prefers. */
const pick = (name, tiny) => (value, options) => {
  const width = options?.width || "wide";
  if (width === "wide") return name(value, "long");
  return width === "abbreviated" ? name(value, "short") : name(value, "short").slice(0, tiny);
};
window.dateFns = {
  locale: {
    [language.replace("-", "")]: {
      code: language,
      localize: {
        ordinalNumber: String,
        era: (value) => ["a.C.", "d.C."][value],
        quarter: (value) => `T${value}`,
        month: pick(monthName, 1),
        day: pick(dayName, 3),
        dayPeriod: (value) => value,
      },
      formatLong: {
        date: () => "dd/MM/yyyy",
        time: () => "HH:mm",
        dateTime: () => "dd/MM/yyyy HH:mm",
      },
      formatRelative: () => "dd/MM/yyyy",
      match: {},
      options: { weekStartsOn: language === "pt-BR" ? 0 : 1, firstWeekContainsDate: 4 },
    },
  },
};

/* Portuguese and Spanish write a decimal comma and dots between thousands. */
const writesCommas = (name) => name !== "en";

/* plotly only needs the format of numbers: its tool bar, which has texts, is never shown, and the names on
   the axes come from the server. */
window.PlotlyLocales = languages.filter(writesCommas).map((name) => ({
  moduleType: "locale",
  name,
  dictionary: {},
  format: { decimal: ",", thousands: ".", date: "%d/%m/%Y" },
}));
