/* The page of the peer: four linked graphs and a page of a table, as a typical page of vgplot.

   The address has the first and last day as `start` and `end`. `showPeriod(start, end)` sets the days; the menu of channels lies open, so that a pointer
   can press its entries. `pendingQueries()` tells how many answers the page waits for; it throws when
   a question has failed, which vgplot passes over by asking in another way. */
import { clauseInterval } from "@uwdata/mosaic-core";
import * as vg from "@uwdata/vgplot";

const COLUMNS = [
  "case_type", "channel", "kind", "template_name", "status", "phone", "body", "seq", "last_agent",
  "session_type", "sent_at",
];
const given = new URLSearchParams(location.search);

let pending = 0;
let failure = null;
const server = vg.restConnector({ uri: `${location.origin}/` });
vg.coordinator().databaseConnector({
  async query(request) {
    pending += 1;
    try {
      return await server.query(request);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      pending -= 1;
    }
  },
});
vg.coordinator().logger(null); // it writes every question to the console
window.pendingQueries = () => {
  if (failure) throw failure;
  return pending;
};

const filterBy = vg.Selection.intersect();
const source = {};
const day = (text) => new Date(`${text}T00:00:00Z`);
window.showPeriod = (start, end) => {
  filterBy.update(clauseInterval("day", [day(start), day(end)], { source }));
};

const overTime = (view, fill) =>
  vg.plot(
    vg.barY(vg.from(view, { filterBy }), { x: "day", y: vg.count(), fill }),
    vg.xScale("band"),
    vg.xTickFormat("%d/%m"),
    vg.xTickRotate(-90),
    vg.xLabel(null),
    vg.colorLegend(true),
    vg.width(600),
    vg.height(280),
    vg.marginBottom(50),
  );

const byTemplate = () =>
  vg.plot(
    vg.barX(vg.from("page_templates", { filterBy }), {
      x: vg.count(), y: "template_name", fill: "status",
    }),
    vg.yLabel(null),
    vg.colorLegend(true),
    vg.width(600),
    vg.height(320),
    vg.marginLeft(180),
  );

window.showPeriod(given.get("start"), given.get("end"));
const menu = vg.menu({ from: "page_cases", column: "channel", label: "Channel", as: filterBy });
menu.querySelector("select").size = 8;
document.getElementById("filters").append(menu);

const panels = [
  overTime("page_messages", "status"),
  overTime("page_messages", "direction"),
  overTime("page_cases", "event"),
  byTemplate(),
  vg.table({ from: "page_details", columns: COLUMNS, filterBy, height: 740, rowBatch: 20 }),
];
for (const content of panels) {
  const panel = document.createElement("section");
  panel.className = "panel";
  panel.append(content);
  document.querySelector("main").append(panel);
}
