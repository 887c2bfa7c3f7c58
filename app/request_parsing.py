"""Parses the parameters of API and download requests into a ``Question``.

No parameter is dropped or corrected: an unknown, repeated or unreadable one raises ``FilterError``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import Request

from components.locale import Locale
from components.texts import LANGUAGES
from queries import filters as filter_names
from queries import table_request as table_names
from queries.errors import FilterError
from queries.filters import Filters, single
from queries.panel import PanelQuery
from queries.table_request import TableRequest, is_where
from queries.user_scope import Scope

THEMES: Final = ("light", "dark", "auto")
#: The names of all parameters that API and downloads take, beside ``where.<column>``.
PARAMETERS: Final = filter_names.NAMES | table_names.NAMES | {"lang", "theme"}


@dataclass(frozen=True, slots=True)
class Question:
    """The parsed parameters of one request of the API or of a download.

    ``filters`` choose the data. ``table`` is the order, the page and the column filters that were
    asked for, which only panels with pages use, and what ``breakdown`` is to compare. ``own`` are
    the names of those parameters that only some panels take.
    """

    filters: Filters
    table: TableRequest
    own: frozenset[str] = frozenset()

    @classmethod
    def of(cls, raw: Mapping[str, object], scope: Scope) -> "Question":
        """Return the question of ``raw``, which maps names of parameters to their values.

        ``raw`` is what ``raw_question`` returns. Raises ``FilterError`` for a value that cannot be
        used, a repeated value where one is expected, a column that ``scope`` masks, or an unknown
        name. ``lang`` and ``theme`` are only checked.
        """
        for name in raw:
            if name not in PARAMETERS and not is_where(name):
                raise FilterError("unknown_parameter", name=name)
        _word(raw, "lang", LANGUAGES)
        _word(raw, "theme", THEMES)
        own = table_names.OWN_NAMES & raw.keys()
        return cls(Filters.parse(raw), TableRequest.parse(raw, scope), own)

    def check(self, panel: PanelQuery) -> None:
        """Raise ``FilterError`` where a parameter was given that ``panel`` does not take."""
        for name in sorted(self.own - panel.parameters):
            raise FilterError("unknown_parameter", name=name)


def raw_question(request: Request, query: bytes | None = None) -> dict[str, object]:
    """Return the parameters of ``request`` by name, from its address and the JSON body of a POST.

    With ``query``, it takes the place of the part of the address behind "?".

    A parameter of the address has a list of texts, one for each time that it is given; a parameter
    of the body has its JSON value. Raises ``FilterError`` for an address that is not UTF-8, a body
    that is not a JSON object, and a name that is in both or twice in the body.
    """
    raw: dict[str, object] = dict(
        address_parameters(request.query_string if query is None else query)
    )
    if request.method == "POST":
        for name, value in _body(request.get_data()).items():
            if name in raw:
                raise FilterError("repeated", name=name)
            raw[name] = value
    return raw


def address_language(request: Request) -> dict[str, object]:
    """Return ``{"lang": [...]}`` with the values of the parameter ``lang`` in the address.

    The list is empty if there is none. This never fails, so that the language of error messages
    about the other parameters is known before these are read.
    """
    pairs = parse_qsl(request.query_string.decode("ascii", errors="replace"))
    return {"lang": [value for name, value in pairs if name == "lang"]}


def locale_of(raw: Mapping[str, object], default: str) -> Locale:
    """Return the locale of the language that the parameter ``lang`` in ``raw`` names.

    ``raw`` is as ``raw_question`` returns it. If ``lang`` is missing, repeated or not one of
    ``LANGUAGES``, the locale is that of the language ``default``.
    """
    requested = raw.get("lang")
    language = requested[0] if isinstance(requested, list) and len(requested) == 1 else requested
    return Locale.of(language if language in LANGUAGES else default)


def address_parameters(query: bytes) -> dict[str, list[str]]:
    """Return the parameters in ``query``, the part of an address behind "?": texts by name.

    Raises ``FilterError`` for bytes that are not UTF-8.
    """
    names: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise FilterError("unusable_text", name=_unreadable_name(query)) from None
    for name, value in pairs:
        names.setdefault(name, []).append(value)
    return names


def _unreadable_name(query: bytes) -> str:
    """Return the name of the first parameter that is not UTF-8, as far as it can be read."""
    text = query.decode("ascii", errors="replace")
    for part in text.split("&"):
        try:
            parse_qsl(part.encode("ascii").decode("ascii"), keep_blank_values=True, errors="strict")
        except UnicodeError:
            return parse_qsl(part, keep_blank_values=True, errors="replace")[0][0]
    return text[:20]


def _body(content: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises ``FilterError`` where it is none."""
    try:
        body = json.loads(content, object_pairs_hook=_unrepeated)
    except FilterError:
        raise
    except (ValueError, RecursionError):
        raise FilterError("not_json") from None
    if not isinstance(body, dict):
        raise FilterError("not_json")
    return body


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object's members. Raises ``FilterError`` for a repeated name.

    Python would keep the last value and drop the other filter without notice.
    """
    names: dict[str, Any] = {}
    for name, value in pairs:
        if name in names:
            raise FilterError("repeated", name=name)
        names[name] = value
    return names


def _word(raw: Mapping[str, object], name: str, allowed: tuple[str, ...]) -> None:
    """Raise ``FilterError`` where the parameter ``name`` is given and not one of ``allowed``."""
    value = single(raw, name)
    if value is not None and value not in allowed:
        raise FilterError("bad_value", name=name, value=value, allowed=", ".join(allowed))
