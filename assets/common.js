/* What the page's scripts share. Those that Dash calls are in `calls`, see callbacks/browser.py; what
   a press on a button with data-action does here and now is in `acts`, by the action's name. */
(function () {
  "use strict";

  const part = (tag, attributes, ...children) => ({ tag, attributes, children });

  const spoken = {};
  /* Words of the page's language: the page brings them as JSON in an attribute, here by its name. */
  function words(name) {
    if (!spoken[name]) {
      const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      const holder = document.querySelector(`[${attribute}]`);
      if (!holder) return null;
      spoken[name] = JSON.parse(holder.dataset[name]);
    }
    return spoken[name];
  }

  window.consumo = {
    calls: {},
    acts: {},
    words,
    /* HTML as data, see components/html_tree.py; and as a component of its own. */
    part,
    still: (tag, attributes, content) =>
      ({ namespace: "consumo_parts", type: "Still", props: { tag, attributes, content } }),
    filled: (text, values) =>
      text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place)),
    number: (value) =>
      value.toLocaleString(document.documentElement.lang, { useGrouping: "always" }),
    /* Signs that write what follows backwards are seen as signs, or one number could be read as
       another; see also components/formats.py. */
    visible: (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd"),
    same: (one, other) => JSON.stringify(one) === JSON.stringify(other),
    wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
    /* 2026-11-05 as people write it; what is no day stays as it is. */
    writtenDay: (text) =>
      (/^\d{4}-\d{2}-\d{2}$/.test(text) ? text.split("-").reverse().join("/") : text),
    /* Where the deployment has put the page. */
    prefix: () =>
      JSON.parse(document.getElementById("_dash-config").textContent).requests_pathname_prefix,
    keep: () => window.dash_clientside.no_update,
    setProps: (id, props) => window.dash_clientside.set_props(id, props),
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { consumo: window.consumo.calls });
})();
