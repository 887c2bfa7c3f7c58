/* What the page does in the browser by itself; callbacks/browser.py wires these functions.

   The address is read once at the start. From then on the controls are the truth: `collect` makes
   the one question of them that all panels answer, and `tell` writes it back. */
(function () {
  "use strict";

  const { filled, keep, number, part, prefix, same, setProps, still, visible, wait, writtenDay } =
    window.consumo;

  const LONGEST_ADDRESS = 4000;
  const REST_MS = 250; // changes that follow each other closer than this are one more question
  const DWELL_MS = 60; // a pointer that stays on a dropdown for so long is about to open it
  const FRAME_MS = 16; // an opening dropdown has taken the focus by then
  const IDLE_MS = 400; // the list of cases is asked for when the panels have had their turn
  const NEWS_MS = 10000; // for so long the page says that its numbers are new
  const PATIENCE_MS = 5000; // options that have not come by then are asked for again
  const LONGEST_CHIP = 40;
  const MOST_CHIPS = 6; // of one filter, before the rest is told as a number
  const OWN_NAMES = ["start", "end", "basis", "bucket", "lang", "theme", "sort", "columns", "page_size"];
  const THEMES = ["auto", "light", "dark"];
  /* Actions that change the controls; those of `acts` change nothing of the question. */
  const CHANGES = [
    "clear", "remove", "unfilter", "narrow", "preset", "widen", "theme", "default-columns",
  ];

  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");
  // A drawing is chosen by the width of the screen; 2-page.css has the same widths.
  const narrowScreen = window.matchMedia("(max-width: 430px)");
  // Two columns of a small screen; one column of a very small one.
  const mediumScreen = window.matchMedia("(min-width: 861px) and (max-width: 1100px), (max-width: 560px)");
  const width = () =>
    narrowScreen.matches ? "narrow" : mediumScreen.matches ? "medium" : "wide";

  let started = false; // whether the address has been read
  let defaults = null; // the default period of each basis, as last heard of the server
  let latest = null; // the question that the panels answer
  let newest = { collect: 0 }; // tokens of what waits, so that only the last one goes on

  const isWhere = (name) => name.startsWith("where.");
  const isOfRows = (name) => name === "sort" || isWhere(name);
  const isOfTable = (name) => isOfRows(name) || ["columns", "page_size"].includes(name);
  const controlId = (name) => `filter-${name.replace("_", "-")}`;

  // --- words -----------------------------------------------------------------------------------

  /* What the page's language says of filters, see components/selection.py. */
  const words = () => window.consumo.words("words");

  // Data may be called as what every object has: "constructor".
  const own = (table, key) => (table && Object.hasOwn(table, key) ? table[key] : undefined);
  const valueWord = (name, value) => own(words().values[name], value) || value;

  /* The same, of a question: a status means one thing where only one direction is selected. */
  function wordIn(raw, name, value) {
    const directions = raw.direction || [];
    const isOne = name === "status" && directions.length === 1;
    return (isOne && own(own(words().statuses, directions[0]), value)) || valueWord(name, value);
  }
  const shortened = (text, limit) =>
    text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`;

  // --- dates -----------------------------------------------------------------------------------

  function isDay(text) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text || "")) return false;
    const day = new Date(`${text}T00:00:00Z`);
    return !isNaN(day) && day.toISOString().slice(0, 10) === text && inYears(text);
  }

  const inYears = (text) => text >= "1900-01-01" && text <= "2100-12-31";

  function moved(day, days) {
    const date = new Date(`${day}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() + days);
    return date.toISOString().slice(0, 10);
  }

  /* Both ends of a preset, on the deployment's calendar. */
  function preset(name, status) {
    const today = status.today;
    const monthStart = today.slice(0, 8) + "01";
    switch (name) {
      case "today":
        return [today, today];
      case "yesterday":
        return [moved(today, -1), moved(today, -1)];
      case "last7":
        return [moved(today, -6), today];
      case "last30":
        return [moved(today, -29), today];
      case "last90":
        return [moved(today, -89), today];
      case "this_month":
        return [monthStart, today];
      case "last_month": {
        const end = moved(monthStart, -1);
        return [end.slice(0, 8) + "01", end];
      }
      default:
        return [status.oldest || today, status.newest || today];
    }
  }

  /* 05/11/2026, or 03/10/2026 – 01/11/2026. */
  function periodWords([start, end]) {
    const [first, last] = [writtenDay(start), writtenDay(end)];
    return first === last ? first : `${first} – ${last}`;
  }

  /* The button of the period says it; the preset that gives it is marked, the first one where
     several do. */
  function showPeriod(period, status) {
    if (period[0] && period[1]) {
      document.getElementById("filter-period-face").textContent = periodWords(period);
    }
    const buttons = [...document.querySelectorAll('[data-action="preset"]')];
    const current = buttons.find((button) => same(preset(button.dataset.value, status), period));
    for (const button of buttons) {
      if (button === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  // --- the address, read once -------------------------------------------------------------------

  /* What the address asks for: what controls can show, and in `held` what they cannot (wrong
     dates, a bucket), which is passed on to the server as it stands. */
  function fromAddress(lists, status, table) {
    const given = new URLSearchParams(window.location.search);
    const held = {};
    const hold = (name) => {
      held[name] = given.getAll(name);
    };
    const basis = given.getAll("basis");
    const goodBasis = basis.length === 1 && ["sent", "opened"].includes(basis[0]);
    if (basis.length && !goodBasis) hold("basis");
    const shown = { basis: goodBasis ? basis[0] : "sent", lists: {} };

    const [start, end] = [given.getAll("start"), given.getAll("end")];
    const goodPeriod =
      start.length === 1 && end.length === 1 &&
      isDay(start[0]) && isDay(end[0]) && start[0] <= end[0];
    [shown.start, shown.end] = goodPeriod ? [start[0], end[0]] : status.defaults[shown.basis];
    if (!goodPeriod) ["start", "end"].filter((name) => given.has(name)).forEach(hold);
    if (given.has("bucket")) hold("bucket");

    for (const name of lists) {
      const values = [...new Set(given.getAll(name))];
      shown.lists[name] = values.includes("") ? [] : values;
      if (values.includes("")) hold(name);
    }

    const sort = given.getAll("sort");
    shown.sort_by = [];
    if (sort.length === 1 && sort[0]) {
      const descending = sort[0].startsWith("-");
      shown.sort_by = [
        { column_id: sort[0].slice(descending), direction: descending ? "desc" : "asc" },
      ];
    } else if (sort.length) hold("sort");
    const wheres = [];
    for (const name of new Set([...given.keys()].filter(isWhere))) {
      const values = given.getAll(name);
      if (values.length === 1 && values[0] && /^where\.\w+$/.test(name)) {
        wheres.push([name.slice(6), values[0]]);
      } else hold(name);
    }
    shown.filter_query = written(wheres);

    shown.columns = table.defaults;
    const named = given.getAll("columns").flatMap((text) => text.split(","));
    if (!named.every((name) => table.columns.includes(name))) hold("columns");
    else if (named.length) shown.columns = inOrder([table.first, ...named], table);
    shown.page_size = table.sizes[0];
    const size = given.getAll("page_size");
    const offered = table.sizes.find((one) => size.length === 1 && String(one) === size[0]);
    if (offered) shown.page_size = offered;
    else if (size.length) hold("page_size");
    return { shown, held, theme: given.get("theme") };
  }

  /* Columns are told in the order in which the table has them. */
  const inOrder = (chosen, table) => table.columns.filter((name) => chosen.includes(name));

  // --- the theme --------------------------------------------------------------------------------

  function themed(choice) {
    const known = THEMES.includes(choice) ? choice : "auto";
    const effective = known === "auto" ? (darkSystem.matches ? "dark" : "light") : known;
    document.documentElement.dataset.bsTheme = effective;
    return { choice: known, effective, width: width() };
  }

  let themeChoice = "auto";
  const rethemed = () => {
    // Paper is narrow and light: the page stays as it was drawn for it.
    if (started && !("paper" in document.documentElement.dataset)) {
      setProps("theme", { data: themed(themeChoice) });
    }
  };
  darkSystem.addEventListener("change", rethemed);
  narrowScreen.addEventListener("change", rethemed);
  mediumScreen.addEventListener("change", rethemed);

  // --- what presses do to the controls ------------------------------------------------------------

  let sliced = null; // the slice of time that a press made, and the period before it

  function act(lists, graphs, table, given) {
    const [action, status] = given;
    const clicks = given.slice(2, 2 + graphs);
    const [basis, start, end] = given.slice(2 + graphs);
    const values = given.slice(5 + graphs, 5 + graphs + lists.length);
    const offered = given.slice(5 + graphs + lists.length, 5 + graphs + 2 * lists.length);
    const held = given[5 + graphs + 2 * lists.length] || {};
    const query = given[6 + graphs + 2 * lists.length] || "";
    const before = { start, end, basis, held, lists: {} };
    lists.forEach((name, place) => (before.lists[name] = values[place] || []));
    const after = structuredClone(before);
    const extra = {};
    const triggers = window.dash_clientside.callback_context.triggered.map((t) => t.prop_id);

    if (!status) return answer();
    if (!started) {
      started = true;
      defaults = status.defaults;
      const read = fromAddress(lists, status, table);
      Object.assign(after, read.shown, { held: read.held });
      themeChoice = read.theme;
      extra.theme = themed(read.theme);
      extra.sort_by = read.shown.sort_by;
      extra.filter_query = read.shown.filter_query;
      extra.columns = read.shown.columns;
      extra.page_size = read.shown.page_size;
      return answer(true);
    }
    for (const trigger of triggers) {
      if (trigger === "status.data") followDefaults(status.defaults);
      else if (trigger === "action.data" && action) press(action);
      else if (trigger.endsWith(".clickData")) click();
      else if (trigger === "filter-basis.value") swapDefault();
    }
    return answer();

    /* The period stays at its default while newer data moves that default. */
    function followDefaults(latest) {
      if (same([after.start, after.end], defaults[after.basis])) {
        [after.start, after.end] = latest[after.basis];
      }
      defaults = latest;
    }

    /* Each basis has its own default period. */
    function swapDefault() {
      delete after.held.basis;
      const other = after.basis === "sent" ? "opened" : "sent";
      if (same([after.start, after.end], defaults[other])) {
        [after.start, after.end] = defaults[after.basis];
      }
    }

    function setPeriod(period) {
      window.consumo.forgetTyped();
      [after.start, after.end] = period;
      delete after.held.start;
      delete after.held.end;
    }

    function press({ kind, name, value }) {
      if (kind === "clear") {
        lists.forEach((list) => (after.lists[list] = []));
        after.held = {};
        after.basis = "sent";
        setPeriod(defaults.sent);
        extra.sort_by = [];
        extra.filter_query = "";
      } else if (kind === "remove" && name === "period") {
        const before = sliced && same(sliced.slice, [after.start, after.end]) && sliced.before;
        setPeriod(before || defaults[after.basis]);
      } else if (kind === "remove") {
        after.lists[name] = after.lists[name].filter((one) => one !== value);
      } else if (kind === "narrow") {
        narrow(JSON.parse(value));
      } else if (kind === "unfilter") {
        extra.filter_query = written(conditions(query).filter(([column]) => column !== name));
      } else if (kind === "preset") setPeriod(preset(value, status));
      else if (kind === "widen") widen(value);
      else if (kind === "default-columns") extra.columns = table.defaults;
      else if (kind === "theme") {
        themeChoice = value;
        extra.theme = themed(value);
      }
    }

    function widen(cause) {
      if (cause === "period") setPeriod(preset("all", status));
      else if (cause === "all") press({ kind: "clear" });
      else if (cause === "table") extra.filter_query = "";
      else if (lists.includes(cause)) after.lists[cause] = [];
    }

    function click() {
      for (const clicked of clicks.filter(Boolean)) {
        narrow((clicked.points[0] && clicked.points[0].customdata) || []);
      }
    }

    /* A mark carries the filters that a press on it sets: name, value, name, value. */
    function narrow(pairs) {
      const wanted = {};
      for (let place = 0; place + 1 < pairs.length; place += 2) wanted[pairs[place]] = pairs[place + 1];
      const { start, end, ...values } = wanted;
      if (start && end && !same([start, end], [after.start, after.end])) {
        sliced = { slice: [start, end], before: [after.start, after.end] };
        setPeriod([start, end]);
      }
      for (const [list, value] of Object.entries(values)) after.lists[list] = [value];
    }

    /* A dropdown drops what is not among its options: so what is set is offered at once. */
    function offer(name, place) {
      const options = offered[place] || [];
      const missing = notOffered(after.lists[name], options);
      if (missing.length) {
        setProps(controlId(name), { options: [...missing.map((value) => option(name, value)), ...options] });
      }
    }

    function answer(all) {
      if (!same([before.start, before.end], [after.start, after.end])) window.consumo.forgetTyped();
      lists.forEach(offer);
      const changed = (one, other) => (all || !same(one, other) ? other : keep());
      return [
        changed(before.start, after.start),
        changed(before.end, after.end),
        changed(before.basis, after.basis),
        ...lists.map((name) => changed(before.lists[name], after.lists[name])),
        changed(before.held, after.held),
        extra.theme || keep(),
        extra.sort_by || keep(),
        extra.filter_query === undefined ? keep() : extra.filter_query,
        extra.columns || keep(),
        extra.page_size || keep(),
        ...clicks.map((clicked) => (clicked ? null : keep())),
      ];
    }
  }

  // --- the one question -------------------------------------------------------------------------

  async function collect(lists, given) {
    const [start, end, basis] = given;
    const values = given.slice(3, 3 + lists.length);
    const [held, status, applied] = given.slice(3 + lists.length);
    const token = ++newest.collect;
    if (!started || !status) return keep();
    showPeriod([start, end], status);

    const raw = {};
    const isDefault = same([start, end], status.defaults[basis]);
    if (start && end) {
      if (!isDefault) Object.assign(raw, { start: [start], end: [end] });
    } else if (applied && applied.raw.start) {
      Object.assign(raw, { start: applied.raw.start, end: applied.raw.end });
    }
    if (basis !== "sent") raw.basis = [basis];
    lists.forEach((name, place) => {
      if (values[place] && values[place].length) raw[name] = [...values[place]].sort();
    });
    for (const [name, texts] of Object.entries(held || {})) {
      const isOldPeriod = (name === "start" || name === "end") && !isDefault;
      if (!isOfTable(name) && !isOldPeriod && !(name in raw)) raw[name] = texts;
    }

    const question = { raw, version: status.version };
    if (!applied) return asNow({ ...question, reason: "start" });
    if (same(raw, applied.raw)) {
      const isNewer = status.version !== applied.version;
      if (isNewer) tellNews();
      return isNewer ? asNow({ ...question, reason: "data" }) : keep();
    }
    await gathered();
    return token === newest.collect ? asNow({ ...question, reason: "filters" }) : keep();
  }

  /* Numbers that change by themselves are said to have changed, for a while. */
  function tellNews() {
    const note = document.querySelector("#news > span");
    note.hidden = false;
    window.dispatchEvent(new CustomEvent("consumo:news"));
    const token = (newest.news = (newest.news || 0) + 1);
    wait(NEWS_MS).then(() => {
      if (token === newest.news) note.hidden = true;
    });
  }

  let changedAt = -Infinity;
  let gathering = false;
  /* The first change after a rest is applied at once, with what else the same act sets; those that
     follow it closely wait for the next rest, so that they are one more question together. */
  async function gathered() {
    const now = performance.now();
    const isFirst = gathering || now - changedAt > REST_MS;
    changedAt = now;
    gathering = isFirst;
    await wait(isFirst ? 0 : REST_MS);
    if (isFirst) gathering = false;
  }

  /* From here on this is the question; what dropdowns offer belongs to the one before. */
  function asNow(question) {
    latest = question;
    const opened = document.querySelector(".control .dash-dropdown-content[data-state=open]");
    if (opened) askAt(opened);
    const token = (newest.idle = (newest.idle || 0) + 1);
    wait(IDLE_MS).then(() => token === newest.idle && ask("case"));
    return question;
  }

  /* Order, column filters and page size of the table, in the words of the address. Which columns are
     seen asks nothing of the server, but a name that is none is told to it for its sentence. */
  function tableQuestion(sortBy, query, held, columns, pageSize, known) {
    if (!started) return keep();
    const raw = {};
    if (sortBy && sortBy.length) {
      const { column_id: column, direction } = sortBy[0];
      raw.sort = [direction === "desc" ? `-${column}` : column];
    }
    const [usual] = act.table.sizes;
    if (pageSize !== usual) raw.page_size = [String(pageSize)];
    window.consumo.showChoices(columns, pageSize);
    for (const [column, text] of conditions(query || "")) {
      if (text) raw[`where.${column}`] = [text];
    }
    for (const [name, texts] of Object.entries(held || {})) {
      const isOld = (name === "columns" && !isDefaultColumns(columns)) || name in raw;
      if (isOfTable(name) && !isOld) raw[name] = texts;
    }
    return known && same(known.raw, raw) ? keep() : { raw };
  }

  /* The columns that are chosen, and those that are filtered: a filter has to be seen where it is, and
     the table takes one of a column that it does not have for a mistake. */
  function shownColumns(first, chosen, query, all, before) {
    const asked = [first, ...chosen, ...conditions(query || "").map(([column]) => column)];
    const shown = all.filter(({ id }) => asked.includes(id));
    return same(shown, before) ? keep() : shown;
  }

  const isDefaultColumns = (columns) => same(inOrder(columns, act.table), act.table.defaults);

  /* Columns and texts of the table's own filter language; every operator means "contains". */
  function conditions(query) {
    const pattern = /\{([^}]+)\}\s+[^\s"'`]+\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\S+)/g;
    return [...query.matchAll(pattern)].map(([, column, text]) => [column, unquoted(text)]);
  }

  const written = (wheres) =>
    wheres.map(([column, text]) => `{${column}} icontains ${quoted(text)}`).join(" && ");
  const quoted = (text) => `"${text.replace(/[\\"]/g, "\\$&")}"`;
  const unquoted = (text) =>
    /^["'`]/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;

  /* A filter stands above its column with its operator; people read and type the text only. */
  function plainText(text) {
    const whole = /^icontains (?:"((?:[^"\\]|\\.)*)"|(\S+))$/.exec(text);
    return whole ? (whole[1] || whole[2]).replace(/\\(.)/g, "$1") : text;
  }
  window.consumo.columnFilters = { conditions, plainText, written };

  // --- the address, written ---------------------------------------------------------------------

  function pairs(question) {
    return Object.entries(question.raw).flatMap(([name, texts]) =>
      texts.map((text) => [name, text]));
  }

  /* What the page says of its question: the address, the links that repeat it, the chips. */
  function tell(downloads, languages, applied, cut, theme, columns, chipsBefore) {
    if (!applied || !cut || !theme) return keep();
    writeAddress(downloads, languages, applied, cut, theme, columns);
    markTheme(theme.choice);
    const counts = act.lists.filter((name) => applied.raw[name]);
    badge("filter-fold-count", counts.length + (applied.raw.start ? 1 : 0));
    badge("filter-more-count", counts.filter((name) => words().more.includes(name)).length);
    const chips = chipsOf(applied.raw);
    // What else the address holds has no chips: no room is kept for them.
    if (!chips.length) document.documentElement.classList.remove("filtered");
    return same(chips, chipsBefore) ? keep() : chips;
  }

  function markTheme(choice) {
    for (const button of document.querySelectorAll('[data-action="theme"]')) {
      button.setAttribute("aria-pressed", button.dataset.value === choice);
    }
  }

  function writeAddress(downloads, languages, applied, cut, theme, columns) {
    const current = new URLSearchParams(window.location.search);
    const foreign = [...current].filter(([name]) =>
      !OWN_NAMES.includes(name) && !isWhere(name) && !act.lists.includes(name));
    const language = current.has("lang") ? [["lang", current.get("lang")]] : [];
    const look = theme.choice === "auto" ? [] : [["theme", theme.choice]];
    const filters = pairs(applied);
    const rows = pairs(cut).filter(([name]) => isOfRows(name));
    const table = pairs(cut);
    if (!isDefaultColumns(columns)) {
      table.push(["columns", inOrder(columns, act.table).join(",")]);
    }

    const search = (entries) => {
      const query = new URLSearchParams(entries).toString()
        .replace(/(?<=(^|&)columns=)[^&]*/g, (names) => names.replaceAll("%2C", ","));
      return query ? `?${query}` : "";
    };
    const page = (entries) => window.location.pathname + search(entries);
    const whole = page([...foreign, ...filters, ...table, ...language, ...look]);
    const isLong = (window.location.origin + whole).length > LONGEST_ADDRESS;
    // An address with an older selection would be worse than one with none.
    const shown = (isLong ? page([...foreign, ...language, ...look]) : whole) + window.location.hash;
    if (shown !== window.location.pathname + window.location.search + window.location.hash) {
      window.history.replaceState(window.history.state, "", shown);
    }

    const tongue = [["lang", document.documentElement.lang]];
    const file = (name, cutToo) =>
      isLong ? null
        : `${prefix()}export/${name}${search([...filters, ...(cutToo ? rows : []), ...tongue])}`;
    for (const slug of downloads) link(`${slug}-csv`, file(`${slug}.csv`, slug === "details"));
    link("details-xlsx", file("details.xlsx", true));
    for (const one of languages) {
      link(`language-${one}`,
        page([...foreign, ...(isLong ? [] : [...filters, ...table]), ["lang", one], ...look]));
    }
    document.getElementById("address-note").hidden = !isLong;
  }

  /* Nothing but the page's own script writes these links, so no callback has to know them. */
  function link(id, address) {
    const found = document.getElementById(id);
    if (address === null) found.removeAttribute("href");
    else if (found.getAttribute("href") !== address) found.setAttribute("href", address);
  }

  function badge(id, count) {
    document.getElementById(id).textContent = count ? `(${count})` : "";
  }

  /* A chip a selected value, and "clear filters" where the question is not the default one. */
  function chipsOf(raw) {
    if (!Object.keys(raw).length) return [];
    const { clear } = words();
    const button = { type: "button", className: "link-button", "data-action": "clear" };
    return [...chipsOfPeriod(raw), ...act.lists.flatMap((name) => chipsOfFilter(raw, name)),
      part("button", button, clear)];
  }

  /* The period, where it is not the usual one. */
  function chipsOfPeriod({ start, end }) {
    const period = [...(start || []), ...(end || [])];
    if (period.length !== 2 || !period.every(isDay)) return [];
    return [chip("period", words().labels.period, "", periodWords(period))];
  }

  function chipsOfFilter(raw, name) {
    const { label, first, rest } = inShort(name, (raw[name] || []).filter(Boolean));
    const chips = first.map((value) => chip(name, label, value, wordIn(raw, name, value)));
    return rest ? [...chips, part("span", { className: "chip chip-rest" }, rest)] : chips;
  }

  /* The first values of a filter, and how many more there are in words, if any. */
  function inShort(name, values) {
    const label = words().labels[name];
    const more = values.length - MOST_CHIPS;
    const rest = more > 0 ? filled(words().rest, { label, count: number(more) }) : "";
    return { label, first: values.slice(0, MOST_CHIPS), rest };
  }

  function chip(name, label, value, said) {
    const text = `${label}: ${shortened(said, LONGEST_CHIP)}`;
    return part("span",
      { className: "chip", ...(value.length > LONGEST_CHIP ? { title: value } : {}) },
      part("span", {}, text),
      part("button", {
        type: "button", className: "chip-remove", "aria-label": filled(words().remove, { chip: text }),
        "data-action": "remove", "data-name": name, "data-value": value,
      }, "\u00d7"));
  }

  // --- what dropdowns offer -----------------------------------------------------------------------

  /* Options are asked for when a dropdown is about to be opened. The question is that of the panels
     without the dropdown's own filter, so what is picked in it leaves its options as they are. */
  const asked = {}; // by filter: the last question, and whether it is answered
  const typed = {}; // by filter: what is searched for

  function ask(name) {
    if (!latest) return;
    const { [name]: own, ...raw } = latest.raw;
    const question = { raw, version: latest.version };
    const key = JSON.stringify([question, typed[name] || ""]);
    const last = asked[name] || {};
    const waits = !last.answered && performance.now() - last.at < PATIENCE_MS;
    if (last.key === key && (last.answered || waits)) return;
    // Hits of an older search may stand until the newer ones come, options of older filters may not.
    if (!same(last.question, question)) holderOf(name).dataset.asking = "";
    const at = performance.now();
    asked[name] = { key, question, at, answered: false };
    const data = { ...question, search: typed[name] || "", at };
    // The list opens and takes the focus first: what is typed meanwhile would be lost.
    setTimeout(setProps, FRAME_MS, `${controlId(name)}-asked`, { data });
  }

  function found(name, answer, selected) {
    const last = asked[name];
    if (!last || !answer || answer.at !== last.at) return keep();
    last.answered = !answer.failed;
    delete holderOf(name).dataset.asking;
    const hits = (answer.options || []).map(([value, label, beside]) =>
      option(name, value, label, beside, typed[name]));
    const kept = notOffered(selected || [], hits).map((value) =>
      option(name, value, valueWord(name, value), "", typed[name]));
    return [...kept, ...hits];
  }

  const notOffered = (values, options) => {
    const offered = new Set(options.map((one) => one.value));
    return values.filter((value) => !offered.has(value));
  };

  /* A dropdown looks for what is typed by itself, where the server's hits may be spelt otherwise:
     so each of them repeats the text that was searched for. */
  function option(name, value, label = valueWord(name, value), beside = "", searched = "") {
    const content = [part("span", { className: "option-name" }, label)];
    if (beside) content.push(part("span", { className: "option-count" }, beside));
    return {
      label: still("span", { className: `option option-of-${name.replace("_", "-")}` }, content),
      value,
      search: `${label} ${searched}`,
      title: visible(label),
    };
  }

  const holderOf = (name) => document.querySelector(`.control[data-filter="${name}"]`);

  /* The filter whose dropdown an element is part of. */
  function filterAt(element) {
    const holder = element.closest && element.closest(".control[data-filter]");
    return holder && holder.dataset.filter;
  }

  function askAt(element) {
    const name = filterAt(element);
    if (name) ask(name);
  }

  let dwelling = null;
  document.addEventListener("pointerover", (event) => {
    clearTimeout(dwelling);
    if (filterAt(event.target)) dwelling = setTimeout(() => askAt(event.target), DWELL_MS);
  });
  for (const kind of ["pointerdown", "focusin", "keydown"]) {
    document.addEventListener(kind, (event) => askAt(event.target), true);
  }

  async function searched(name, text) {
    const token = (newest[name] = (newest[name] || 0) + 1);
    if (text) await wait(REST_MS);
    if (token !== newest[name]) return;
    typed[name] = text || "";
    ask(name);
  }

  // --- presses on buttons that carry data-action ---------------------------------------------------

  /* What is selected, in words: the period, and the filters as their chips say it. */
  function selection() {
    const raw = latest ? latest.raw : {};
    const basis = (raw.basis || ["sent"])[0];
    const [start, end] = raw.start && raw.end ? [raw.start[0], raw.end[0]] : defaults[basis];
    const filters = act.lists.filter((name) => raw[name]).flatMap((name) => {
      const { label, first, rest } = inShort(name, raw[name]);
      const said = first.map((value) => shortened(wordIn(raw, name, value), LONGEST_CHIP));
      return [`${label}: ${said.join(", ")}`, ...(rest ? [rest] : [])];
    });
    return { basis, start, end, filters };
  }

  /* To a panel of the page, for eyes and for readers of screens. */
  function go(slug, _link, event) {
    event.preventDefault(); // the address holds what is selected, and no place
    const panel = document.getElementById(`panel-${slug}`);
    panel.tabIndex = -1;
    panel.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    panel.focus({ preventScroll: true });
  }

  /* Past the filters. */
  function skip(_value, _link, event) {
    event.preventDefault();
    const numbers = document.getElementById("panels");
    numbers.tabIndex = -1;
    numbers.focus({ preventScroll: true });
    numbers.scrollIntoView({ block: "start", behavior: "auto" });
  }

  /* What is pressed may go by being pressed; whoever works by keyboard goes on near it. */
  function keepFocus(button) {
    const region = button.closest(".panel, .selection");
    const end = performance.now() + PATIENCE_MS;
    const look = () => {
      const isLost = document.activeElement === document.body;
      if (isLost && region && region.isConnected) {
        region.tabIndex = -1;
        region.focus({ preventScroll: true });
      } else if (!isLost && performance.now() < end && document.activeElement === button) {
        setTimeout(look, FRAME_MS * 4);
      }
    };
    look();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (!button) return;
    const { action: kind, name } = button.dataset;
    const value = kind === "widen" ? button.value : button.dataset.value;
    // What is done here and now, by whichever script: see common.js.
    const atOnce = window.consumo.acts[kind];
    if (atOnce) atOnce(value, button, event);
    else if (CHANGES.includes(kind)) {
      const data = { kind, name, value, at: performance.now() };
      setProps("action", { data });
    }
    const menu = button.closest("details.menu");
    if (!menu) return keepFocus(button);
    menu.open = false;
    menu.querySelector("summary").focus({ preventScroll: true });
  });

  document.addEventListener("visibilitychange", () => {
    for (const id of ["poll", "minute"]) setProps(id, { disabled: document.hidden });
  });

  const address = new URLSearchParams(window.location.search);
  themed(address.get("theme"));
  // Names of the filters come with the page; that there are any is seen before.
  const isFilter = (name) => !["lang", "theme"].includes(name) && !isOfTable(name);
  document.documentElement.classList.toggle("filtered", [...address.keys()].some(isFilter));

  Object.assign(window.consumo.calls, {
    act: (lists, graphs, table, given) => {
      act.lists = lists;
      act.table = table;
      return act(lists, graphs, table, given);
    },
    collect, shownColumns, tableQuestion, tell, found, searched,
  });
  Object.assign(window.consumo.acts, { go, skip });
  /* The same question once more, for answers that never came; options with it. */
  window.consumo.askAgain = () => {
    if (!latest) return;
    setProps("applied", { data: { ...latest, reason: "data", at: performance.now() } });
    for (const [name, last] of Object.entries(asked)) {
      if (last.answered) continue;
      delete asked[name];
      ask(name);
    }
  };
  window.consumo.selection = selection;
})();
