/* Names of months and days in the language of the page; nothing is fetched. */
(function () {
  "use strict";

  const asked = new URLSearchParams(window.location.search).get("lang");
  const language = ["pt-BR", "en", "es"].includes(asked) ? asked : document.documentElement.lang;

  const names = (length, options, date) =>
    Array.from({ length }, (_, place) =>
      new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(date(place)));
  const month = (place) => new Date(Date.UTC(2023, place, 15));
  const weekday = (place) => new Date(Date.UTC(2023, 0, 1 + place)); // a Sunday
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const plain = (text) => text.replace(".", "");

  const months = names(12, { month: "long" }, month).map(capital);
  const shortMonths = names(12, { month: "short" }, month).map(plain);
  const days = names(7, { weekday: "long" }, weekday);
  const shortDays = names(7, { weekday: "short" }, weekday).map(plain);

  /* The date picker takes whatever single locale stands here, whatever the browser prefers. */
  const pick = (long, short, tiny) => (value, options) => {
    const width = (options && options.width) || "wide";
    return { wide: long, abbreviated: short, short: tiny, narrow: tiny }[width][value];
  };
  const tinyDays = shortDays.map((day) => day.slice(0, 3));
  window.dateFns = {
    locale: {
      [language.replace("-", "")]: {
        code: language,
        localize: {
          ordinalNumber: String,
          era: (value) => ["a.C.", "d.C."][value],
          quarter: (value) => `T${value}`,
          month: pick(months, shortMonths, shortMonths.map((name) => name[0])),
          day: pick(days, shortDays, tinyDays),
          dayPeriod: (value) => value,
        },
        formatLong: { date: () => "dd/MM/yyyy", time: () => "HH:mm", dateTime: () => "dd/MM/yyyy HH:mm" },
        formatRelative: () => "dd/MM/yyyy",
        match: {},
        options: { weekStartsOn: language === "pt-BR" ? 0 : 1, firstWeekContainsDate: 4 },
      },
    },
  };

  /* plotly's own words are on its mode bar only, which is never shown. */
  window.PlotlyLocales = ["pt-BR", "es"].map((name) => ({
    moduleType: "locale",
    name,
    dictionary: {},
    format: {
      days, shortDays, months, shortMonths,
      decimal: ",", thousands: ".", date: "%d/%m/%Y",
    },
  }));
})();
