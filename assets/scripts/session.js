/* Gives scripts the page's sign-in and its channel to a portal; components/session_script.py makes them.

   Given: window.consumoSession. A page without it, as in tests of single scripts, is in no portal.
   Gives: `on(type, handler)` and `say(message)`, to hear and tell the portal; `ask(type, content)`, a
   question to it; `hasEnded()`, whether the session has; `isPortal`; `needsTickets`, whether a link to a
   download needs a ticket. `layout`, a promise of the page's layout, and `send(resource, options)`, fetch
   for requests before Dash has started, are those of components/index.py; tests may lack them.
   Example: session.say({ type: "height", height: 2400 }). */
module.exports = window.consumoSession || {
  ask: () => Promise.reject(new TypeError("no portal")),
  hasEnded: () => false,
  isPortal: false,
  needsTickets: false,
  on: () => {},
  say: () => {},
};
