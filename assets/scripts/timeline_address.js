/* Keeps the case whose time line is open in the page's address, so that a link leads to it and the
   browser's "back" closes it.

   Gives: `caseInAddress()`, the key of the case in the address, "" without one; `enterCase(key)`, which
   adds it in a new entry of the history; `leaveCase()`, which goes back to the entry before, or takes the
   key out of the address where the page began with it.
   Example: with the time line open the address is /?timeline=1021&channel=WhatsApp. */
const NAME = "timeline";
const PARAMETER = new RegExp(`(^|&)${NAME}=[^&]*`, "g");

const caseInAddress = () => new URLSearchParams(window.location.search).get(NAME) || "";

/* Returns the page's address with this key, or without any where it is "". The rest stays as it is
   written, so that scripts which write the address see no other. */
function addressWith(key) {
  const { pathname, search, hash } = window.location;
  const others = search.replace(/^\?/, "").replace(PARAMETER, "").replace(/^&/, "");
  const query = [key && `${NAME}=${encodeURIComponent(key)}`, others].filter(Boolean).join("&");
  return pathname + (query && `?${query}`) + hash;
}

function enterCase(key) {
  if (key === caseInAddress()) return;
  const { history } = window;
  const state = { ...history.state, [NAME]: true };
  if (caseInAddress()) history.replaceState(state, "", addressWith(key));
  else history.pushState(state, "", addressWith(key));
}

function leaveCase() {
  if (!caseInAddress()) return;
  if (window.history.state?.[NAME]) window.history.back();
  else window.history.replaceState(window.history.state, "", addressWith(""));
}

module.exports = { caseInAddress, enterCase, leaveCase };
