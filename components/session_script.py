"""The inline script that signs the page's requests, and talks with the portal around the page.

It runs before all other scripts, since the page's first requests need the token already. The page
in a portal has one channel to the element ``<consumo-whatsapp>`` (docs/embedding.md): it says hello
to the portal named in its address, if that may show it, and gets a port. Over this port it asks for
tokens; ``assets/scripts/portal.js`` says and hears the rest.

``window.consumoSession`` is what other scripts see of it; the token stays inside.
"""

import json
from typing import Final

from components.texts import LANGUAGES, Texts

#: The names of the <meta> elements that hold the mode of sign-in (``CONSUMO_AUTH``), and the
#: origins of portals (``CONSUMO_FRAME_ANCESTORS``).
AUTH_META: Final = "consumo-auth"
PORTALS_META: Final = "consumo-portals"
#: The parameter of the page's address that names the origin of the portal around it.
PORTAL_PARAMETER: Final = "portal"
#: The header that names the cookie of a portal that only redirects
#: (``app.access.cookie_sessions``), and the parameter of the page's address with its value.
SESSION_HEADER: Final = "X-Consumo-Session"
SESSION_PARAMETER: Final = "session"


def _texts(language: str) -> dict[str, str]:
    gettext = Texts(language).gettext
    return {
        "ended": gettext("Session expired"),
        "again": gettext("Sign in to your portal again, then go on here."),
        "goOn": gettext("Go on"),
        "reload": gettext("Load again"),
    }


_WORDS: Final = {language: _texts(language) for language in LANGUAGES}

SESSION: Final = (
    """
window.consumoSession = (function () {
  var HELLO = "consumo-whatsapp:hello";
  var WELCOME = "consumo-whatsapp:welcome";
  var WELCOME_MS = 20000;  // for so long the portal may take to answer the page's hello
  var ANSWER_MS = 15000;   // and to answer a question, such as for a token
  var LATER = ["settings", "filters", "theme", "refresh"];  // what assets/scripts/portal.js hears
  var EARLY = 0.75;        // part of a token's life after which a new one is asked for

  var words = WORDS_OF_LANGUAGES;
  var address = new URLSearchParams(location.search);
  var mode = meta("AUTH_META");
  var portal = address.get("PORTAL_PARAMETER");
  var cookie = address.get("SESSION_PARAMETER");
  var plain = window.fetch;
  var isPortal = portal !== null && window.parent !== window && isAllowed(portal);

  function meta(name) {
    var element = document.querySelector('meta[name="' + name + '"]');
    return element ? element.content : "";
  }

  // --- the portal ------------------------------------------------------------------------------

  // Whether the portal's origin is one of those that may show the page. The browser checks it, too
  // (frame-ancestors); here it decides to whom the page talks.
  function isAllowed(origin) {
    return meta("PORTALS_META").split(" ").some(function (allowed) {
      if (allowed === "'self'") return origin === location.origin;
      var parts = /^(https?:\\/\\/)(\\*\\.)?([^:]+)(:\\*|:\\d+)?$/i.exec(allowed);
      var given = /^(https?:\\/\\/)([^:/]+)(:\\d+)?$/i.exec(origin);
      if (!parts || !given || parts[1].toLowerCase() !== given[1].toLowerCase()) return false;
      var host = given[2].toLowerCase();
      var named = parts[3].toLowerCase();
      var isHost = parts[2] ? host.endsWith("." + named) : host === named;
      return isHost && (parts[4] === ":*" || (parts[4] || "") === (given[3] || ""));
    });
  }

  var port = null;
  var settings = {};
  var handlers = {};
  var early = [];       // messages that came before the script that hears them
  var waiting = new Map();
  var questions = 0;
  var welcome = isPortal ? meet() : Promise.resolve();

  function meet() {
    return new Promise(function (on, fail) {
      var timer = setTimeout(function () { fail(new TypeError("no portal")); }, WELCOME_MS);
      window.addEventListener("message", function greet(event) {
        var isOurs = event.source === window.parent && event.origin === portal;
        if (!isOurs || !event.data || event.data.type !== WELCOME || !event.ports[0]) return;
        window.removeEventListener("message", greet);
        clearTimeout(timer);
        settings = event.data.settings || {};
        port = event.ports[0];
        port.onmessage = function (message) { hear(message.data); };
        on();
        call("settings", settings);
      });
      window.parent.postMessage({type: HELLO}, portal);
    });
  }
  welcome.catch(function () {});

  function hear(message) {
    if (!message || typeof message.type !== "string") return;
    if (message.type === "settings") {
      settings = message.settings || {};
      call("settings", settings);
      return;
    }
    var question = waiting.get(message.id);
    if (question && message.type === question.type + "-answer") {
      waiting.delete(message.id);
      question.on(message);
    } else if (message.type === "refresh" && state === "ended") goOn();
    else call(message.type, message);
  }
  function call(type, message) {
    if (handlers[type]) handlers[type].forEach(function (handler) { handler(message); });
    else if (LATER.indexOf(type) >= 0) early.push([type, message]);
  }
  function say(message) {
    if (port) port.postMessage(message);
  }
  function ask(type, content) {
    return new Promise(function (on, fail) {
      questions += 1;
      var id = questions;
      var timer = setTimeout(function () {
        waiting.delete(id);
        fail(new TypeError("no answer of the portal"));
      }, ANSWER_MS);
      waiting.set(id, {type: type, on: function (answer) { clearTimeout(timer); on(answer); }});
      say(Object.assign({}, content, {type: type, id: id}));
    });
  }

  // --- the token -------------------------------------------------------------------------------

  var state = "going";  // "ended" when the portal gives no more tokens
  var token = null;
  var life = 0;         // seconds that the token lasts, by its own claims
  var since = null;     // when it came, by two clocks
  var isTold = false;   // whether the portal knows that no token came
  var running = null;   // the question for a token that is under way; all who need one wait for it

  // One clock stops while the machine sleeps, the other one jumps when somebody sets it.
  function age() {
    return Math.max(performance.now() - since.steady, Date.now() - since.date) / 1000;
  }
  function lifeOf(text) {
    try {
      var claims = JSON.parse(atob(text.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
      return Number(claims.exp) - Number(claims.iat) || 0;
    } catch (_error) {
      return 0;
    }
  }
  function renew() {
    running = running || welcome.then(function () {
      return ask("token");
    }).then(function (answer) {
      if (answer.failed === "refused") end("no token");
      if (typeof answer.token !== "string") throw new TypeError("no token");
      isTold = false;
      token = answer.token;
      life = lifeOf(token);
      since = {steady: performance.now(), date: Date.now()};
      if (state === "ended") begin();
    }).catch(function (error) {
      if (state !== "ended" && !isTold) {
        isTold = true;
        say({type: "error", code: "no-token", message: "the portal gave no token in time"});
      }
      throw error;
    }).finally(function () { running = null; });
    return running;
  }
  function current() {
    if (state === "ended") return Promise.reject(new TypeError("session ended"));
    if (!token || age() >= life) return renew().then(function () { return token; });
    if (age() >= EARLY * life) renew().catch(function () {});
    return Promise.resolve(token);
  }

  // --- requests --------------------------------------------------------------------------------

  function withHeader(resource, options, name, value) {
    var given = resource instanceof Request && !(options && options.headers);
    var headers = new Headers(given ? resource.headers : (options || {}).headers);
    headers.set(name, value);
    return plain.call(window, resource, Object.assign({}, options, {headers: headers}));
  }
  function withToken(resource, options) {
    return current().then(function (used) {
      var copy = resource instanceof Request ? resource.clone() : resource;
      return withHeader(copy, options, "Authorization", "Bearer " + used).then(function (answer) {
        // An answer that comes after the end asks nobody.
        if (answer.status !== 401 || state === "ended") return answer;
        var newer = token === used ? renew() : Promise.resolve();
        return newer.then(function () {
          return withHeader(resource, options, "Authorization", "Bearer " + token);
        }).then(function (second) {
          if (second.status === 401) end(reasonOf(second));
          return second;
        });
      });
    });
  }
  // Sends a request of the page, signed; one of another page must not go through here.
  function signed(resource, options) {
    if (mode === "token" && isPortal) return withToken(resource, options);
    if (state === "ended") return Promise.reject(new TypeError("session ended"));
    var answer = cookie
      ? withHeader(resource, options, "SESSION_HEADER", cookie)
      : plain.call(window, resource, options);
    return answer.then(function (response) {
      if (response.status === 401 && mode !== "none") end(reasonOf(response));
      return response;
    });
  }

  // --- the end ---------------------------------------------------------------------------------

  var note = null;
  // For the portal's developers: why the dashboard refused the token.
  function reasonOf(response) {
    var said = /error_description="([^"]*)"/.exec(response.headers.get("WWW-Authenticate") || "");
    return said ? said[1] : "missing";
  }
  function end(reason) {
    console.warn("Consumo WhatsApp: no valid token (" + reason + ")");
    say({type: "session-expired", reason: reason});
    if (state === "ended") return;
    state = "ended";
    token = null;
    document.documentElement.classList.add("session-ended");
    show();
  }
  function show() {
    var texts = words[document.documentElement.lang] || words["pt-BR"];
    var title = document.createElement("strong");
    var text = document.createElement("span");
    var button = document.createElement("button");
    note = document.createElement("div");
    note.className = "session-note";
    note.setAttribute("role", "alert");
    title.textContent = texts.ended;
    text.textContent = texts.again;
    button.type = "button";
    button.textContent = isPortal ? texts.goOn : texts.reload;
    button.addEventListener("click", isPortal ? goOn : function () { location.reload(); });
    note.append(title, " ", text, " ", button);
    if (document.body) document.body.prepend(note);
    else addEventListener("DOMContentLoaded", function () { document.body.prepend(note); });
  }
  function begin() {
    state = "going";
    if (note) note.remove();
    document.documentElement.classList.remove("session-ended");
    window.dispatchEvent(new CustomEvent("consumo:signed-in"));
  }
  // Asks the portal once more; nothing is asked by itself after the end.
  function goOn() {
    return renew().catch(function () {});
  }

  return {
    ask: ask,
    fetch: signed,
    isPortal: isPortal,
    needsTickets: mode === "token",
    on: function (type, handler) {
      (handlers[type] = handlers[type] || []).push(handler);
      early = early.filter(function (said) {
        if (said[0] === type) handler(said[1]);
        return said[0] !== type;
      });
    },
    hasEnded: function () { return state === "ended"; },
    say: say,
    welcome: welcome
  };
})();
""".replace("WORDS_OF_LANGUAGES", json.dumps(_WORDS, ensure_ascii=False))
    .replace("AUTH_META", AUTH_META)
    .replace("PORTALS_META", PORTALS_META)
    .replace("PORTAL_PARAMETER", PORTAL_PARAMETER)
    .replace("SESSION_PARAMETER", SESSION_PARAMETER)
    .replace("SESSION_HEADER", SESSION_HEADER)
)
