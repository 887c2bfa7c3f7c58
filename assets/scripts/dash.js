/* The functions of Dash that the scripts use.

   Given: Dash's own objects in the window.
   Gives: `keep()`, the value that leaves an output as it is; `setProps(id, props)`, which changes a
   component as a callback would; `propsOf(id)`, the present properties of a component, {} before the
   page has been drawn; `openAlert(id, isOpen, children)`, which opens or closes a dbc.Alert, with other
   children where they are given; `prefix()`, the path under which the deployment serves the page, such
   as "/".
   Example: setProps(ids.POLL, { disabled: true }); propsOf(ids.POLL).disabled is true. */
const ids = require("./ids");

/* Before the page has been drawn, Dash would throw an error for its ids. */
function propsOf(id) {
  if (!document.getElementById(ids.PANELS)) return {};
  return window.dash_component_api.getLayout(id)?.props || {};
}

const setProps = (id, props) => window.dash_clientside.set_props(id, props);

/* An alert that is as it should be is left alone: each change of a component costs time. */
function openAlert(id, isOpen, children) {
  const now = propsOf(id);
  const wanted = { is_open: isOpen, ...(children === undefined ? {} : { children }) };
  const isThere = "is_open" in now;
  if (isThere && Object.keys(wanted).some((name) => now[name] !== wanted[name])) {
    setProps(id, wanted);
  }
}

module.exports = {
  keep: () => window.dash_clientside.no_update,
  setProps,
  propsOf,
  openAlert,
  prefix: () =>
    JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix,
};
