/* Texts and numbers as people read them.

   Given: the language of the page, as its <html> element says it.
   Gives: `filled` puts values into the {places} of a text; `number` writes a number with the
   language's separators; `visible` shows signs that would write what follows backwards;
   `shortened` cuts a text to a length, with "…" at its end.
   Example: filled("{count} rows", { count: number(1200) }) is "1.200 rows" in Portuguese. */
module.exports = {
  filled: (text, values) =>
    text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place)),
  number: (value) => value.toLocaleString(document.documentElement.lang, { useGrouping: "always" }),
  /* With these signs one number could be read as another; see also components/formats.py. */
  visible: (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd"),
  shortened: (text, limit) =>
    text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`,
};
