/* Fills, cuts and writes texts and numbers for people.

   Given: the language of the page, the `lang` of its <html> element.
   Gives: `filled(text, values)`, the text with values in its {places}, of which those without a value
   stay; `number(value)`, a number with the language's separators; `visible(text)`, the text with "\ufffd"
   for characters that reverse the direction of text; `unescaped(text)`, a text of plotly with "<", ">" and
   "&" in place of their entities; `shortened(text, limit)`, the text in at most
   `limit` characters, with "…" at the end where it was cut.
   Example: filled("{count} rows", { count: number(1200) }) is "1.200 rows" in Portuguese. */
const SIGNS = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

module.exports = {
  filled: (text, values) =>
    text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place)),
  number: (value) => value.toLocaleString(document.documentElement.lang, { useGrouping: "always" }),
  /* These invisible characters make a browser show one number as another; see components/formats.py. */
  visible: (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd"),
  unescaped: (text) => text.replace(/&(lt|gt|amp);/g, (entity) => SIGNS[entity]),
  shortened: (text, limit) =>
    text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`,
};
