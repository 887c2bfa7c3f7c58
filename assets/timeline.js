/* A case's time line: a press on a case number, or on any button with data-action="case" and the
   case's key in data-value, opens its drawer and asks the server for what it shows. */
(function () {
  "use strict";

  const { setProps } = window.consumo;

  const DRAWER = "timeline";
  const CELLS = '#details-table td[data-dash-column="case_number"]';

  let plainTitle = null; // the drawer's title as long as the case is not known
  let last = ""; // the key of the case that was asked for, for a second try

  function ask(key, trigger) {
    last = key || last;
    const heading = `${DRAWER}-title`;
    plainTitle = plainTitle || window.dash_component_api.getLayout(heading).props.content;
    setProps(`${DRAWER}-body`, { content: [] });
    setProps(heading, { content: plainTitle });
    setProps(`${DRAWER}-asked`, { data: { case_key: last, at: performance.now() } });
    window.consumo_drawer.open(DRAWER, trigger);
  }

  /* A case that is looked at while newer data comes, or whose answer did not come, is asked for again;
     its place stays. */
  for (const kind of ["consumo:news", "consumo:again"]) {
    window.addEventListener(kind, () => {
      if (!last || !window.consumo_drawer.isOpen(DRAWER)) return;
      setProps(`${DRAWER}-asked`, { data: { case_key: last, at: performance.now() } });
    });
  }

  /* The rows of the table as the server gave them, which know more than is seen. */
  function rowOf(cell) {
    const layout = window.dash_component_api.getLayout("details-table");
    return ((layout && layout.props.data) || [])[Number(cell.dataset.dashRow)];
  }

  const isPlain = (event) =>
    event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

  /* What in the cell of a case is pressed: the link into the portal, or its number. */
  const pressable = (cell) => cell.querySelector("a, .dash-cell-value");

  function openFrom(cell) {
    const row = rowOf(cell);
    if (row) ask(row.case_key, pressable(cell));
    return Boolean(row);
  }

  // Before the table hears of it, which would take the press for a move of its own.
  document.addEventListener("click", (event) => {
    const cell = isPlain(event) && event.target.closest(CELLS);
    if (cell && openFrom(cell)) event.preventDefault();
  }, true);

  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest && event.target.closest(CELLS);
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const isPress = event.key === "Enter" || (event.key === " " && !event.target.closest("a"));
    if (!isPress || !openFrom(cell)) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  Object.assign(window.consumo.acts, { case: ask });
})();
