"""The frame around the page: the HTML that is sent first, and the script that starts the page.

The script tells the server the language with each request of the page, since the page's own
address does not travel with them (browsers cut a long referrer).
"""

from typing import Final

from components.texts import DEFAULT_LANGUAGE, LANGUAGES

LANGUAGE_HEADER: Final = "X-Consumo-Language"

INDEX: Final = f"""<!DOCTYPE html>
<html lang="{DEFAULT_LANGUAGE}">
<head>
{{%metas%}}
<title>{{%title%}}</title>
{{%favicon%}}
{{%css%}}
</head>
<body>
{{%app_entry%}}
<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>
"""

RENDERER: Final = f"""
(function () {{
  var languages = {list(LANGUAGES)!r};
  var asked = new URLSearchParams(window.location.search).get("lang");
  var language = languages.indexOf(asked) >= 0 ? asked : document.documentElement.lang;
  document.documentElement.lang = language;
  var plain = window.fetch;
  window.fetch = function (resource, options) {{
    var address = new URL(resource instanceof Request ? resource.url : resource, location.href);
    if (address.origin !== location.origin) return plain.call(window, resource, options);
    var given = resource instanceof Request && !(options && options.headers);
    var headers = new Headers(given ? resource.headers : (options || {{}}).headers);
    headers.set("{LANGUAGE_HEADER}", language);
    return plain.call(window, resource, Object.assign({{}}, options, {{headers: headers}}));
  }};
  window.renderer = new DashRenderer();
}})();
"""
