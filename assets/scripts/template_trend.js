/* Opens the drawer with the trend of a template and asks the server for it.

   Given: a press (actions.js) on a button with data-action="trend" and the template's name in data-value.
   Gives: `openTrend(template, trigger)`, where `trigger` gets the focus back; to callbacks/template_trend.py,
   in the store ids.TREND_ASKED, the template and the filters of the page.
   Example: openTrend("lembrete_fatura", button) shows its sends and rates by day. */
const { propsOf, setProps } = require("./dash");
const drawer = require("./drawer");
const ids = require("./ids");

let plainTitle = null; // the drawer's title until the trend has been read

function openTrend(template, trigger) {
  const titleId = ids.drawer_title(ids.TREND);
  plainTitle = plainTitle || propsOf(titleId).content;
  setProps(ids.TREND_BODY, { content: [] });
  setProps(titleId, { content: plainTitle });
  const { raw } = propsOf(ids.APPLIED).data;
  setProps(ids.TREND_ASKED, { data: { template, raw, at: performance.now() } });
  drawer.open(ids.TREND, trigger);
}

module.exports = { openTrend };
