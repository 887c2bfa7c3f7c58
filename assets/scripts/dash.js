/* What the scripts use of Dash.

   Given: Dash's own objects in the window.
   Gives: `keep()`, the value that leaves an output as it is; `setProps(id, props)`, which changes a
   component as a callback would; `propsOf(id)`, the properties that a component of the page has now, {}
   while the page is still on its way; `prefix()`, the path under which the deployment has put the page.
   Example: setProps(ids.POLL, { disabled: true }); propsOf(ids.POLL).disabled is true. */
const ids = require("./ids");

/* Dash fails at ids that it does not know yet. */
function propsOf(id) {
  if (!document.getElementById(ids.PANELS)) return {};
  return window.dash_component_api.getLayout(id)?.props || {};
}

module.exports = {
  keep: () => window.dash_clientside.no_update,
  setProps: (id, props) => window.dash_clientside.set_props(id, props),
  propsOf,
  prefix: () =>
    JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix,
};
