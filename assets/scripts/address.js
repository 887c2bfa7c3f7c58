/* Reads the page's address into filters, and writes filters into addresses.

   Given: the part of an address behind "?", and the store's status for the days of presets and of the
   default period; or the filters that the panels and the table show.
   Gives: `readAddress(search, status)`: `shown`, the values of the controls; `held`, the values that
   no control can show (wrong dates, a bucket) and that the server gets unchanged; and the `theme`;
   `addressesOf(state, place)`, the addresses of the page, of its downloads and of its languages;
   `named(question)`, the filters in the form of an address, with the preset in place of its days;
   `isOfPeriod(name)`, whether a parameter is about the period;
   `isOfTable(name)`, whether a parameter of the address is about the table alone.
   Example: readAddress("?channel=whats&lang=es", status) gives { shown, held: {}, theme: null },
   and shown.lists.channel is ["whats"]. */
const { written } = require("./column_filters");
const {
  addressNames,
  bases,
  compared,
  downloads,
  filters,
  languages,
  presets,
  table,
} = require("./constants");
const { isDay } = require("./dates");
const { chosenPreset } = require("./period_presets");
const { inOrder, isDefaultColumns } = require("./table_columns");

const LONGEST_ADDRESS = 4000; // characters; longer ones are cut by some servers and chats
const COLUMN_FILTER = "where."; // begins the name of a filter above a column

const isColumnFilter = (name) => name.startsWith(COLUMN_FILTER);
const isOfRows = (name) => name === "sort" || isColumnFilter(name);
const isOfPeriod = (name) => ["start", "end", "period"].includes(name);
const isOfLook = (name) => ["by", "by_sort", "by_columns"].includes(name);
const isOfTable = (name) =>
  isOfRows(name) || isOfLook(name) || ["columns", "page_size"].includes(name);

// --- reading -----------------------------------------------------------------------------------

function readAddress(search, status) {
  const given = new URLSearchParams(search);
  const held = {};
  const hold = (name) => {
    held[name] = given.getAll(name);
  };
  const basis = readBasis(given, hold);
  const [start, end] = status.defaults[basis];
  const period = readPeriod(given, hold, status, basis) || { start, end, preset: null };
  if (given.has("bucket")) hold("bucket");
  const shown = {
    basis,
    period,
    lists: readLists(given, hold),
    sortBy: readOrder(given, hold),
    filterQuery: written(readColumnFilters(given, hold)),
    columns: readColumns(given, hold),
    pageSize: readPageSize(given, hold),
  };
  return { shown, held, theme: given.get("theme") };
}

function readBasis(given, hold) {
  const named = given.getAll("basis");
  if (named.length === 1 && bases.includes(named[0])) return named[0];
  if (named.length) hold("basis");
  return bases[0];
}

/* Returns the period, or null where the address has no valid one. */
function readPeriod(given, hold, status, basis) {
  const [start, end, preset] = ["start", "end", "period"].map((name) => given.getAll(name));
  const counts = [start, end, preset].map((values) => values.length).join();
  if (counts === "0,0,1" && presets.includes(preset[0])) {
    return chosenPreset(preset[0], status, basis);
  }
  if (counts === "1,1,0" && [...start, ...end].every(isDay) && start[0] <= end[0]) {
    return { start: start[0], end: end[0], preset: null };
  }
  [...given.keys()].filter(isOfPeriod).forEach(hold);
  return null;
}

function readLists(given, hold) {
  const lists = {};
  for (const name of filters) {
    const values = [...new Set(given.getAll(name))];
    lists[name] = values.includes("") ? [] : values;
    if (values.includes("")) hold(name);
  }
  return lists;
}

/* Returns "sort=-sent_at" in the form of the table's `sort_by`; [] where nothing is sorted. */
function readOrder(given, hold) {
  const named = given.getAll("sort");
  if (named.length === 1 && named[0]) {
    const isDescending = named[0].startsWith("-");
    const column = isDescending ? named[0].slice(1) : named[0];
    return [{ column_id: column, direction: isDescending ? "desc" : "asc" }];
  }
  if (named.length) hold("sort");
  return [];
}

function readColumnFilters(given, hold) {
  const pairs = [];
  for (const name of new Set([...given.keys()].filter(isColumnFilter))) {
    const values = given.getAll(name);
    const column = name.slice(COLUMN_FILTER.length);
    // The table cannot show a filter of a column that it does not have.
    if (values.length === 1 && values[0] && table.columns.includes(column)) {
      pairs.push([column, values[0]]);
    } else hold(name);
  }
  return pairs;
}

function readColumns(given, hold) {
  const named = given.getAll("columns").flatMap((text) => text.split(","));
  const areKnown = named.every((name) => table.columns.includes(name));
  if (!areKnown) hold("columns");
  return areKnown && named.length ? inOrder([table.first, ...named]) : table.defaults;
}

function readPageSize(given, hold) {
  const named = given.getAll("page_size");
  const offered = table.sizes.find((size) => named.length === 1 && String(size) === named[0]);
  if (!offered && named.length) hold("page_size");
  return offered || table.sizes[0];
}

// --- writing -----------------------------------------------------------------------------------

const pairsOf = (raw) =>
  Object.entries(raw).flatMap(([name, texts]) => texts.map((text) => [name, text]));

/* The days of a preset are those of today: an address keeps its name, which means other days tomorrow. */
function named({ raw, preset }) {
  if (!preset) return raw;
  const others = Object.entries(raw).filter(([name]) => !isOfPeriod(name));
  return { period: [preset], ...Object.fromEntries(others) };
}

/* Returns "?channel=whats", or "" without entries; commas between columns are not encoded. */
function searchOf(entries) {
  const query = new URLSearchParams(entries)
    .toString()
    .replace(/(?<=(^|&)(by_)?columns=)[^&]*/g, (names) => names.replaceAll("%2C", ","));
  return query ? `?${query}` : "";
}

/* Returns the addresses of what the page shows. `state` has `applied` (filters), `tableQuestion`,
   `columns`, the `look` of the comparison as pairs, and the chosen `theme`; `place` has the page's `origin`, `pathname`, `search`, `hash`, the
   path `prefix` of the deployment and the page's `language`.

   `search` is the selection in the form of the address, whatever its length. `csv` are the
   addresses of downloads by panel, `xlsx` that of the table, `compared` that of the comparison; where
   `isLong`, downloads.js sends them in the body of a request. `languages` are those of the page in each
   language. */
function addressesOf({ applied, tableQuestion, columns, look = [], theme }, place) {
  const current = new URLSearchParams(place.search);
  const foreign = [...current].filter(
    ([name]) => !addressNames.includes(name) && !isColumnFilter(name),
  );
  const language = current.has("lang") ? [["lang", current.get("lang")]] : [];
  const themes = theme === "auto" ? [] : [["theme", theme]];
  const filterPairs = pairsOf(named(applied));
  const rowPairs = pairsOf(tableQuestion.raw).filter(([name]) => isOfRows(name));
  const tablePairs = pairsOf(tableQuestion.raw);
  if (!isDefaultColumns(columns)) tablePairs.push(["columns", inOrder(columns).join(",")]);

  const page = (entries) => place.pathname + searchOf(entries);
  const whole = page([...foreign, ...filterPairs, ...tablePairs, ...look, ...language, ...themes]);
  const isLong = (place.origin + whole).length > LONGEST_ADDRESS;
  // An address with an older selection would be worse than one with none.
  const short = page([...foreign, ...look, ...language, ...themes]);
  const kept = isLong ? look : [...filterPairs, ...tablePairs, ...look];

  const file = (name, rows) => {
    // A file has the rows of the page, also after midnight: its address has the days themselves.
    const entries = [...pairsOf(applied.raw), ...rows, ["lang", place.language]];
    return `${place.prefix}export/${name}${searchOf(entries)}`;
  };
  const inLanguage = (code) => page([...foreign, ...kept, ["lang", code], ...themes]);
  const byPairs = look.filter(([name]) => name === "by");
  const own = { [downloads.table]: rowPairs, [compared?.slug]: byPairs };
  const csv = (slug) => file(`${slug}.csv`, own[slug] || []);
  return {
    isLong,
    page: (isLong ? short : whole) + place.hash,
    search: searchOf([...filterPairs, ...tablePairs, ...look]),
    csv: Object.fromEntries(downloads.csv.map((slug) => [slug, csv(slug)])),
    xlsx: file(`${downloads.table}.xlsx`, rowPairs),
    compared: compared && file(`${compared.slug}.xlsx`, byPairs),
    languages: Object.fromEntries(languages.map((code) => [code, inLanguage(code)])),
  };
}

module.exports = { addressesOf, isOfPeriod, isOfTable, named, readAddress };
