"""The frame around the page: the HTML that is sent first, and the scripts that start the page.

``START`` runs before anything else. It tells the server the language with each request of the page,
since the page's own address does not travel with them (browsers cut a long referrer); and it asks
for what Dash asks first, while the scripts that will ask for it are still on their way.
"""

from typing import Final

from components.texts import LANGUAGES, Texts

LANGUAGE_HEADER: Final = "X-Consumo-Language"
#: Under this name the page says where its plotly.js is.
PLOTLY_META: Final = "plotly-js"

START: Final = f"""
(function () {{
  // Dash keeps what it looks for in plain objects, by names that come from data: in those, one of
  // the names must not be a door into every other object.
  var door = Object.getOwnPropertyDescriptor(Object.prototype, "__proto__");
  function isPlain(object) {{
    return Object.getPrototypeOf(object) === Object.prototype;
  }}
  Object.defineProperty(Object.prototype, "__proto__", {{
    configurable: true,
    get: function () {{
      return isPlain(this) ? undefined : door.get.call(this);
    }},
    set: function (value) {{
      if (!isPlain(this)) return door.set.call(this, value);
      var own = {{value: value, writable: true, enumerable: true, configurable: true}};
      Object.defineProperty(this, "__proto__", own);
    }}
  }});
  var languages = {list(LANGUAGES)!r};
  var asked = new URLSearchParams(window.location.search).get("lang");
  var language = languages.indexOf(asked) >= 0 ? asked : document.documentElement.lang;
  document.documentElement.lang = language;
  var plain = window.fetch;
  var early = new Map();
  function ask(resource, options) {{
    var given = resource instanceof Request && !(options && options.headers);
    var headers = new Headers(given ? resource.headers : (options || {{}}).headers);
    headers.set("{LANGUAGE_HEADER}", language);
    return plain.call(window, resource, Object.assign({{}}, options, {{headers: headers}}));
  }}
  function addressOf(resource) {{
    return new URL(resource instanceof Request ? resource.url : resource, location.href);
  }}
  window.fetch = function (resource, options) {{
    var address = addressOf(resource);
    if (address.origin !== location.origin) return plain.call(window, resource, options);
    var answer = early.get(address.href);
    early.delete(address.href);
    return answer || told(address, ask(resource, options));
  }};
  // Who answers for a server that is away, or nobody, is heard of: see assets/connection.js.
  function told(address, answer) {{
    if (!address.pathname.endsWith("/_dash-update-component")) return answer;
    function tell(answered) {{
      window.dispatchEvent(new CustomEvent("consumo:call", {{detail: {{answered: answered}}}}));
    }}
    answer.then(
      function (response) {{ tell(response.status < 502 || response.status > 504); }},
      function (error) {{ if (error.name !== "AbortError") tell(false); }}
    );
    return answer;
  }}
  ["_dash-layout", "_dash-dependencies"].forEach(function (name) {{
    var address = addressOf("/" + name).href;
    early.set(address, ask(address, {{credentials: "same-origin"}}));
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
    """``page``, made of ``INDEX``, as it is read before its scripts run, or without them."""
    t = Texts(language).t
    words = {
        "{%language%}": language,
        "{%no_script%}": t(
            "This page needs JavaScript: allow it in the browser, then load it again."
        ),
        # Dash's own word for it; who sees the page does not see it.
        "Loading...": t("Loading…"),
    }
    for place, word in words.items():
        page = page.replace(place, word)
    return page


RENDERER: Final = f"""
(function () {{
  // Dash adds plotly.js by this address when the first graph appears. It comes now, after what the
  // page starts with and before it is needed.
  var place = document.querySelector('meta[name="{PLOTLY_META}"]');
  if (place) {{
    var address = place.content;
    Object.defineProperty(window, "_dashPlotlyJSURL", {{
      get: function () {{ return address; }},
      set: function () {{}},
    }});
    var link = document.createElement("link");
    document.head.append(Object.assign(link, {{rel: "preload", as: "script", href: address}}));
  }}
  window.renderer = new DashRenderer();
}})();
"""
