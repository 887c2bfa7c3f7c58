/* Gives plotly the page's languages: how each writes numbers.

   Given: the languages, by `constants`. Nothing is fetched.
   Gives: window.PlotlyLocales to plotly.
   Example: in Portuguese plotly writes 1.234,5. */
const { languages } = require("./constants");

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
