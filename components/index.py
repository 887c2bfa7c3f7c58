"""The HTML document of the page, and the two inline scripts in it that start the page.

``START`` runs before all other scripts. It signs the page's requests (``session_script``) and adds
the language to each request, because the server
does not see the page's address (browsers cut a long referrer). It also requests the layout and the
callback list that Dash needs first, while Dash's scripts are still being fetched; where no answer
comes, it says so on the page and asks again until one does. Other scripts get the layout as
``consumoSession.layout``, a promise, and ``consumoSession.send`` to send requests as it does.
``RENDERER`` starts Dash.
"""

import json
from typing import Final

from components.session_script import SESSION
from components.texts import LANGUAGES, Texts

#: The request header in which the page's scripts send its language, such as "pt-BR".
LANGUAGE_HEADER: Final = "X-Consumo-Language"
#: The name of the <meta> element that holds the address of the page's plotly.js.
PLOTLY_META: Final = "plotly-js"
#: The name of the <meta> element that says which scripts ``late_scripts.js`` fetches, and when.
LATE_SCRIPTS_META: Final = "late-scripts"

_NO_PAGE: Final = {
    language: Texts(language).gettext("The server does not answer as it should. Trying again…")
    for language in LANGUAGES
}

START: Final = f"""{SESSION}
(function () {{
  // Dash keeps values in plain objects under names that come from data. Data may hold the name
  // "__proto__", which would change every object of the page: in plain objects it is made a name
  // like any other.
  var inherited = Object.getOwnPropertyDescriptor(Object.prototype, "__proto__");
  function isPlain(object) {{
    return Object.getPrototypeOf(object) === Object.prototype;
  }}
  Object.defineProperty(Object.prototype, "__proto__", {{
    configurable: true,
    get: function () {{
      return isPlain(this) ? undefined : inherited.get.call(this);
    }},
    set: function (value) {{
      if (!isPlain(this)) return inherited.set.call(this, value);
      var own = {{value: value, writable: true, enumerable: true, configurable: true}};
      Object.defineProperty(this, "__proto__", own);
    }}
  }});
  var languages = {list(LANGUAGES)!r};
  var asked = new URLSearchParams(window.location.search).get("lang");
  var language = languages.indexOf(asked) >= 0 ? asked : document.documentElement.lang;
  document.documentElement.lang = language;
  var plain = window.fetch;
  var session = window.consumoSession;
  var early = new Map();
  function ask(resource, options) {{
    var given = resource instanceof Request && !(options && options.headers);
    var headers = new Headers(given ? resource.headers : (options || {{}}).headers);
    headers.set("{LANGUAGE_HEADER}", language);
    return session.fetch(resource, Object.assign({{}}, options, {{headers: headers}}));
  }}
  function addressOf(resource) {{
    return new URL(resource instanceof Request ? resource.url : resource, location.href);
  }}
  window.fetch = function (resource, options) {{
    var address = addressOf(resource);
    if (address.origin !== location.origin) return plain.call(window, resource, options);
    var answer = early.get(address.href);
    early.delete(address.href);
    return answer || ask(resource, options);
  }};
  var late = new Set();
  function wanted(address) {{
    // What the portal wants of the page must be known before the page is drawn.
    return session.welcome.catch(function () {{}}).then(function () {{
      return ask(address, {{credentials: "same-origin"}});
    }}).then(checked).then(
      function (answer) {{
        late.delete(address);
        say();
        return answer;
      }},
      function () {{
        late.add(address);
        say();
        return new Promise(function (on) {{ setTimeout(on, 5000); }}).then(function () {{
          return wanted(address);
        }});
      }}
    );
  }}
  // Any other answer is a failure: an error, or a page to sign in at.
  function checked(response) {{
    if (response.status !== 200 || response.redirected) throw new TypeError("not an answer");
    return response.json().then(function (data) {{
      if (!Array.isArray(data) && !(data && data.props)) throw new TypeError("not an answer");
      response.json = function () {{ return Promise.resolve(data); }};
      return response;
    }});
  }}
  function say() {{
    var note = document.getElementById("no-page");
    if (!note) {{
      if (!late.size) return;
      note = document.createElement("p");
      note.id = "no-page";
      note.setAttribute("role", "alert");
      document.body.prepend(note);
    }}
    note.textContent = late.size ? {json.dumps(_NO_PAGE, ensure_ascii=False)}[language] : "";
    note.hidden = !late.size || session.hasEnded();
  }}
  addEventListener("consumo:signed-in", say);
  ["_dash-layout", "_dash-dependencies"].forEach(function (name) {{
    var address = addressOf("/" + name).href;
    early.set(address, wanted(address));
  }});
  session.send = ask;
  session.layout = early.get(addressOf("/_dash-layout").href).then(function (response) {{
    return response.json();
  }});
}})();
"""

INDEX: Final = f"""<!DOCTYPE html>
<html lang="{{%language%}}">
<head>
{{%metas%}}
<title>{{%title%}}</title>
<script>{START}</script>
{{%css%}}
{{%favicon%}}
</head>
<body>
<noscript>{{%no_script%}}</noscript>
{{%app_entry%}}
<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>
"""


def in_language(page: str, language: str) -> str:
    """Return the HTML document ``page``, which Dash made from ``INDEX``, in ``language``.

    It sets the document's ``lang`` and translates the texts that people see before the scripts run,
    or without JavaScript. Raises ``LookupError`` for a language other than "pt-BR", "en" and "es".
    """
    gettext = Texts(language).gettext
    words = {
        "{%language%}": language,
        "{%no_script%}": gettext(
            "This page needs JavaScript: allow it in the browser, then load it again."
        ),
        # Dash writes it in English; screen readers read it while the page loads.
        "Loading...": gettext("Loading…"),
    }
    for place, word in words.items():
        page = page.replace(place, word)
    return page


RENDERER: Final = (
    'consumo.require("./late_scripts").fetchLate();\nwindow.renderer = new DashRenderer();'
)
